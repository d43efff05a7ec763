//! What a test stands on: a server of its own, a client, a receiver, a shop.
//!
//! ```text
//! let app  = TestApp::start().await;
//! let shop = app.shop("fondaco").await;              // tenant, owner's session, full key
//! let sink = app.sink().await; sink.answers([500, 200]);
//! app.deliver_due().await; app.advance(60).await;    // nothing sleeps
//! app.finish().await;                                // stops the server and fails if something was left over
//! ```

mod app;
mod client;
mod database;
mod leaks;
mod process;
mod python;
mod seed;
mod sink;

pub(crate) use app::{ADMIN_SECRET, TestApp};
pub(crate) use client::{Answer, Client};
pub(crate) use leaks::Ledger;
pub(crate) use process::Process;
pub(crate) use python::python;
pub(crate) use seed::Shop;
pub(crate) use sink::{Received, Reply, Sink};
