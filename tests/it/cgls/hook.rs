//! What shops elsewhere tell of purchases.

use super::{Studio, merged};
use crate::harness::Answer;
use serde_json::{Value, json};

const SECRET: &str = "inbound-secret-of-the-tests";

async fn open() -> Studio {
    Studio::with(&[("inbound_webhook_secret", SECRET)]).await
}

async fn told(studio: &Studio, kind: &str, more: Value) -> Answer {
    let body = json!({ "type": kind, "email": "ann@example.com", "productId": studio.product, "purchaseId": "P-1" });
    let call = studio.app.anonymous().header("x-webhook-secret", SECRET);
    call.post("/cgloungeWebhook", merged(body, more)).await
}

#[actix_rt::test]
async fn a_purchase_makes_one_licence_however_often_it_is_told() {
    let studio = open().await;
    let first = told(&studio, "purchase.completed", json!({ "durationDays": 30 }))
        .await
        .is(200);
    let again = told(&studio, "purchase.completed", json!({ "durationDays": 30 }))
        .await
        .is(200);
    assert_eq!(first, again);
    let key = first["licenseKey"].as_str().unwrap();
    assert_eq!(studio.shown(key).await["license"]["expiresAt"], "2026-06-18T14:23:14Z");
    told(
        &studio,
        "subscription.renewed",
        json!({ "durationDays": 30, "purchaseId": "R-1" }),
    )
    .await
    .is(200);
    told(
        &studio,
        "subscription.renewed",
        json!({ "durationDays": 30, "purchaseId": "R-1" }),
    )
    .await
    .is(200);
    assert_eq!(studio.shown(key).await["license"]["expiresAt"], "2026-07-18T14:23:14Z");
    told(&studio, "subscription.cancelled", json!({})).await.is(200);
    assert_eq!(studio.shown(key).await["license"]["status"], "active");
    let listed = studio.by_key("/listLicenses", json!({})).await.is(200);
    assert_eq!(listed["count"], 1);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn money_that_goes_back_takes_the_licence_along() {
    let studio = open().await;
    for (purchase, kind, reason) in [("A", "purchase.refunded", "refund"), ("B", "purchase.disputed", "chargeback")] {
        let made = told(&studio, "purchase.completed", json!({ "purchaseId": purchase }))
            .await
            .is(200);
        told(&studio, kind, json!({ "purchaseId": purchase })).await.is(200);
        let license = studio.shown(made["licenseKey"].as_str().unwrap()).await["license"].clone();
        assert_eq!(
            (&license["status"], &license["threatLevel"], &license["disputeReason"]),
            (&json!("revoked"), &json!(4), &json!(reason))
        );
    }
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_trial_code_is_redeemed_as_often_as_it_may_be() {
    let studio = open().await;
    let code = json!({ "code": "TRY", "trialDays": 14, "maxUses": 1 });
    studio.by_key("/createTrialCode", code).await.is(200);
    for (purchase, end) in [("A", json!("2026-06-02T14:23:14Z")), ("B", Value::Null)] {
        let body = json!({ "purchaseId": purchase, "discountCode": "TRY" });
        let made = told(&studio, "purchase.completed", body).await.is(200);
        let license = studio.shown(made["licenseKey"].as_str().unwrap()).await["license"].clone();
        assert_eq!(license["expiresAt"], end, "{purchase}");
    }
    studio.app.finish().await;
}

#[actix_rt::test]
async fn only_who_has_the_secret_is_heard() {
    let studio = open().await;
    let call = studio.app.anonymous();
    let body = json!({ "type": "purchase.completed", "email": "ann@example.com", "productId": studio.product });
    call.post("/cgloungeWebhook", body.clone()).await.is(401);
    call.header("x-webhook-secret", "wrong-wrong")
        .post("/cgloungeWebhook", body.clone())
        .await
        .is(401);
    let inside = merged(body, json!({ "webhookSecret": SECRET }));
    call.post("/cgloungeWebhook", inside).await.is(200);
    told(&studio, "purchase.completed", json!({ "productId": "nobody" }))
        .await
        .is(404);
    told(&studio, "purchase.completed", json!({ "email": null })).await.is(400);
    told(&studio, "something.else", json!({}))
        .await
        .equals(200, json!({ "success": true }));
    studio.app.finish().await;
    let closed = Studio::open().await;
    told(&closed, "something.else", json!({})).await.is(401);
    closed.app.finish().await;
}
