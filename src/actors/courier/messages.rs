//! What is said to the courier.

use super::Courier;
use super::pass::Report;
use crate::actors::supervisor::Supervised;
use crate::domain::Timestamp;
use actix::Message;
use tokio::sync::oneshot;

/// Says that mails may wait; carries nothing and may be lost.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Poke;

/// A pass has ended, or died (`None`).
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Passed(pub Option<Report>);

/// Asks to be told when every mail due at `now` has been tried.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Settle {
    /// On the server's clock.
    pub now: Timestamp,
    /// Told then.
    pub reply: oneshot::Sender<()>,
}

/// Takes no more work and tells when what is being sent has been recorded.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub struct Drain {
    /// Told then.
    pub reply: oneshot::Sender<()>,
}

/// Stands for a pass: dropped without a word, it tells the courier that the pass died.
#[derive(Debug)]
pub struct Ticket(Option<Supervised<Courier>>);

impl Ticket {
    /// Stands for a pass of this courier.
    pub fn new(courier: Supervised<Courier>) -> Self {
        Self(Some(courier))
    }

    /// Reports the pass.
    pub fn done(mut self, report: Report) {
        if let Some(courier) = self.0.take() {
            courier.poke(Passed(Some(report)));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(courier) = self.0.take() {
            courier.poke(Passed(None));
        }
    }
}
