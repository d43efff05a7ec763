//! What happens to licences and machines by the clock.

use super::licenses::store as licenses;
use super::machines::{service as machines, store as machine_rows};
use super::{issue, rules, store};
use crate::context::{Chore, Deed, House, Room};
use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use entities::license::Status;
use entities::policy::Expiration;
use std::sync::Arc;
use uuid::Uuid;

/// Ends licences that have run out.
pub const EXPIRY: Chore = Chore {
    name: "license_expiry",
    next: |house, after| Box::pin(async move { licenses::next_due(house.store.read(), after).await }),
    run: |house, now| Box::pin(expire_due(house, now)),
};

/// Tells machines that are silent as dead.
pub const CULL: Chore = Chore {
    name: "machine_cull",
    next: |house, after| Box::pin(async move { machine_rows::next_due(house.store.read(), after).await }),
    run: |house, now| Box::pin(cull_due(house, now)),
};

async fn expire_due(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let due = licenses::due(house.store.read(), now).await?;
    for row in &due {
        let Some(room) = Room::find(house.store.read(), row.tenant, row.mode).await? else {
            continue;
        };
        let (deed, id) = (Deed::of_house(&house, room, now), row.id);
        house.store.command(async move |tx| expire(tx, &deed, id).await).await?;
    }
    Ok(machine_rows::is_full_batch(due.len()))
}

/// Acts on the end of a licence, and tells of it once.
async fn expire(tx: &Tx, deed: &Deed, id: Uuid) -> Result<()> {
    let Some(mut row) = store::license(tx, &deed.room, id).await? else {
        return Ok(());
    };
    if row.due_at.is_none_or(|at| at > deed.now.0) {
        return Ok(());
    }
    row.due_at = None;
    if rules::standing(&row, deed.now) == Status::Expired {
        row.status = Status::Expired;
    }
    issue::change(tx, deed, &mut row, "license.expired").await?;
    let policy = store::policy_of(tx, &row).await?;
    if rules::expiration(policy.as_ref()) == Expiration::Revoke && row.status == Status::Expired {
        issue::revoke(tx, deed, &mut row, Some("expired")).await?;
    }
    Ok(())
}

async fn cull_due(house: Arc<House>, now: Timestamp) -> Result<bool> {
    let due = machine_rows::due(house.store.read(), now).await?;
    for row in &due {
        let Some(room) = Room::find(house.store.read(), row.tenant, row.mode).await? else {
            continue;
        };
        let (deed, row) = (Deed::of_house(&house, room, now), row.clone());
        house
            .store
            .command(async move |tx| machines::cull(tx, &deed, &row).await)
            .await?;
    }
    Ok(machine_rows::is_full_batch(due.len()))
}
