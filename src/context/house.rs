//! What the process does as a whole.

use super::{Answer, House, Intent};
use crate::domain::api_key::Digest;
use crate::domain::{Error, Result, Timestamp};
use secrecy::ExposeSecret;
use std::sync::Arc;
use std::time::Duration;

impl House {
    /// Whether this is the operator's secret, in time that does not depend on where it differs.
    pub fn is_admin_secret(&self, secret: &str) -> bool {
        Digest::of(secret).ct_eq(&Digest::of(self.admin_secret.expose_secret()))
    }

    /// Advances the sandbox clock through every due moment in order, waiting for what falls due to be attempted.
    ///
    /// # Errors
    /// `Internal` where the new offset cannot be kept.
    pub async fn advance(self: &Arc<Self>, by: Duration) -> Result<Timestamp> {
        let target = self.clock.now() + by;
        let mut settled = self.clock.now();
        self.settle(settled).await?;
        // Asked from what was settled on: the clock runs on meanwhile, and what fell due since must not be passed over.
        while let Some(due) = self.next_due(settled).await?.filter(|due| *due <= target) {
            settled = self.move_clock(due).await?;
        }
        self.move_clock(target).await?;
        // A bounded part of it; the timers see to the rest.
        self.actors.sweep(target).await?;
        Ok(self.clock.now())
    }

    /// Moves the clock and settles what is due there; answers the moment that was settled.
    async fn move_clock(self: &Arc<Self>, at: Timestamp) -> Result<Timestamp> {
        self.clock.advance_to(at);
        self.keep_offset()?;
        self.actors.flush_copies().await;
        let now = self.clock.now();
        self.settle(now).await?;
        Ok(now)
    }

    /// Does what is due at `now` and attempts every delivery and mail that comes of it.
    async fn settle(self: &Arc<Self>, now: Timestamp) -> Result<()> {
        self.do_chores(now).await?;
        self.actors.settle(now).await;
        Ok(())
    }

    /// Does what is due at `now`, one kind after the other.
    ///
    /// # Errors
    /// The first one's; the rest is done all the same.
    pub async fn do_chores(self: &Arc<Self>, now: Timestamp) -> Result<()> {
        let mut done = Ok(());
        for chore in self.chores {
            if let Err(error) = chore.exhaust(self, now).await {
                tracing::warn!(chore = chore.name, %error, "due work was not done; trying again");
                done = done.and(Err(error));
            }
        }
        done
    }

    async fn next_due(self: &Arc<Self>, after: Timestamp) -> Result<Option<Timestamp>> {
        let mut next = self.actors.next_due(after).await?;
        for chore in self.chores {
            let due = (chore.next)(Arc::clone(self), after).await?;
            next = next.into_iter().chain(due).min();
        }
        Ok(next)
    }

    fn keep_offset(&self) -> Result<()> {
        crate::config::clock_offset::write(&self.data, self.clock.offset_ms()).map_err(Error::internal)
    }

    /// An answer as it is kept for a replay: sealed, since it may hold a secret that is shown once.
    ///
    /// # Errors
    /// `Internal` where the answer cannot be written down.
    pub fn seal_answer(&self, answer: &Answer, intent: &Intent) -> Result<String> {
        let text = serde_json::to_vec(answer).map_err(Error::internal)?;
        self.sealer
            .seal(&text, self.ids.bytes(), &intent.context())
            .map_err(Error::internal)
    }

    /// The answer a replay gives.
    pub fn open_answer(&self, sealed: &str, intent: &Intent) -> Option<Answer> {
        serde_json::from_slice(&self.sealer.open(sealed, &intent.context())?).ok()
    }
}
