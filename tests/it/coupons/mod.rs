//! Coupons: made, listed, held, used, counted.

mod buying;
mod input;
mod listing;
mod made;
mod uses;
