//! The presets seen from outside.
