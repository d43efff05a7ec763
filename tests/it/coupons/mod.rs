//! Coupons: made, listed, held, used, counted.

mod input;
mod listing;
mod made;
mod uses;
