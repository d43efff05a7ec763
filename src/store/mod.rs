//! Database plumbing without business rules: one writer, many readers.
