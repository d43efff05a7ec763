//! The form of generated webhook signing secrets.
