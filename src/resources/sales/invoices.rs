//! A subscription's period is paid: the money is booked. What it gives rests on the subscription, not on the payment.

use super::goods::Goods;
use super::settle::{COUNTER, fee};
use super::{books, fees, letters, store, tell};
use crate::context::Deed;
use crate::domain::stripe::META_CHECKOUT;
use crate::domain::{Result, Timestamp};
use crate::resources::conversions::rules::Sold;
use crate::resources::conversions::service as conversions;
use crate::resources::licensing::service as licensing;
use crate::resources::orders::service as orders;
use crate::resources::subscriptions::types::Charge;
use crate::store::Tx;
use crate::store::counters::CounterKey;
use entities::payment::{self, Status, TaxStatus};
use entities::payment_line;
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
    let payment = payment_of(deed, charge);
    store::insert_payment(tx, &payment, vec![line_of(deed, &payment, charge)]).await?;
    tx.count(CounterKey::new(deed.room.tenant, deed.room.mode, COUNTER), 1);
    let tax = payment.tax_total_minor.unwrap_or(0);
    let booking = books::charge(payment.amount_minor, payment.fee_minor, tax);
    books::book(tx, deed, &payment, &booking).await?;
    fees::ask_later(tx, deed, &payment).await?;
    let sale = licensing::Sale {
        payment: &payment,
        customer: &charge.customer,
        product: &charge.product,
        until: charge.subscription.period_end_at.map(Timestamp),
    };
    licensing::issue_for_payment(tx, &deed.house, deed, &sale).await?;
    let change = tell::change(&payment, &charge.customer, &charge.product, Some(Status::Pending));
    tx.emit(deed.event("payment.completed", "payment_change", &change, vec![charge.product.id])?);
    orders::tell(tx, deed, "order.paid", &payment).await?;
    tell_conversion(tx, deed, &payment, charge).await?;
    letters::period(tx, deed, &payment, &charge.customer, &charge.product).await?;
    Ok(payment.id)
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

fn payment_of(deed: &Deed, charge: &Charge) -> payment::Model {
    let own_tax = Goods(&charge.product).tax().filter(|tax| tax.is_included);
    let tax = charge.tax_minor.or(own_tax.map(|tax| tax.split(charge.amount_minor).1));
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

fn line_of(deed: &Deed, payment: &payment::Model, charge: &Charge) -> payment_line::Model {
    let goods = Goods(&charge.product);
    payment_line::Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        payment: payment.id,
        product: charge.product.id,
        item_type: "main_product".to_owned(),
        product_name: charge.product.name.clone(),
        quantity: 1,
        unit_price_minor: payment.amount_minor,
        total_minor: payment.amount_minor,
        currency: payment.currency.clone(),
        net_minor: payment.net_total_minor,
        tax_minor: payment.tax_total_minor,
        vat_rate: goods.tax().map(|tax| super::settle::rate_text(tax.thousandths)),
        tax_behavior: payment.tax_total_minor.map(|_| {
            let is_included = goods.tax().is_none_or(|tax| tax.is_included);
            if is_included { "inclusive" } else { "exclusive" }.to_owned()
        }),
        vat_exempt: goods.is_exempt(),
        metadata: json!({}).into(),
        position: 0,
    }
}
