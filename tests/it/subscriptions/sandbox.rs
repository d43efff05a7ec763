//! Trials, ends and failures of sandbox subscriptions.

use super::{DAY, FAILS_LATER, GOOD, count, has_access, listener, monthly, names, of_ann, person, subscribe};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_trial_costs_nothing_is_announced_and_then_charged() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = listener(&app, &shop).await;
    let product = monthly(&shop, json!({ "trial_days": 14 })).await;
    let ann = person(&app, "ann@example.com").await;
    let made = subscribe(&app, &ann, &product, GOOD).await;
    assert_eq!(
        (&made["status"], &made["trial_end"]),
        (&json!("trialing"), &json!("2026-06-02T14:23:14.000Z"))
    );
    assert!(has_access(&shop, &app, "ann@example.com").await);
    app.advance(12 * DAY).await;
    let told = names(&sink.requests());
    assert_eq!(
        told,
        [
            "subscription.created",
            "access.granted",
            "invoice.paid",
            "subscription.renewal_upcoming",
            "subscription.trial_ending"
        ]
    );
    app.advance(3 * DAY).await;
    let charged = of_ann(&app).await;
    assert_eq!(charged["status"], "active");
    assert_eq!(charged["current_period_end"], "2026-07-02T14:23:14.000Z");
    let paid = sink
        .requests()
        .into_iter()
        .rfind(|one| one.json()["type"] == "invoice.paid")
        .unwrap();
    assert_eq!(paid.json()["data"]["invoice"]["amount_paid"], 995);
    app.finish().await;
}

#[actix_rt::test]
async fn a_subscription_that_nobody_pays_for_is_unpaid_and_then_over() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = listener(&app, &shop).await;
    let product = monthly(&shop, json!({})).await;
    let ann = person(&app, "ann@example.com").await;
    subscribe(&app, &ann, &product, FAILS_LATER).await;
    // Renewal after 31 days, then tries after 3, 5 and 7 more.
    app.advance(45 * DAY).await;
    assert_eq!(of_ann(&app).await["status"], "past_due");
    assert!(has_access(&shop, &app, "ann@example.com").await);
    app.advance(2 * DAY).await;
    assert_eq!(of_ann(&app).await["status"], "unpaid");
    assert!(!has_access(&shop, &app, "ann@example.com").await);
    assert_eq!(count(&sink.requests(), "invoice.payment_failed"), 4);
    app.advance(20 * DAY).await;
    assert_eq!(of_ann(&app).await["status"], "canceled");
    let told = names(&sink.requests());
    assert_eq!(told.last().unwrap(), "subscription.canceled");
    assert_eq!(count(&sink.requests(), "access.revoked"), 1);
    app.advance(100 * DAY).await;
    assert_eq!(names(&sink.requests()).len(), told.len(), "nothing happens to what is over");
    app.finish().await;
}

#[actix_rt::test]
async fn money_back_for_a_period_ends_access_now_and_the_subscription_with_its_period() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = listener(&app, &shop).await;
    let product = monthly(&shop, json!({})).await;
    let ann = person(&app, "ann@example.com").await;
    subscribe(&app, &ann, &product, GOOD).await;
    let listed = shop.api.get("/api/v1/payments").await.is(200);
    let payment = listed["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&listed["data"][0]["amount"], &listed["data"][0]["status"]),
        (&json!(995), &json!("completed"))
    );
    shop.api
        .post(&format!("/api/v1/payments/{payment}/refund"), json!({}))
        .await
        .is(200);
    assert!(!has_access(&shop, &app, "ann@example.com").await);
    let after = of_ann(&app).await;
    assert_eq!(
        (&after["status"], &after["cancel_at_period_end"]),
        (&json!("active"), &json!(true))
    );
    app.advance(32 * DAY).await;
    assert_eq!(of_ann(&app).await["status"], "canceled");
    let told = names(&sink.requests());
    for name in [
        "refund.issued",
        "access.revoked",
        "subscription.updated",
        "subscription.canceled",
    ] {
        assert_eq!(count(&sink.requests(), name), 1, "{name} in {told:?}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn paying_a_checkout_twice_is_one_subscription() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = monthly(&shop, json!({})).await;
    let (checkout, page) = shop
        .checkout(json!({ "product_id": product, "email": "ben@example.com" }))
        .await;
    for _ in 0..2 {
        assert_eq!(app.anonymous().form(&page, &[("card", GOOD)]).await.status, 303);
    }
    let shown = shop.api.get(&format!("/api/v1/checkout/sessions/{checkout}")).await.is(200);
    assert_eq!(shown["data"]["status"], "complete");
    let listed = shop.api.get("/api/v1/payments").await.is(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert!(has_access(&shop, &app, "ben@example.com").await);
    app.finish().await;
}

#[actix_rt::test]
async fn the_page_of_a_subscription_takes_test_cards_only() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = monthly(&shop, json!({})).await;
    let ann = person(&app, "ann@example.com").await;
    let made = subscribe(&app, &ann, &product, GOOD).await;
    let page = format!("/sandbox/subscriptions/{}", made["id"].as_str().unwrap());
    let shown = app.anonymous().get(&page).await;
    assert!(shown.text().contains(FAILS_LATER), "{}", shown.text());
    for card in ["4000000000000002", "4111111111111111", ""] {
        assert_eq!(app.anonymous().form(&page, &[("card", card)]).await.status, 402, "{card}");
    }
    let unknown = "/sandbox/subscriptions/0190b2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d";
    assert_eq!(app.anonymous().get(unknown).await.status, 404);
    app.finish().await;
}
