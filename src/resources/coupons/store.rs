//! Queries only.

pub(super) mod stats;

use super::rules::{self, Gone};
use super::types::ListCoupons;
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Code, Error, Result, Timestamp};
use crate::store::counters::{self, CounterKey};
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::names::LICENSE_SERVER;
use crate::store::search;
use crate::store::{Store, Tx, rows};
use entities::coupon_redemption::Status;
use entities::{coupon, coupon_redemption, product, public_name, tenant};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use uuid::Uuid;

/// Coupons the operator sees in one list.
const LIST_ALL_MAX: u64 = 1_000;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<coupon::Model>> {
    let select = coupon::of(room.tenant, room.mode).filter(coupon::Column::Id.eq(id));
    select.one(db).await.map_err(map)
}

/// The coupon, deleted or not: what was sold with it stays sold with it.
pub(super) async fn find_with_deleted(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<coupon::Model>> {
    let select = coupon::with_deleted_of(room.tenant, room.mode).filter(coupon::Column::Id.eq(id));
    select.one(db).await.map_err(map)
}

/// The coupon of a code, which is in capitals.
pub(super) async fn find_by_code(db: &impl ConnectionTrait, room: &Room, code: &str) -> Result<Option<coupon::Model>> {
    let select = coupon::of(room.tenant, room.mode).filter(coupon::Column::Code.eq(code));
    select.one(db).await.map_err(map)
}

/// Says that a code is taken before the database has to.
pub(super) async fn refuse_taken(tx: &Tx, room: &Room, code: &str) -> Result<()> {
    match find_by_code(tx, room, code).await? {
        None => Ok(()),
        Some(_) => Err(Error::new(Code::AlreadyExists, format!("A coupon `{code}` exists already."))),
    }
}

pub(super) async fn insert(tx: &Tx, row: &coupon::Model) -> Result<()> {
    rows::insert(tx, row).await
}

/// Writes the row back.
pub(super) async fn replace(tx: &Tx, row: &coupon::Model) -> Result<()> {
    rows::replace(tx, row).await
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListCoupons,
    page: &PageRequest,
    now: Timestamp,
) -> Result<(Vec<coupon::Model>, PageInfo)> {
    let narrowing = condition(filter, now);
    let is_filtered = !narrowing.is_empty();
    let select = coupon::of(room.tenant, room.mode).filter(narrowing);
    let all = coupon::with_deleted_of(room.tenant, room.mode);
    let (rows, mut info) = listing::list(store.read(), select.clone(), all, sort(filter)?, page).await?;
    if info.total.is_none() {
        info.total = Some(match is_filtered {
            true => select.count(store.read()).await.map_err(map)?,
            false => {
                let key = CounterKey::new(room.tenant, room.mode, super::service::COUNTER);
                u64::try_from(counters::read(store.read(), &key).await?).unwrap_or(0)
            }
        });
    }
    Ok((rows, info))
}

/// Coupons of every shop whose contract is this one, shop by shop, the newest first.
pub(super) async fn list_everywhere(db: &impl ConnectionTrait, dialect: &str) -> Result<Vec<coupon::Model>> {
    let shops = Query::select()
        .column(tenant::Column::Id)
        .from(tenant::Entity)
        .and_where(tenant::Column::Dialect.eq(dialect))
        .take();
    coupon::anywhere()
        .filter(coupon::Column::DeletedAt.is_null())
        .filter(coupon::Column::Tenant.in_subquery(shops))
        .order_by_asc(coupon::Column::Tenant)
        .order_by_asc(coupon::Column::Mode)
        .order_by_desc(coupon::Column::CreatedAt)
        .limit(LIST_ALL_MAX)
        .all(db)
        .await
        .map_err(map)
}

/// Whose a product is that the license server knows by this name.
pub(super) async fn room_of_product(db: &impl ConnectionTrait, name: &str) -> Result<Option<Room>> {
    let held = public_name::by_name_anywhere(LICENSE_SERVER, name)
        .one(db)
        .await
        .map_err(map)?;
    match held {
        Some(held) => Room::find(db, held.tenant, held.mode).await,
        None => Ok(None),
    }
}

fn sort(filter: &ListCoupons) -> Result<Sort<'static, coupon::Entity>> {
    use coupon::Column;
    let (name, descending) = rules::order(
        filter.sort.as_deref(),
        filter.sort_by.as_deref(),
        filter.sort_order.as_deref(),
    )?;
    let column = match name {
        "updated_at" => Column::UpdatedAt,
        "code" => Column::Code,
        "name" => Column::Name,
        "current_usage_count" => Column::UsageCount,
        _ => Column::CreatedAt,
    };
    Ok(Sort {
        name,
        column,
        id: Column::Id,
        descending,
    })
}

