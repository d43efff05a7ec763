//! Queries only.

use crate::context::{Deed, Room};
use crate::domain::stripe::{Incoming, Notice};
use crate::domain::{Error, Mode, Result, Timestamp};
use crate::store::Tx;
use crate::store::errors::map;
use crate::store::names::LICENSE_SERVER;
use entities::{checkout, license, payment, product, provider_event, public_name, subscription};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// Shops that one event is told at most, where several know of what it is about.
const SHOPS_MAX: u64 = 16;

/// Writes down that an event was seen; `false` where it was before.
pub(super) async fn remember(tx: &Tx, deed: &Deed, notice: &Notice) -> Result<bool> {
    insert(tx, row(deed.id(), deed.room.tenant, deed.room.mode, notice, deed.now)).await
}

/// Keeps an event whose shop is not known, until what it names is.
pub(super) async fn keep(tx: &Tx, id: Uuid, notice: &Notice, now: Timestamp) -> Result<()> {
    let mut row = row(id, Uuid::nil(), Mode::Live, notice, now);
    row.waits_for = waits_for(notice);
    row.payload = Some(serde_json::to_value(notice).map_err(Error::internal)?.into());
    insert(tx, row).await.map(|_| ())
}

async fn insert(tx: &Tx, row: provider_event::Model) -> Result<bool> {
    let columns = [
        provider_event::Column::Tenant,
        provider_event::Column::Mode,
        provider_event::Column::EventRef,
    ];
    let inserted = provider_event::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
        .map_err(map)?;
    Ok(inserted == 1)
}

fn row(id: Uuid, tenant: Uuid, mode: Mode, notice: &Notice, now: Timestamp) -> provider_event::Model {
    provider_event::Model {
        id,
        tenant,
        mode: mode.into(),
        event_ref: notice.id.clone(),
        name: notice.name.clone(),
        waits_for: None,
        payload: None,
        happened_at: notice.at.0,
        received_at: now.0,
    }
}

