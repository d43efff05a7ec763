//! Queries that several parts of licensing need; each part's own are beside it.

pub(super) mod glance;

use crate::context::Room;
use crate::domain::api_key::Digest;
use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use crate::store::errors::map;
use crate::store::names::LICENSE_SERVER;
pub(super) use crate::store::rows::{insert, replace};
use entities::{feature, license, machine, policy, product, public_name};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

pub(super) async fn license(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<license::Model>> {
    license::of(room.tenant, room.mode)
        .filter(license::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// The licence of a key among those of a room, or of all tenants.
pub(super) async fn license_by_digest(
    db: &impl ConnectionTrait,
    room: Option<&Room>,
    digest: &Digest,
) -> Result<Option<license::Model>> {
    let found = license::by_digest_anywhere(&digest.0).one(db).await.map_err(map)?;
    Ok(found.filter(|row| room.is_none_or(|room| room.tenant == row.tenant && row.mode == room.mode.into())))
}

/// Licences that came with a payment.
pub(super) async fn licenses_of_payment(db: &impl ConnectionTrait, room: &Room, payment: Uuid) -> Result<Vec<license::Model>> {
    license::of(room.tenant, room.mode)
        .filter(license::Column::Payment.eq(payment))
        .all(db)
        .await
        .map_err(map)
}

pub(super) async fn policy(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<policy::Model>> {
    policy::of(room.tenant, room.mode)
        .filter(policy::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// The policy a licence names, also where it has been deleted since.
pub(super) async fn policy_of(db: &impl ConnectionTrait, row: &license::Model) -> Result<Option<policy::Model>> {
    let Some(id) = row.policy else { return Ok(None) };
    policy::with_deleted_of(row.tenant, row.mode)
        .filter(policy::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// The newest policy of a product.
pub(super) async fn policy_of_product(db: &impl ConnectionTrait, room: &Room, product: Uuid) -> Result<Option<policy::Model>> {
    policy::of(room.tenant, room.mode)
        .filter(policy::Column::Product.eq(product))
        .order_by_desc(policy::Column::CreatedAt)
        .order_by_desc(policy::Column::Id)
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn product(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<product::Model>> {
    product::of(room.tenant, room.mode)
        .filter(product::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// The product of an address among those of a room.
pub(super) async fn product_by_slug(db: &impl ConnectionTrait, room: &Room, slug: &str) -> Result<Option<product::Model>> {
    product::of(room.tenant, room.mode)
        .filter(product::Column::Slug.eq(slug))
        .one(db)
        .await
        .map_err(map)
}

/// The product that the license server knows by this name, and whose it is.
pub(super) async fn product_by_name(db: &impl ConnectionTrait, name: &str) -> Result<Option<(product::Model, Room)>> {
    let held = public_name::by_name_anywhere(LICENSE_SERVER, name)
        .one(db)
        .await
        .map_err(map)?;
    let Some(held) = held else { return Ok(None) };
    let Some(room) = Room::find(db, held.tenant, held.mode).await? else {
        return Ok(None);
    };
    Ok(product(db, &room, held.product).await?.map(|product| (product, room)))
}

/// Products of a room by their ids, also deleted ones.
pub(super) async fn products(db: &impl ConnectionTrait, room: &Room, ids: Vec<Uuid>) -> Result<Vec<product::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    product::with_deleted_of(room.tenant, room.mode)
        .filter(product::Column::Id.is_in(ids))
        .all(db)
        .await
        .map_err(map)
}

/// Policies of a room by their ids, also deleted ones.
pub(super) async fn policies(db: &impl ConnectionTrait, room: &Room, ids: Vec<Uuid>) -> Result<Vec<policy::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    policy::with_deleted_of(room.tenant, room.mode)
        .filter(policy::Column::Id.is_in(ids))
        .all(db)
        .await
        .map_err(map)
}

/// Features of a room by their ids; deleted ones are gone for every licence at once.
pub(super) async fn features(
    db: &impl ConnectionTrait,
    tenant: Uuid,
    mode: entities::Mode,
    ids: Vec<Uuid>,
) -> Result<Vec<feature::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    feature::of(tenant, mode)
        .filter(feature::Column::Id.is_in(ids))
        .order_by_asc(feature::Column::Code)
        .all(db)
        .await
        .map_err(map)
}

/// Features of a room by their codes.
pub(super) async fn features_by_code(db: &impl ConnectionTrait, room: &Room, codes: &[String]) -> Result<Vec<feature::Model>> {
    feature::of(room.tenant, room.mode)
        .filter(feature::Column::Code.is_in(codes.iter().map(String::as_str)))
        .all(db)
        .await
        .map_err(map)
}

/// Machines of a licence that are not deleted, oldest first.
pub(super) async fn machines(db: &impl ConnectionTrait, license: &license::Model, max: u64) -> Result<Vec<machine::Model>> {
    machine::of(license.tenant, license.mode)
        .filter(machine::Column::License.eq(license.id))
        .order_by_asc(machine::Column::CreatedAt)
        .order_by_asc(machine::Column::Id)
        .limit(max)
        .all(db)
        .await
        .map_err(map)
}

/// The machine of a licence by its fingerprint.
pub(super) async fn machine_of(
    db: &impl ConnectionTrait,
    license: &license::Model,
    fingerprint: &str,
) -> Result<Option<machine::Model>> {
    machine::of(license.tenant, license.mode)
        .filter(machine::Column::License.eq(license.id))
        .filter(machine::Column::Fingerprint.eq(fingerprint))
        .one(db)
        .await
        .map_err(map)
}

/// Adds so many uses to each of some licences.
pub(super) async fn add_uses(tx: &Tx, (tenant, mode): (Uuid, entities::Mode), licenses: &[Uuid], count: i64) -> Result<()> {
    license::update_of(tenant, mode)
        .filter(license::Column::Id.is_in(licenses.iter().copied()))
        .col_expr(license::Column::UsesCount, Expr::col(license::Column::UsesCount).add(count))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}

/// Keeps the number of a product's licences, and of its policy's.
pub(super) async fn count_license(tx: &Tx, row: &license::Model, by: i64) -> Result<()> {
    product::update_of(row.tenant, row.mode)
        .filter(product::Column::Id.eq(row.product))
        .col_expr(
            product::Column::LicensesCount,
            Expr::col(product::Column::LicensesCount).add(by),
        )
        .exec(tx)
        .await
        .map_err(map)?;
    if let Some(policy) = row.policy {
        policy::update_of(row.tenant, row.mode)
            .filter(policy::Column::Id.eq(policy))
            .col_expr(
                policy::Column::LicensesCount,
                Expr::col(policy::Column::LicensesCount).add(by),
            )
            .exec(tx)
            .await
            .map_err(map)?;
    }
    Ok(())
}

/// Takes a licence's machines away without a word for each: what ended them is told of the licence. Answers how many.
pub(super) async fn clear_machines(tx: &Tx, row: &license::Model, now: Timestamp) -> Result<u64> {
    let cleared = machine::update_of(row.tenant, row.mode)
        .filter(machine::Column::License.eq(row.id))
        .col_expr(machine::Column::DeletedAt, Expr::value(now.0))
        .col_expr(machine::Column::DueAt, Expr::value(Option::<i64>::None))
        .col_expr(machine::Column::SeatUntilAt, Expr::value(Option::<i64>::None))
        .exec(tx)
        .await
        .map_err(map)?;
    Ok(cleared.rows_affected)
}
