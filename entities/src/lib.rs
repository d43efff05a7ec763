//! One module per table: its row and its finders, nothing else.
//!
//! Where rows belong to a tenant, `of(tenant, mode)` is the way to them, with `update_of` and `delete_of` beside it; what
//! spans tenants says so in its name (`anywhere`). Nobody outside this crate may call `Entity::find` and its sisters:
//! `.clippy.toml` refuses it. Moments are epoch milliseconds, money is whole minor units.

#[macro_use]
mod finders;
mod stored;

pub mod api_key;
pub mod attempt;
pub mod audit;
pub mod body;
pub mod counter;
pub mod day_count;
pub mod delivery;
pub mod endpoint;
pub mod event;
pub mod idempotency;
pub mod invitation;
pub mod key_directory;
pub mod mail;
pub mod membership;
pub mod mode;
pub mod origin;
pub mod person;
pub mod product;
pub mod public_name;
pub mod receiver;
pub mod receiver_hit;
pub mod session;
pub mod tenant;
pub mod token;

pub use mode::Mode;
pub use stored::{Document, Identifiers, Names, Stored};
