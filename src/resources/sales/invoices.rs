//! A subscription's period is paid: the money is booked. What it gives rests on the subscription, not on the payment; but
//! what was bought along with its beginning rests on the first payment, like any other purchase.

use super::goods::Goods;
use super::settle::{COUNTER, fee};
use super::types::{ItemType, Line};
use super::{books, fees, letters, settle, store, tell};
use crate::context::Deed;
use crate::domain::stripe::META_CHECKOUT;
use crate::domain::stripe::tax::{TaxFacts, behavior, percent};
use crate::domain::{Result, Timestamp};
use crate::resources::conversions::rules::Sold;
use crate::resources::conversions::service as conversions;
use crate::resources::licensing::service as licensing;
use crate::resources::orders::service as orders;
use crate::resources::subscriptions::types::Charge;
use crate::store::Tx;
use crate::store::counters::CounterKey;
use entities::payment::{self, Status, TaxStatus};
use entities::{payment_line, product};
use serde_json::json;
use uuid::Uuid;

/// Books a paid period as a completed payment; answers its id. One invoice is one payment.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn book(tx: &Tx, deed: &Deed, charge: &Charge) -> Result<Uuid> {
    if let Some(known) = store::payment_of_invoice(tx, &deed.room, &charge.invoice_ref).await? {
        return Ok(known.id);
    }
    if let Some(intent) = &charge.intent_ref
        && let Some(known) = store::payment_by_ref(tx, &deed.room, Some(intent), None).await?
    {
        return Ok(known.id);
    }
    let beside = beside(tx, deed, charge).await?;
    let payment = payment_of(deed, charge, &beside);
    store::insert_payment(tx, &payment, line_rows(deed, &payment, charge, &beside)).await?;
    tx.count(CounterKey::new(deed.room.tenant, deed.room.mode, COUNTER), 1);
    let tax = payment.tax_total_minor.unwrap_or(0);
    let booking = books::charge(payment.amount_minor, payment.fee_minor, tax);
    books::book(tx, deed, &payment, &booking).await?;
    fees::ask_later(tx, deed, &payment).await?;
    let sale = licensing::Sale {
        payment: &payment,
        customer: &charge.customer,
        product: &charge.product,
        subscription: Some(&charge.subscription.subscription_ref),
        until: charge.subscription.period_end_at.map(Timestamp),
    };
    licensing::issue_for_payment(tx, &deed.house, deed, &sale).await?;
    let (parts, _) = settle::give_all(tx, deed, &charge.customer, &payment, &beside).await?;
    settle::license(tx, deed, &charge.customer, &payment, (&beside, &parts)).await?;
    let change = tell::change(&payment, &charge.customer, &charge.product, Some(Status::Pending));
    tx.emit(deed.event("payment.completed", "payment_change", &change, touched(charge, &beside))?);
    orders::tell(tx, deed, "order.paid", &payment).await?;
    tell_conversion(tx, deed, &payment, charge).await?;
    letters::period(tx, deed, &payment, &charge.customer, &charge.product).await?;
    Ok(payment.id)
}

/// What the first invoice charged beside the period; nothing where it did not charge that much.
async fn beside(tx: &Tx, deed: &Deed, charge: &Charge) -> Result<Vec<(Line, product::Model)>> {
    let Some(checkout) = &charge.beginning else {
        return Ok(Vec::new());
    };
    let mut lines = store::lines_of(checkout)?;
    lines.retain(|line| line.item_type == ItemType::OrderBump);
    if lines.iter().map(|line| line.total_minor).sum::<i64>() > charge.amount_minor {
        tracing::warn!(invoice = %charge.invoice_ref, "a first invoice is less than what was bought along with it");
        return Ok(Vec::new());
    }
    settle::with_products(tx, deed, lines).await
}

fn touched(charge: &Charge, beside: &[(Line, product::Model)]) -> Vec<Uuid> {
    let beside = beside.iter().map(|(line, _)| line.product);
    std::iter::once(charge.product.id).chain(beside).collect()
}

/// What lines cost, and the tax in it.
fn sums(lines: &[(Line, product::Model)]) -> (i64, i64) {
    let total = lines.iter().map(|(line, _)| line.total_minor).sum();
    (total, lines.iter().filter_map(|(line, _)| line.tax_minor).sum())
}

