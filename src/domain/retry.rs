//! When a failed delivery is tried again.
