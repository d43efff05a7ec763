//! Order bumps.

use super::{NOBODY, faulty, id, page, product};
use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn a_bump_is_made_read_listed_changed_and_gone() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (main, yen) = (
        id(&product(&shop, "main", json!({ "price": 1000, "currency": "JPY" })).await),
        id(&product(&shop, "yen", json!({ "price": 900, "currency": "JPY" })).await),
    );
    let body = json!({ "main_product_id": main, "bump_product_id": yen, "bump_title": "And this", "bump_price": 500 });
    let made = shop.api.post("/api/v1/order-bumps", body.clone()).await.is(201)["data"].clone();
    let expected = json!({
        "id": made["id"], "main_product_id": main, "bump_product_id": yen, "bump_title": "And this", "bump_description": null,
        "bump_price": 500, "is_active": true, "display_order": 0, "access_duration_days": null,
        "urgency_duration_minutes": null, "created_at": made["created_at"], "updated_at": made["updated_at"],
        "main_product": { "id": main, "name": "P main", "slug": "main" },
        "bump_product": { "id": yen, "name": "P yen", "slug": "yen", "price": 900, "currency": "JPY" },
    });
    assert_eq!(made, expected);
    let path = format!("/api/v1/order-bumps/{}", id(&made));
    shop.api.get(&path).await.equals(200, json!({ "data": made }));
    let again = shop.api.post("/api/v1/order-bumps", body).await.is(409);
    assert_eq!(again["error"]["code"], "CONFLICT");
    assert_eq!(
        page(&shop.api, &format!("/api/v1/order-bumps?product_id={main}")).await,
        [id(&made)]
    );
    assert!(
        page(&shop.api, &format!("/api/v1/order-bumps?product_id={yen}"))
            .await
            .is_empty()
    );
    assert_eq!(
        shop.api.get("/api/v1/order-bumps?product_id=x").await.is(400)["error"]["code"],
        "INVALID_INPUT"
    );
    let change = json!({ "bump_price": 450, "access_duration_days": 0, "display_order": 3, "is_active": false });
    let changed = shop.api.patch(&path, change.clone()).await.is(200);
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(&changed["data"][name], value, "{name}");
    }
    let own = shop.api.patch(&path, json!({ "bump_price": null })).await.is(200);
    assert_eq!(own["data"]["bump_price"], Value::Null);
    shop.api.delete(&path).await.is(204);
    shop.api.get(&path).await.is(404);
    shop.api.patch(&path, json!({ "bump_title": "x" })).await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn what_cannot_be_a_bump_is_told_by_its_field() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (main, other) = (
        id(&product(&shop, "main", json!({})).await),
        id(&product(&shop, "other", json!({})).await),
    );
    let off = id(&product(&shop, "off", json!({ "is_active": false })).await);
    let foreign = id(&product(&app.shop("sellf").await, "foreign", json!({})).await);
    let monthly = json!({ "product_type": "subscription", "billing_interval": "month", "recurring_price": 5 });
    let monthly = id(&product(&shop, "monthly", monthly).await);
    let yen = id(&product(&shop, "yen", json!({ "price": 900, "currency": "JPY" })).await);
    for (change, field) in [
        (json!({ "bump_product_id": main }), "bump_product_id"),
        (json!({ "bump_product_id": NOBODY }), "bump_product_id"),
        (json!({ "bump_product_id": foreign }), "bump_product_id"),
        (json!({ "bump_product_id": off }), "bump_product_id"),
        (json!({ "bump_product_id": monthly }), "bump_product_id"),
        (json!({ "bump_product_id": yen }), "bump_product_id"),
        (json!({ "main_product_id": off }), "main_product_id"),
        (json!({ "main_product_id": "x" }), "main_product_id"),
        (json!({ "bump_title": "" }), "bump_title"),
        (json!({ "bump_title": "x".repeat(201) }), "bump_title"),
        (json!({ "bump_description": "x".repeat(2_001) }), "bump_description"),
        (json!({ "bump_price": -1 }), "bump_price"),
        (json!({ "bump_price": 1_000_000 }), "bump_price"),
        (json!({ "display_order": 1_001 }), "display_order"),
        (json!({ "access_duration_days": 3_651 }), "access_duration_days"),
        (json!({ "urgency_duration_minutes": 0 }), "urgency_duration_minutes"),
        (json!({ "urgency_duration_minutes": 1_441 }), "urgency_duration_minutes"),
    ] {
        let mut body = json!({ "main_product_id": main, "bump_product_id": other, "bump_title": "And this" });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let told = faulty(shop.owner.post("/api/v1/order-bumps", body).await, "VALIDATION_ERROR");
        assert_eq!(told, [field], "{change}");
    }
    let body = json!({ "main_product_id": main, "bump_product_id": other, "bump_title": "And this" });
    let bump = shop.owner.post("/api/v1/order-bumps", body).await.is(201);
    let path = format!("/api/v1/order-bumps/{}", id(&bump["data"]));
    for body in [
        json!({}),
        json!({ "bump_product_id": main }),
        json!({ "main_product_id": other }),
    ] {
        faulty(shop.owner.patch(&path, body).await, "VALIDATION_ERROR");
    }
    // What is switched off later stays where it is, and goes with its product.
    shop.owner
        .patch(&format!("/api/v1/products/{other}"), json!({ "is_active": false }))
        .await
        .is(200);
    shop.owner.patch(&path, json!({ "bump_title": "Or this" })).await.is(200);
    shop.owner.delete(&format!("/api/v1/products/{other}")).await.is(204);
    shop.owner.get(&path).await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn a_ticked_bump_is_paid_for_at_its_own_price() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (main, other, euro) = (
        id(&product(&shop, "main", json!({})).await),
        id(&product(&shop, "other", json!({ "price": 8 })).await),
        id(&product(&shop, "euro", json!({})).await),
    );
    let bump = async |bump: &str, more: Value| {
        let mut body = json!({ "main_product_id": main, "bump_product_id": bump, "bump_title": "And this" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        id(&shop.api.post("/api/v1/order-bumps", body).await.is(201)["data"])
    };
    let (cheap, foreign) = (bump(&other, json!({ "bump_price": 4.5 })).await, bump(&euro, json!({})).await);
    let change = json!({ "currency": "EUR" });
    shop.owner.patch(&format!("/api/v1/products/{euro}"), change).await.is(200);
    let buy = async |ids: Value| {
        let body = json!({ "product_id": main, "email": "ann@b.example", "order_bump_ids": ids });
        shop.api.post("/api/v1/checkout/sessions", body).await
    };
    assert_eq!(buy(json!([cheap])).await.is(201)["data"]["amount"], 14.5);
    assert_eq!(buy(json!([])).await.is(201)["data"]["amount"], 10);
    for wrong in [json!([foreign]), json!([NOBODY]), json!([main])] {
        assert_eq!(faulty(buy(wrong).await, "VALIDATION_ERROR"), ["order_bump_ids.0"]);
    }
    app.finish().await;
}
