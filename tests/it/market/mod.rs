//! The marketplace: the shelf, reviews, the library, what makers learn.

mod analytics;
mod buying;
mod keys;
mod reviews;
mod shelf;
