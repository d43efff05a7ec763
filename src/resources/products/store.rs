//! Queries only; `parts` has those about what stands around a product, `lists` those that read many.

mod lists;
mod parts;

pub(super) use lists::{list, list_everywhere};
pub(super) use parts::{has_history, is_last_part, is_part, is_priced_elsewhere, part_counts, parts, replace_parts, unlink};

use super::rules;
use crate::context::Room;
use crate::domain::{Code, Error, Result};
use crate::resources::labels::service::Kind;
use crate::resources::labels::types::LabelRef;
use crate::store::counters::CounterKey;
use crate::store::errors::map;
use crate::store::worded::{Columns, Worded};
use crate::store::{Tx, known, names, rows};
use entities::{label, product, product_label, public_name, tenant};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, Iterable, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationTrait,
};
use uuid::Uuid;

/// Slugs tried with a number behind them before a random end is taken.
const SLUG_TRIES: u32 = 50;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<product::Model>> {
    product::of(room.tenant, room.mode)
        .filter(product::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)
}

/// A product with its labels, in the order they were given.
pub(super) async fn with_labels(
    db: &impl ConnectionTrait,
    room: &Room,
    id: Uuid,
) -> Result<Option<(product::Model, Vec<(Kind, LabelRef)>)>> {
    static ASKED: Worded = Worded::new();
    let mode = entities::Mode::from(room.mode);
    let query = || {
        product::of(room.tenant, room.mode)
            .filter(product::Column::Id.eq(id))
            .join_rev(JoinType::LeftJoin, product_label::Relation::Product.def())
            .join(JoinType::LeftJoin, product_label::Relation::Label.def())
            .column_as(label::Column::Id, "label_id")
            .column_as(label::Column::Kind, "label_kind")
            .column_as(label::Column::Name, "label_name")
            .column_as(label::Column::Slug, "label_slug")
            .order_by_asc(product_label::Column::Place)
            .order_by_asc(product_label::Column::Label)
    };
    let statement = ASKED.with(db.get_database_backend(), query, [room.tenant.into(), mode.into(), id.into()]);
    let rows = db.query_all_raw(statement).await.map_err(map)?;
    let Some(first) = rows.first() else { return Ok(None) };
    let found = product::Model::from_query_result(first, "").map_err(map)?;
    let own = <product::Column as Iterable>::iter().count();
    let labels = rows.iter().map(|row| {
        let mut columns = Columns::from(row, own);
        let (id, kind): (Option<Uuid>, Option<Kind>) = (columns.next()?, columns.next()?);
        let (name, slug): (Option<String>, Option<String>) = (columns.next()?, columns.next()?);
        let label = id.zip(name).zip(slug).map(|((id, name), slug)| LabelRef { id, name, slug });
        Ok(kind.zip(label))
    });
    let labels: std::result::Result<Vec<_>, DbErr> = labels.collect();
    Ok(Some((found, labels.map_err(map)?.into_iter().flatten().collect())))
}

pub(super) async fn by_ids(db: &impl ConnectionTrait, room: &Room, ids: &[Uuid]) -> Result<Vec<product::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // By the primary key alone: beside it, SQLite would rather walk all of the tenant's rows.
    let mut rows = product::anywhere()
        .filter(product::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await
        .map_err(map)?;
    let mode = entities::Mode::from(room.mode);
    rows.retain(|row| row.tenant == room.tenant && row.mode == mode && row.deleted_at.is_none());
    Ok(rows)
}

pub(super) async fn find_by_slug(db: &impl ConnectionTrait, room: &Room, slug: &str) -> Result<Option<product::Model>> {
    product::of(room.tenant, room.mode)
        .filter(product::Column::Slug.eq(slug))
        .one(db)
        .await
        .map_err(map)
}

