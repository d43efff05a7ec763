//! Reads Stripe's JSON into what happened, wherever the sending API version puts a fact.

use super::{
    CheckoutSeen, DisputeSeen, Incoming, IntentSeen, InvoiceSeen, Metadata, Notice, PriceSeen, RefundSeen, SubscriptionSeen, tax,
};
use crate::domain::time::Timestamp;
use serde_json::{Map, Value};

/// Why a body is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not a Stripe event")]
pub struct NoEvent;

impl Notice {
    /// Reads an event; a type we have no use for is `Ignored`, as is an object without its identity.
    ///
    /// # Errors
    /// `NoEvent` where the body is not JSON or has no id or type.
    pub fn parse(body: &[u8]) -> Result<Self, NoEvent> {
        let value: Value = serde_json::from_slice(body).map_err(|_| NoEvent)?;
        Self::of(&value)
    }

    /// Reads an event that is JSON already.
    ///
    /// # Errors
    /// As [`Notice::parse`].
    pub fn of(value: &Value) -> Result<Self, NoEvent> {
        let id = text(value, "id").ok_or(NoEvent)?;
        let name = text(value, "type").ok_or(NoEvent)?;
        let object = value.pointer("/data/object").unwrap_or(&Value::Null);
        let previous = value.pointer("/data/previous_attributes").and_then(Value::as_object);
        let what = incoming(&name, object, previous).unwrap_or(Incoming::Ignored);
        Ok(Self {
            id,
            name,
            at: moment(value, "created").unwrap_or_default(),
            what,
        })
    }
}

fn incoming(name: &str, object: &Value, previous: Option<&Map<String, Value>>) -> Option<Incoming> {
    Some(match name {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            Incoming::CheckoutCompleted(checkout(object, name.ends_with("succeeded"))?)
        }
        "payment_intent.succeeded" => Incoming::IntentSucceeded(intent(object)?),
        "charge.refunded" => Incoming::Refunded(charge(object)?),
        "refund.created" | "refund.updated" | "charge.refund.updated" => Incoming::Refunded(refund(object)?),
        "charge.dispute.created" => Incoming::Disputed(dispute(object)?),
        "customer.subscription.created" => Incoming::SubscriptionCreated(subscription(object, previous)?),
        "customer.subscription.updated" => Incoming::SubscriptionUpdated(subscription(object, previous)?),
        "customer.subscription.deleted" => Incoming::SubscriptionDeleted(subscription(object, previous)?),
        "customer.subscription.trial_will_end" => Incoming::SubscriptionTrialEnding(subscription(object, previous)?),
        "invoice.upcoming" => Incoming::InvoiceUpcoming(invoice(object)?),
        "invoice.paid" | "invoice.payment_succeeded" => Incoming::InvoicePaid(invoice(object)?),
        "invoice.payment_failed" | "invoice.payment_action_required" => Incoming::InvoiceFailed(invoice(object)?),
        _ => return None,
    })
}

fn checkout(object: &Value, is_settled: bool) -> Option<CheckoutSeen> {
    let details = object.get("customer_details").unwrap_or(&Value::Null);
    let totals = object.get("total_details").unwrap_or(&Value::Null);
    let paid = text(object, "payment_status");
    Some(CheckoutSeen {
        session: text(object, "id")?,
        is_subscription: text(object, "mode").as_deref() == Some("subscription"),
        is_paid: is_settled || matches!(paid.as_deref(), Some("paid" | "no_payment_required")),
        intent: reference(object, "payment_intent"),
        subscription: reference(object, "subscription"),
        customer: reference(object, "customer"),
        email: email(details, "email").or_else(|| email(object, "customer_email")),
        name: text(details, "name"),
        amount_minor: number(object, "amount_total").unwrap_or(0),
        subtotal_minor: number(object, "amount_subtotal"),
        tax_minor: number(totals, "amount_tax"),
        discount_minor: number(totals, "amount_discount"),
        currency: currency(object).unwrap_or_default(),
        holder: tax::holder(details, "tax_ids", ""),
        metadata: metadata(object),
        custom_fields: custom_fields(object),
    })
}

fn custom_fields(object: &Value) -> Vec<(String, String)> {
    let answer = |field: &Value| {
        let key = text(field, "key")?;
        let kinds = ["text", "dropdown", "numeric"];
        let value = kinds.into_iter().find_map(|kind| text(field.get(kind)?, "value"))?;
        Some((key, value))
    };
    list(object, "custom_fields").iter().filter_map(answer).collect()
}

