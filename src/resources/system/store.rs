//! Queries only: how much there is. Totals come from counter rows or from indexes that hold nothing else.

use crate::context::Room;
use crate::domain::{Result, Timestamp};
use crate::store::Store;
use crate::store::counters::{self, CounterKey};
use crate::store::errors::map;
use entities::{api_key, coupon, customer, endpoint, payment, product, refund_request};
use sea_orm::{ColumnTrait, Condition, PaginatorTrait, QueryFilter};

/// How much a shop has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub products: i64,
    pub products_active: u64,
    pub users: u64,
    pub payments: i64,
    pub payments_completed: u64,
    pub requests_pending: u64,
    pub webhooks_active: u64,
    pub coupons_active: u64,
    pub keys_active: u64,
}

pub(super) async fn counts(store: &Store, room: &Room, now: Timestamp) -> Result<Counts> {
    let (db, tenant, mode) = (store.read(), room.tenant, room.mode);
    let total = async |name: &str| counters::read(db, &CounterKey::new(tenant, mode, name.to_owned())).await;
    let active = product::of(tenant, mode).filter(product::Column::Status.eq(product::Status::Published));
    let completed = payment::of(tenant, mode).filter(payment::Column::Status.eq(payment::Status::Completed));
    let pending = refund_request::of(tenant, mode).filter(refund_request::Column::Status.eq(refund_request::Status::Pending));
    let open = |column: api_key::Column| Condition::any().add(column.is_null()).add(column.gt(now.0));
    let keys = api_key::of(tenant, mode)
        .filter(api_key::Column::IsActive.eq(true))
        .filter(api_key::Column::RevokedAt.is_null())
        .filter(open(api_key::Column::ExpiresAt));
    let coupons = coupon::of(tenant, mode).filter(coupon::Column::IsActive.eq(true)).filter(
        Condition::any()
            .add(coupon::Column::ExpiresAt.is_null())
            .add(coupon::Column::ExpiresAt.gt(now.0)),
    );
    Ok(Counts {
        products: total("products").await?,
        products_active: active.count(db).await.map_err(map)?,
        users: customer::of(tenant, mode).count(db).await.map_err(map)?,
        payments: total("payments").await?,
        payments_completed: completed.count(db).await.map_err(map)?,
        requests_pending: pending.count(db).await.map_err(map)?,
        webhooks_active: endpoint::of(tenant, mode)
            .filter(endpoint::Column::IsActive.eq(true))
            .count(db)
            .await
            .map_err(map)?,
        coupons_active: coupons.count(db).await.map_err(map)?,
        keys_active: keys.count(db).await.map_err(map)?,
    })
}
