//! Orders as they are read and told; the view of an event is that of the list.

use super::types::{EntitlementView, ItemView, ListOrders, OrderView};
use super::{receipts, rules, store};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::dialect::PageRequest;
use crate::domain::{Error, Result, Timestamp};
use crate::resources::courses::service as courses;
use crate::store::Tx;
use entities::{entitlement, payment, payment_line};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// Lists orders, the newest first.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub async fn list(ctx: &Ctx, filter: &ListOrders, page: &PageRequest) -> Result<Answer> {
    let (rows, info) = store::list(ctx.store(), ctx.room()?, filter, page).await?;
    receipts::ensure(ctx, &rows).await?;
    let views = views(ctx.store().read(), ctx.room()?, &ctx.house.public_url, &rows).await?;
    Answer::page("order", &views, info)
}

/// Reads an order.
///
/// # Errors
/// `NotFound`, also for payments that were never made.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let row = store::find(db, room, id).await?.ok_or_else(missing)?;
    receipts::ensure(ctx, std::slice::from_ref(&row)).await?;
    Answer::one("order", &one(db, room, &ctx.house.public_url, &row).await?)
}

/// Tells what became of an order, `order.paid` or `order.refunded`, as it stands once everything it gave or took is
/// written; makes its receipt where there is none yet.
///
/// # Errors
/// What the database says.
pub async fn tell(tx: &Tx, deed: &Deed, name: &str, row: &payment::Model) -> Result<()> {
    receipts::add(tx, deed, row).await?;
    let view = one(tx, &deed.room, &deed.public_url, row).await?;
    let products = view.items.iter().map(|item| item.product_id).chain([view.product_id]);
    let mut products: Vec<Uuid> = products
        .chain(view.entitlements.iter().map(|given| given.product_id))
        .collect();
    products.sort_unstable();
    products.dedup();
    tx.emit(deed.event(name, "order", &view, products)?);
    Ok(())
}

/// The view of one order.
pub(super) async fn one(db: &impl ConnectionTrait, room: &Room, public_url: &str, row: &payment::Model) -> Result<OrderView> {
    let mut views = views(db, room, public_url, std::slice::from_ref(row)).await?;
    views.pop().ok_or_else(missing)
}

/// Orders with lines, receipts and what they gave, read together.
async fn views(db: &impl ConnectionTrait, room: &Room, public_url: &str, rows: &[payment::Model]) -> Result<Vec<OrderView>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let causes: Vec<Uuid> = rows
        .iter()
        .flat_map(|row| [Some(row.id), row.subscription])
        .flatten()
        .collect();
    let lines = store::lines(db, room, &ids).await?;
    let entries = store::entries(db, room, &causes).await?;
    let mut products: Vec<Uuid> = entries.iter().map(|entry| entry.goods_id).collect();
    products.extend(rows.iter().map(|row| row.product));
    products.sort_unstable();
    products.dedup();
    let customers: Vec<Uuid> = rows.iter().map(|row| row.customer).collect();
    let around = Around {
        public_url,
        courses: courses::of_products(db, room, &products).await?,
        tokens: store::tokens(db, room, &ids).await?,
        names: store::names(db, room, &customers).await?,
    };
    Ok(rows.iter().map(|row| view(row, &lines, &entries, &around)).collect())
}

/// What is known beside a page of payments.
struct Around<'a> {
    public_url: &'a str,
    courses: HashMap<Uuid, Uuid>,
    tokens: HashMap<Uuid, String>,
    names: HashMap<Uuid, Option<String>>,
}

fn view(row: &payment::Model, lines: &[payment_line::Model], entries: &[entitlement::Model], around: &Around<'_>) -> OrderView {
    let items: Vec<ItemView> = lines.iter().filter(|line| line.payment == row.id).map(item).collect();
    let own: Vec<&entitlement::Model> = entries
        .iter()
        .filter(|entry| entry.cause_id == row.id || Some(entry.cause_id) == row.subscription)
        .collect();
    let entitlements: Vec<EntitlementView> = rules::given(&own)
        .into_iter()
        .map(|given| EntitlementView {
            product_id: given.product,
            course_id: around.courses.get(&given.product).copied(),
            granted_at: Timestamp(given.granted_at),
            revoked_at: given.revoked_at.map(Timestamp),
        })
        .collect();
    let main = items.iter().find(|item| item.product_id == row.product).or(items.first());
    let course = around.courses.get(&row.product).copied();
    OrderView {
        id: row.id,
        status: rules::status_name(row.status, row.refunded_minor),
        product_id: row.product,
        product_name: main.map(|item| item.product_name.clone()).unwrap_or_default(),
        customer_email: row.email.clone(),
        customer_name: around.names.get(&row.customer).cloned().flatten(),
        student_id: row.customer,
        course_id: course.or_else(|| entitlements.iter().find_map(|given| given.course_id)),
        currency: row.currency.clone(),
        gross_minor: row.amount_minor,
        fee_minor: row.fee_minor,
        net_minor: row.amount_minor - row.fee_minor,
        tax_minor: row.tax_total_minor,
        refunded_minor: row.refunded_minor,
        paid_at: row.paid_at.map(Timestamp),
        refunded_at: row.refunded_at.map(Timestamp),
        receipt_url: around
            .tokens
            .get(&row.id)
            .map(|token| receipts::url(around.public_url, token)),
        items,
        entitlements,
        created_at: Timestamp(row.created_at),
    }
}

fn item(line: &payment_line::Model) -> ItemView {
    ItemView {
        product_id: line.product,
        product_name: line.product_name.clone(),
        quantity: line.quantity,
        amount_minor: line.total_minor,
    }
}

pub(super) fn missing() -> Error {
    Error::not_found("order").with_text("order.not_found")
}
