//! What is decided about files without touching one: safe names, links that end, pieces of a file.

pub mod link;
pub mod name;
pub mod range;
