//! Queries only.

use super::rules;
use super::types::{Around, ListPayments, PartOf};
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::resources::products::service as products;
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx, grams, search};
use entities::payment::{self, Column, Status, TaxStatus};
use entities::{payment_line, product, refund};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Payments that are sorted rather than sought in their order, at most.
const SORTED_MAX: u64 = 1_000;

pub(super) async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<payment::Model>> {
    let select = payment::of(room.tenant, room.mode).filter(Column::Id.eq(id));
    select.one(db).await.map_err(map)
}

pub(super) async fn list(
    store: &Store,
    room: &Room,
    filter: &ListPayments,
    page: &PageRequest,
) -> Result<(Vec<payment::Model>, PageInfo)> {
    let (name, descending) = rules::order(
        filter.sort.as_deref(),
        filter.sort_by.as_deref(),
        filter.sort_order.as_deref(),
    )?;
    let column = match name {
        "amount" => Column::AmountMinor,
        "customer_email" => Column::Email,
        _ => Column::CreatedAt,
    };
    let sort = Sort {
        name,
        column,
        id: Column::Id,
        descending,
    };
    let part = filter.email.as_deref().map(|text| text.trim().to_lowercase());
    let email = match part.filter(|text| !text.is_empty()) {
        Some(part) => Some(address(store, room, part).await?),
        None => None,
    };
    let narrowing = Narrowing {
        status: filter.status.as_deref().and_then(Status::parse),
        product: filter.product_id,
        email,
        from: rules::from(filter.date_from.as_deref()),
        to: rules::to(filter.date_to.as_deref()),
    };
    let select = narrowed(store, room, &narrowing, sort).await?;
    listing::list(store.read(), select, payment::of(room.tenant, room.mode), sort, page).await
}

/// The payments that are meant, by the way that is short for the order they are wanted in.
async fn narrowed(
    store: &Store,
    room: &Room,
    narrowing: &Narrowing,
    sort: Sort<'_, payment::Entity>,
) -> Result<Select<payment::Entity>> {
    let all = payment::of(room.tenant, room.mode);
    let found = all.clone().filter(narrowing.condition(Way::Found));
    if let Some(Address::OneOf(addresses)) = &narrowing.email {
        let own = all.filter(Column::Email.is_in(addresses.iter().map(String::as_str)));
        let ids = own.select_only().column(Column::Id).into_query();
        return Ok(wrapped(room)
            .filter(Column::Id.in_subquery(ids))
            .filter(narrowing.condition(Way::Ordered)));
    }
    let is_free = narrowing.status.is_none() && narrowing.product.is_none() && narrowing.from.or(narrowing.to).is_none();
    if is_free || matches!(sort.column, Column::CreatedAt) {
        return Ok(found);
    }
    // What narrows the list is in the order of time; in another one few are sorted, and of many a page is full soon.
    let ids = found.select_only().column(Column::Id).limit(SORTED_MAX + 1).into_tuple();
    let ids: Vec<Uuid> = ids.all(store.read()).await.map_err(map)?;
    Ok(match ids.len() as u64 > SORTED_MAX {
        true => all.filter(narrowing.condition(Way::Ordered)),
        false => wrapped(room).filter(Column::Id.is_in(ids)),
    })
}

/// The room's payments, where their ids are known from elsewhere: SQLite would rather walk all rows of the tenant.
fn wrapped(room: &Room) -> Select<payment::Entity> {
    payment::anywhere()
        .filter(search::unindexed((payment::Entity, Column::Tenant)).eq(room.tenant))
        .filter(search::unindexed((payment::Entity, Column::Mode)).eq(room.mode.name()))
}

/// How payments are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From what narrows them.
    Found,
    /// In another order than that of time, and each is looked at.
    Ordered,
}

/// The addresses that a text is part of: few are named, so that only their payments are looked at; of many, a page is full
/// soon.
async fn address(store: &Store, room: &Room, part: String) -> Result<Address> {
    let found = grams::addresses(store.read(), (room.tenant, room.mode), &part).await?;
    Ok(found.map_or(Address::With(part), Address::OneOf))
}

/// Whose payments are meant; addresses are kept in small letters.
#[derive(Clone, Debug)]
pub(super) enum Address {
    OneOf(Vec<String>),
    With(String),
}

impl Address {
    fn condition(&self) -> SimpleExpr {
        let column = Expr::col((payment::Entity, Column::Email));
        match self {
            Self::OneOf(all) => column.is_in(all.iter().map(String::as_str)),
            Self::With(part) => column.like(LikeExpr::new(format!("%{}%", search::escaped(part))).escape('\\')),
        }
    }
}

/// Which payments are meant.
#[derive(Clone, Debug, Default)]
pub(super) struct Narrowing {
    pub(super) status: Option<Status>,
    pub(super) product: Option<Uuid>,
    pub(super) email: Option<Address>,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
}

impl Narrowing {
    fn condition(&self, way: Way) -> Condition {
        let own = |column: Column| match way {
            Way::Found => column.into_expr(),
            Way::Ordered => search::unindexed((payment::Entity, column)),
        };
        // As it stands in the index of these, so that the planner knows it by its text.
        let in_trouble = self.status.filter(|status| *status != Status::Completed);
        let in_trouble = in_trouble.map(|_| Expr::cust("\"payments\".\"status\" <> 'completed'"));
        Condition::all()
            .add_option(in_trouble)
            .add_option(self.status.map(|status| own(Column::Status).eq(status.name())))
            .add_option(self.product.map(|product| own(Column::Product).eq(product)))
            .add_option(self.email.as_ref().map(Address::condition))
            .add_option(self.from.map(|from| own(Column::CreatedAt).gte(from)))
            .add_option(self.to.map(|to| own(Column::CreatedAt).lte(to)))
    }
}