pub(super) async fn sold(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<(Room, product::Model)>> {
    let product = product::anywhere()
        .filter(product::Column::Id.eq(id))
        .one(db)
        .await
        .map_err(map)?;
    let Some(product) = product else { return Ok(None) };
    let room = Room::find(db, product.tenant, product.mode).await?;
    Ok(room.map(|room| (room, product)))
}

pub(super) async fn with_shop(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<(Room, product::Model)>> {
    let product = product::anywhere()
        .filter(product::Column::Id.eq(id))
        .filter(product::Column::DeletedAt.is_null())
        .one(db)
        .await
        .map_err(map)?;
    let Some(product) = product else { return Ok(None) };
    let tenant = tenant::by_id(product.tenant).one(db).await.map_err(map)?;
    let room = tenant
        .filter(|tenant| !tenant.suspended)
        .and_then(|tenant| Room::of(&tenant, product.mode.into()));
    Ok(room.map(|room| (room, product)))
}

pub(super) async fn insert(tx: &Tx, row: &product::Model) -> Result<()> {
    let row = rules::shelved(row);
    let (slug, shelf, is_shelved) = (row.slug.clone(), shelf(&row), row.shelved_at.is_some());
    match rows::add_new(tx, &row, ON_TAKEN).await.map_err(map)? {
        0 => Err(taken(&slug)),
        _ => {
            tx.count(shelf, i64::from(is_shelved));
            tx.count(known::market(), i64::from(is_shelved));
            Ok(())
        }
    }
}

/// What an insert does where the shop has the slug already.
const ON_TAKEN: &str = "on conflict (tenant, mode, slug) do nothing";

fn taken(slug: &str) -> Error {
    Error::new(Code::AlreadyExists, format!("A product `{slug}` exists.")).with_text("product.exists")
}

/// Says that a slug is taken before the database has to.
pub(super) async fn refuse_taken(tx: &Tx, room: &Room, slug: &str) -> Result<()> {
    if slug_taken(tx, room, slug).await? {
        return Err(taken(slug));
    }
    Ok(())
}

/// Writes the row back, and puts it on the marketplace's shelf or takes it off.
pub(super) async fn replace(tx: &Tx, row: &product::Model) -> Result<()> {
    let row = rules::shelved(row);
    if row.namespace.is_some() {
        let before = product::with_deleted_of(row.tenant, row.mode).filter(product::Column::Id.eq(row.id));
        let was_there = before
            .filter(product::Column::ShelvedAt.is_not_null())
            .count(tx)
            .await
            .map_err(map)?;
        let (was_there, is_there) = (was_there > 0, row.shelved_at.is_some());
        tx.count(shelf(&row), i64::from(is_there) - i64::from(was_there));
        tx.count(known::market(), i64::from(is_there || was_there));
    }
    rows::replace(tx, &row).await
}

/// The counter of what the marketplace shows of a shop.
fn shelf(row: &product::Model) -> CounterKey {
    CounterKey::new(row.tenant, row.mode.into(), rules::SHELF)
}

async fn slug_taken(tx: &Tx, room: &Room, slug: &str) -> Result<bool> {
    let taken = product::with_deleted_of(room.tenant, room.mode).filter(product::Column::Slug.eq(slug));
    taken.count(tx).await.map(|count| count > 0).map_err(map)
}

/// The slug, or the slug with the first number that is free behind it, or with a part of the product's id where many are taken.
pub(super) async fn free_slug(tx: &Tx, room: &Room, (slug, id): (&str, Uuid), namespace: Option<&'static str>) -> Result<String> {
    for number in 1..=SLUG_TRIES {
        let candidate = if number == 1 {
            slug.to_owned()
        } else {
            format!("{slug}-{number}")
        };
        let held = match namespace {
            None => false,
            Some(namespace) => public_name::by_name_anywhere(namespace, &candidate)
                .one(tx)
                .await
                .map_err(map)?
                .is_some(),
        };
        if !held && !slug_taken(tx, room, &candidate).await? {
            return Ok(candidate);
        }
    }
    // The end of an id is chance.
    Ok(format!("{slug}-{}", &id.simple().to_string()[24..]))
}

/// Claims the product's slug in a namespace of the whole server.
pub(super) async fn claim_name(tx: &Tx, namespace: &'static str, row: &product::Model) -> Result<()> {
    let mode = crate::domain::Mode::from(row.mode);
    let claim = names::Claim {
        namespace,
        name: row.slug.clone(),
        tenant: row.tenant,
        mode,
        product: row.id,
    };
    names::claim(tx, &claim).await
}

/// Moves the product's claims to its new slug.
pub(super) async fn rename(tx: &Tx, room: &Room, old: &product::Model, slug: &str) -> Result<()> {
    refuse_taken(tx, room, slug).await?;
    for namespace in [names::MARKETPLACE, names::LICENSE_SERVER] {
        let held = public_name::by_name_anywhere(namespace, &old.slug)
            .one(tx)
            .await
            .map_err(map)?;
        if held.is_some_and(|held| held.product == old.id) {
            names::release(tx, namespace, room.tenant, room.mode, old.id).await?;
            claim_name(
                tx,
                namespace,
                &product::Model {
                    slug: slug.to_owned(),
                    ..old.clone()
                },
            )
            .await?;
        }
    }
    Ok(())
}

/// Adds to the number of a product's sales.
pub(super) async fn count_sales(tx: &Tx, room: &Room, id: Uuid, by: i64) -> Result<()> {
    use product::Column;
    product::update_of(room.tenant, room.mode)
        .filter(Column::Id.eq(id))
        .col_expr(Column::SalesCount, Expr::col(Column::SalesCount).add(by))
        .exec(tx)
        .await
        .map(|_| ())
        .map_err(map)
}
