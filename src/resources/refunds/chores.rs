//! Refunds whose provider did not answer, or whose process died before it could write the answer down.

use super::{execute, requests, store};
use crate::context::{Chore, Deed, House, Room};
use crate::domain::code::Kind;
use crate::domain::{Error, Result, Timestamp};
use crate::resources::sales::{refund as sales, service as sold};
use crate::store::Tx;
use entities::refund;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// How long a refund may be pending before it is told again, and a provider that failed is left alone, in milliseconds.
const PATIENCE_MS: i64 = 60_000;

/// Tells pending refunds again.
pub const RESUME: Chore = Chore {
    name: "refund_resume",
    // Nothing falls due at a moment of its own: a refund is pending for as long as a provider takes to answer.
    next: |_, _| Box::pin(async { Ok(None) }),
    run: |house, now| Box::pin(run(house, now)),
};

async fn run(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let resting = Resting::of(&house);
    let until = Timestamp(now.0 - PATIENCE_MS);
    let stuck = store::stuck(house.store.read(), until, resting.tenants(now)).await?;
    let is_full = stuck.len() as u64 >= store::BATCH_ROWS;
    for refund in stuck {
        let tenant = refund.tenant;
        // A provider in trouble with one refund would only fail with the next.
        if resting.tenants(now).contains(&tenant) {
            continue;
        }
        if let Err(error) = resume(&house, refund, now).await {
            tracing::warn!(%tenant, %error, "a refund still waits for its provider");
            resting.begin(tenant, now);
        }
    }
    Ok(is_full)
}

/// Tells one refund again and writes down what came of it; an error leaves it pending.
async fn resume(house: &Arc<House>, refund: refund::Model, now: Timestamp) -> Result<()> {
    let missing = || Error::not_found("payment");
    let room = Room::find(house.store.read(), refund.tenant, refund.mode).await?;
    let room = room.ok_or_else(missing)?;
    let payment = sold::payment(house.store.read(), &room, refund.payment).await?;
    let payment = payment.ok_or_else(missing)?;
    let mut deed = Deed::of_house(house, room, now);
    deed.actor.clone_from(&refund.actor);
    let made = match execute::tell(house, &deed, &refund, &payment).await {
        Ok(made) => made,
        // The provider has refused, and the share is free again.
        Err(error) if error.kind() != Kind::Unavailable => return Ok(()),
        Err(error) => return Err(error),
    };
    let work = async move |tx: &Tx| {
        sales::complete(tx, &deed, refund.id, Some(&made.refund)).await?;
        if let Some(id) = refund.request
            && let Some(mut row) = store::request(tx, &deed.room, id).await?
        {
            requests::grant(&mut row, deed.now);
            store::replace(tx, &row).await?;
        }
        Ok(())
    };
    house.store.command(work).await
}

/// Tenants whose provider failed a moment ago, and until when it is left alone: others' refunds go on meanwhile.
#[derive(Default)]
struct Resting(Mutex<HashMap<Uuid, Timestamp>>);

impl Resting {
    fn of(house: &House) -> Arc<Self> {
        match house.memory.get(RESUME.name) {
            Some(known) => known,
            None => house.memory.keep(RESUME.name.to_owned(), Self::default()),
        }
    }

    /// Who rests now; who has rested is forgotten.
    fn tenants(&self, now: Timestamp) -> Vec<Uuid> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, until| *until > now);
        all.keys().copied().collect()
    }

    fn begin(&self, tenant: Uuid, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(tenant, Timestamp(now.0 + PATIENCE_MS));
    }
}