/// What the caller narrows the list by.
fn condition(filter: &ListCoupons, now: Timestamp) -> Condition {
    use coupon::Column;
    let is_over = Column::ExpiresAt.lte(now.0);
    let goes_on = Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(now.0));
    let all = match filter.status.as_deref() {
        Some("active") => Condition::all().add(Column::IsActive.eq(true)).add(goes_on),
        Some("inactive") => Condition::all().add(Column::IsActive.eq(false)),
        Some("expired") => Condition::all().add(is_over),
        _ => Condition::all(),
    };
    let Some(text) = filter.search.as_deref().filter(|text| !text.is_empty()) else {
        return all;
    };
    let like = |column: Column| search::contains((coupon::Entity, column), text);
    all.add(Condition::any().add(like(Column::Code)).add(like(Column::Name)))
}

/// A product by its id or its address: both of them.
pub(super) async fn product(db: &impl ConnectionTrait, room: &Room, named: &str) -> Result<Option<(Uuid, String)>> {
    let by = match Uuid::try_parse(named) {
        Ok(id) => product::Column::Id.eq(id),
        Err(_) => product::Column::Slug.eq(named),
    };
    let found = product::of(room.tenant, room.mode).filter(by).one(db).await.map_err(map)?;
    Ok(found.map(|row| (row.id, row.slug)))
}

/// The addresses of products.
pub(super) async fn slugs(db: &impl ConnectionTrait, room: &Room, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let select = product::with_deleted_of(room.tenant, room.mode).filter(product::Column::Id.is_in(ids));
    let select = select.select_only().column(product::Column::Id).column(product::Column::Slug);
    let rows: Vec<(Uuid, String)> = select.into_tuple().all(db).await.map_err(map)?;
    Ok(rows.into_iter().collect())
}

/// Uses that are gone for a checkout: taken, or held at this moment by other checkouts.
pub(super) async fn gone(
    db: &impl ConnectionTrait,
    coupon: &coupon::Model,
    buyer: Option<&str>,
    own: Option<Uuid>,
    now: Timestamp,
) -> Result<Gone> {
    use coupon_redemption::Column;
    let uses = coupon_redemption::of(coupon.tenant, coupon.mode).filter(Column::Coupon.eq(coupon.id));
    let held = Condition::all()
        .add(Column::Status.eq(Status::Held))
        .add(Column::HeldUntil.gt(now.0));
    let held = held.add_option(own.map(|own| Column::Checkout.ne(own)));
    let mut gone = Gone::default();
    if coupon.usage_limit_global.is_some() {
        let held = uses.clone().filter(held.clone()).count(db).await.map_err(map)?;
        gone.all = coupon.usage_count + i64::try_from(held).unwrap_or(i64::MAX);
    }
    if let Some(buyer) = buyer.filter(|_| coupon.usage_limit_per_user.is_some()) {
        let either = Condition::any().add(Column::Status.eq(Status::Taken)).add(held);
        let own = uses.filter(Column::Email.eq(buyer)).filter(either);
        gone.buyers = i64::try_from(own.count(db).await.map_err(map)?).unwrap_or(i64::MAX);
    }
    Ok(gone)
}

/// The use of a checkout, held or taken.
pub(super) async fn use_of_checkout(tx: &Tx, room: &Room, checkout: Uuid) -> Result<Option<coupon_redemption::Model>> {
    let select = coupon_redemption::of(room.tenant, room.mode).filter(coupon_redemption::Column::Checkout.eq(checkout));
    select.one(tx).await.map_err(map)
}

/// The use that a payment took.
pub(super) async fn use_of_payment(tx: &Tx, room: &Room, payment: Uuid) -> Result<Option<coupon_redemption::Model>> {
    let select = coupon_redemption::of(room.tenant, room.mode).filter(coupon_redemption::Column::Payment.eq(payment));
    select.one(tx).await.map_err(map)
}

pub(super) async fn insert_use(tx: &Tx, row: &coupon_redemption::Model) -> Result<()> {
    rows::insert(tx, row).await
}

pub(super) async fn replace_use(tx: &Tx, row: &coupon_redemption::Model) -> Result<()> {
    rows::replace(tx, row).await
}

/// Gives back what a checkout held and did not take.
pub(super) async fn free(tx: &Tx, room: &Room, checkout: Uuid) -> Result<()> {
    use coupon_redemption::Column;
    let held = coupon_redemption::delete_of(room.tenant, room.mode)
        .filter(Column::Checkout.eq(checkout))
        .filter(Column::Status.eq(Status::Held));
    held.exec(tx).await.map(|_| ()).map_err(map)
}
