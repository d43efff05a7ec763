//! Money becoming goods, and goods money again.
//!
//! `settle` is the one place where a payment gives anything, `refund` and `dispute` the ones where it is taken back; each is
//! one transaction with its bookings (`books`) and events. What a line costs is decided in `prices`, once, when the
//! checkout is made.

pub mod books;
pub mod dispute;
pub mod fees;
pub mod goods;
pub mod incoming;
pub mod invoices;
pub mod places;
pub mod prices;
pub mod refund;
pub mod service;
pub mod settle;
mod store;
pub mod types;

mod direct;
mod letters;
mod offered;
mod tell;