/// What is told beside payments: products with their parts, lines, refunds; one query of each kind for all rows, and one
/// more for each bundle among them.
pub(super) async fn around(db: &impl ConnectionTrait, room: &Room, rows: &[payment::Model]) -> Result<Around> {
    let mut around = Around::default();
    if rows.is_empty() {
        return Ok(around);
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let sold: BTreeSet<Uuid> = rows.iter().map(|row| row.product).collect();
    let select = product::with_deleted_of(room.tenant, room.mode).filter(product::Column::Id.is_in(sold));
    for row in select.all(db).await.map_err(map)? {
        if row.attributes.get("is_bundle") == Some(&Value::Bool(true)) {
            let parts = products::parts(db, room, row.id).await?;
            let brief = |part: product::Model| PartOf {
                name: part.name,
                slug: part.slug,
            };
            around.parts.insert(row.id, parts.into_iter().map(brief).collect());
        }
        around.products.insert(row.id, row);
    }
    let lines = payment_line::of(room.tenant, room.mode)
        .filter(payment_line::Column::Payment.is_in(ids))
        .order_by_asc(payment_line::Column::Position);
    for line in lines.all(db).await.map_err(map)? {
        around.lines.entry(line.payment).or_default().push(line);
    }
    let refunded: Vec<Uuid> = rows.iter().filter(|row| row.refunded_minor > 0).map(|row| row.id).collect();
    if !refunded.is_empty() {
        let refunds = refund::of(room.tenant, room.mode)
            .filter(refund::Column::Payment.is_in(refunded))
            .filter(refund::Column::Status.eq(refund::Status::Succeeded))
            .order_by_asc(refund::Column::Id);
        for row in refunds.all(db).await.map_err(map)? {
            let id = row.provider_ref.unwrap_or_else(|| row.id.to_string());
            around.refunds.insert(row.payment, id);
        }
    }
    Ok(around)
}

/// Payments that wait for their money.
pub(super) async fn pending(db: &impl ConnectionTrait, room: &Room) -> Result<i64> {
    let select = payment::of(room.tenant, room.mode).filter(Column::Status.eq(Status::Pending));
    let count = select.count(db).await.map_err(map)?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Writes the metadata of a payment and nothing else of it.
pub(super) async fn write_metadata(tx: &Tx, row: &payment::Model, metadata: &Value, now: Timestamp) -> Result<()> {
    let text = entities::Document::from(metadata.clone());
    let update = payment::update_of(row.tenant, row.mode)
        .filter(Column::Id.eq(row.id))
        .col_expr(Column::Metadata, Expr::value(text))
        .col_expr(Column::UpdatedAt, Expr::value(now.0));
    update.exec(tx).await.map(|_| ()).map_err(map)
}

/// What the file has of a payment; documents stay in the database, so that a batch has a bounded size.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Exported {
    pub(super) id: Uuid,
    pub(super) session_ref: Option<String>,
    pub(super) customer: Uuid,
    pub(super) email: String,
    pub(super) product: Uuid,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
    pub(super) net_total_minor: Option<i64>,
    pub(super) tax_total_minor: Option<i64>,
    pub(super) tax_status: TaxStatus,
    pub(super) status: Status,
    pub(super) refunded_minor: i64,
    pub(super) refund_reason: Option<String>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// The next payments of a file, newest first, behind a place in it.
pub(super) async fn batch(
    db: &impl ConnectionTrait,
    room: &Room,
    narrowing: &Narrowing,
    after: Option<(i64, Uuid)>,
    rows: u64,
) -> Result<Vec<Exported>> {
    let mut select = payment::of(room.tenant, room.mode).filter(narrowing.condition(Way::Found));
    if let Some((created_at, id)) = after {
        // Comparing the pair as one lets both databases walk one index.
        let place = Expr::tuple([Column::CreatedAt.into_expr(), Column::Id.into_expr()]);
        select = select.filter(place.lt(Expr::tuple([Expr::val(created_at), Expr::val(id)])));
    }
    let columns = [
        Column::Id,
        Column::SessionRef,
        Column::Customer,
        Column::Email,
        Column::Product,
        Column::AmountMinor,
        Column::Currency,
        Column::NetTotalMinor,
        Column::TaxTotalMinor,
        Column::TaxStatus,
        Column::Status,
        Column::RefundedMinor,
        Column::RefundReason,
        Column::CreatedAt,
        Column::UpdatedAt,
    ];
    let select = select.select_only().columns(columns);
    let select = select.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(rows);
    select.into_model::<Exported>().all(db).await.map_err(map)
}

/// Names and addresses of products, deleted or not.
pub(super) async fn names(db: &impl ConnectionTrait, room: &Room, ids: Vec<Uuid>) -> Result<Vec<(Uuid, String, String)>> {
    let select = product::with_deleted_of(room.tenant, room.mode).filter(product::Column::Id.is_in(ids));
    let columns = [product::Column::Id, product::Column::Name, product::Column::Slug];
    select.select_only().columns(columns).into_tuple().all(db).await.map_err(map)
}
