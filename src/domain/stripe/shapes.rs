//! Stripe's objects as JSON, as the pinned version prints them: what the sandbox says, to the same reader.

use super::{CheckoutSeen, DisputeSeen, IntentSeen, InvoiceSeen, Metadata, RefundSeen, SubscriptionSeen, tax};
use crate::domain::time::Timestamp;
use serde_json::{Map, Value, json};

/// The version of Stripe's API that every call names and every shape follows.
pub const API_VERSION: &str = "2026-06-24.dahlia";

/// An event around an object.
pub fn event(id: &str, name: &str, at: Timestamp, object: Value) -> Value {
    changed(id, name, at, object, &Map::new())
}

/// The same, telling what changed and from what.
pub fn changed(id: &str, name: &str, at: Timestamp, object: Value, previous: &Map<String, Value>) -> Value {
    let mut data = json!({"object": object});
    if !previous.is_empty() {
        data["previous_attributes"] = Value::Object(previous.clone());
    }
    json!({
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": at.seconds(),
        "livemode": false,
        "pending_webhooks": 1,
        "type": name,
        "data": data,
    })
}

/// A checkout session.
pub fn checkout(seen: &CheckoutSeen) -> Value {
    let fields: Vec<_> = seen
        .custom_fields
        .iter()
        .map(|(key, value)| json!({"key": key, "type": "text", "text": {"value": value}}))
        .collect();
    json!({
        "id": seen.session,
        "object": "checkout.session",
        "mode": if seen.is_subscription { "subscription" } else { "payment" },
        "status": "complete",
        "payment_status": if seen.is_paid { "paid" } else { "unpaid" },
        "payment_intent": seen.intent,
        "subscription": seen.subscription,
        "customer": seen.customer,
        "customer_details": {"email": seen.email, "name": seen.name},
        "amount_total": seen.amount_minor,
        "amount_subtotal": seen.subtotal_minor,
        "total_details": {"amount_tax": seen.tax_minor, "amount_discount": seen.discount_minor},
        "currency": seen.currency.to_lowercase(),
        "metadata": metadata(&seen.metadata),
        "custom_fields": fields,
    })
}

/// A payment that went through.
pub fn intent(seen: &IntentSeen) -> Value {
    json!({
        "id": seen.intent,
        "object": "payment_intent",
        "status": "succeeded",
        "amount": seen.amount_minor,
        "amount_received": seen.amount_minor,
        "currency": seen.currency.to_lowercase(),
        "customer": seen.customer,
        "latest_charge": seen.charge,
        "receipt_email": seen.email,
        "metadata": metadata(&seen.metadata),
    })
}

/// A refund.
pub fn refund(seen: &RefundSeen) -> Value {
    json!({
        "id": seen.refund,
        "object": "refund",
        "amount": seen.amount_minor,
        "charge": seen.charge,
        "payment_intent": seen.intent,
        "currency": seen.currency.to_lowercase(),
        "status": seen.status,
        "reason": seen.reason,
        "metadata": metadata(&seen.metadata),
    })
}

/// A charge that has given back all that `seen` tells.
pub fn refunded_charge(seen: &RefundSeen) -> Value {
    json!({
        "id": seen.charge,
        "object": "charge",
        "amount": seen.charged_minor,
        "amount_captured": seen.charged_minor,
        "amount_refunded": seen.total_minor,
        "refunded": seen.charged_minor == seen.total_minor,
        "payment_intent": seen.intent,
        "currency": seen.currency.to_lowercase(),
        "metadata": metadata(&seen.metadata),
        "refunds": {"object": "list", "data": [refund(seen)]},
    })
}

/// A dispute.
pub fn dispute(seen: &DisputeSeen) -> Value {
    json!({
        "id": seen.dispute,
        "object": "dispute",
        "amount": seen.amount_minor,
        "charge": seen.charge,
        "payment_intent": seen.intent,
        "currency": seen.currency.to_lowercase(),
        "reason": seen.reason,
        "status": "needs_response",
    })
}

/// A subscription.
pub fn subscription(seen: &SubscriptionSeen) -> Value {
    let price = &seen.price;
    json!({
        "id": seen.subscription,
        "object": "subscription",
        "customer": seen.customer,
        "status": seen.status,
        "cancel_at_period_end": seen.cancel_at_period_end,
        "canceled_at": seconds(seen.canceled_at),
        "ended_at": seconds(seen.ended_at),
        "trial_end": seconds(seen.trial_end),
        "latest_invoice": seen.latest_invoice,
        "metadata": metadata(&seen.metadata),
        "items": {"object": "list", "data": [{
            "object": "subscription_item",
            "current_period_start": seconds(seen.period_start),
            "current_period_end": seconds(seen.period_end),
            "price": {
                "id": price.price,
                "object": "price",
                "unit_amount": price.amount_minor,
                "currency": lower(price.currency.as_ref()),
                "recurring": {"interval": price.interval, "interval_count": price.interval_count},
            },
        }]},
    })
}

/// An invoice of a subscription.
pub fn invoice(seen: &InvoiceSeen) -> Value {
    let (start, end) = (seconds(seen.period_start), seconds(seen.period_end));
    json!({
        "id": seen.invoice,
        "object": "invoice",
        "customer": seen.customer,
        "customer_email": seen.email,
        "amount_due": seen.due_minor,
        "amount_paid": seen.paid_minor,
        "total": seen.total_minor,
        "total_excluding_tax": seen.net_minor,
        "total_taxes": seen.taxes.iter().map(tax::shape).collect::<Vec<Value>>(),
        "currency": seen.currency.to_lowercase(),
        "hosted_invoice_url": seen.hosted_url,
        "invoice_pdf": seen.pdf_url,
        "billing_reason": seen.billing_reason,
        "attempt_count": seen.attempt_count,
        "next_payment_attempt": seconds(seen.next_attempt),
        "status_transitions": {"paid_at": seconds(seen.paid_at)},
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"subscription": seen.subscription, "metadata": metadata(&seen.metadata)},
        },
        "lines": {"object": "list", "data": [{
            "object": "line_item",
            "period": {"start": start, "end": end},
            "parent": {"subscription_item_details": {"subscription": seen.subscription}},
        }]},
        "payments": {"object": "list", "data": [{
            "object": "invoice_payment",
            "payment": {"type": "payment_intent", "payment_intent": seen.intent, "charge": seen.charge},
        }]},
    })
}

fn metadata(all: &Metadata) -> Value {
    all.iter()
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect()
}

fn seconds(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::seconds)
}

fn lower(code: Option<&String>) -> Option<String> {
    code.map(|code| code.to_lowercase())
}
