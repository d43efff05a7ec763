//! What stands around a product: parts of bundles, and all that refers to it.

use crate::context::Room;
use crate::domain::{Result, Timestamp};
use crate::store::Tx;
use crate::store::errors::map;
use entities::{access, bundle_part, one_time_offer, order_bump, payment, product, product_label, variant_link, waitlist_launch};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Whether a product was ever sold or given.
pub(in crate::resources::products) async fn has_history(tx: &Tx, room: &Room, product: Uuid) -> Result<bool> {
    use payment::{Column, Status};
    let given = access::of(room.tenant, room.mode)
        .filter(access::Column::Product.eq(product))
        .one(tx);
    if given.await.map_err(map)?.is_some() {
        return Ok(true);
    }
    // An attempt that came to nothing is no sale.
    let paid = payment::of(room.tenant, room.mode)
        .filter(Column::Product.eq(product))
        .filter(Column::Status.is_not_in([Status::Failed, Status::Abandoned]))
        .one(tx);
    Ok(paid.await.map_err(map)?.is_some())
}

/// The parts of a bundle, in their order.
pub(in crate::resources::products) async fn parts(
    db: &impl ConnectionTrait,
    room: &Room,
    bundle: Uuid,
) -> Result<Vec<product::Model>> {
    let ids: Vec<Uuid> = bundle_part::of(room.tenant, room.mode)
        .filter(bundle_part::Column::Bundle.eq(bundle))
        .order_by_asc(bundle_part::Column::Place)
        .select_only()
        .column(bundle_part::Column::Part)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    let rows = super::by_ids(db, room, &ids).await?;
    let ordered = ids.iter().filter_map(|id| rows.iter().find(|row| row.id == *id));
    Ok(ordered.cloned().collect())
}

/// How many parts each of these bundles has.
pub(in crate::resources::products) async fn part_counts(
    db: &impl ConnectionTrait,
    room: &Room,
    bundles: &[Uuid],
) -> Result<HashMap<Uuid, i64>> {
    if bundles.is_empty() {
        return Ok(HashMap::new());
    }
    let counted: Vec<(Uuid, i64)> = bundle_part::of(room.tenant, room.mode)
        .filter(bundle_part::Column::Bundle.is_in(bundles.iter().copied()))
        .select_only()
        .column(bundle_part::Column::Bundle)
        .column_as(bundle_part::Column::Part.count(), "parts")
        .group_by(bundle_part::Column::Bundle)
        .into_tuple()
        .all(db)
        .await
        .map_err(map)?;
    Ok(counted.into_iter().collect())
}

/// Writes the parts of a bundle anew.
pub(in crate::resources::products) async fn replace_parts(tx: &Tx, room: &Room, bundle: Uuid, parts: &[Uuid]) -> Result<()> {
    let old = bundle_part::of(room.tenant, room.mode).filter(bundle_part::Column::Bundle.eq(bundle));
    if old.count(tx).await.map_err(map)? > 0 {
        bundle_part::delete_of(room.tenant, room.mode)
            .filter(bundle_part::Column::Bundle.eq(bundle))
            .exec(tx)
            .await
            .map_err(map)?;
    }
    let rows = parts.iter().zip(0..).map(|(part, place)| {
        bundle_part::Model {
            bundle,
            part: *part,
            tenant: room.tenant,
            mode: room.mode.into(),
            place,
        }
        .into_active_model()
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let insert = bundle_part::Entity::insert_many(rows);
    insert.exec_without_returning(tx).await.map(|_| ()).map_err(map)
}

async fn bundles_with(tx: &Tx, room: &Room, part: Uuid) -> Result<Vec<Uuid>> {
    bundle_part::of(room.tenant, room.mode)
        .filter(bundle_part::Column::Part.eq(part))
        .select_only()
        .column(bundle_part::Column::Bundle)
        .into_tuple()
        .all(tx)
        .await
        .map_err(map)
}

/// Whether a product is a part of any bundle.
pub(in crate::resources::products) async fn is_part(tx: &Tx, room: &Room, product: Uuid) -> Result<bool> {
    Ok(!bundles_with(tx, room, product).await?.is_empty())
}

/// Whether a bundle on sale has no other part than this product.
pub(in crate::resources::products) async fn is_last_part(tx: &Tx, room: &Room, product: Uuid) -> Result<bool> {
    let bundles = bundles_with(tx, room, product).await?;
    let counts = part_counts(tx, room, &bundles).await?;
    let on_sale = super::by_ids(tx, room, &bundles).await?;
    let is_left_empty = |row: &product::Model| row.status == product::Status::Published && counts.get(&row.id) == Some(&1);
    Ok(on_sale.iter().any(is_left_empty))
}

/// Whether an order bump or an offer names an amount in this product's currency.
pub(in crate::resources::products) async fn is_priced_elsewhere(tx: &Tx, room: &Room, product: Uuid) -> Result<bool> {
    use one_time_offer::Column as Offer;
    let bumps = order_bump::of(room.tenant, room.mode)
        .filter(order_bump::Column::BumpProduct.eq(product))
        .filter(order_bump::Column::PriceMinor.is_not_null());
    let main = Condition::all()
        .add(Offer::OtoProduct.eq(product))
        .add(Offer::DiscountType.eq("fixed"));
    let down = Condition::all()
        .add(Offer::DownsellProduct.eq(product))
        .add(Offer::DownsellDiscountType.eq("fixed"));
    let offers = one_time_offer::of(room.tenant, room.mode)
        .filter(Offer::IsActive.eq(true))
        .filter(Condition::any().add(main).add(down));
    Ok(bumps.count(tx).await.map_err(map)? + offers.count(tx).await.map_err(map)? > 0)
}

/// Takes a product that goes out of everything that refers to it.
pub(in crate::resources::products) async fn unlink(tx: &Tx, room: &Room, product: Uuid, now: Timestamp) -> Result<()> {
    let (tenant, mode) = (room.tenant, room.mode);
    let labels = product_label::delete_of(tenant, mode).filter(product_label::Column::Product.eq(product));
    labels.exec(tx).await.map_err(map)?;
    let parts = Condition::any()
        .add(bundle_part::Column::Part.eq(product))
        .add(bundle_part::Column::Bundle.eq(product));
    bundle_part::delete_of(tenant, mode)
        .filter(parts)
        .exec(tx)
        .await
        .map_err(map)?;
    let bumps = Condition::any()
        .add(order_bump::Column::MainProduct.eq(product))
        .add(order_bump::Column::BumpProduct.eq(product));
    order_bump::delete_of(tenant, mode)
        .filter(bumps)
        .exec(tx)
        .await
        .map_err(map)?;
    let variants = variant_link::delete_of(tenant, mode).filter(variant_link::Column::Product.eq(product));
    variants.exec(tx).await.map_err(map)?;
    let launches = waitlist_launch::delete_of(tenant, mode).filter(waitlist_launch::Column::Product.eq(product));
    launches.exec(tx).await.map_err(map)?;
    let offers = Condition::any()
        .add(one_time_offer::Column::Product.eq(product))
        .add(one_time_offer::Column::OtoProduct.eq(product))
        .add(one_time_offer::Column::DownsellProduct.eq(product));
    one_time_offer::update_of(tenant, mode)
        .filter(offers)
        .filter(one_time_offer::Column::IsActive.eq(true))
        .col_expr(one_time_offer::Column::IsActive, Expr::value(false))
        .col_expr(one_time_offer::Column::UpdatedAt, Expr::value(now.0))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
