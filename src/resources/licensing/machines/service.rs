//! One function per operation: reading machines, hearing of them, letting them go.

use super::store;
use super::types::ListMachines;
use crate::context::{Answer, Ctx, Deed, Principal};
use crate::domain::dialect::PageRequest;
use crate::domain::{Error, Result};
use crate::resources::licensing::licenses;
use crate::resources::licensing::views::MachineView;
use crate::resources::licensing::{rules, store as shared};
use crate::store::Tx;
use entities::machine::Model;
use entities::policy::Cull;
use uuid::Uuid;

/// Lists the room's machines, newest first.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, filter: ListMachines, page: PageRequest) -> Result<Answer> {
    let (rows, info) = store::list(ctx.store(), ctx.room()?, &filter, &page).await?;
    let views: Vec<MachineView> = rows.iter().map(|row| MachineView::new(row, ctx.now)).collect();
    Answer::page("machine", &views, info)
}

/// Reads a machine.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = store::find(ctx.store().read(), ctx.room()?, id).await?;
    Answer::one("machine", &MachineView::new(&row.ok_or_else(missing)?, ctx.now))
}

/// Deactivates a machine.
///
/// # Errors
/// `NotFound`, also for another licence's than the key's.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (deed, within) = (Deed::of(ctx)?, own_license(ctx));
    ctx.command(async move |tx| {
        let row = store::find(tx, &deed.room, id).await?.filter(|row| is_within(row, within));
        let view = remove(tx, &deed, row.ok_or_else(missing)?).await?;
        Answer::deleted("machine", &view)
    })
    .await
}

/// Gives a machine's seat back, and tells of it.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn remove(tx: &Tx, deed: &Deed, mut row: Model) -> Result<MachineView> {
    row.deleted_at = Some(deed.now.0);
    row.updated_at = deed.now.0;
    row.due_at = None;
    row.seat_until_at = None;
    shared::replace(tx, &row).await?;
    let mut products = Vec::new();
    if let Some(mut license) = shared::license(tx, &deed.room, row.license).await? {
        license.machines_count = (license.machines_count - 1).max(0);
        license.updated_at = deed.now.0;
        shared::replace(tx, &license).await?;
        products.push(license.product);
    }
    let view = MachineView::new(&row, deed.now);
    tx.emit(deed.event("machine.deactivated", "machine", &view, products)?);
    Ok(view)
}

/// Hears of a machine.
///
/// # Errors
/// `NotFound`, also for one that was silent for too long and lost its seat; `Conflict` where the licence is in the way.
pub async fn heartbeat(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (deed, within) = (Deed::of(ctx)?, own_license(ctx));
    let watch = licenses::service::watch(ctx, &["machine.heartbeat"]);
    ctx.command(async move |tx| {
        let row = store::find(tx, &deed.room, id).await?.filter(|row| is_within(row, within));
        let mut row = row.ok_or_else(missing)?;
        let license = shared::license(tx, &deed.room, row.license).await?.ok_or_else(missing)?;
        let policy = shared::policy_of(tx, &license).await?;
        if let Some(obstacle) = rules::obstacle(&license, policy.as_ref(), deed.now) {
            return Err(obstacle);
        }
        row.last_heartbeat_at = Some(deed.now.0);
        row.seen_at = deed.now.0;
        row.updated_at = deed.now.0;
        row.dead_at = None;
        row.due_at = rules::heartbeat_due(policy.as_ref(), deed.now);
        shared::replace(tx, &row).await?;
        let view = MachineView::new(&row, deed.now);
        if watch.is_on(tx, row.tenant, row.mode).await? {
            tx.emit(deed.event("machine.heartbeat", "machine", &view, vec![license.product])?);
        }
        Answer::one("machine", &view)
    })
    .await
}

/// Acts on a machine that has been silent for too long; it is told as dead once.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn cull(tx: &Tx, deed: &Deed, row: &Model) -> Result<()> {
    let Some(mut row) = store::by_id(tx, row).await? else {
        return Ok(());
    };
    if row.due_at.is_none_or(|at| at > deed.now.0) {
        return Ok(());
    }
    row.dead_at = Some(deed.now.0);
    row.due_at = None;
    row.updated_at = deed.now.0;
    shared::replace(tx, &row).await?;
    let license = shared::license(tx, &deed.room, row.license).await?;
    let products = license.iter().map(|license| license.product).collect();
    tx.emit(deed.event("machine.dead", "machine", &MachineView::new(&row, deed.now), products)?);
    let policy = match &license {
        Some(license) => shared::policy_of(tx, license).await?,
        None => None,
    };
    if policy.is_none_or(|policy| policy.heartbeat_cull == Cull::DeactivateDead) {
        remove(tx, deed, row).await?;
    }
    Ok(())
}

/// The licence that the caller's key is of, beyond which he reaches nothing.
fn own_license(ctx: &Ctx) -> Option<Uuid> {
    match &ctx.principal {
        Principal::License(license) => Some(license.id),
        _ => None,
    }
}

fn is_within(row: &Model, license: Option<Uuid>) -> bool {
    license.is_none_or(|license| license == row.license)
}

fn missing() -> Error {
    Error::not_found("machine").with_text("machine_not_found")
}
