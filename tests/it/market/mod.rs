//! The marketplace: the shelf, reviews, the library, what makers learn.

mod analytics;
mod buying;
mod hooks;
mod keys;
mod narrowed;
mod reviews;
mod shelf;