/// Keeps what a remembered event says until what it is about is known; one that names nothing is done with.
pub(super) async fn park(tx: &Tx, deed: &Deed, notice: &Notice) -> Result<()> {
    let Some(name) = waits_for(notice) else { return Ok(()) };
    let payload = serde_json::to_string(notice).map_err(Error::internal)?;
    provider_event::update_of(deed.room.tenant, deed.room.mode)
        .filter(provider_event::Column::EventRef.eq(&notice.id))
        .col_expr(provider_event::Column::WaitsFor, Expr::value(name))
        .col_expr(provider_event::Column::Payload, Expr::value(payload))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// What waits for something of this name, here or for a shop that was not known, the oldest first.
pub(super) async fn waiting(tx: &Tx, deed: &Deed, name: &str, most: usize) -> Result<Vec<provider_event::Model>> {
    let mut found = Vec::new();
    for (tenant, mode) in [(deed.room.tenant, deed.room.mode), (Uuid::nil(), Mode::Live)] {
        let rows = provider_event::of(tenant, mode)
            .filter(provider_event::Column::WaitsFor.eq(name))
            .order_by_asc(provider_event::Column::HappenedAt)
            .limit(u64::try_from(most).unwrap_or(0))
            .all(tx)
            .await
            .map_err(map)?;
        found.extend(rows);
    }
    found.sort_by_key(|row| row.happened_at);
    Ok(found)
}

/// What a waiting event says.
pub(super) fn notice_of(row: &provider_event::Model) -> Option<Notice> {
    serde_json::from_value(row.payload.clone()?.0).ok()
}

/// Ends an event's waiting.
pub(super) async fn done(tx: &Tx, id: Uuid) -> Result<()> {
    provider_event::update_anywhere()
        .filter(provider_event::Column::Id.eq(id))
        .col_expr(provider_event::Column::WaitsFor, Expr::value(Option::<String>::None))
        .col_expr(provider_event::Column::Payload, Expr::value(Option::<String>::None))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// The name of what an event waits for: the subscription it is about, else the payment.
pub(super) fn waits_for(notice: &Notice) -> Option<String> {
    names(&notice.what).into_iter().next()
}

/// The names an event makes known, or needs to be known.
pub(super) fn names(what: &Incoming) -> Vec<String> {
    let charge = match what {
        Incoming::Refunded(seen) => seen.charge.as_deref(),
        Incoming::Disputed(seen) => seen.charge.as_deref(),
        Incoming::IntentSucceeded(seen) => seen.charge.as_deref(),
        Incoming::InvoicePaid(seen) => seen.charge.as_deref(),
        _ => None,
    };
    let names = [what.subscription(), what.intent(), charge];
    names.into_iter().flatten().map(str::to_owned).collect()
}

pub(super) async fn tenant_of_product(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Uuid>> {
    let found = product::anywhere().filter(product::Column::Id.eq(id));
    tenant_of(db, found, product::Column::Tenant).await
}

/// The product of an address among those of a shop, or of all that the license server sells.
pub(super) async fn product_named(db: &impl ConnectionTrait, own: Option<&Room>, name: &str) -> Result<Option<Uuid>> {
    let Some(room) = own else {
        let held = public_name::by_name_anywhere(LICENSE_SERVER, name)
            .one(db)
            .await
            .map_err(map)?;
        return Ok(held.map(|held| held.product));
    };
    let found = product::of(room.tenant, room.mode).filter(product::Column::Slug.eq(name));
    let found = found.select_only().column(product::Column::Id);
    found.into_tuple().one(db).await.map_err(map)
}

/// The tenants who have licences of what money went back of, by the provider's names for it.
pub(super) async fn tenants_of_purchase(db: &impl ConnectionTrait, what: &Incoming) -> Result<Vec<Uuid>> {
    if !matches!(what, Incoming::Refunded(_) | Incoming::Disputed(_)) {
        return Ok(Vec::new());
    }
    license::anywhere()
        .filter(license::Column::PurchaseRef.is_in(names(what)))
        .filter(license::Column::DeletedAt.is_null())
        .filter(license::Column::Mode.eq(entities::Mode::Live))
        .select_only()
        .column(license::Column::Tenant)
        .distinct()
        .limit(SHOPS_MAX)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)
}

/// The tenant of a row.
async fn tenant_of<E: EntityTrait>(db: &impl ConnectionTrait, row: Select<E>, tenant: E::Column) -> Result<Option<Uuid>> {
    let tenant = row.select_only().column(tenant).into_tuple();
    tenant.one(db).await.map_err(map)
}

/// The tenant who has what an event is about, by the provider's names for it.
pub(super) async fn tenant_of_refs(db: &impl ConnectionTrait, what: &Incoming) -> Result<Option<Uuid>> {
    if let Some(name) = what.subscription() {
        let row = subscription::anywhere().filter(subscription::Column::SubscriptionRef.eq(name));
        if let Some(found) = tenant_of(db, row, subscription::Column::Tenant).await? {
            return Ok(Some(found));
        }
    }
    if let Incoming::CheckoutCompleted(seen) = what {
        let row = checkout::anywhere().filter(checkout::Column::SessionRef.eq(&seen.session));
        if let Some(found) = tenant_of(db, row, checkout::Column::Tenant).await? {
            return Ok(Some(found));
        }
    }
    for name in names(what) {
        let column = match name.starts_with("ch_") || name.starts_with("py_") {
            true => payment::Column::ChargeRef,
            false => payment::Column::IntentRef,
        };
        let row = payment::anywhere().filter(column.eq(name));
        if let Some(found) = tenant_of(db, row, payment::Column::Tenant).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether an event was seen before `before`.
pub(super) async fn has_older(db: &impl ConnectionTrait, before: Timestamp) -> Result<bool> {
    let found: Option<Uuid> = provider_event::anywhere()
        .filter(provider_event::Column::ReceivedAt.lt(before.0))
        .select_only()
        .column(provider_event::Column::Id)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
        .map_err(map)?;
    Ok(found.is_some())
}

/// Forgets events that were seen before `before`; a bounded number, answers how many.
pub(super) async fn forget(tx: &Tx, before: Timestamp, most: u64) -> Result<u64> {
    let old: Vec<Uuid> = provider_event::anywhere()
        .filter(provider_event::Column::ReceivedAt.lt(before.0))
        .select_only()
        .column(provider_event::Column::Id)
        .order_by_asc(provider_event::Column::ReceivedAt)
        .limit(most)
        .into_tuple()
        .all(tx)
        .await
        .map_err(map)?;
    if old.is_empty() {
        return Ok(0);
    }
    let gone = provider_event::delete_anywhere()
        .filter(provider_event::Column::Id.is_in(old))
        .exec(tx)
        .await
        .map_err(map)?;
    Ok(gone.rows_affected)
}
