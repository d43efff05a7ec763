//! What every service is told about the call it serves.
