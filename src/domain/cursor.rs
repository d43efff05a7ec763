//! Opaque keyset cursors, bound to the order they were cut from.
