//! The events of sales.

use super::settle::{Sale, source};
use super::types::{ItemType, PaymentBrief, PaymentChange, Purchase, PurchaseOrder};
use crate::context::Deed;
use crate::domain::Result;
use crate::domain::money::to_major_text;
use crate::resources::customers::types::CustomerBrief;
use crate::resources::products::types::ProductView;
use crate::store::Tx;
use entities::payment::{self, Status};
use entities::{customer, product};
use serde_json::{Value, json};
use uuid::Uuid;

/// Tells that something was sold, or given to somebody for nothing.
pub(super) async fn sold(tx: &Tx, deed: &Deed, sale: &Sale<'_>) -> Result<()> {
    let main = sale.main()?;
    let products = touched(sale);
    if sale.is_lead {
        let mut data = json!({"customer": CustomerBrief::from(sale.customer), "product": ProductView::from(main)});
        if let Some(issued) = sale.issued.first() {
            data["license"] = json!(issued);
        }
        tx.emit(deed.event("lead.captured", "lead", &data, products)?);
        return Ok(());
    }
    let purchase = purchase(sale)?;
    tx.emit(deed.event("purchase.completed", "purchase", &purchase, products.clone())?);
    let change = change(sale.payment, sale.customer, main, Some(Status::Pending));
    tx.emit(deed.event("payment.completed", "payment_change", &change, products)?);
    Ok(())
}

/// Every product an order touches.
fn touched(sale: &Sale<'_>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = sale.lines.iter().map(|(line, _)| line.product).collect();
    ids.extend(sale.parts.iter().map(|part| part.id));
    ids.dedup();
    ids
}

fn purchase(sale: &Sale<'_>) -> Result<Purchase> {
    let bumps: Vec<ProductView> = sale
        .lines
        .iter()
        .filter(|(line, _)| line.item_type == ItemType::OrderBump)
        .map(|(_, product)| ProductView::from(product))
        .collect();
    Ok(Purchase {
        customer: sale.customer.into(),
        product: sale.main()?.into(),
        bump_product: bumps.first().cloned(),
        bump_products: bumps,
        bundle_components: sale.parts.iter().map(ProductView::from).collect(),
        order: order(sale.payment),
        invoice: None,
        custom_fields: answers(sale)?,
        licenses: (!sale.issued.is_empty()).then(|| json!(sale.issued)),
        source: source(sale.checkout),
    })
}

/// The buyer's answers, each with the question it answers.
fn answers(sale: &Sale<'_>) -> Result<Option<Value>> {
    let Some(given) = sale.payment.custom_fields.as_ref().and_then(|given| given.0.as_object()) else {
        return Ok(None);
    };
    let questions = sale
        .main()?
        .attributes
        .get("custom_checkout_fields")
        .and_then(Value::as_array);
    let question = |id: &str| questions?.iter().find(|question| question["id"] == id);
    let answer = |(id, value): (&String, &Value)| {
        let asked = question(id);
        let label = asked.map_or_else(|| json!(id), |asked| asked["label"].clone());
        let kind = asked.map_or_else(|| json!("text"), |asked| asked["type"].clone());
        json!({"id": id, "label": label, "value": value, "type": kind})
    };
    Ok(Some(given.iter().map(answer).collect()))
}

/// The money of a payment.
pub(super) fn order(payment: &payment::Model) -> PurchaseOrder {
    PurchaseOrder {
        id: payment.id,
        amount_minor: payment.amount_minor,
        amount_major: to_major_text(payment.amount_minor, &payment.currency),
        currency: payment.currency.clone(),
        session_id: payment.session_ref.clone(),
        payment_intent_id: payment.intent_ref.clone(),
        coupon_id: payment.coupon,
        is_guest: payment
            .attributes
            .get("is_guest")
            .and_then(|guest| guest.as_bool())
            .unwrap_or(true),
        net_total_minor: payment.net_total_minor,
        tax_total_minor: payment.tax_total_minor,
    }
}

/// A payment that changed.
pub(super) fn change(
    payment: &payment::Model,
    customer: &customer::Model,
    product: &product::Model,
    before: Option<Status>,
) -> PaymentChange {
    PaymentChange {
        customer: customer.into(),
        product: product.into(),
        payment: brief(payment, before),
    }
}

/// A payment as events tell of it.
pub(super) fn brief(payment: &payment::Model, before: Option<Status>) -> PaymentBrief {
    PaymentBrief {
        id: payment.id,
        amount_minor: payment.amount_minor,
        currency: payment.currency.clone(),
        session_id: payment.session_ref.clone(),
        payment_intent_id: payment.intent_ref.clone(),
        status_before: before,
        status_after: payment.status,
    }
}
