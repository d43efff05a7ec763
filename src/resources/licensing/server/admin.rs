//! What creators and the operator do with licences. Whoever comes with the admin secret alone reaches every creator's.

use super::store::{self, Wanted};
use super::types::{
    AmendLicense, IssueLicense, LicenseRecord, ResolveViolations, SearchLicenses, ViolationView, WithdrawLicense,
};
use super::variants::{self, Asked};
use crate::context::{Answer, Ctx, Deed, Principal, Room};
use crate::domain::dialect::PageInfo;
use crate::domain::{Code, Error, Result, Timestamp, license_key};
use crate::resources::coupons::rules::Unusable;
use crate::resources::coupons::service::uses::{self as coupons, Elsewhere};
use crate::resources::licensing::issue::{self, Order};
use crate::resources::licensing::keys::{self, Form};
use crate::resources::licensing::views::{LicenseView, MachineView};
use crate::resources::licensing::{machines, rules, store as shared, views};
use crate::store::Tx;
use entities::license::{Kind, Model, Status};
use entities::product;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

/// Whose things the caller reaches: a room, or with the admin secret alone every creator's.
///
/// # Errors
/// As [`Ctx::room`], `NotFound` for a creator that is not there.
pub fn reach(ctx: &Ctx) -> Result<Option<Room>> {
    match &ctx.principal {
        Principal::Operator { named: None } => Ok(None),
        _ => ctx.room().cloned().map(Some),
    }
}

/// The product of a name within the caller's reach, with whose it is.
///
/// # Errors
/// `NotFound`.
pub async fn product(db: &impl ConnectionTrait, reach: Option<&Room>, name: &str) -> Result<(product::Model, Room)> {
    let found = match reach {
        None => shared::product_by_name(db, name).await?,
        Some(room) => {
            let by_id = match Uuid::try_parse(name) {
                Ok(id) => shared::product(db, room, id).await?,
                Err(_) => None,
            };
            let found = match by_id {
                Some(product) => Some(product),
                None => shared::product_by_slug(db, room, name).await?,
            };
            found.map(|product| (product, room.clone()))
        }
    };
    found.ok_or_else(|| Error::not_found("product").with_text("product.not_found"))
}

/// Refuses what would add to a product that may only be read.
///
/// # Errors
/// `Conflict` for an archived one.
pub fn refuse_archived(product: &product::Model) -> Result<()> {
    match product.status {
        product::Status::Archived => Err(Error::new(Code::Conflict, "The product is archived.")),
        _ => Ok(()),
    }
}

/// The licence of a key within the caller's reach, with whose it is.
///
/// # Errors
/// `NotFound`.
pub async fn found(db: &impl ConnectionTrait, reach: Option<&Room>, key: &str) -> Result<(Model, Room)> {
    let row = shared::license_by_digest(db, reach, &license_key::digest(key)).await?;
    let row = row.ok_or_else(issue::missing)?;
    let room = match reach {
        Some(room) => Some(room.clone()),
        None => Room::find(db, row.tenant, row.mode).await?,
    };
    room.map(|room| (row, room)).ok_or_else(issue::missing)
}

/// Issues a licence.
///
/// # Errors
/// `NotFound` for a product out of reach; `Conflict` for an archived one; `Validation` for a discount code without a use left.
pub async fn issue(ctx: &Ctx, form: IssueLicense) -> Result<Answer> {
    let (reach, house, call) = (reach(ctx)?, ctx.house.clone(), ctx.clone());
    ctx.command(async move |tx| {
        let (product, room) = product(tx, reach.as_ref(), &form.product).await?;
        refuse_archived(&product)?;
        let deed = deed(&call, room);
        let order = Order {
            product: &product,
            policy: None,
            form: Form::Uuid,
            source: "api",
        };
        let (mut row, key) = issue::draft(&house, &deed, order)?;
        fill(tx, &product, &form, &mut row).await?;
        take_use(tx, &deed, &product, &form).await?;
        issue::issue(tx, &deed, row).await?;
        Answer::created("license_key", &json!({ "key": key }))
    })
    .await
}

async fn fill(tx: &Tx, product: &product::Model, form: &IssueLicense, row: &mut Model) -> Result<()> {
    let asked = Asked {
        variant: form.variant.as_deref(),
        kind: form.license_type.as_deref(),
        machines: form.max_machines,
        sessions: form.max_concurrent,
    };
    variants::shape(tx, product, row, asked).await?;
    row.email = Some(form.email.clone());
    row.expires_at = form.expires_at.map(|at| at.0);
    row.discount_code.clone_from(&form.discount_code);
    row.purchase_ref.clone_from(&form.purchase_id);
    row.bundle_ref.clone_from(&form.bundle_id);
    row.unlocked_products = form.unlocked_products.clone().into();
    Ok(())
}

