//! One tenant's memory: copies of its keys' rows, and the buckets they are charged to.
//!
//! Rows are the truth. A copy is dropped when its row changes (`forget`), and read anew when it is old; a row that exists
//! is never remembered by its verdict. The buckets belong to the keeper (`kept`), so that a panic reopens no window.
//! Nothing here waits inside the mailbox: rows are read, leases are written and loans are recalled beside it. What is asked
//! comes from gates, which it lends to. Read on in `admit`.

pub mod admit;
mod copies;
mod forget;
pub mod kept;
mod load;
pub mod messages;
mod recall;
pub mod verdict;

use self::copies::Copies;
use self::kept::Shared;
use self::messages::{Call, Inspect, Panic, PanicNextCall, Retire, TenantState};
use super::deps::Deps;
use crate::domain::api_key::{Digest, TenantRoute};
use actix::{Actor, ActorContext, Context, Handler};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Messages that may wait for one tenant; callers beyond it wait to be let in, up to their deadline.
pub const MAILBOX: usize = 1_024;

/// Calls that wait for the same row.
#[derive(Debug, Default)]
struct Load {
    waiting: Vec<Call>,
    /// The row changed while it was read: what was read may be what it was before.
    is_stale: bool,
}

/// The actor of one tenant.
pub struct TenantActor {
    deps: Arc<Deps>,
    route: TenantRoute,
    kept: Shared,
    copies: Copies,
    loading: HashMap<Digest, Load>,
    /// Calls that wait until more of a key's day is durable; an entry means that a reservation is being written.
    reserving: HashMap<Uuid, Vec<Call>>,
    /// Calls that wait until what is lent of a key is back; an entry means that it is being recalled.
    recalling: HashMap<Uuid, Vec<Call>>,
    loads: u64,
    /// Set by tests: the next call is the last.
    is_doomed: bool,
    questions: u64,
}

impl TenantActor {
    /// Starts without copies, with the buckets its predecessor left.
    pub fn new(deps: Arc<Deps>, route: TenantRoute, kept: Shared) -> Self {
        Self {
            deps,
            route,
            kept,
            copies: Copies::default(),
            loading: HashMap::new(),
            reserving: HashMap::new(),
            recalling: HashMap::new(),
            loads: 0,
            is_doomed: false,
            questions: 0,
        }
    }
}

impl Actor for TenantActor {
    type Context = Context<Self>;
}

impl Handler<Retire> for TenantActor {
    type Result = ();
    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

impl Handler<Panic> for TenantActor {
    type Result = ();
    #[expect(clippy::panic, reason = "the fault that tests inject")]
    fn handle(&mut self, _: Panic, _: &mut Self::Context) {
        panic!("a test asked tenant {} to panic", self.route);
    }
}

impl Handler<PanicNextCall> for TenantActor {
    type Result = ();
    fn handle(&mut self, _: PanicNextCall, _: &mut Self::Context) {
        self.is_doomed = true;
    }
}

impl Handler<Inspect> for TenantActor {
    type Result = TenantState;
    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> TenantState {
        let loading: usize = self.loading.values().map(|load| load.waiting.len()).sum();
        let others: usize = self.reserving.values().chain(self.recalling.values()).map(Vec::len).sum();
        TenantState {
            keys: self.copies.known(),
            unknown: self.copies.unknown(),
            waiting: loading + others,
            loads: self.loads,
            questions: self.questions,
        }
    }
}
