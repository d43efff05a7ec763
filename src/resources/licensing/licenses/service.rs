//! One function per operation: reading, changing, deleting.

use super::types::{ListLicenses, UpdateLicense};
use super::{create, store};
use crate::context::{Answer, Ctx, Deed};
use crate::domain::dialect::PageRequest;
use crate::domain::{Result, license_key};
use crate::resources::licensing::views::{MachineView, PolicyView, Surroundings};
use crate::resources::licensing::{issue, rules, store as shared, views};
use entities::license::Model;
use uuid::Uuid;

/// Machines shown with a licence; a list of its own has the rest.
const MACHINES_SHOWN: u64 = 1_000;

/// Lists the room's licences, newest first, without their keys.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, filter: ListLicenses, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, &filter, &page, ctx.now).await?;
    let views = views::all(ctx.store().read(), room, &rows, ctx.now).await?;
    Answer::page("license", &views, info)
}

/// Reads a licence with its machines and its policy.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = shared::license(ctx.store().read(), ctx.room()?, id).await?;
    detail(ctx, &row.ok_or_else(issue::missing)?).await
}

/// Reads the licence of a key.
///
/// # Errors
/// `NotFound`, also for another tenant's.
pub async fn by_key(ctx: &Ctx, key: &str) -> Result<Answer> {
    let digest = license_key::digest(key);
    let row = shared::license_by_digest(ctx.store().read(), Some(ctx.room()?), &digest).await?;
    detail(ctx, &row.ok_or_else(issue::missing)?).await
}

async fn detail(ctx: &Ctx, row: &Model) -> Result<Answer> {
    let db = ctx.store().read();
    let around = Surroundings::of(db, ctx.room()?, std::slice::from_ref(row)).await?;
    let machines = shared::machines(db, row, MACHINES_SHOWN).await?;
    let mut view = around.view(row, ctx.now);
    view.machines = Some(machines.iter().map(|machine| MachineView::new(machine, ctx.now)).collect());
    view.policy = around
        .policy(row)
        .map(|policy| PolicyView::new(policy, around.codes(&policy.features)));
    Answer::one("license", &view)
}

/// Says whether the licence is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    let found = shared::license(ctx.store().read(), ctx.room()?, id).await?;
    found.map(|_| ()).ok_or_else(issue::missing)
}

/// Changes a licence; a later end makes an expired one good again.
///
/// # Errors
/// `NotFound`, `BusinessRule` as at its creation.
pub async fn update(ctx: &Ctx, id: Uuid, form: UpdateLicense) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let mut row = shared::license(tx, &deed.room, id).await?.ok_or_else(issue::missing)?;
        let policy = match form.move_to_policy_id.filter(|id| row.policy != Some(*id)) {
            Some(id) => {
                let policy = create::policy_for(tx, &deed, id, row.product).await?;
                shared::count_license(tx, &row, -1).await?;
                row.policy = Some(policy.id);
                shared::count_license(tx, &row, 1).await?;
                Some(policy)
            }
            None => shared::policy_of(tx, &row).await?,
        };
        create::apply(&form, &mut row, policy.as_ref())?;
        if let Some(end) = form.expires_at {
            rules::reschedule(&mut row, end.map(|at| at.0), deed.now);
        }
        let view = issue::change(tx, &deed, &mut row, "license.updated").await?;
        Answer::one("license", &view)
    })
    .await
}

/// Deletes a licence with its machines.
///
/// # Errors
/// `NotFound`.
pub async fn delete(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let deed = Deed::of(ctx)?;
    ctx.command(async move |tx| {
        let mut row = shared::license(tx, &deed.room, id).await?.ok_or_else(issue::missing)?;
        shared::clear_machines(tx, &row, deed.now).await?;
        shared::count_license(tx, &row, -1).await?;
        row.deleted_at = Some(deed.now.0);
        row.machines_count = 0;
        row.due_at = None;
        let view = issue::change(tx, &deed, &mut row, "license.deleted").await?;
        Answer::deleted("license", &view)
    })
    .await
}

/// Which endpoints may want events of these names.
pub fn watch(ctx: &Ctx, events: &[&str]) -> store::Watch {
    super::validate::watch(ctx, events)
}
