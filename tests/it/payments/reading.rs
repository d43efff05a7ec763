//! One by one, in lists, in sums; and the one thing that may be changed.

use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};

async fn product(shop: &Shop, slug: &str, price: i64, currency: &str) -> String {
    let body = json!({ "name": slug, "slug": slug, "price": price, "currency": currency });
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    made["data"]["id"].as_str().unwrap().to_owned()
}

async fn refund(shop: &Shop, payment: &str, amount: i64) {
    let body = json!({ "amount": amount, "reason": "duplicate" });
    shop.api
        .post(&format!("/api/v1/payments/{payment}/refund"), body)
        .await
        .is(200);
}

async fn ids(shop: &Shop, query: &str) -> Vec<String> {
    let page = shop.api.get(&format!("/api/v1/payments{query}")).await.is(200);
    let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
    page["data"].as_array().unwrap().iter().map(id).collect()
}

#[actix_rt::test]
async fn a_payment_is_told_with_every_field_of_the_contract() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let brushes = product(&shop, "brushes", 29, "USD").await;
    let id = shop.sale(&brushes, "Ann@Example.com").await;
    let read = shop.api.get(&format!("/api/v1/payments/{id}")).await.is(200)["data"].clone();
    let (user, line) = (read["user_id"].clone(), read["line_items"][0]["id"].clone());
    let expected = json!({
        "id": id, "customer_email": "ann@example.com", "amount": 2900, "currency": "USD", "status": "completed",
        "created_at": "2026-05-19T14:23:14.000Z", "updated_at": "2026-05-19T14:23:14.000Z",
        "stripe_payment_intent_id": read["stripe_payment_intent_id"], "session_id": read["session_id"],
        "product": {
            "id": brushes, "name": "brushes", "slug": "brushes", "price": 29, "currency": "USD", "custom_checkout_fields": null,
            "is_bundle": false,
        },
        "user_id": user, "user": { "id": user, "email": "ann@example.com" },
        "net_total": null, "tax_total": null, "tax_snapshot_status": "none", "metadata": {}, "custom_field_values": null,
        "refund": null, "refunded_amount": 0,
        "line_items": [{
            "id": line, "transaction_id": id, "product_id": brushes, "item_type": "main_product", "product_name": "brushes",
            "quantity": 1, "unit_price": 29, "total_price": 29, "currency": "USD", "metadata": {}, "net_amount": null,
            "tax_amount": null, "vat_rate": null, "tax_behavior": null, "vat_exempt": false, "taxability_reason": null,
            "tax_breakdown": null,
        }],
        "discount_amount": 0, "coupon_id": null, "provider": "sandbox",
    });
    assert_eq!(read, expected);
    let listed = shop.api.get("/api/v1/payments").await.is(200);
    assert_eq!(listed["data"], json!([expected]));
    assert!(read["stripe_payment_intent_id"].is_string() && read["session_id"].is_string());
    refund(&shop, &id, 900).await;
    let read = shop.api.get(&format!("/api/v1/payments/{id}")).await.is(200)["data"].clone();
    let refunded = &read["refund"];
    assert_eq!((&refunded["amount"], &refunded["reason"]), (&json!(900), &json!("duplicate")));
    assert_eq!(
        (&read["status"], &read["refunded_amount"]),
        (&json!("completed"), &json!(900))
    );
    assert!(refunded["id"].is_string() && refunded["refunded_at"].is_string() && refunded["refunded_by"].is_string());
    let other = app.shop("sellf").await;
    other.api.get(&format!("/api/v1/payments/{id}")).await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn filters_and_orders_are_those_of_the_contract() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (cheap, dear) = (
        product(&shop, "cheap", 5, "USD").await,
        product(&shop, "dear", 90, "USD").await,
    );
    let mut made = Vec::new();
    for (what, email) in [
        (&cheap, "cat@example.com"),
        (&dear, "ann@example.com"),
        (&cheap, "ben@example.org"),
    ] {
        made.push(shop.sale(what, email).await);
        app.advance(86_400).await;
    }
    refund(&shop, &made[0], 500).await;
    let of = |places: &[usize]| places.iter().map(|place| made[*place].clone()).collect::<Vec<_>>();
    for (query, expected) in [
        ("", vec![2, 1, 0]),
        ("?status=completed", vec![2, 1]),
        ("?status=refunded", vec![0]),
        ("?status=failed", vec![]),
        ("?email=EXAMPLE.com", vec![1, 0]),
        ("?date_from=2026-05-20", vec![2, 1]),
        ("?date_to=2026-05-20", vec![1, 0]),
        ("?date_from=2026-05-20T14:23:14Z&date_to=2026-05-20T14:23:14Z", vec![1]),
        ("?date_from=someday&date_to=never", vec![2, 1, 0]),
        ("?sort=amount", vec![0, 2, 1]),
        ("?sort=-amount", vec![1, 2, 0]),
        ("?sort_by=customer_email&sort_order=asc", vec![1, 2, 0]),
        ("?sort=-created_at&sort_by=amount", vec![2, 1, 0]),
    ] {
        let found = ids(&shop, query).await;
        // Equal amounts are in the order of their ids.
        if query == "?sort=amount" || query == "?sort=-amount" {
            assert_eq!(found.len(), 3);
            assert_eq!(
                found.iter().position(|id| *id == made[1]),
                Some(if query.contains('-') { 0 } else { 2 })
            );
        } else {
            assert_eq!(found, of(&expected), "{query}");
        }
    }
    assert_eq!(ids(&shop, &format!("?product_id={dear}")).await, of(&[1]));
    let long = format!("?email={}", "x".repeat(255));
    for query in [
        "?status=odd",
        "?product_id=x",
        "?sort=price",
        "?sort_by=price",
        "?cursor=x",
        long.as_str(),
    ] {
        let answer = shop.api.get(&format!("/api/v1/payments{query}")).await;
        assert_eq!(
            (answer.status, answer.json["error"]["code"].as_str()),
            (400, Some("INVALID_INPUT")),
            "{query}"
        );
    }
    for sort in ["-created_at", "amount", "customer_email"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = shop
                .api
                .get(&format!("/api/v1/payments?limit=1&sort={sort}{cursor}"))
                .await
                .is(200);
            seen.push(page["data"][0]["id"].as_str().unwrap().to_owned());
            match page["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, ids(&shop, &format!("?sort={sort}")).await, "{sort}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn only_metadata_changes_and_only_member_by_member() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let id = shop
        .sale(&product(&shop, "brushes", 29, "USD").await, "ann@example.com")
        .await;
    let path = format!("/api/v1/payments/{id}");
    shop.api
        .patch(&path, json!({ "metadata": { "a": 1, "b": { "x": 1 } } }))
        .await
        .is(200);
    app.advance(5).await;
    let changed = shop
        .api
        .patch(&path, json!({ "metadata": { "b": { "y": 2 }, "c_d": null } }))
        .await
        .is(200);
    let expected = json!({
        "id": id, "metadata": { "a": 1, "b": { "y": 2 }, "c_d": null }, "updated_at": "2026-05-19T14:23:19.000Z",
    });
    assert_eq!(changed["data"], expected);
    for body in [
        json!({}),
        json!({ "metadata": 1 }),
        json!({ "metadata": [] }),
        json!({ "metadata": null }),
        json!({ "metadata": {}, "amount": 1 }),
        json!({ "status": "refunded" }),
        json!({ "metadata": { "a": "x".repeat(70_000) } }),
    ] {
        let answer = shop.api.patch(&path, body).await;
        assert_eq!(
            (answer.status, answer.json["error"]["code"].as_str()),
            (400, Some("VALIDATION_ERROR")),
            "{}",
            answer.text()
        );
    }
    let read = shop.api.get(&path).await.is(200);
    assert_eq!(
        (&read["data"]["metadata"], &read["data"]["amount"]),
        (&expected["metadata"], &json!(2900))
    );
    let unknown = "/api/v1/payments/00000000-0000-7000-8000-000000000000";
    shop.api.patch(unknown, json!({})).await.is(404);
    for (scope, status) in [
        ("analytics:read", 200),
        ("payments:write", 200),
        ("payments:read", 403),
        ("coupons:read", 403),
    ] {
        let key = shop.key("sellf", &[scope]).await;
        key.patch(&path, json!({ "metadata": {} })).await.is(status);
    }
    for (scope, status) in [("analytics:read", 200), ("payments:read", 200), ("users:read", 403)] {
        shop.key("sellf", &[scope]).await.get(&path).await.is(status);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn sums_are_of_completed_payments_by_currency() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let empty = shop.api.get("/api/v1/payments/stats").await.is(200);
    assert_eq!(
        (&empty["data"]["total_transactions"], &empty["data"]["by_currency"]),
        (&json!(0), &json!({}))
    );
    let (dollars, euros) = (product(&shop, "d", 10, "USD").await, product(&shop, "e", 7, "EUR").await);
    let early = shop.sale(&dollars, "ann@example.com").await;
    app.advance(40 * 86_400).await;
    let full = shop.sale(&dollars, "ben@example.com").await;
    shop.sale(&euros, "ben@example.com").await;
    refund(&shop, &early, 300).await;
    refund(&shop, &full, 1000).await;
    let stats = shop.api.get("/api/v1/payments/stats").await.is(200)["data"].clone();
    let expected = json!({
        "total_transactions": 2, "total_revenue": 1700, "pending_count": 0, "refunded_amount": 300, "today_revenue": 700,
        "this_month_revenue": 700,
        "total_revenue_by_currency": { "EUR": 700, "USD": 1000 }, "refunded_amount_by_currency": { "EUR": 0, "USD": 300 },
        "today_revenue_by_currency": { "EUR": 700 }, "this_month_revenue_by_currency": { "EUR": 700 },
        "by_currency": {
            "EUR": { "total_revenue": 700, "transaction_count": 1 }, "USD": { "total_revenue": 1000, "transaction_count": 1 },
        },
    });
    assert_eq!(stats, expected);
    app.finish().await;
}
