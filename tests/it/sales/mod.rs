//! From a checkout to its payment, and back.

mod buying;
mod disputes;
mod ledger;
mod refunds;
mod requests;
