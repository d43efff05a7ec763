//! Queries only.

use super::rules;
use super::types::{Around, ListPayments, PartOf};
use crate::context::Room;
use crate::domain::dialect::{PageInfo, PageRequest};
use crate::domain::{Result, Timestamp};
use crate::resources::products::service as products;
use crate::store::errors::map;
use crate::store::listing::{self, Sort};
use crate::store::{Store, Tx};
use entities::payment::{self, Column, Status, TaxStatus};
use entities::{payment_line, product, refund};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

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
    let narrowing = Narrowing {
        status: filter.status.as_deref().and_then(Status::parse),
        product: filter.product_id,
        email: filter.email.clone(),
        from: rules::from(filter.date_from.as_deref()),
        to: rules::to(filter.date_to.as_deref()),
    };
    let all = payment::of(room.tenant, room.mode);
    let select = all.clone().filter(narrowing.condition());
    listing::list(store.read(), select, all, sort, page).await
}

/// Which payments are meant.
#[derive(Clone, Debug, Default)]
pub(super) struct Narrowing {
    pub(super) status: Option<Status>,
    pub(super) product: Option<Uuid>,
    pub(super) email: Option<String>,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
}

impl Narrowing {
    fn condition(&self) -> Condition {
        let like = |text: &String| {
            let text = text.trim().to_lowercase();
            let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            // Addresses are kept in small letters.
            Expr::col((payment::Entity, Column::Email)).like(LikeExpr::new(format!("%{text}%")).escape('\\'))
        };
        let email = self.email.as_ref().filter(|text| !text.trim().is_empty());
        Condition::all()
            .add_option(self.status.map(|status| Column::Status.eq(status)))
            .add_option(self.product.map(|product| Column::Product.eq(product)))
            .add_option(email.map(like))
            .add_option(self.from.map(|from| Column::CreatedAt.gte(from)))
            .add_option(self.to.map(|to| Column::CreatedAt.lte(to)))
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
    let mut select = payment::of(room.tenant, room.mode).filter(narrowing.condition());
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
