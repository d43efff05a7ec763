//! Receipts: the public page of an order, for whoever was given its address.

use super::service;
use super::store;
use super::types::{ItemView, ReceiptView};
use crate::context::{Answer, Ctx, Deed, Room};
use crate::domain::money::price;
use crate::domain::{Error, Result, Timestamp};
use crate::http::html::escaped;
use crate::http::page::sheet;
use crate::store::Tx;
use entities::{payment, receipt};
use uuid::Uuid;

/// The public address of a receipt.
pub(super) fn url(public_url: &str, token: &str) -> String {
    format!("{public_url}/receipts/{token}")
}

/// Gives a payment its receipt, unless it has one.
pub(super) async fn add(tx: &Tx, deed: &Deed, row: &payment::Model) -> Result<()> {
    let token = hex::encode(deed.ids.bytes::<20>());
    let receipt = receipt::Model {
        payment: row.id,
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        token,
    };
    store::add_receipt(tx, &receipt).await
}

/// Gives their receipts to payments that came in some other way than by a sale told of here.
pub(super) async fn ensure(ctx: &Ctx, rows: &[payment::Model]) -> Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let known = store::tokens(ctx.store().read(), ctx.room()?, &ids).await?;
    let missing: Vec<payment::Model> = rows.iter().filter(|row| !known.contains_key(&row.id)).cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let deed = Deed::of(ctx)?;
    let work = async move |tx: &Tx| {
        for row in &missing {
            add(tx, &deed, row).await?;
        }
        Ok(())
    };
    ctx.store().command(work).await
}

/// The receipt behind a token.
///
/// # Errors
/// `NotFound`.
pub(super) async fn find(ctx: &Ctx, token: &str) -> Result<ReceiptView> {
    let missing = || Error::not_found("receipt");
    let db = ctx.store().read();
    let (receipt, seller) = store::by_token(db, token).await?.ok_or_else(missing)?;
    let room = Room::of(&seller, receipt.mode.into()).ok_or_else(missing)?;
    let row = store::find(db, &room, receipt.payment).await?.ok_or_else(missing)?;
    Ok(ReceiptView {
        seller: seller.name,
        order: service::one(db, &room, &ctx.house.public_url, &row).await?,
    })
}

/// The page of a receipt.
pub(super) fn page(receipt: &ReceiptView) -> Answer {
    let order = &receipt.order;
    let money = |minor: i64| escaped(&price(minor, &order.currency));
    let day = |at: Option<Timestamp>| at.map(|at| at.date_time().date().to_string()).unwrap_or_default();
    let lines: String = order.items.iter().map(|item| line(item, &order.currency)).collect();
    let mut sums = vec![("Total paid", money(order.gross_minor))];
    if let Some(tax) = order.tax_minor {
        sums.push(("Of that, tax", money(tax)));
    }
    if order.refunded_minor > 0 {
        sums.push(("Given back", money(order.refunded_minor)));
    }
    let sums: String = sums
        .iter()
        .map(|(name, sum)| format!("<tr><th colspan=\"2\">{name}</th><th class=\"n\">{sum}</th></tr>"))
        .collect();
    let name = order.customer_name.as_deref().map(|name| format!("{}<br>", escaped(name)));
    let refunded = order
        .refunded_at
        .map(|at| format!("<dt>Given back</dt><dd>{}</dd>", day(Some(at))));
    let body = format!(
        "<h1>Receipt</h1><dl><dt>From</dt><dd>{seller}</dd><dt>To</dt><dd>{name}{email}</dd><dt>Order</dt><dd>{id}</dd>\
         <dt>Paid</dt><dd>{paid}</dd>{refunded}</dl><table><thead><tr><th>Item</th><th class=\"n\">Quantity</th>\
         <th class=\"n\">Amount</th></tr></thead><tbody>{lines}</tbody><tfoot>{sums}</tfoot></table>",
        seller = escaped(&receipt.seller),
        name = name.unwrap_or_default(),
        email = escaped(&order.customer_email),
        id = order.id,
        paid = day(order.paid_at),
        refunded = refunded.unwrap_or_default(),
    );
    sheet(&format!("Receipt of {}", receipt.seller), &body)
}

fn line(item: &ItemView, currency: &str) -> String {
    format!(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
        escaped(&item.product_name),
        item.quantity,
        escaped(&price(item.amount_minor, currency))
    )
}
