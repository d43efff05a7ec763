//! What is read of each version's shapes, and that what the sandbox writes is read back as it was meant.

use super::*;
use serde_json::json;

fn notice(name: &str, object: Value) -> Notice {
    Notice::of(&json!({"id": "evt_1", "type": name, "created": 1_768_032_000, "data": {"object": object}})).unwrap()
}

fn invoice_of(object: Value) -> InvoiceSeen {
    match notice("invoice.paid", object).what {
        Incoming::InvoicePaid(seen) => seen,
        other => panic!("{other:?}"),
    }
}

fn metadata() -> Metadata {
    [
        (META_PRODUCT.to_owned(), "p".to_owned()),
        (META_EMAIL.to_owned(), "ann@example.com".to_owned()),
    ]
    .into()
}

#[test]
fn an_invoice_names_its_subscription_in_any_of_four_places() {
    let places = [
        json!({"id": "in_1", "subscription": "sub_1"}),
        json!({"id": "in_1", "subscription": {"id": "sub_1", "object": "subscription"}}),
        json!({"id": "in_1", "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}}),
        json!({"id": "in_1", "lines": {"data": [{"subscription": "sub_1"}]}}),
        json!({"id": "in_1", "lines": {"data": [{"parent": {"subscription_item_details": {"subscription": "sub_1"}}}]}}),
    ];
    for place in places {
        assert_eq!(invoice_of(place.clone()).subscription.as_deref(), Some("sub_1"), "{place}");
    }
    assert_eq!(invoice_of(json!({"id": "in_1", "subscription": null})).subscription, None);
}

#[test]
fn tax_and_payment_are_found_in_old_and_new_versions() {
    let old = invoice_of(
        json!({"id": "in_1", "total": 1190, "tax": 190, "payment_intent": "pi_1", "charge": "ch_1",
        "subscription_details": {"metadata": {"product_id": "p"}}}),
    );
    let new = invoice_of(json!({"id": "in_1", "total": 1190, "total_taxes": [{"amount": 190}],
        "payments": {"data": [{"payment": {"payment_intent": "pi_1", "charge": "ch_1"}}]},
        "parent": {"subscription_details": {"metadata": {"product_id": "p"}}}}));
    for seen in [old, new] {
        assert_eq!((seen.net_minor, seen.tax_minor), (Some(1000), Some(190)));
        assert_eq!((seen.intent.as_deref(), seen.charge.as_deref()), (Some("pi_1"), Some("ch_1")));
        assert_eq!(seen.metadata.get(META_PRODUCT).map(String::as_str), Some("p"));
    }
}

#[test]
fn a_period_is_the_subscriptions_or_its_items() {
    let old = json!({"id": "sub_1", "status": "active", "current_period_start": 1, "current_period_end": 2,
        "plan": {"amount": 995, "currency": "usd", "interval": "month", "interval_count": 1}});
    let new = json!({"id": "sub_1", "status": "active", "items": {"data": [{"current_period_start": 1, "current_period_end": 2,
        "price": {"unit_amount": 995, "currency": "usd", "recurring": {"interval": "month", "interval_count": 1}}}]}});
    for object in [old, new] {
        let seen = SubscriptionSeen::of(&object).unwrap();
        assert_eq!(seen.period_end, Some(Timestamp(2000)), "{object}");
        assert_eq!(
            (seen.price.amount_minor, seen.price.interval.as_deref()),
            (Some(995), Some("month"))
        );
        assert_eq!(seen.price.currency.as_deref(), Some("USD"));
    }
}

#[test]
fn strange_bodies_are_no_events_and_strange_objects_are_ignored() {
    for body in ["", "{", "[]", "7", "{}", r#"{"id":"evt_1"}"#, r#"{"type":"invoice.paid"}"#] {
        assert!(Notice::parse(body.as_bytes()).is_err(), "{body}");
    }
    for name in TYPES {
        for object in [Value::Null, json!([]), json!(7), json!({})] {
            let read = notice(name, object.clone()).what;
            if let Incoming::InvoicePaid(seen) | Incoming::InvoiceFailed(seen) | Incoming::InvoiceUpcoming(seen) = &read {
                assert_eq!(seen.subscription, None);
            } else {
                assert_eq!(read, Incoming::Ignored, "{name} {object}");
            }
        }
    }
    let odd = json!({"id": "sub_1", "status": "active", "trial_end": i64::MAX, "metadata": {"a": 7}, "items": []});
    let seen = SubscriptionSeen::of(&odd).unwrap();
    assert_eq!((seen.trial_end, seen.metadata.len()), (None, 0));
    assert_eq!(notice("customer.created", json!({"id": "cus_1"})).what, Incoming::Ignored);
}

#[test]
fn a_checkout_is_paid_when_stripe_says_so() {
    let paid =
        |name: &str, status: &str| match notice(name, json!({"id": "cs_1", "mode": "payment", "payment_status": status})).what {
            Incoming::CheckoutCompleted(seen) => seen.is_paid,
            other => panic!("{other:?}"),
        };
    assert!(paid("checkout.session.completed", "paid"));
    assert!(paid("checkout.session.completed", "no_payment_required"));
    assert!(!paid("checkout.session.completed", "unpaid"));
    assert!(paid("checkout.session.async_payment_succeeded", "paid"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one shape after the other, each written and read back")]
fn what_the_sandbox_writes_is_read_as_it_was_meant() {
    let at = Timestamp::from_seconds(1_768_032_000);
    let subscription = SubscriptionSeen {
        subscription: "sub_1".into(),
        customer: Some("cus_1".into()),
        status: "trialing".into(),
        price: PriceSeen {
            price: Some("price_1".into()),
            amount_minor: Some(995),
            currency: Some("USD".into()),
            interval: Some("month".into()),
            interval_count: Some(1),
        },
        trial_end: Some(at),
        period_start: Some(at),
        period_end: Some(at),
        latest_invoice: Some("in_1".into()),
        email: Some("ann@example.com".into()),
        metadata: metadata(),
        ..SubscriptionSeen::default()
    };
    let read = notice("customer.subscription.created", shapes::subscription(&subscription)).what;
    assert_eq!(read, Incoming::SubscriptionCreated(subscription));
    let invoice = InvoiceSeen {
        invoice: Some("in_1".into()),
        subscription: Some("sub_1".into()),
        customer: Some("cus_1".into()),
        email: Some("ann@example.com".into()),
        due_minor: 995,
        paid_minor: 995,
        total_minor: 995,
        net_minor: Some(836),
        tax_minor: Some(159),
        taxes: vec![tax::TaxSeen {
            amount_minor: 159,
            ..tax::TaxSeen::default()
        }],
        currency: "USD".into(),
        hosted_url: Some("https://pay.example/in_1".into()),
        paid_at: Some(at),
        billing_reason: Some("subscription_cycle".into()),
        attempt_count: 1,
        period_start: Some(at),
        period_end: Some(at),
        intent: Some("pi_1".into()),
        charge: Some("ch_1".into()),
        metadata: metadata(),
        ..InvoiceSeen::default()
    };
    assert_eq!(invoice_of(shapes::invoice(&invoice)), invoice);
    let checkout = CheckoutSeen {
        session: "cs_1".into(),
        is_paid: true,
        intent: Some("pi_1".into()),
        email: Some("ann@example.com".into()),
        name: Some("Ann".into()),
        amount_minor: 1995,
        subtotal_minor: Some(1995),
        tax_minor: Some(0),
        discount_minor: Some(0),
        currency: "USD".into(),
        metadata: metadata(),
        custom_fields: vec![("nip".into(), "7".into())],
        ..CheckoutSeen::default()
    };
    let read = notice("checkout.session.completed", shapes::checkout(&checkout)).what;
    assert_eq!(read, Incoming::CheckoutCompleted(checkout));
    let refund = RefundSeen {
        refund: Some("re_1".into()),
        charge: Some("ch_1".into()),
        intent: Some("pi_1".into()),
        amount_minor: Some(500),
        total_minor: Some(900),
        charged_minor: Some(1995),
        currency: "USD".into(),
        status: "succeeded".into(),
        reason: Some("duplicate".into()),
        metadata: metadata(),
    };
    let read = notice("charge.refunded", shapes::refunded_charge(&refund)).what;
    assert_eq!(read, Incoming::Refunded(refund));
}