/// Takes a use of the discount code that a licence is issued with; a text that is none of ours is what a shop calls its own.
async fn take_use(tx: &Tx, deed: &Deed, product: &product::Model, form: &IssueLicense) -> Result<()> {
    let Some(code) = &form.discount_code else {
        return Ok(());
    };
    let sold = Elsewhere {
        code,
        product: product.id,
        currency: &product.currency,
        email: Some(&form.email),
    };
    match coupons::take_elsewhere(tx, deed, &sold).await? {
        Ok(()) | Err(Unusable::Unknown) => Ok(()),
        Err(why) => Err(Error::field("discount_code", why.reason(), why.sentence())),
    }
}

/// What a call does within a room that it did not name itself.
pub(super) fn deed(ctx: &Ctx, room: Room) -> Deed {
    Deed {
        actor: ctx.principal.name(),
        ..Deed::of_house(&ctx.house, room, ctx.now)
    }
}

/// Reads a licence with its activations and violations.
///
/// # Errors
/// `NotFound`.
pub async fn show(ctx: &Ctx, key: &str) -> Result<Answer> {
    let db = ctx.store().read();
    let (row, room) = found(db, reach(ctx)?.as_ref(), key).await?;
    let mut view = views::one(db, &room, &row, ctx.now).await?;
    view.key = Some(keys::open(&ctx.house, &row)?);
    view.machines_count = used(db, &row, ctx.now).await?;
    let machines = store::machines(db, &row).await?;
    let violations = store::violations(db, &row).await?;
    let record = LicenseRecord {
        machines_used: view.machines_count,
        license: view,
        activations: machines.iter().map(|machine| MachineView::new(machine, ctx.now)).collect(),
        violations: violations.iter().map(ViolationView::from).collect(),
    };
    Answer::one("license_record", &record)
}

/// Seats taken: sessions of a floating licence, machines of any other.
pub(super) async fn used(db: &impl ConnectionTrait, row: &Model, now: Timestamp) -> Result<i64> {
    match row.kind {
        Kind::Floating => machines::store::seats(db, row, now).await,
        _ => Ok(row.machines_count),
    }
}

/// Lists licences, the newest first.
///
/// # Errors
/// `NotFound` for a product or a creator out of reach.
pub async fn search(ctx: &Ctx, form: SearchLicenses) -> Result<Answer> {
    let (db, reach) = (ctx.store().read(), reach(ctx)?);
    let product = match &form.product {
        None => None,
        Some(name) => Some(product(db, reach.as_ref(), name).await?.0.id),
    };
    let wanted = Wanted {
        room: reach.as_ref(),
        product,
        email: form.email.as_deref(),
        limit: form.limit.unwrap_or(store::LISTED_MAX),
    };
    let rows = store::licenses(db, &wanted).await?;
    let mut listed: Vec<LicenseView> = Vec::with_capacity(rows.len());
    // One tenant after the other, since what surrounds a licence is its tenant's; nearly always there is but one.
    for part in rows.chunk_by(|a, b| a.tenant == b.tenant && a.mode == b.mode) {
        let Some(first) = part.first() else { continue };
        let Some(room) = Room::find(db, first.tenant, first.mode).await? else {
            continue;
        };
        for (mut view, row) in views::all(db, &room, part, ctx.now).await?.into_iter().zip(part) {
            view.key = Some(keys::open(&ctx.house, row)?);
            view.machines_count = used(db, row, ctx.now).await?;
            listed.push(view);
        }
    }
    Answer::page("license", &listed, PageInfo::default())
}

/// Changes a licence.
///
/// # Errors
/// `NotFound`.
pub async fn amend(ctx: &Ctx, form: AmendLicense) -> Result<Answer> {
    let (reach, call) = (reach(ctx)?, ctx.clone());
    ctx.command(async move |tx| {
        let (mut row, room) = found(tx, reach.as_ref(), &form.key).await?;
        let deed = deed(&call, room);
        row.variant = form.variant.clone().or(row.variant);
        if let Some(max) = form.max_machines {
            row.max_machines = Some(max);
            // One number serves both where the licence was made with one.
            row.max_concurrent = row.max_concurrent.map(|_| max).filter(|_| row.kind == Kind::Floating);
        }
        if let Some(end) = form.expires_at {
            rules::reschedule(&mut row, end.map(|at| at.0), deed.now);
        }
        let event = match form.status.as_deref().and_then(Status::parse) {
            Some(status) if status != row.status => stand(&mut row, status, deed.now),
            _ => "license.updated",
        };
        if event == "license.revoked" {
            issue::revoke(tx, &deed, &mut row, Some("manual")).await?;
        } else {
            issue::change(tx, &deed, &mut row, event).await?;
        }
        Answer::one("license_done", &json!({ "id": row.id }))
    })
    .await
}

