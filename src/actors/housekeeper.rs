//! Removes what has been kept long enough, and adds to the indexes of texts, in small steps and by the server's clock.

use super::deps::Deps;
use crate::domain::time::DAY_MS;
use crate::domain::{Result, Timestamp};
use crate::store::{grams, idempotency, retention};
use actix::{Actor, ActorFutureExt, AsyncContext, Context, WrapFuture};
use std::sync::Arc;
use std::time::Duration;

/// How long the delivery log is kept, in milliseconds.
pub const KEPT_MS: i64 = 30 * DAY_MS;
/// Messages that may wait: there is one kind, and one is enough.
pub const MAILBOX: usize = 16;
/// How often the clock is looked at; short, because the operator of a sandbox may advance it.
const TICK: Duration = Duration::from_secs(1);
/// How much of the server's time passes between two looks at the tables, in milliseconds.
const BETWEEN_MS: i64 = 60_000;
/// Chunks of one round; what is left is the next tick's.
const CHUNKS_MAX: u32 = 40;

/// The actor that remembers when it last looked.
pub struct Housekeeper {
    deps: Arc<Deps>,
    looked_at: Option<Timestamp>,
    is_busy: bool,
}

impl Housekeeper {
    /// Starts as if it had never looked.
    pub fn new(deps: Arc<Deps>) -> Self {
        Self {
            deps,
            looked_at: None,
            is_busy: false,
        }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let now = self.deps.clock.now();
        let is_soon = self.looked_at.is_some_and(|at| now.0 - at.0 < BETWEEN_MS);
        if self.is_busy || is_soon {
            return;
        }
        (self.is_busy, self.looked_at) = (true, Some(now));
        let deps = Arc::clone(&self.deps);
        let round = async move { sweep(&deps, now).await };
        // In the actor's own context: what panics in there makes a new actor, which is not busy.
        ctx.spawn(round.into_actor(self).map(|swept, housekeeper, _| {
            housekeeper.is_busy = false;
            if !matches!(swept, Ok(false)) {
                housekeeper.looked_at = None;
            }
            if let Err(error) = swept {
                tracing::warn!(%error, "what was kept long enough was not removed; trying again");
            }
        }));
    }
}

/// Removes what is older than the retention period and the answers that were kept for repetitions and have run out, and adds
/// what is new to the indexes of texts, at most a bounded number of chunks; answers whether more is left.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn sweep(deps: &Deps, now: Timestamp) -> Result<bool> {
    for _ in 0..CHUNKS_MAX {
        let more_deliveries = retention::purge(&deps.store, Timestamp(now.0 - KEPT_MS)).await?;
        let more_answers = idempotency::purge(&deps.store, now).await?;
        let more_texts = grams::add(&deps.store).await?;
        if !more_deliveries && !more_answers && !more_texts {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Actor for Housekeeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.deps.has_ticks {
            ctx.run_interval(TICK, Self::look);
        }
    }
}