fn intent(object: &Value) -> Option<IntentSeen> {
    let charge = object.get("latest_charge").or_else(|| object.pointer("/charges/data/0"));
    let billed = charge.and_then(|charge| charge.get("billing_details"));
    Some(IntentSeen {
        intent: text(object, "id")?,
        charge: charge.and_then(identity),
        invoice: reference(object, "invoice"),
        customer: reference(object, "customer"),
        email: email(object, "receipt_email").or_else(|| email(billed?, "email")),
        amount_minor: number(object, "amount_received")
            .or_else(|| number(object, "amount"))
            .unwrap_or(0),
        currency: currency(object).unwrap_or_default(),
        metadata: metadata(object),
    })
}

/// A charge that tells what it has given back so far.
fn charge(object: &Value) -> Option<RefundSeen> {
    let newest = object.pointer("/refunds/data/0").unwrap_or(&Value::Null);
    Some(RefundSeen {
        refund: text(newest, "id"),
        charge: Some(text(object, "id")?),
        intent: reference(object, "payment_intent"),
        amount_minor: number(newest, "amount"),
        total_minor: number(object, "amount_refunded"),
        charged_minor: number(object, "amount_captured").or_else(|| number(object, "amount")),
        currency: currency(object).unwrap_or_default(),
        status: text(newest, "status").unwrap_or_else(|| "succeeded".to_owned()),
        reason: text(newest, "reason"),
        metadata: metadata(object),
    })
}

fn refund(object: &Value) -> Option<RefundSeen> {
    Some(RefundSeen {
        refund: Some(text(object, "id")?),
        charge: reference(object, "charge"),
        intent: reference(object, "payment_intent"),
        amount_minor: number(object, "amount"),
        total_minor: None,
        charged_minor: None,
        currency: currency(object).unwrap_or_default(),
        status: text(object, "status").unwrap_or_else(|| "succeeded".to_owned()),
        reason: text(object, "reason"),
        metadata: metadata(object),
    })
}

fn dispute(object: &Value) -> Option<DisputeSeen> {
    Some(DisputeSeen {
        dispute: text(object, "id")?,
        charge: reference(object, "charge"),
        intent: reference(object, "payment_intent"),
        amount_minor: number(object, "amount").unwrap_or(0),
        currency: currency(object).unwrap_or_default(),
        reason: text(object, "reason"),
    })
}

impl SubscriptionSeen {
    /// Reads a subscription, as an answer to a call gives it.
    pub fn of(object: &Value) -> Option<Self> {
        subscription(object, None)
    }
}

fn subscription(object: &Value, previous: Option<&Map<String, Value>>) -> Option<SubscriptionSeen> {
    let item = object.pointer("/items/data/0").unwrap_or(&Value::Null);
    // Until 2025 a period was the subscription's, since then it is its items'.
    let period = |name: &str| moment(object, name).or_else(|| moment(item, name));
    let metadata = metadata(object);
    let customer = object.get("customer").unwrap_or(&Value::Null);
    let email = email(customer, "email").or_else(|| metadata_email(&metadata));
    Some(SubscriptionSeen {
        subscription: text(object, "id")?,
        customer: reference(object, "customer"),
        status: text(object, "status")?,
        price: price(item.get("price").or_else(|| item.get("plan")).or_else(|| object.get("plan"))),
        trial_end: moment(object, "trial_end"),
        period_start: period("current_period_start"),
        period_end: period("current_period_end"),
        cancel_at_period_end: flag(object, "cancel_at_period_end"),
        canceled_at: moment(object, "canceled_at"),
        ended_at: moment(object, "ended_at"),
        latest_invoice: reference(object, "latest_invoice"),
        email,
        metadata,
        previous_attributes: previous.cloned().unwrap_or_default(),
    })
}

/// A price or, in old versions, a plan.
fn price(object: Option<&Value>) -> PriceSeen {
    let object = object.unwrap_or(&Value::Null);
    let recurring = object.get("recurring").unwrap_or(object);
    PriceSeen {
        price: identity(object),
        amount_minor: number(object, "unit_amount").or_else(|| number(object, "amount")),
        currency: currency(object),
        interval: text(recurring, "interval"),
        interval_count: number(recurring, "interval_count"),
    }
}