/// Makes a licence stand as its creator says; answers what is told of it.
fn stand(row: &mut Model, status: Status, now: Timestamp) -> &'static str {
    let was_open = matches!(row.status, Status::Active | Status::Degraded);
    match status {
        Status::Revoked | Status::Banned | Status::Expired => return "license.revoked",
        Status::Suspended => {
            row.suspended_at = Some(now.0);
            row.threat_level = 3;
        }
        Status::Degraded => row.threat_level = 2,
        Status::Active => clear(row),
    }
    row.status = status;
    rules::reschedule(row, row.expires_at, now);
    match status {
        Status::Suspended => "license.suspended",
        Status::Active if !was_open => "license.reinstated",
        _ => "license.updated",
    }
}

/// Forgets what was held against a licence.
fn clear(row: &mut Model) {
    row.threat_level = 0;
    row.suspended_at = None;
    row.revoked_at = None;
    row.revoke_reason = None;
    row.banned_at = None;
    row.dispute_reason = None;
    row.disputed_at = None;
}

/// Withdraws a licence; once more changes nothing.
///
/// # Errors
/// `NotFound`.
pub async fn withdraw(ctx: &Ctx, form: WithdrawLicense) -> Result<Answer> {
    let (reach, call) = (reach(ctx)?, ctx.clone());
    ctx.command(async move |tx| {
        let (mut row, room) = found(tx, reach.as_ref(), &form.key).await?;
        let deed = deed(&call, room);
        let reason = form.reason.as_deref().unwrap_or("manual");
        if matches!(reason, "fraud" | "chargeback") {
            row.threat_level = 4;
            row.dispute_reason = Some(reason.to_owned());
            row.disputed_at = row.disputed_at.or(Some(deed.now.0));
        }
        issue::revoke(tx, &deed, &mut row, Some(reason)).await?;
        Answer::one("license_done", &json!({ "id": row.id }))
    })
    .await
}

/// Undoes a withdrawal or a suspension.
///
/// # Errors
/// `NotFound`.
pub async fn restore(ctx: &Ctx, key: String) -> Result<Answer> {
    let (reach, call) = (reach(ctx)?, ctx.clone());
    ctx.command(async move |tx| {
        let (mut row, room) = found(tx, reach.as_ref(), &key).await?;
        let deed = deed(&call, room);
        if row.status != Status::Active {
            let event = stand(&mut row, Status::Active, deed.now);
            issue::change(tx, &deed, &mut row, event).await?;
        }
        Answer::one("license_done", &json!({ "id": row.id }))
    })
    .await
}

/// Drops all activations of a licence.
///
/// # Errors
/// `NotFound`.
pub async fn reset(ctx: &Ctx, key: String) -> Result<Answer> {
    let (reach, call) = (reach(ctx)?, ctx.clone());
    ctx.command(async move |tx| {
        let (mut row, room) = found(tx, reach.as_ref(), &key).await?;
        let deed = deed(&call, room);
        let count = shared::clear_machines(tx, &row, deed.now).await?;
        row.machines_count = 0;
        row.tries_count = 0;
        issue::change(tx, &deed, &mut row, "license.updated").await?;
        Answer::one("license_reset", &json!({ "deleted_count": count }))
    })
    .await
}

/// Marks violations of a licence as resolved.
///
/// # Errors
/// `NotFound`.
pub async fn resolve(ctx: &Ctx, form: ResolveViolations) -> Result<Answer> {
    let (reach, call) = (reach(ctx)?, ctx.clone());
    ctx.command(async move |tx| {
        let (mut row, room) = found(tx, reach.as_ref(), &form.key).await?;
        let deed = deed(&call, room);
        // What is no id of ours names no violation.
        let ids = form.violation_ids.as_ref();
        let ids: Option<Vec<Uuid>> = ids.map(|ids| ids.iter().filter_map(|id| Uuid::try_parse(id).ok()).collect());
        let count = store::resolve(tx, &row, ids.as_deref(), deed.now.0).await?;
        row.violations_count -= i64::try_from(count).unwrap_or(0);
        issue::change(tx, &deed, &mut row, "license.updated").await?;
        Answer::one("license_resolved", &json!({ "resolved_count": count }))
    })
    .await
}
