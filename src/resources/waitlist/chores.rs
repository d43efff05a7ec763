//! Telling those who wait that a product is there.

use super::store;
use crate::clock::Ids;
use crate::context::{Chore, House};
use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use crate::store::mails::{self, Note};
use entities::waitlist_launch;
use std::sync::Arc;

/// Writes to the waiting lists of products that went on sale.
pub const LAUNCH: Chore = Chore {
    name: "waitlist_launch",
    next: |house, after| Box::pin(async move { store::next_launch(house.store.read(), after).await }),
    run: |house, now| Box::pin(tell_some(house, now)),
};

/// One batch of one product's list; answers whether there may be more to do.
async fn tell_some(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let Some(launch) = store::due_launch(house.store.read(), now).await? else {
        return Ok(false);
    };
    let ids = house.ids.clone();
    house
        .store
        .command(async move |tx| told(tx, &launch, &ids, now).await)
        .await?;
    house.actors.poke_courier();
    Ok(true)
}

async fn told(tx: &Tx, launch: &waitlist_launch::Model, ids: &Ids, now: Timestamp) -> Result<()> {
    // Taken off sale meanwhile: the next time it goes on, they will be told.
    let Some((product, tenant)) = store::launched(tx, launch).await? else {
        return store::end_launch(tx, launch.product).await;
    };
    let rows = store::next_waiting(tx, launch.product).await?;
    let site = store::site(tx, &tenant).await?;
    for row in &rows {
        let note = Note {
            tenant: row.tenant,
            kind: "waitlist_launch",
            recipient: row.email.clone(),
            values: vec![
                ("product_name", product.name.clone()),
                ("customer_email", row.email.clone()),
                ("shop_url", site.clone().unwrap_or_default()),
            ],
        };
        mails::write(tx, &note, ids.uuid(now), now).await?;
    }
    store::notified(tx, &rows, now).await?;
    if u64::try_from(rows.len()).is_ok_and(|rows| rows < store::BATCH_ROWS) {
        store::end_launch(tx, launch.product).await?;
    }
    Ok(())
}
