//! Keeping a seat, and giving it back.

use super::super::types::Machine;
use super::checks::claims;
use super::{full, is_floating, no_machine, obstacle, seats_max, unknown};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::{Result, license_key};
use crate::resources::licensing::licenses::service::watch;
use crate::resources::licensing::machines::service::remove;
use crate::resources::licensing::machines::store::seats;
use crate::resources::licensing::views::MachineView;
use crate::resources::licensing::{issue, rules, store as shared};
use serde_json::json;

/// Frees a machine's seat.
///
/// # Errors
/// `NotFound` for a key that is none, or a machine it is not bound to; `InvalidToken` for a token that is not good.
pub async fn deactivate(ctx: &Ctx, form: Machine) -> Result<Answer> {
    let deed = deed(ctx, &form).await?;
    ctx.command(async move |tx| {
        let license = shared::license_by_digest(tx, None, &license_key::digest(&form.key)).await?;
        let license = license.ok_or_else(issue::missing)?;
        let machine = shared::machine_of(tx, &license, &form.fingerprint).await?;
        remove(tx, &deed, machine.ok_or_else(no_machine)?).await?;
        Answer::one(
            "deactivated",
            &json!({ "machines_used": (license.machines_count - 1).max(0) }),
        )
    })
    .await
}

/// Keeps a session's seat for a quarter of an hour more; one that lost it takes another, where there is one.
///
/// # Errors
/// `NotFound`, `Forbidden` for what stands in the way, a full house among it; `InvalidToken` for a token that is not good.
pub async fn heartbeat(ctx: &Ctx, form: Machine) -> Result<Answer> {
    let deed = deed(ctx, &form).await?;
    let watch = watch(ctx, &["machine.heartbeat"]);
    ctx.command(async move |tx| {
        let license = shared::license_by_digest(tx, None, &license_key::digest(&form.key)).await?;
        let license = license.ok_or_else(issue::missing)?;
        let policy = shared::policy_of(tx, &license).await?;
        let policy = policy.as_ref();
        if let Some(error) = obstacle(&license, policy, deed.now) {
            return Err(error);
        }
        let machine = shared::machine_of(tx, &license, &form.fingerprint).await?;
        let mut row = machine.ok_or_else(no_machine)?;
        let is_floating = is_floating(&license, policy);
        let has_seat = row.seat_until_at.is_some_and(|until| until > deed.now.0);
        if is_floating && !has_seat {
            let used = seats(tx, &license, deed.now).await?;
            if let Some(max) = seats_max(&license, policy).filter(|max| used >= *max) {
                return Err(full(max));
            }
        }
        row.seat_until_at = is_floating.then_some(deed.now.0 + rules::SEAT_MS);
        row.last_heartbeat_at = Some(deed.now.0);
        row.due_at = rules::heartbeat_due(policy, deed.now);
        row.dead_at = None;
        row.seen_at = deed.now.0;
        row.updated_at = deed.now.0;
        shared::replace(tx, &row).await?;
        let view = MachineView::new(&row, deed.now);
        if watch.is_on(tx, row.tenant, row.mode).await? {
            tx.emit(deed.event("machine.heartbeat", "machine", &view, vec![license.product])?);
        }
        Answer::one("seat", &json!({ "session_active": true, "expires_at": row.seat_until_at }))
    })
    .await
}

/// What happens in the room of the key's licence. A token need not be sent, but one that is must be good.
async fn deed(ctx: &Ctx, form: &Machine) -> Result<Deed> {
    let db = ctx.store().read();
    let Some(license) = shared::license_by_digest(db, None, &license_key::digest(&form.key)).await? else {
        return Err(unknown(ctx).await);
    };
    if form.token.as_ref().is_some_and(|token| !token.is_empty()) {
        claims(ctx, &license, form).await?;
    }
    let room = Room::find(db, license.tenant, license.mode).await?;
    Ok(Deed::of_house(&ctx.house, room.ok_or_else(issue::missing)?, ctx.now))
}
