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
    let buy = async |more: Value| {
        let made = told(&studio, "purchase.completed", more).await;
        let Some(key) = made.json["licenseKey"].as_str() else {
            return (made.status, Value::Null);
        };
        (made.status, studio.shown(key).await["license"]["expiresAt"].clone())
    };
    let code = |purchase: &str| json!({ "purchaseId": purchase, "discountCode": "TRY" });
    let two_weeks = (200, json!("2026-06-02T14:23:14Z"));
    assert_eq!(buy(code("A")).await, two_weeks);
    // Told again it is the same licence, and no second use.
    assert_eq!(buy(code("A")).await, two_weeks);
    // A code that takes no use says nothing of the end: the purchase is made all the same.
    let for_ever = (200, Value::Null);
    assert_eq!(buy(code("B")).await, for_ever);
    assert_eq!(
        buy(merged(code("B2"), json!({ "durationDays": 1 }))).await,
        (200, json!("2026-05-20T14:23:14Z"))
    );
    let change = async |more: Value| {
        let body = merged(json!({ "code": "TRY", "maxUses": null }), more);
        studio.by_key("/updateTrialCode", body).await.is(200);
    };
    change(json!({ "active": false })).await;
    assert_eq!(buy(code("C")).await, for_ever);
    change(json!({ "active": true, "expiresAt": "2026-05-19T14:23:14Z" })).await;
    assert_eq!(buy(code("D")).await, for_ever);
    change(json!({ "expiresAt": null })).await;
    assert_eq!(buy(json!({ "purchaseId": "E", "discountCode": "try" })).await, two_weeks);
    studio.by_key("/deleteTrialCode", json!({ "code": "Try" })).await.is(200);
    assert_eq!(buy(code("F")).await, for_ever);
    // A text that never was a trial code is what a shop calls its discount.
    assert_eq!(buy(json!({ "purchaseId": "G", "discountCode": "SPRING" })).await, for_ever);
    let other = format!("{}-other", studio.product);
    studio
        .by_key("/createProduct", json!({ "name": "O", "slug": other }))
        .await
        .is(200);
    let theirs = json!({ "code": "THEIRS", "productId": other, "trialDays": 3 });
    studio.by_key("/createTrialCode", theirs).await.is(200);
    assert_eq!(buy(json!({ "purchaseId": "H", "discountCode": "THEIRS" })).await, for_ever);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_purchase_counts_once_whatever_product_it_names() {
    let studio = open().await;
    let other = format!("{}-other", studio.product);
    studio
        .by_key("/createProduct", json!({ "name": "O", "slug": other }))
        .await
        .is(200);
    let first = told(&studio, "purchase.completed", json!({})).await.is(200);
    let second = told(&studio, "purchase.completed", json!({ "productId": other }))
        .await
        .is(200);
    assert_eq!(first, second);
    // Another creator has purchases of his own.
    let (_, theirs) = studio.another().await;
    let third = told(&studio, "purchase.completed", json!({ "productId": theirs }))
        .await
        .is(200);
    assert_ne!(first, third);
    let asked = (0..10).map(|_| told(&studio, "purchase.completed", json!({ "purchaseId": "P-2" })));
    let made: Vec<Value> = futures_util::future::join_all(asked)
        .await
        .into_iter()
        .map(|answer| answer.is(200))
        .collect();
    assert!(made.iter().all(|one| *one == made[0]));
    // What nobody bought is not given back.
    told(&studio, "purchase.refunded", json!({ "purchaseId": "P-9" }))
        .await
        .is(404);
    assert_eq!(
        studio.shown(first["licenseKey"].as_str().unwrap()).await["license"]["status"],
        "active"
    );
    studio.app.finish().await;
}

#[actix_rt::test]
async fn what_was_paid_must_be_an_amount_and_an_archived_product_is_not_sold() {
    let studio = open().await;
    for (more, status) in [
        (json!({ "amount": "19.90" }), 400),
        (json!({ "amount": -1 }), 400),
        (json!({ "amount": true }), 400),
        (json!({ "currency": "EURO" }), 400),
        (json!({ "currency": "ZZZ" }), 400),
        (json!({ "currency": 978 }), 400),
        (json!({ "maxMachines": "two" }), 400),
        (json!({ "durationDays": 0 }), 400),
        (json!({ "licenseType": "seat" }), 400),
        (json!({ "email": "nobody" }), 400),
        (json!({ "type": "" }), 400),
        (json!({ "type": null }), 400),
        (json!({ "amount": 19.9, "currency": "eur" }), 200),
        (json!({ "purchaseId": "P-2", "amount": 1900, "currency": "JPY" }), 200),
    ] {
        let made = told(&studio, "purchase.completed", more.clone()).await;
        assert_eq!(
            (made.status, &made.json["success"]),
            (status, &json!(status == 200)),
            "{more}"
        );
    }
    // Of what is unknown nothing is judged.
    told(&studio, "purchase.teleported", json!({ "amount": "x", "email": 7 }))
        .await
        .is(200);
    studio
        .by_key("/updateProduct", json!({ "productId": studio.product, "status": "archived" }))
        .await
        .is(200);
    told(&studio, "purchase.completed", json!({ "purchaseId": "P-3" }))
        .await
        .is(409);
    // What was sold before is still taken back.
    told(&studio, "purchase.completed", json!({ "purchaseId": "P-2" }))
        .await
        .is(200);
    told(&studio, "purchase.refunded", json!({ "purchaseId": "P-2" }))
        .await
        .is(200);
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
