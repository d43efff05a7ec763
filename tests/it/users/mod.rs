//! Customers as their shop sees them, and what each may use.

mod access;
mod listing;
