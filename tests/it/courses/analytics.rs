//! What a window of days adds up to.

use super::{buy, course, do_all, enrol, student, text};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn revenue_and_completion_of_a_window() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let made = course(&shop, "Colour").await;
    let order = buy(&app, &shop, json!({ "course_id": made["id"], "email": "buyer@example.com" })).await;
    buy(&app, &shop, json!({ "course_id": made["id"], "email": "other@example.com" })).await;
    shop.owner
        .post(&format!("/api/v1/payments/{}/refund", text(&order["id"])), json!({}))
        .await;
    let id = student(&shop.api, "ann@example.com").await;
    let seat = enrol(&shop.api, &id, &made["id"]).await;
    do_all(&shop.api, &seat["id"], &made).await;
    let told = shop.api.get("/api/v1/analytics/summary").await.is(200)["data"].clone();
    assert_eq!((&told["from"], &told["to"]), (&json!("2026-04-20"), &json!("2026-05-19")));
    let fee = order["gatewayFee"].as_i64().unwrap();
    assert_eq!(
        told["revenue"],
        json!({
            "gross": 9800, "fees": 2 * fee, "net": 9800 - 2 * fee, "refunded": 4900, "currency": "EUR", "orders": 2, "refunds": 1,
        })
    );
    assert_eq!(
        told["completion"],
        json!({ "enrollments": 3, "completed": 1, "rate": 0.3333 })
    );
    let today = shop
        .api
        .get("/api/v1/analytics/summary?from=2026-05-19&to=2026-05-19")
        .await
        .is(200);
    assert_eq!(today["data"]["revenue"]["orders"], 2);
    let before = shop
        .api
        .get("/api/v1/analytics/summary?from=2026-05-01&to=2026-05-18")
        .await
        .is(200);
    assert_eq!(
        (
            &before["data"]["revenue"]["gross"],
            &before["data"]["completion"]["enrollments"]
        ),
        (&json!(0), &json!(0))
    );
    for query in ["from=2026-05-19&to=2026-05-18", "from=x", "to=2026-02-30"] {
        let refused = shop.api.get(&format!("/api/v1/analytics/summary?{query}")).await.is(422);
        assert_eq!(refused["error"]["code"], "invalid_request", "{query}");
    }
    shop.key("bigclass", &["read:orders"])
        .await
        .get("/api/v1/analytics/summary")
        .await
        .is(403);
    app.finish().await;
}
