//! What may be asked of a tenant actor, and what it answers.

use crate::actors::gate::messages::GateRef;
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::loan::{Handout, Owed};
use crate::domain::rate_limit::{Limits, Quota};
use crate::domain::{Error, Mode, Scope, ScopeSet, Timestamp};
use actix::Message;
use actix::dev::MessageResponse;
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

/// Asks whether a key may make this call, and charges it for the call.
#[derive(Clone, Debug)]
pub struct Admit {
    /// The digest of the credential's text.
    pub digest: Digest,
    /// What the call needs; `None` where any good key will do.
    pub scope: Option<Scope>,
    /// Tokens the call costs, usually 1; 0 charges nothing.
    pub cost: u32,
    /// Where the call comes from, after trusted proxies.
    pub address: IpAddr,
    /// The request's one moment.
    pub now: Timestamp,
}

/// A call that may go on.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Who calls.
    pub key: Arc<KeyRecord>,
    /// What is left after this call.
    pub quota: Quota,
}

/// A call that may not go on.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// 401, 429, 403 or 503.
    pub error: Error,
    /// What is left; absent where no bucket was looked at.
    pub quota: Option<Quota>,
    /// Who calls; absent where the credential proves nothing.
    pub key: Option<Arc<KeyRecord>>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            error,
            quota: None,
            key: None,
        }
    }
}

/// Whether a call may go on.
pub type Verdict = std::result::Result<Admitted, Refusal>;

/// A copy of a key's row with what its tenant adds to it.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// The key's id.
    pub id: Uuid,
    /// Whose key it is.
    pub tenant: Uuid,
    /// The tenant's slug.
    pub tenant_slug: String,
    /// The tenant's default dialect.
    pub tenant_dialect: String,
    /// Where the tenant's actor lives.
    pub route: TenantRoute,
    /// Which data it reaches.
    pub mode: Mode,
    /// The key's own dialect.
    pub dialect: String,
    /// The name its owner gave it.
    pub name: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Its buckets' sizes: the key's own, else the tenant's, else the dialect's.
    pub limits: Limits,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Until when a rotated key still works.
    pub grace_until_at: Option<Timestamp>,
    /// Whether its owner has it switched on.
    pub is_active: bool,
    /// Whether it was revoked for good.
    pub is_revoked: bool,
    /// Where it may be used from; empty means anywhere.
    pub allowed_networks: Vec<IpNet>,
    /// Whether the operator has suspended the tenant.
    pub is_tenant_suspended: bool,
}

/// `Admit` on its way.
#[derive(Debug)]
pub struct Call {
    /// The call.
    pub admit: Admit,
    /// Unique in this process: it lets a rebuilt actor recognise the call that killed its predecessor.
    pub number: u64,
    /// Who waits for the verdict.
    pub reply: oneshot::Sender<Verdict>,
}

/// A gate's question: calls it cannot decide by itself, and what it owes.
#[derive(Debug, Message)]
#[rtype(result = "Answers")]
pub struct Batch {
    /// Who asks.
    pub gate: Arc<GateRef>,
    /// Grows with each question of this gate; names the loans of the answer.
    pub number: u64,
    /// How many gates there are.
    pub gates: u32,
    /// The calls.
    pub calls: Vec<Call>,
    /// Loans that have ended at the gate, those of the keys asked for among them.
    pub owed: Vec<Owed>,
    /// Whether the gate has room for copies.
    pub may_grant: bool,
}

/// What could be decided at once, and what the gate may decide by itself from now on; a call that is not here is answered
/// later, directly.
#[derive(Debug, Default, MessageResponse)]
pub struct Answers {
    /// The verdicts, each with who waits for it.
    pub decided: Vec<(oneshot::Sender<Verdict>, Verdict)>,
    /// The keys asked for, where their rows are at hand.
    pub grants: Vec<Handout<KeyCopy>>,
}

/// A copy of a key's row at a gate.
#[derive(Clone, Debug)]
pub struct KeyCopy {
    /// The row.
    pub key: Arc<KeyRecord>,
    /// When the tenant's actor gave it, on the monotonic clock.
    pub given_at: Instant,
}

/// Drops the copy of a key; answered once it is gone here and at every gate.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct ForgetKey(pub Digest);

/// Drops all copies, as after a change of the tenant itself; answered once they are gone.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct ForgetAll;

/// Ends the actor; its buckets stay with the keeper.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct Retire;

/// Panics, for tests of what survives it.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct Panic;

/// Makes the next call panic the actor that judges it, for the same tests.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct PanicNextCall;

/// Asks for a look inside.
#[derive(Clone, Debug, Message)]
#[rtype(result = "TenantState")]
pub struct Inspect;

/// What a tenant actor holds, for tests and the curious.
#[derive(Clone, Debug, Default, PartialEq, Eq, MessageResponse)]
pub struct TenantState {
    /// Copies of keys.
    pub keys: usize,
    /// Digests without a row, remembered for seconds.
    pub unknown: usize,
    /// Calls that wait for a row or a recall.
    pub waiting: usize,
    /// Rows read since the actor started.
    pub loads: u64,
    /// Questions of gates answered since the actor started.
    pub questions: u64,
}
