//! The steward: sees once a second to what falls due by the clock. What that is, it is told by whoever starts it.

use super::supervisor::Supervised;
use actix::{Actor, ActorFutureExt, AsyncContext, Context, WrapFuture};
use actix_rt::ArbiterHandle;
use futures_util::future::LocalBoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// One round of due work; errors are its own to log.
pub type Round = Arc<dyn Fn() -> LocalBoxFuture<'static, ()> + Send + Sync>;

/// Messages that may wait: there are none.
const MAILBOX: usize = 4;
/// How often it looks.
const TICK: Duration = Duration::from_secs(1);

/// The actor that calls for a round.
pub struct Steward {
    round: Round,
    is_busy: bool,
}

impl Steward {
    /// Starts one on `arbiter`.
    pub fn start(arbiter: &ArbiterHandle, round: Round) -> Supervised<Self> {
        Supervised::start(arbiter, "steward", MAILBOX, move |_| {
            move || Self {
                round: Arc::clone(&round),
                is_busy: false,
            }
        })
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        if self.is_busy {
            return;
        }
        self.is_busy = true;
        // In the actor's own context: what panics in there makes a new steward, which is not busy.
        let round = (self.round)();
        ctx.spawn(round.into_actor(self).map(|(), steward, _| steward.is_busy = false));
    }
}

impl Actor for Steward {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(TICK, Self::look);
    }
}
