//! The web toolkit: routes, the one path a request takes, and the only place where values become bytes.
//!
//! It knows no resource; `mount` is given the routes. Read `serve` first: it is the order of everything.

pub mod admit;
pub mod bounds;
pub mod call;
pub mod cors;
pub mod credential;
pub mod deprecation;
pub mod html;
pub mod mount;
pub mod named;
pub mod openapi;
pub mod page;
pub mod replay;
pub mod reply;
pub mod route;
pub mod serve;
pub mod upload;

pub use call::Call;
pub use route::{Guard, Route};
