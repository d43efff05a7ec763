//! API keys: made, changed, revoked, and what each may reach.

mod modes;
mod standing;
