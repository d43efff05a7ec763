//! What may be asked of a gate.

use super::Gate;
use crate::actors::tenant::messages::{Admit, Verdict};
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::loan::Owed;
use actix::dev::MessageResponse;
use actix::{Addr, Message};
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

/// Who a gate is, for those that lend to it.
#[derive(Debug)]
pub struct GateRef {
    /// Unique in this process; a gate that is made anew is another one.
    pub id: u64,
    /// Where it is asked.
    pub addr: Addr<Gate>,
    /// Closed when the gate has ended and handed in what it held.
    pub ended: watch::Receiver<()>,
}

/// Asks whether a key of the tenant at `route` may make this call, and charges it; from the gate's own thread.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Answer")]
pub struct Enter {
    /// Whose key it is.
    pub route: TenantRoute,
    /// The call.
    pub admit: Admit,
    /// Unique in this process and the same when a call is tried again: it tells a rebuilt tenant actor which call killed
    /// its predecessor.
    pub number: u64,
}

/// The verdict, or a promise of it where the tenant's actor must be asked.
#[derive(Debug, MessageResponse)]
pub enum Answer {
    /// Decided from what the gate holds.
    Now(Box<Verdict>),
    /// Decided as soon as the tenant's actor has answered.
    Later(oneshot::Receiver<Verdict>),
}

/// Calls a loan back; the answer ends it.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Return")]
pub struct Recall {
    /// Whose key it is.
    pub route: TenantRoute,
    /// The key.
    pub account: Uuid,
    /// The loan.
    pub number: u64,
}

/// Drops the copy of one key, or of all keys of a tenant; the answer ends their loans.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Return")]
pub struct Forget {
    /// The tenant.
    pub route: TenantRoute,
    /// The key; `None` for all.
    pub digest: Option<Digest>,
}

/// What a gate gives back.
#[derive(Clone, Debug, MessageResponse)]
pub struct Return(pub Vec<Owed>);

/// Drops every copy and hands in every loan; answered when that is done.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Flush;

/// As `Flush`, and ends the gate.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Close;

/// Panics, for tests of what survives it.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Panic;
