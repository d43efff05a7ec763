//! What is said between the pool, its passes and its workers.

use super::attempt::Job;
use super::pass::Report;
use crate::domain::{Result, Timestamp};
use crate::store::outbox::record::Made;
use actix::Message;
use actix::dev::MessageResponse;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Says that there may be work; carries nothing and may be lost.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Poke;

/// A pass has ended, or died (`None`).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Planned(pub Option<Report>);

/// Hands a worker one delivery to try.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Try {
    /// The delivery.
    pub job: Job,
    /// Tells the pool how it went.
    pub ticket: super::ticket::Ticket,
    /// Set by tests: the worker panics instead.
    pub panics: bool,
}

/// An attempt was made.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Finished {
    /// What came of it.
    pub made: Made,
    /// Whose it was.
    pub tenant: Uuid,
    /// How it went for the lane.
    pub ended: super::lanes::Ended,
}

/// An attempt ended without a word: its worker or its task died.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Lost(pub Uuid);

/// Attempts were recorded, or not; `None` where the recording died.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Recorded(pub Option<Result<usize>>);

/// Asks to be told when nothing due at `now` is unattempted and nothing is in flight.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Settle {
    /// On the server's clock.
    pub now: Timestamp,
    /// Told then.
    pub reply: oneshot::Sender<()>,
}

/// Takes no more work and tells when what is in flight has been recorded.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Drain {
    /// Told then.
    pub reply: oneshot::Sender<()>,
}

/// Makes the next attempts panic their worker, for tests of what survives it.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct PanicNext {
    /// How many.
    pub attempts: u32,
}

/// Asks for a look inside.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "PoolState")]
pub struct Inspect;

/// What the pool holds, for tests and the curious.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, MessageResponse)]
pub struct PoolState {
    /// Attempts under way.
    pub in_flight: usize,
    /// Attempts made but not recorded.
    pub unrecorded: usize,
    /// Endpoints that are left alone for a while.
    pub open_breakers: usize,
    /// Attempts that ended without a word since the pool started.
    pub lost: u64,
}
