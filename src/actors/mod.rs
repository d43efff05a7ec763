//! Memory and timing; the rows are the truth, so any actor may die at any time.
//!
//! | Actor | Owns | Is asked by | Mailbox |
//! |---|---|---|---|
//! | [`gate`], one per HTTP worker | copies of keys, calls lent to it | HTTP, on its own thread | 4,096 |
//! | [`keeper`], one per arbiter | addresses of tenant actors, and what outlives them | [`registry`] | 1,024 |
//! | [`tenant`], one per tenant in use | copies of its keys' rows; its buckets (with its keeper) | gates, services | 1,024 |
//! | [`meter`], one per arbiter | counts of addresses, persons, logins; keys in flight | HTTP | 1,024 |
//! | [`delivery`], one pool | what is in flight, lanes, breakers | whoever commits, a timer | 8,192 |
//! | [`delivery::worker`], one per arbiter | nothing | the pool | 513 |
//! | [`courier`], one | whether a mail pass runs | whoever commits, a timer | 64 |
//! | [`housekeeper`], one | when it last looked for what is too old | a timer | 16 |
//! | [`steward`], one | whether a round of due work runs | a timer | 4 |
//!
//! Messages flow one way: gate and registry to keeper to tenant, pool to worker; only what a tenant has lent or given to
//! gates it calls back from them, and waits beside its mailbox. `call` is the only way to send, `supervisor` what
//! rebuilds. Timers only wake: *when* is always a stored moment compared with the clock's. [`Actors`] is the handle to all.

pub mod call;
pub mod courier;
pub mod delivery;
pub mod deps;
pub mod directory;
pub mod feed;
pub mod gate;
pub mod housekeeper;
pub mod keeper;
pub mod meter;
pub mod registry;
pub mod steward;
pub mod supervisor;
pub mod tenant;

mod handle;
#[cfg(test)]
mod tests;

pub use delivery::manual::Attempted;
pub use deps::{Deps, Node};
pub use handle::{Actors, Fault};
pub use meter::{InFlight, InFlightKey, MeterKey};
pub use tenant::messages::{Admit, Admitted, KeyRecord, Refusal};
