//! Answers kept for a repetition of the same `Idempotency-Key`.

use super::{Answer, Ctx, House, Intent};
use crate::domain::{Result, Timestamp};
use crate::store::{IdempotencyRecord, Tx};
use entities::idempotency::State;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use uuid::Uuid;

/// How long an answer is kept for replays.
const REMEMBERED_FOR: Duration = Duration::from_secs(24 * 3600);

impl Ctx {
    /// Runs a command whose answer is remembered with it where the call carries an `Idempotency-Key`: state, events,
    /// audit and answer in one transaction. Of several commands in one call the first one's answer is the remembered one.
    ///
    /// # Errors
    /// What the work returns, or `Unavailable`.
    pub async fn command<F>(&self, work: F) -> Result<Answer>
    where
        F: AsyncFn(&Tx) -> Result<Answer> + Send + 'static,
    {
        let Some(keeping) = self.keeping() else {
            return self.house.store.command(work).await;
        };
        let is_kept = Arc::clone(&keeping.intent.is_kept);
        let answer = self
            .house
            .store
            .command(async move |tx| {
                let answer = work(tx).await?;
                if answer.is_good() {
                    tx.remember(keeping.record(&answer)?);
                }
                Ok(answer)
            })
            .await?;
        is_kept.store(answer.is_good(), Ordering::Relaxed);
        Ok(answer)
    }

    /// Remembers the answer of a call whose service ran no [`Ctx::command`] of its own; failing that, a repetition of the
    /// call does its work once more.
    pub async fn keep(&self, answer: &Answer) {
        let Some(keeping) = self.keeping().filter(|_| answer.is_good()) else {
            return;
        };
        let kept = match keeping.record(answer) {
            Ok(record) => {
                let remember = async move |tx: &Tx| {
                    tx.remember(record.clone());
                    Ok(())
                };
                self.house.store.command(remember).await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            tracing::warn!(request.id = %self.request_id, %error, "an answer was not kept for repetitions");
        }
    }

    /// What is needed to keep the answer, unless none is wanted or it is kept already.
    fn keeping(&self) -> Option<Keeping> {
        let intent = self
            .idempotency
            .clone()
            .filter(|intent| !intent.is_kept.load(Ordering::Relaxed))?;
        let tenant = self.room.as_ref().map(|room| room.tenant);
        Some(Keeping {
            house: self.house.clone(),
            intent,
            id: self.id(),
            tenant,
            now: self.now,
        })
    }
}

/// Everything of a call that its remembered answer needs.
struct Keeping {
    house: Arc<House>,
    intent: Intent,
    id: Uuid,
    tenant: Option<Uuid>,
    now: Timestamp,
}

impl Keeping {
    fn record(&self, answer: &Answer) -> Result<IdempotencyRecord> {
        Ok(IdempotencyRecord {
            id: self.id,
            tenant: self.tenant,
            principal: self.intent.principal.clone(),
            route: self.intent.route.clone(),
            key_digest: self.intent.key_digest,
            body_digest: self.intent.body_digest,
            state: State::Done,
            status: 0,
            answer: None,
            sealed: Some(self.house.seal_answer(answer, &self.intent)?),
            created_at: self.now,
            expires_at: self.now + REMEMBERED_FOR,
        })
    }
}
