//! One behaviour, several sets of words.

pub(crate) mod contract;
mod endpoints;
mod envelopes;
mod one_product;
mod own_brand;
mod seeds;
