//! What the provider kept of a payment: it is asked once the money is booked, and never while somebody waits for it.

use super::{books, store};
use crate::context::{Chore, Deed, House, Room};
use crate::domain::time::MINUTE_MS;
use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use entities::fee_reading;
use entities::payment::{self, Provider};
use futures_util::future::join_all;
use std::sync::Arc;

const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Waits between questions; after the last the fee stays 0.
const WAITS_MS: [i64; 8] = [
    MINUTE_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    6 * HOUR_MS,
    24 * HOUR_MS,
    72 * HOUR_MS,
    168 * HOUR_MS,
];

/// Asks for fees that are not known yet.
pub const READING: Chore = Chore {
    name: "provider_fees",
    next: |house, after| Box::pin(async move { store::next_fee(house.store.read(), after).await }),
    run: |house, now| Box::pin(run(house, now)),
};

/// Notes that a payment's fee is to be asked for.
pub(super) async fn ask_later(tx: &Tx, deed: &Deed, payment: &payment::Model) -> Result<()> {
    let is_named = payment.intent_ref.is_some() || payment.charge_ref.is_some();
    if payment.provider != Provider::Stripe || payment.amount_minor == 0 || !is_named {
        return Ok(());
    }
    let row = fee_reading::Model {
        payment: payment.id,
        tenant: payment.tenant,
        mode: payment.mode,
        attempt: 0,
        due_at: deed.now.0,
    };
    store::insert_fee_reading(tx, row).await
}

async fn run(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let due = store::due_fees(house.store.read(), now).await?;
    // All at once: whatever else falls due by the clock waits for one deadline at most, not for each that is silent.
    let told = join_all(due.iter().map(|row| settle(&house, row, now))).await;
    let is_full = u64::try_from(due.len()).is_ok_and(|rows| rows == store::BATCH_ROWS);
    // Where one was silent the rest waits for the next round, and lets others have their turn.
    let is_told = told.into_iter().collect::<Result<Vec<bool>>>()?;
    Ok(is_full && is_told.into_iter().all(|is_told| is_told))
}

/// Asks for one fee and writes down what came of it; whether it was told.
async fn settle(house: &Arc<House>, row: &fee_reading::Model, now: Timestamp) -> Result<bool> {
    let Some(room) = Room::find(house.store.read(), row.tenant, row.mode).await? else {
        return Ok(true);
    };
    let deed = Deed::of_house(house, room, now);
    let (fee, row) = (ask(house, &deed, row).await, row.clone());
    house.store.command(async move |tx| note(tx, &deed, &row, fee).await).await?;
    Ok(fee.is_some())
}

/// The fee, as far as the provider tells it; why it does not stands in the log.
async fn ask(house: &House, deed: &Deed, row: &fee_reading::Model) -> Option<i64> {
    let payment = store::payment(house.store.read(), &deed.room, row.payment).await.ok()??;
    let provider = house.payments.provider(deed.room.tenant, deed.room.mode).await.ok()?;
    let told = provider
        .fee(payment.intent_ref.as_deref(), payment.charge_ref.as_deref())
        .await;
    told.ok().flatten().filter(|fee| (0..=payment.amount_minor).contains(fee))
}

/// Books a fee that was told; asks again later for one that was not.
async fn note(tx: &Tx, deed: &Deed, row: &fee_reading::Model, fee: Option<i64>) -> Result<()> {
    let wait = usize::try_from(row.attempt).ok().and_then(|attempt| WAITS_MS.get(attempt));
    let Some(fee) = fee else {
        return match wait {
            Some(wait) => store::put_off_fee(tx, row, Timestamp(deed.now.0 + wait)).await,
            None => store::end_fee_reading(tx, row).await,
        };
    };
    if !store::is_fee_awaited(tx, row).await? {
        return Ok(());
    }
    store::end_fee_reading(tx, row).await?;
    let Some(mut payment) = store::payment(tx, &deed.room, row.payment).await? else {
        return Ok(());
    };
    books::book(tx, deed, &payment, &books::fee(fee)).await?;
    payment.fee_minor = fee;
    store::replace_payment(tx, &payment).await
}
