//! Queries only.

use crate::context::Room;
use crate::domain::Result;
use crate::store::Tx;
use crate::store::errors::map;
use entities::{
    license, license_server_key, license_variant, license_violation, machine, product, purchase_receipt, subscription, trial_code,
};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

/// Rows of a list without pages.
pub(super) const LISTED_MAX: u64 = 1_000;

/// Every pair of the server.
pub(super) async fn pairs(db: &impl ConnectionTrait) -> Result<Vec<license_server_key::Model>> {
    license_server_key::anywhere().all(db).await.map_err(map)
}

/// A licence with its product by the key's digest, whoever issued it.
pub(super) async fn with_product(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<(license::Model, Option<product::Model>)>> {
    license::by_digest_anywhere(digest)
        .find_also_related(product::Entity)
        .one(db)
        .await
        .map_err(map)
}

/// What licences are wanted.
pub(super) struct Wanted<'a> {
    pub(super) room: Option<&'a Room>,
    pub(super) product: Option<Uuid>,
    pub(super) email: Option<&'a str>,
    pub(super) limit: u64,
}

/// Licences of a room or of all, the newest first.
pub(super) async fn licenses(db: &impl ConnectionTrait, wanted: &Wanted<'_>) -> Result<Vec<license::Model>> {
    let select = match wanted.room {
        Some(room) => license::of(room.tenant, room.mode),
        None => license::anywhere().filter(license::Column::DeletedAt.is_null()),
    };
    narrowed(select, wanted)
        .order_by_desc(license::Column::CreatedAt)
        .order_by_desc(license::Column::Id)
        .limit(wanted.limit.min(LISTED_MAX))
        .all(db)
        .await
        .map_err(map)
}

fn narrowed(mut select: Select<license::Entity>, wanted: &Wanted<'_>) -> Select<license::Entity> {
    if let Some(product) = wanted.product {
        select = select.filter(license::Column::Product.eq(product));
    }
    if let Some(email) = wanted.email {
        select = select.filter(license::Column::Email.eq(email));
    }
    select
}

/// Licences of a purchase elsewhere, the oldest first.
pub(super) async fn of_purchase(db: &impl ConnectionTrait, room: &Room, purchase: &str) -> Result<Vec<license::Model>> {
    of_purchases(db, room, &[purchase.to_owned()]).await
}

/// Licences of purchases by any of these names, the oldest first.
pub(super) async fn of_purchases(db: &impl ConnectionTrait, room: &Room, names: &[String]) -> Result<Vec<license::Model>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    license::of(room.tenant, room.mode)
        .filter(license::Column::PurchaseRef.is_in(names.iter().map(String::as_str)))
        .order_by_asc(license::Column::CreatedAt)
        .order_by_asc(license::Column::Id)
        .limit(LISTED_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// The provider's name for a subscription.
pub(super) async fn subscription_ref(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<String>> {
    let found = subscription::of(room.tenant, room.mode).filter(subscription::Column::Id.eq(id));
    let found = found.select_only().column(subscription::Column::SubscriptionRef);
    found.into_tuple().one(db).await.map_err(map)
}

/// Whether a message of this kind and id has been acted on.
pub(super) async fn is_received(db: &impl ConnectionTrait, room: &Room, kind: &str, purchase: &str) -> Result<bool> {
    let found = purchase_receipt::of(room.tenant, room.mode)
        .filter(purchase_receipt::Column::Kind.eq(kind))
        .filter(purchase_receipt::Column::PurchaseRef.eq(purchase));
    found.one(db).await.map(|found| found.is_some()).map_err(map)
}

pub(super) async fn violations(db: &impl ConnectionTrait, license: &license::Model) -> Result<Vec<license_violation::Model>> {
    license_violation::of(license.tenant, license.mode)
        .filter(license_violation::Column::License.eq(license.id))
        .order_by_desc(license_violation::Column::DetectedAt)
        .limit(LISTED_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// Marks violations of a licence as resolved, those named or all; answers how many.
pub(super) async fn resolve(tx: &Tx, license: &license::Model, ids: Option<&[Uuid]>, now: i64) -> Result<u64> {
    let mut update = license_violation::update_of(license.tenant, license.mode)
        .filter(license_violation::Column::License.eq(license.id))
        .filter(license_violation::Column::ResolvedAt.is_null())
        .col_expr(license_violation::Column::ResolvedAt, Expr::value(now));
    if let Some(ids) = ids {
        update = update.filter(license_violation::Column::Id.is_in(ids.iter().copied()));
    }
    update.exec(tx).await.map(|done| done.rows_affected).map_err(map)
}

pub(super) async fn variants(db: &impl ConnectionTrait, product: &product::Model) -> Result<Vec<license_variant::Model>> {
    license_variant::of(product.tenant, product.mode)
        .filter(license_variant::Column::Product.eq(product.id))
        .order_by_asc(license_variant::Column::CreatedAt)
        .limit(LISTED_MAX)
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn variant(
    db: &impl ConnectionTrait,
    product: &product::Model,
    code: &str,
) -> Result<Option<license_variant::Model>> {
    license_variant::of(product.tenant, product.mode)
        .filter(license_variant::Column::Product.eq(product.id))
        .filter(license_variant::Column::Code.eq(code))
        .one(db)
        .await
        .map_err(map)
}

/// Trial codes of a room or of all, the newest first; case does not count.
pub(super) async fn trials(db: &impl ConnectionTrait, room: Option<&Room>, code: Option<&str>) -> Result<Vec<trial_code::Model>> {
    let mut select = match room {
        Some(room) => trial_code::of(room.tenant, room.mode),
        None => trial_code::anywhere().filter(trial_code::Column::DeletedAt.is_null()),
    };
    if let Some(code) = code {
        // Codes of before they were folded were folded by the database, which may know letters of ASCII alone.
        let folded = trial_code::Column::Folded.is_in([code.to_uppercase(), code.to_ascii_uppercase()]);
        select = select.filter(folded);
    }
    select
        .order_by_desc(trial_code::Column::CreatedAt)
        .limit(LISTED_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// Machines of a licence that are not deleted, the last seen first.
pub(super) async fn machines(db: &impl ConnectionTrait, license: &license::Model) -> Result<Vec<machine::Model>> {
    machine::of(license.tenant, license.mode)
        .filter(machine::Column::License.eq(license.id))
        .order_by_desc(machine::Column::SeenAt)
        .limit(LISTED_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// Notes a message; answers whether it is new.
pub(super) async fn receive(tx: &Tx, receipt: purchase_receipt::Model) -> Result<bool> {
    use purchase_receipt::Column;
    let keep = OnConflict::columns([Column::Tenant, Column::Mode, Column::Kind, Column::PurchaseRef])
        .do_nothing()
        .to_owned();
    let added = purchase_receipt::Entity::insert(receipt.into_active_model())
        .on_conflict(keep)
        .exec_without_returning(tx)
        .await
        .map_err(map)?;
    Ok(added == 1)
}

/// Notes that a machine was seen.
pub(super) async fn seen(tx: &Tx, row: &machine::Model, now: i64) -> Result<()> {
    machine::update_of(row.tenant, row.mode)
        .filter(machine::Column::Id.eq(row.id))
        .col_expr(machine::Column::SeenAt, Expr::value(now))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
