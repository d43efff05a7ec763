//! From a checkout to its payment, and back.

mod buying;
mod disputes;
mod ledger;
mod places;
mod refunds;
mod requests;
