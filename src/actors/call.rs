//! The only two ways to send a message: `ask`, which waits for its answer no longer than a deadline, and `poke`, which
//! may be lost. `do_send` is banned: it ignores the mailbox bound.

use crate::domain::Error;
use crate::telemetry::series;
use actix::dev::{MessageResponse, ToEnvelope};
use actix::{Actor, Addr, Handler, MailboxError, Message};
use std::time::Duration;

/// How long a question may wait for its answer, mailbox and all; an actor that takes longer is no use to a request.
pub const ASK_DEADLINE: Duration = Duration::from_secs(3);

/// Why a question got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The actor is gone; its keeper or supervisor knows the next one.
    Closed,
    /// The deadline passed in the mailbox or in the handler.
    Late,
}

impl From<Unanswered> for Error {
    fn from(_: Unanswered) -> Self {
        Self::unavailable(1)
    }
}

/// Asks at once and waits for the answer until `deadline`; the message is dropped unread where the caller goes away first,
/// so this is for questions, never for commands that must happen. The address is not kept: cloning one costs more than
/// asking.
pub fn ask<A, M>(
    addr: &Addr<A>,
    message: M,
    deadline: Duration,
) -> impl Future<Output = Result<M::Result, Unanswered>> + use<A, M>
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message + Send + 'static,
    M::Result: MessageResponse<A, M> + Send,
{
    let question = addr.send(message);
    async move {
        match tokio::time::timeout(deadline, question).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(MailboxError::Closed)) => Err(Unanswered::Closed),
            Ok(Err(MailboxError::Timeout)) | Err(_) => Err(Unanswered::Late),
        }
    }
}

/// Leaves a message unless the mailbox is full or closed; tells whether it was left.
pub fn poke<A, M>(addr: &Addr<A>, message: M) -> bool
where
    A: Actor + Handler<M>,
    A::Context: ToEnvelope<A, M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    match addr.try_send(message) {
        Ok(()) => true,
        Err(actix::prelude::SendError::Full(_)) => {
            series::mailbox_full();
            false
        }
        Err(actix::prelude::SendError::Closed(_)) => false,
    }
}
