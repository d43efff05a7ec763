//! The pure heart: values in, values out. No I/O, no async, no clock and no chance of its own; `now`, jitter and ids
//! are arguments. It knows no other layer. Start with `error`, then `dialect`.

pub mod api_key;
pub mod ascii;
pub mod catalogue;
pub mod code;
pub mod csv;
pub mod cursor;
pub mod delivery;
pub mod dialect;
pub mod error;
pub mod event;
pub mod files;
pub mod letter;
pub mod license_key;
pub mod loan;
pub mod mode;
pub mod money;
pub mod network;
pub mod rate_limit;
pub mod release;
pub mod retry;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod signature;
pub mod stripe;
pub mod tar;
pub mod time;

pub use code::{Code, Kind};
pub use error::{Error, FieldError, Result};
pub use event::Event;
pub use mode::Mode;
pub use money::MINOR_MAX;
pub use scope::{Scope, ScopeSet};
pub use time::Timestamp;
