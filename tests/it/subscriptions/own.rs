//! What a subscriber does himself (contract 5).

use super::{DAY, GOOD, count, has_access, listener, monthly, of_ann, person, sign_in, subscribe};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_subscriber_sees_his_subscriptions_in_the_shops_own_units() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let body = json!({
        "name": "Brush of the month", "slug": "brush-of-the-month", "price": 9.95, "currency": "USD",
        "product_type": "subscription", "billing_interval": "month", "recurring_price": 9.95,
    });
    let product = shop.api.post("/api/v1/products", body).await.is(201);
    let product = product["data"]["id"].as_str().unwrap().to_owned();
    let ann = person(&app, "ann@example.com").await;
    let made = subscribe(&app, &ann, &product, GOOD).await;
    assert_eq!(
        made,
        json!({
            "id": made["id"], "status": "active", "current_period_start": "2026-05-19T14:23:14.000Z",
            "current_period_end": "2026-06-19T14:23:14.000Z", "cancel_at_period_end": false, "canceled_at": null,
            "trial_end": null, "latest_invoice_id": made["latest_invoice_id"],
            "stripe_subscription_id": made["stripe_subscription_id"], "product_id": product,
            "created_at": "2026-05-19T14:23:14.000Z",
            "product": {
                "id": product, "name": "Brush of the month", "slug": "brush-of-the-month", "currency": "USD",
                "recurring_price": 9.95, "billing_interval": "month", "billing_interval_count": 1,
            },
        })
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_subscription_ends_with_its_period_unless_that_is_taken_back() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = listener(&app, &shop).await;
    let product = monthly(&shop, json!({})).await;
    let ann = person(&app, "ann@example.com").await;
    let made = subscribe(&app, &ann, &product, GOOD).await;
    let at = |verb: &str| format!("/api/subscriptions/{}/{verb}", made["id"].as_str().unwrap());
    ann.post(&at("cancel"), json!({})).await.equals(200, json!({ "ok": true }));
    let again = ann.post(&at("cancel"), json!({})).await.is(200);
    assert!(again["ok"] == true && again["message"].is_string(), "{again}");
    assert_eq!(of_ann(&app).await["cancel_at_period_end"], true);
    ann.post(&at("resume"), json!({})).await.equals(200, json!({ "ok": true }));
    app.advance(32 * DAY).await;
    assert_eq!(of_ann(&app).await["status"], "active");
    let ann = sign_in(&app, "ann@example.com").await;
    ann.post(&at("cancel"), json!({})).await.is(200);
    assert!(
        has_access(&shop, &app, "ann@example.com").await,
        "it holds until the period ends"
    );
    app.advance(32 * DAY).await;
    assert_eq!(of_ann(&app).await["status"], "canceled");
    assert!(!has_access(&shop, &app, "ann@example.com").await);
    let ann = sign_in(&app, "ann@example.com").await;
    for verb in ["cancel", "resume"] {
        let refused = ann.post(&at(verb), json!({})).await;
        assert!(
            refused.status == 400 && refused.json["error"].is_string(),
            "{}",
            refused.text()
        );
    }
    let told = sink.requests();
    assert_eq!(count(&told, "subscription.canceled"), 1);
    let updated = told.iter().find(|one| one.json()["type"] == "subscription.updated").unwrap();
    let subscription = updated.json()["data"]["subscription"].clone();
    assert_eq!(subscription["cancel_at_period_end"], true);
    assert_eq!(subscription["previous_attributes"]["cancel_at_period_end"], false);
    app.finish().await;
}

#[actix_rt::test]
async fn nobody_touches_what_is_not_his() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = monthly(&shop, json!({})).await;
    let ann = person(&app, "ann@example.com").await;
    let made = subscribe(&app, &ann, &product, GOOD).await;
    let path = format!("/api/subscriptions/{}/cancel", made["id"].as_str().unwrap());
    let eve = person(&app, "eve@example.com").await;
    eve.get("/api/subscriptions")
        .await
        .equals(200, json!({ "subscriptions": [] }));
    for path in [path.as_str(), "/api/subscriptions/nonsense/cancel"] {
        let refused = eve.post(path, json!({})).await;
        assert!(
            refused.status == 404 && refused.json["error"].is_string(),
            "{}",
            refused.text()
        );
    }
    for client in [app.anonymous(), shop.api.clone()] {
        let refused = client.get("/api/subscriptions").await;
        assert!(
            refused.status == 401 && refused.json["error"].is_string(),
            "{}",
            refused.text()
        );
        assert_eq!(client.post(&path, json!({})).await.status, 401);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_subscriber_who_cannot_decide_is_told_to_wait() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = monthly(&shop, json!({})).await;
    let ann = person(&app, "ann@example.com").await;
    let made = subscribe(&app, &ann, &product, GOOD).await;
    let at = |verb: &str| format!("/api/subscriptions/{}/{verb}", made["id"].as_str().unwrap());
    for turn in 0..10 {
        let verb = if turn % 2 == 0 { "cancel" } else { "resume" };
        ann.post(&at(verb), json!({})).await.is(200);
    }
    let refused = ann.post(&at("cancel"), json!({})).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(wait <= 300);
    assert_eq!(
        refused.json["error"],
        "Rate limit exceeded. Maximum 10 requests per 5 minutes."
    );
    app.advance(wait).await;
    ann.post(&at("cancel"), json!({})).await.is(200);
    app.finish().await;
}
