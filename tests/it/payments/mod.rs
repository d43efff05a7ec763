//! Payments as their shop reads them.

mod export;
mod reading;
