//! Tenants: made, listed, given quotas, kept apart.

mod apart;
mod managed;