/// A renewal is told as a purchase is, under what the buyer agreed to when he began.
async fn tell_conversion(tx: &Tx, deed: &Deed, payment: &payment::Model, charge: &Charge) -> Result<()> {
    let begun = charge.subscription.metadata.get(META_CHECKOUT).and_then(|id| id.as_str());
    let begun = match begun.and_then(|id| Uuid::parse_str(id).ok()) {
        Some(id) => store::checkout(tx, &deed.room, id).await?.map(|row| row.metadata.0),
        None => None,
    };
    let sold = Sold {
        payment,
        begun: &begun.unwrap_or_default(),
        customer: &charge.customer,
        product: &charge.product,
    };
    conversions::note(tx, deed, &sold).await
}

fn payment_of(deed: &Deed, charge: &Charge, beside: &[(Line, product::Model)]) -> payment::Model {
    let (beside_total, beside_tax) = sums(beside);
    let period = charge.amount_minor - beside_total;
    let own_tax = Goods(&charge.product).tax().filter(|tax| tax.is_included);
    let own_tax = own_tax.map(|tax| tax.split(period).1 + beside_tax);
    let tax = charge.tax_minor.or(own_tax).or((beside_tax > 0).then_some(beside_tax));
    payment::Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        customer: charge.customer.id,
        email: charge.customer.email.clone(),
        product: charge.product.id,
        checkout: None,
        subscription: Some(charge.subscription.id),
        provider: charge.provider,
        intent_ref: charge.intent_ref.clone(),
        session_ref: None,
        charge_ref: charge.charge_ref.clone(),
        invoice_ref: Some(charge.invoice_ref.clone()),
        status: Status::Completed,
        amount_minor: charge.amount_minor,
        currency: charge.currency.clone(),
        fee_minor: fee(charge.provider, charge.amount_minor),
        net_total_minor: tax.map(|tax| charge.amount_minor - tax),
        tax_total_minor: tax,
        tax_status: match tax {
            Some(_) => TaxStatus::Captured,
            None => TaxStatus::None,
        },
        refunded_minor: 0,
        discount_minor: 0,
        coupon: None,
        custom_fields: None,
        metadata: json!({}).into(),
        attributes: json!({"is_guest": charge.customer.person.is_none(), "source": "subscription"}).into(),
        paid_at: Some(charge.paid_at.0),
        refunded_at: None,
        refund_reason: None,
        refunded_by: None,
        created_at: deed.now.0,
        updated_at: deed.now.0,
    }
}

fn line_rows(
    deed: &Deed,
    payment: &payment::Model,
    charge: &Charge,
    beside: &[(Line, product::Model)],
) -> Vec<payment_line::Model> {
    let mut rows = vec![line_of(deed, payment, charge, sums(beside))];
    let more = settle::line_rows(deed, payment, beside).into_iter();
    rows.extend(more.map(|row| payment_line::Model {
        position: row.position + 1,
        ..row
    }));
    rows
}

/// The period's own line: what is left once everything beside it is taken off.
fn line_of(deed: &Deed, payment: &payment::Model, charge: &Charge, (beside, beside_tax): (i64, i64)) -> payment_line::Model {
    let goods = Goods(&charge.product);
    let total = payment.amount_minor - beside;
    let tax = payment.tax_total_minor.map(|tax| (tax - beside_tax).clamp(0, total));
    let told = TaxFacts::of(&charge.taxes);
    let rate = told.thousandths.or(goods.tax().map(|tax| tax.thousandths));
    let own = behavior(goods.tax().is_none_or(|tax| tax.is_included));
    payment_line::Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        payment: payment.id,
        product: charge.product.id,
        item_type: ItemType::MainProduct.name().to_owned(),
        product_name: charge.product.name.clone(),
        quantity: 1,
        unit_price_minor: total,
        total_minor: total,
        currency: payment.currency.clone(),
        net_minor: tax.map(|tax| total - tax),
        tax_minor: tax,
        vat_rate: rate.filter(|_| tax.is_some()).map(percent),
        tax_behavior: tax.map(|_| told.behavior.unwrap_or_else(|| own.to_owned())),
        vat_exempt: goods.is_exempt(),
        metadata: json!({}).into(),
        position: 0,
    }
}
