//! Fixed windows: the clock minute and the UTC day.
