//! Payments as their shop reads them.

mod addresses;
mod export;
mod reading;
