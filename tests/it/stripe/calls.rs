//! What leaves for Stripe, compared with a recorded fixture per call; and a Stripe that does not behave.

use super::pairs;
use crate::harness::{Reply, Sink, TestApp};
use fondaco::clock::Ids;
use fondaco::domain::seal::Sealer;
use fondaco::domain::{Mode, Timestamp};
use fondaco::payments::types::{Line, NewCheckout, NewRefund, PaymentError, Place, Recurring};
use fondaco::payments::{Options, Payments, Provider};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const CHECKOUT: Uuid = Uuid::from_u128(0x0190_b2a4_0000_7000_8000_0000_0000_0001);
const TENANT: Uuid = Uuid::from_u128(0x0190_b2a4_0000_7000_8000_0000_0000_0002);
const PRODUCT: Uuid = Uuid::from_u128(0x0190_b2a4_0000_7000_8000_0000_0000_0003);

/// A provider on the played Stripe, impatient.
async fn provider(app: &TestApp, stripe: &Sink) -> Provider {
    let options = Options {
        base: stripe.url().to_owned(),
        secret_key: Some(SecretString::from("sk_live_1")),
        webhook_secret: None,
        deadline: Duration::from_millis(300),
    };
    let sealer = Sealer::new([7; 32]).unwrap();
    let payments = Payments::new(app.store(), sealer, options).unwrap();
    // A tenant whose settings say nothing.
    let shop = app.shop("fondaco").await;
    payments
        .provider(Uuid::parse_str(&shop.tenant).unwrap(), Mode::Live)
        .await
        .unwrap()
}

fn checkout(currency: &str) -> NewCheckout<'_> {
    NewCheckout {
        checkout: CHECKOUT,
        tenant: TENANT,
        product: PRODUCT,
        lines: vec![
            Line {
                name: "Nebula brushes & more".into(),
                unit_minor: 1900,
                quantity: 1,
            },
            Line {
                name: "Paper".into(),
                unit_minor: 500,
                quantity: 1,
            },
        ],
        currency,
        recurring: None,
        email: Some("ann@example.com"),
        place: Place::Hosted {
            success_url: "https://shop.example/thanks?s={CHECKOUT_SESSION_ID}".into(),
            cancel_url: Some("https://shop.example/cart".into()),
        },
        metadata: [("coupon".to_owned(), "SPRING".to_owned())].into(),
        expires_at: Timestamp(1_768_032_000_000),
        public_url: "http://127.0.0.1:8080",
    }
}

/// Compares the last request with its fixture: path, headers that matter, and the body pair by pair.
#[track_caller]
fn matches(stripe: &Sink, fixture: &str) {
    let sent = stripe.requests().pop().unwrap();
    let told = format!(
        "POST {}\nIdempotency-Key: {}\nStripe-Version: {}\n\n{}",
        sent.path.strip_prefix("/hook").unwrap(),
        sent.header("idempotency-key"),
        sent.header("stripe-version"),
        pairs(&sent.body)
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect::<String>()
    );
    assert_eq!(told, fixture);
    assert_eq!(sent.header("authorization"), "Bearer sk_live_1");
    assert_eq!(sent.header("content-type"), "application/x-www-form-urlencoded");
}

fn answer(value: Value) -> Reply {
    Reply::Body(200, value.to_string().into_bytes())
}

