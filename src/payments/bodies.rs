//! The form bodies of our calls, by Stripe's documented parameters. An amount in a currency without minor units is the
//! number of whole ones, which is what our minor units are there.

use super::types::{Line, NewCheckout, NewRefund, Place};
use crate::domain::stripe::META_REFUND;
use crate::domain::stripe::form::Form;
use serde_json::{Value, json};

/// `POST /v1/checkout/sessions`.
pub(super) fn checkout(new: &NewCheckout<'_>) -> Form {
    let metadata = json!(new.all_metadata());
    let lines: Vec<Value> = new
        .lines
        .iter()
        .enumerate()
        .map(|(place, line)| line_item(new, line, place))
        .collect();
    let mut body = json!({
        "mode": if new.recurring.is_some() { "subscription" } else { "payment" },
        "line_items": lines,
        "client_reference_id": new.checkout,
        "customer_email": new.email,
        "expires_at": new.expires_at.seconds(),
        "metadata": metadata,
    });
    match &new.recurring {
        None => body["payment_intent_data"] = json!({"metadata": metadata}),
        Some(recurring) => {
            let trial = recurring.trial_days.filter(|days| *days > 0);
            body["subscription_data"] = json!({"metadata": metadata, "trial_period_days": trial});
        }
    }
    match &new.place {
        Place::Hosted { success_url, cancel_url } => {
            body["success_url"] = json!(success_url);
            body["cancel_url"] = json!(cancel_url);
        }
        Place::Embedded { return_url } => {
            body["ui_mode"] = json!("embedded_page");
            body["return_url"] = json!(return_url);
        }
    }
    Form::of(&body)
}

/// Only the first line recurs; what is sold beside it is charged once, with the first period.
fn line_item(new: &NewCheckout<'_>, line: &Line, place: usize) -> Value {
    let recurring = new.recurring.as_ref().filter(|_| place == 0);
    json!({
        "price_data": {
            "currency": new.currency.to_lowercase(),
            "product_data": {"name": line.name},
            "unit_amount": line.unit_minor,
            "recurring": recurring.map(|every| json!({"interval": every.interval, "interval_count": every.interval_count})),
        },
        "quantity": line.quantity,
    })
}

/// `POST /v1/refunds`.
pub(super) fn refund(new: &NewRefund<'_>) -> Form {
    Form::of(&json!({
        "payment_intent": new.intent,
        "amount": new.amount_minor,
        "reason": new.reason,
        "metadata": {META_REFUND: new.refund},
    }))
}

/// `GET /v1/payment_intents/{id}` or `/v1/charges/{id}`, with what the provider kept of it.
pub(super) fn fee(is_intent: bool) -> Form {
    let inside = if is_intent {
        "latest_charge.balance_transaction"
    } else {
        "balance_transaction"
    };
    Form::of(&json!({"expand": [inside]}))
}

/// `POST /v1/subscriptions/{id}`.
pub(super) fn end_with_period(ends: bool) -> Form {
    Form::of(&json!({"cancel_at_period_end": ends}))
}
