//! A year of a monthly subscription on the operator's clock.

use super::{DAY, FAILS_LATER, GOOD, count, has_access, listener, monthly, of_ann, person, subscribe};
use crate::harness::TestApp;
use serde_json::{Value, json};

/// Completed payments of a shop: how many, and their sum.
async fn payments(app: &TestApp) -> (usize, i64) {
    let store = app.store();
    let rows: Vec<entities::payment::Model> = entities::payment::anywhere().all(store.read()).await.unwrap();
    let entries: Vec<entities::ledger_entry::Model> = entities::ledger_entry::anywhere().all(store.read()).await.unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.amount_minor).sum::<i64>(),
        0,
        "the books balance"
    );
    (rows.len(), rows.iter().map(|row| row.amount_minor).sum())
}

#[actix_rt::test]
async fn a_year_with_a_failed_payment_in_the_third_month() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = listener(&app, &shop).await;
    let product = monthly(&shop, json!({})).await;
    let ann = person(&app, "ann@example.com").await;
    let made = subscribe(&app, &ann, &product, GOOD).await;
    assert_eq!(
        (&made["status"], &made["product"]["recurring_price"]),
        (&json!("active"), &json!(995))
    );
    assert_eq!(made["current_period_end"], "2026-06-19T14:23:14.000Z");
    let page = format!("/sandbox/subscriptions/{}", made["id"].as_str().unwrap());

    // The second charge goes through; before the third the card is replaced by one that fails.
    app.advance(32 * DAY).await;
    assert_eq!(payments(&app).await, (2, 2 * 995));
    let changed = app.anonymous().form(&page, &[("card", FAILS_LATER)]).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    app.advance(30 * DAY).await;
    let late = of_ann(&app).await;
    assert_eq!((&late["status"], payments(&app).await.0), (&json!("past_due"), 2));
    assert!(
        has_access(&shop, &app, "ann@example.com").await,
        "a failed charge keeps access"
    );
    let failed = sink
        .requests()
        .into_iter()
        .find(|one| one.json()["type"] == "invoice.payment_failed");
    let failed = failed.unwrap().json()["data"].clone();
    assert_eq!(
        failed["invoice"],
        json!({
            "stripe_invoice_id": failed["invoice"]["stripe_invoice_id"], "amount_due": 995, "currency": "USD",
            "attempt_count": 1, "next_payment_attempt": "2026-07-22T14:23:14.000Z", "hosted_invoice_url": null,
        })
    );

    // The first retry fails too; a good card pays what is owed at once.
    app.advance(3 * DAY).await;
    assert_eq!(count(&sink.requests(), "invoice.payment_failed"), 2);
    let changed = app.anonymous().form(&page, &[("card", GOOD)]).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    assert_eq!(
        (of_ann(&app).await["status"].clone(), payments(&app).await.0),
        (json!("active"), 3)
    );

    // The rest of the year and a day: twelve renewals in all, every period once, on the day it began on.
    app.advance(301 * DAY).await;
    assert_eq!(payments(&app).await, (13, 13 * 995));
    let year = of_ann(&app).await;
    assert_eq!(year["status"], "active");
    assert_eq!(year["current_period_start"], "2027-05-19T14:23:14.000Z");
    assert!(has_access(&shop, &app, "ann@example.com").await);
    let told = sink.requests();
    assert_eq!(count(&told, "subscription.created"), 1);
    assert_eq!(count(&told, "invoice.paid"), 13);
    assert_eq!(count(&told, "subscription.renewal_upcoming"), 12);
    assert_eq!(count(&told, "invoice.payment_failed"), 2);
    assert_eq!(count(&told, "subscription.updated"), 13, "twelve renewals and a recovery");
    assert_eq!(count(&told, "access.granted"), 1);
    assert_eq!(count(&told, "access.revoked"), 0);
    let periods: Vec<Value> = told
        .iter()
        .map(super::Received::json)
        .filter(|body| body["type"] == "invoice.paid")
        .map(|body| body["data"]["invoice"]["stripe_invoice_id"].clone())
        .collect();
    let distinct: std::collections::BTreeSet<String> = periods.iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), 13);
    app.finish().await;
}

#[actix_rt::test]
async fn one_leap_of_a_year_renews_twelve_times() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = monthly(&shop, json!({})).await;
    let ann = person(&app, "ann@example.com").await;
    subscribe(&app, &ann, &product, GOOD).await;
    app.advance(365 * DAY).await;
    assert_eq!(payments(&app).await, (13, 13 * 995));
    app.finish().await;
}