#[actix_rt::test]
async fn checkout_sessions_are_asked_for_by_stripes_documented_parameters() {
    let app = TestApp::start().await;
    let stripe = Sink::start();
    let provider = provider(&app, &stripe).await;
    stripe.answers([answer(json!({ "id": "cs_1", "url": "https://checkout.stripe.example/c/1" }))]);
    let opened = provider.open_checkout(&checkout("USD")).await.unwrap();
    assert_eq!(
        (opened.session.as_str(), opened.url.as_deref()),
        ("cs_1", Some("https://checkout.stripe.example/c/1"))
    );
    matches(&stripe, include_str!("fixtures/checkout_payment.txt"));

    stripe.answers([answer(json!({ "id": "cs_2", "url": "https://checkout.stripe.example/c/2" }))]);
    let monthly = NewCheckout {
        recurring: Some(Recurring {
            interval: "month".into(),
            interval_count: 3,
            trial_days: Some(14),
        }),
        ..checkout("EUR")
    };
    provider.open_checkout(&monthly).await.unwrap();
    matches(&stripe, include_str!("fixtures/checkout_subscription.txt"));

    stripe.answers([answer(json!({ "id": "cs_3", "url": null, "client_secret": "cs_3_secret" }))]);
    let embedded = NewCheckout {
        place: Place::Embedded {
            return_url: "https://shop.example/done".into(),
        },
        email: None,
        lines: vec![Line {
            name: "Tea".into(),
            unit_minor: 500,
            quantity: 1,
        }],
        // Yen have no cents: 500 is five hundred of them.
        ..checkout("JPY")
    };
    let opened = provider.open_checkout(&embedded).await.unwrap();
    assert_eq!((opened.url, opened.client_secret.as_deref()), (None, Some("cs_3_secret")));
    matches(&stripe, include_str!("fixtures/checkout_embedded_without_cents.txt"));
    app.finish().await;
}

#[actix_rt::test]
async fn refunds_and_ends_are_asked_for_by_stripes_documented_parameters() {
    let app = TestApp::start().await;
    let stripe = Sink::start();
    let provider = provider(&app, &stripe).await;
    stripe.answers([answer(json!({ "id": "re_1", "status": "pending" }))]);
    let refund = NewRefund {
        refund: CHECKOUT,
        intent: "pi_1",
        amount_minor: 500,
        reason: Some("requested_by_customer"),
    };
    let made = provider.refund(&refund).await.unwrap();
    assert_eq!((made.refund.as_str(), made.status.as_str()), ("re_1", "pending"));
    matches(&stripe, include_str!("fixtures/refund.txt"));
    for (ends, fixture) in [
        (true, include_str!("fixtures/subscription_cancel.txt")),
        (false, include_str!("fixtures/subscription_resume.txt")),
    ] {
        stripe.answers([answer(
            json!({ "id": "sub_1", "status": "active", "cancel_at_period_end": ends }),
        )]);
        let seen = provider.end_with_period("sub_1", ends, PRODUCT).await.unwrap().unwrap();
        assert_eq!(seen.cancel_at_period_end, ends);
        matches(&stripe, fixture);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_stripe_that_does_not_behave_is_told_apart_from_one_that_refuses() {
    let app = TestApp::start().await;
    let stripe = Sink::start();
    let provider = provider(&app, &stripe).await;
    let refusal = json!({ "error": { "type": "invalid_request_error", "code": "amount_too_small", "message": "Too small." } });
    let table: Vec<(Reply, &str)> = vec![
        (Reply::Status(500), "unavailable"),
        (Reply::Body(503, b"<html>down</html>".to_vec()), "unavailable"),
        (Reply::RetryAfter(429, 1), "unavailable"),
        (Reply::Hold, "unavailable"),
        (Reply::Status(200), "garbage"),
        (Reply::Body(200, b"<html>welcome</html>".to_vec()), "garbage"),
        (Reply::Body(200, b"{\"id\":\"cs_1\"".to_vec()), "garbage"),
        (Reply::Body(200, b"{\"id\":\"cs_1\"}".to_vec()), "garbage"),
        (Reply::Body(200, vec![b' '; 2_000_000]), "garbage"),
        (Reply::Body(404, b"nothing here".to_vec()), "garbage"),
        (Reply::Redirect("https://elsewhere.example".into()), "garbage"),
        (
            Reply::Body(401, b"{\"error\":{\"message\":\"Invalid API Key\"}}".to_vec()),
            "key",
        ),
        (Reply::Body(400, refusal.to_string().into_bytes()), "refused"),
    ];
    for (reply, expected) in table {
        let told = format!("{reply:?}").chars().take(60).collect::<String>();
        stripe.answers([reply]);
        let error = provider.open_checkout(&checkout("USD")).await.unwrap_err();
        let kind = match &error {
            PaymentError::Unavailable => "unavailable",
            PaymentError::Garbage => "garbage",
            PaymentError::Key => "key",
            PaymentError::Refused { .. } => "refused",
        };
        assert_eq!(kind, expected, "{told}");
        stripe.release();
    }
    let _ = Ids::default();
    app.finish().await;
}
