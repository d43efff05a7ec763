//! The admission of one HTTP worker, on the worker's own thread.
//!
//! What an actor costs is waking another thread, so a gate answers from what it holds: copies of keys at most a second
//! old, calls lent by the tenant's actor, and denials until a window's end. What it cannot answer goes to the tenant's
//! actor, one question at a time per tenant; calls that come meanwhile go together with the next one. The rules that keep
//! this exact are in `domain::loan`; read on in `enter`. A gate that ends hands in what it held, unless its thread is
//! killed: what it held then counts as used.

mod enter;
mod give_back;
mod here;
pub mod messages;

pub use here::Gates;

use self::messages::GateRef;
use super::registry::Registry;
use super::tenant::messages::{Call, KeyCopy};
use crate::clock::Clock;
use crate::domain::api_key::TenantRoute;
use crate::domain::loan::Desk;
use actix::{Actor, AsyncContext, Context, Handler};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// How long a copy of a key may serve at a gate: who changes a key waits no longer than this for a gate that hangs.
pub const COPY_AGE: Duration = Duration::from_secs(1);
/// Messages that may wait for a gate; callers beyond it wait to be let in.
const MAILBOX: usize = 4_096;
/// How often what is no longer used is handed in.
const SWEEP: Duration = Duration::from_millis(500);
/// Copies a gate may hold; beyond it every call is a question, until the next sweep has made room.
const COPIES_MAX: usize = 32_768;

/// What all gates of one server work with.
#[derive(Debug)]
struct Parts {
    registry: Registry,
    clock: Clock,
    has_ticks: bool,
    /// Numbers questions and gates alike.
    numbers: AtomicU64,
    /// Gates alive.
    gates: AtomicU32,
}

impl Parts {
    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }
}

/// One tenant, as this gate knows it.
#[derive(Debug, Default)]
struct Room {
    desk: Desk<KeyCopy>,
    /// Calls for the next question.
    waiting: Vec<Call>,
}

/// The actor.
#[derive(Debug)]
pub struct Gate {
    parts: Arc<Parts>,
    myself: Arc<GateRef>,
    rooms: HashMap<TenantRoute, Room>,
    /// Copies held, as of the last sweep and what came since.
    copies: usize,
    /// Dropped last: tells that the gate has ended.
    _alive: watch::Sender<()>,
}

impl Actor for Gate {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.parts.has_ticks {
            ctx.run_interval(SWEEP, |gate, ctx| {
                gate.sweep();
                let handed_in = gate.hand_in();
                ctx.spawn(handed_in);
            });
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.parts.gates.fetch_sub(1, Ordering::Relaxed);
        for room in self.rooms.values_mut() {
            room.desk.forget(None);
        }
        self.parts.registry.leave(self.myself.id, self.debts());
    }
}

impl Handler<messages::Panic> for Gate {
    type Result = ();
    #[expect(clippy::panic, reason = "the fault that tests inject")]
    fn handle(&mut self, _: messages::Panic, _: &mut Self::Context) {
        panic!("a test asked a gate to panic");
    }
}
