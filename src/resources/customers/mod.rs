//! Customers: a person or an address as one tenant knows it. What a dialect calls user, student or holder is one of these.

pub mod service;
mod store;
pub mod types;
