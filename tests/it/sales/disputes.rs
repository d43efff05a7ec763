//! A buyer disputes a payment with the bank.

use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_dispute_takes_access_a_minute_later_and_ends_refunds() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["payment.disputed", "access.revoked"]).await;
    let (checkout, page) = shop
        .checkout(json!({ "product_id": shop.product("brushes").await, "email": "ben@example.com" }))
        .await;
    assert_eq!(app.anonymous().form(&page, &[("card", "4000000000000259")]).await.status, 303);
    app.advance(59).await;
    assert!(sink.requests().is_empty());
    app.advance(2).await;
    let mut names: Vec<String> = sink
        .requests()
        .iter()
        .map(|request| request.json()["type"].to_string())
        .collect();
    names.sort();
    assert_eq!(names, [r#""access.revoked""#, r#""payment.disputed""#]);
    let payment = shop.payment_of(&checkout).await;
    shop.api
        .post(&format!("/api/v1/payments/{payment}/refund"), json!({}))
        .await
        .is(400);
    app.finish().await;
}