fn invoice(object: &Value) -> Option<InvoiceSeen> {
    if !object.is_object() {
        return None;
    }
    let line = period_line(object);
    let total_minor = number(object, "total").unwrap_or(0);
    let tax_minor = tax_in_all(object);
    let net_minor = number(object, "total_excluding_tax").or_else(|| tax_minor.map(|tax| total_minor - tax));
    let paid = object.pointer("/payments/data/0/payment").unwrap_or(&Value::Null);
    Some(InvoiceSeen {
        invoice: text(object, "id"),
        subscription: subscription_of(object),
        customer: reference(object, "customer"),
        email: email(object, "customer_email").or_else(|| metadata_email(&subscription_metadata(object))),
        due_minor: number(object, "amount_due").unwrap_or(0),
        paid_minor: number(object, "amount_paid").unwrap_or(0),
        total_minor,
        net_minor,
        tax_minor,
        taxes: tax::of_invoice(object),
        holder: tax::holder(object, "customer_tax_ids", "customer_"),
        currency: currency(object).unwrap_or_default(),
        hosted_url: text(object, "hosted_invoice_url"),
        pdf_url: text(object, "invoice_pdf"),
        paid_at: object.get("status_transitions").and_then(|at| moment(at, "paid_at")),
        billing_reason: text(object, "billing_reason"),
        attempt_count: number(object, "attempt_count").unwrap_or(0),
        next_attempt: moment(object, "next_payment_attempt"),
        period_start: line.get("period").and_then(|period| moment(period, "start")),
        period_end: line.get("period").and_then(|period| moment(period, "end")),
        intent: reference(object, "payment_intent").or_else(|| reference(paid, "payment_intent")),
        charge: reference(object, "charge").or_else(|| reference(paid, "charge")),
        metadata: subscription_metadata(object),
        price: price(line.get("price").or_else(|| line.get("plan"))),
    })
}

/// The line of the subscription itself: the one whose period ends last; corrections of a past period come before it.
fn period_line(object: &Value) -> &Value {
    let lines = object.pointer("/lines/data").and_then(Value::as_array);
    let end = |line: &&Value| line.pointer("/period/end").and_then(Value::as_i64).unwrap_or(0);
    lines.into_iter().flatten().max_by_key(end).unwrap_or(&Value::Null)
}

/// At the top, in the parent's details, or at a line: all three are in use.
fn subscription_of(object: &Value) -> Option<String> {
    let lines = object.pointer("/lines/data").and_then(Value::as_array);
    let of_line = |line: &Value| {
        let parent = line.get("parent")?;
        reference(parent.get("subscription_item_details")?, "subscription")
    };
    reference(object, "subscription")
        .or_else(|| reference(object.pointer("/parent/subscription_details")?, "subscription"))
        .or_else(|| reference(object.get("subscription_details")?, "subscription"))
        .or_else(|| {
            lines
                .into_iter()
                .flatten()
                .find_map(|line| reference(line, "subscription").or_else(|| of_line(line)))
        })
}

fn subscription_metadata(object: &Value) -> Metadata {
    let lines = object.pointer("/lines/data").and_then(Value::as_array);
    let places = [
        object.pointer("/parent/subscription_details"),
        object.get("subscription_details"),
        Some(object),
    ];
    let mut all = places.into_iter().flatten().chain(lines.into_iter().flatten()).map(metadata);
    all.find(|metadata| !metadata.is_empty()).unwrap_or_default()
}

/// The tax in all: one number of old, a list since.
fn tax_in_all(object: &Value) -> Option<i64> {
    let summed = |name: &str| {
        let list = object.get(name)?.as_array().filter(|list| !list.is_empty())?;
        Some(list.iter().filter_map(|part| number(part, "amount")).sum())
    };
    number(object, "tax")
        .or_else(|| summed("total_taxes"))
        .or_else(|| summed("total_tax_amounts"))
}

pub(super) fn text(object: &Value, name: &str) -> Option<String> {
    let text = object.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn email(object: &Value, name: &str) -> Option<String> {
    text(object, name)
        .map(|email| email.to_lowercase())
        .filter(|email| email.contains('@'))
}

fn metadata_email(metadata: &Metadata) -> Option<String> {
    let email = metadata.get(super::META_EMAIL)?.trim().to_lowercase();
    email.contains('@').then_some(email)
}

/// The id of a thing that may be printed in full or as its id.
fn reference(object: &Value, name: &str) -> Option<String> {
    object.get(name).and_then(identity)
}

fn identity(value: &Value) -> Option<String> {
    match value {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Object(_) => text(value, "id"),
        _ => None,
    }
}

pub(super) fn number(object: &Value, name: &str) -> Option<i64> {
    object.get(name)?.as_i64()
}

fn flag(object: &Value, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// Stripe counts seconds; one beyond any calendar is none.
fn moment(object: &Value, name: &str) -> Option<Timestamp> {
    let seconds = number(object, name)?;
    (0..=253_402_300_799)
        .contains(&seconds)
        .then(|| Timestamp::from_seconds(seconds))
}

fn currency(object: &Value) -> Option<String> {
    text(object, "currency").map(|code| code.to_uppercase())
}

pub(super) fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn metadata(object: &Value) -> Metadata {
    let all = object.get("metadata").and_then(Value::as_object);
    all.into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}
