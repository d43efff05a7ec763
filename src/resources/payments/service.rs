//! One function per operation.

use super::export::File;
use super::rules;
use super::store::{self, Narrowing};
use super::types::{CurrencyStats, ExportPayments, ListPayments, MetadataView, PaymentView, StatsView, UpdatePayment};
use crate::context::{Answer, Ctx, Streamed};
use crate::domain::dialect::PageRequest;
use crate::domain::{Error, Result};
use crate::resources::analytics::rules::{day_of, month};
use crate::resources::analytics::service as analytics;
use crate::store::AuditEntry;
use entities::payment::{Model, Status};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Lists the room's payments.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours or a column lists are not ordered by.
pub async fn list(ctx: &Ctx, filter: ListPayments, page: PageRequest) -> Result<Answer> {
    let room = ctx.room()?;
    let (rows, info) = store::list(ctx.store(), room, &filter, &page).await?;
    let around = store::around(ctx.store().read(), room, &rows).await?;
    let views: Vec<PaymentView> = rows.iter().map(|row| PaymentView::of(row, &around)).collect();
    Answer::page("payment", &views, info)
}

/// Reads a payment.
///
/// # Errors
/// `NotFound`.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<Answer> {
    let row = found(ctx, id).await?;
    let around = store::around(ctx.store().read(), ctx.room()?, std::slice::from_ref(&row)).await?;
    Answer::one("payment", &PaymentView::of(&row, &around))
}

/// Says whether the payment is there.
///
/// # Errors
/// `NotFound`.
pub async fn exists(ctx: &Ctx, id: Uuid) -> Result<()> {
    found(ctx, id).await.map(|_| ())
}

async fn found(ctx: &Ctx, id: Uuid) -> Result<Model> {
    store::find(ctx.store().read(), ctx.room()?, id).await?.ok_or_else(missing)
}

/// Sums payments up: completed ones, by the day they were made on.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn stats(ctx: &Ctx) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let today = day_of(ctx.now);
    let mut view = StatsView {
        pending_count: store::pending(db, room).await?,
        ..StatsView::default()
    };
    for (currency, tally) in analytics::totals(db, room, None).await? {
        view.total_transactions += tally.transactions;
        view.total_revenue += tally.revenue;
        view.refunded_amount += tally.refunded;
        view.total_revenue_by_currency.insert(currency.clone(), tally.revenue);
        view.refunded_amount_by_currency.insert(currency.clone(), tally.refunded);
        let stats = CurrencyStats {
            total_revenue: tally.revenue,
            transaction_count: tally.transactions,
        };
        view.by_currency.insert(currency, stats);
    }
    let revenue = async |first: i64| -> Result<BTreeMap<String, i64>> {
        let tallies = analytics::totals(db, room, Some(first..=today)).await?;
        Ok(tallies
            .into_iter()
            .map(|(currency, tally)| (currency, tally.revenue))
            .collect())
    };
    view.today_revenue_by_currency = revenue(today).await?;
    view.this_month_revenue_by_currency = revenue(month(today)).await?;
    view.today_revenue = view.today_revenue_by_currency.values().sum();
    view.this_month_revenue = view.this_month_revenue_by_currency.values().sum();
    Answer::one("payment_stats", &view)
}

/// Changes the metadata of a payment, member by member.
///
/// # Errors
/// `NotFound`, `Validation` for more than is kept.
pub async fn update(ctx: &Ctx, id: Uuid, change: UpdatePayment) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let now = ctx.now;
    ctx.command(async move |tx| {
        let row = store::find(tx, &room, id).await?.ok_or_else(missing)?;
        let metadata = rules::merged(&row.metadata, &change.metadata)?;
        store::write_metadata(tx, &row, &metadata, now).await?;
        let view = MetadataView {
            id: row.id,
            metadata,
            updated_at: now,
        };
        Answer::one("payment_metadata", &view)
    })
    .await
}

/// Streams payments as CSV, newest first; who took them is in the audit log.
///
/// # Errors
/// `Validation` for dates or days that are none.
pub async fn export(ctx: &Ctx, asked: &ExportPayments) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let (from, to) = rules::span(asked, ctx.now)?;
    let narrowing = Narrowing {
        status: asked.status.as_deref().and_then(Status::parse),
        product: asked.product_id,
        email: None,
        from,
        to,
    };
    let entry = AuditEntry {
        id: ctx.id(),
        tenant: room.tenant,
        actor: ctx.principal.name().unwrap_or_default(),
        action: "payments.exported".to_owned(),
        target: room.tenant.to_string(),
        detail: json!({"status": asked.status, "product_id": asked.product_id, "from": from, "to": to}),
        happened_at: ctx.now,
    };
    let noted = async move |tx: &crate::store::Tx| {
        tx.audit(entry.clone());
        Ok(())
    };
    ctx.store().command(noted).await?;
    let name = format!("payments-{}.csv", ctx.now.day_text());
    let headers = vec![
        ("Content-Type".to_owned(), "text/csv; charset=utf-8".to_owned()),
        ("Content-Disposition".to_owned(), format!("attachment; filename=\"{name}\"")),
    ];
    let file = File::new(ctx.store().clone(), room, narrowing);
    Ok(Answer::Stream(Streamed::fallible(headers, file.bytes())))
}

fn missing() -> Error {
    Error::not_found("payment").with_text("payment.not_found")
}
