//! The vertical slices, one line each.
