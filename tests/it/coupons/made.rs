//! Made, read, changed, deleted.

use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_coupon_is_told_with_every_field_of_the_contract() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let body = json!({ "code": "spring-20", "discount_type": "percentage", "discount_value": 20 });
    let made = shop.api.post("/api/v1/coupons", body).await.is(201);
    let id = made["data"]["id"].clone();
    let expected = json!({ "data": {
        "id": id, "code": "SPRING-20", "name": null, "discount_type": "percentage", "discount_value": 20, "currency": null,
        "is_active": true, "is_public": false, "exclude_order_bumps": false,
        "starts_at": "2026-05-19T14:23:14.000Z", "expires_at": null,
        "usage_limit_global": null, "usage_limit_per_user": 1, "allowed_emails": [], "allowed_product_ids": [],
        "current_usage_count": 0, "is_oto_coupon": false, "oto_offer_id": null, "source_transaction_id": null,
        "created_at": "2026-05-19T14:23:14.000Z", "updated_at": "2026-05-19T14:23:14.000Z",
    } });
    assert_eq!(made, expected);
    let path = format!("/api/v1/coupons/{}", id.as_str().unwrap());
    shop.api.get(&path).await.equals(200, expected);
    app.finish().await;
}

#[actix_rt::test]
async fn a_fixed_discount_is_in_whole_currency_where_prices_are() {
    let app = TestApp::start().await;
    for (dialect, value, currency) in [
        ("sellf", json!(5.5), "EUR"),
        ("sellf", json!(500), "JPY"),
        ("fondaco", json!(550), "EUR"),
    ] {
        let shop = app.shop(dialect).await;
        let body = json!({ "code": "FIVE", "discount_type": "fixed", "discount_value": value, "currency": currency });
        let made = shop.api.post("/api/v1/coupons", body).await.is(201);
        assert_eq!(
            (&made["data"]["discount_value"], &made["data"]["currency"]),
            (&value, &json!(currency))
        );
        let path = format!("/api/v1/coupons/{}", made["data"]["id"].as_str().unwrap());
        // The currency is known from the coupon where the change does not name it.
        let changed = shop.api.patch(&path, json!({ "discount_value": 700 })).await.is(200);
        assert_eq!(
            (&changed["data"]["discount_value"], &changed["data"]["currency"]),
            (&json!(700), &json!(currency))
        );
        let native = shop.minted(&app, json!({ "name": "n", "dialect": "fondaco" })).await.1;
        let minor = shop.with(&native).get(&path).await.is(200)["data"]["discount_value"].clone();
        let expected = if dialect == "sellf" && currency == "EUR" {
            70_000
        } else {
            700
        };
        assert_eq!(minor, expected, "{dialect} {currency}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_change_names_what_changes() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let body = json!({
        "code": "A-1", "name": "One", "discount_type": "fixed", "discount_value": 5, "currency": "USD",
        "expires_at": "2026-12-31T00:00:00Z", "usage_limit_global": 10, "allowed_emails": ["Ann@Example.com"],
    });
    let made = shop.api.post("/api/v1/coupons", body).await.is(201);
    assert_eq!(made["data"]["allowed_emails"], json!(["ann@example.com"]));
    let path = format!("/api/v1/coupons/{}", made["data"]["id"].as_str().unwrap());
    app.advance(1).await;
    let changed = shop
        .api
        .patch(
            &path,
            json!({ "expires_at": null, "usage_limit_global": null, "usage_limit_per_user": null, "name": "Two" }),
        )
        .await
        .is(200);
    let mut expected = made.clone();
    for (name, value) in [
        ("expires_at", json!(null)),
        ("usage_limit_global", json!(null)),
        ("usage_limit_per_user", json!(null)),
        ("name", json!("Two")),
        ("updated_at", json!("2026-05-19T14:23:15.000Z")),
    ] {
        expected["data"][name] = value;
    }
    assert_eq!(changed, expected);
    let percent = json!({ "discount_type": "percentage", "discount_value": 12.5 });
    let changed = shop.api.patch(&path, percent).await.is(200);
    let data = &changed["data"];
    assert_eq!(
        (&data["discount_type"], &data["discount_value"], &data["currency"]),
        (&json!("percentage"), &json!(12.5), &json!(null))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_deleted_coupon_is_gone_and_its_code_is_free() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let body = json!({ "code": "ONCE", "discount_type": "percentage", "discount_value": 10 });
    let made = shop.api.post("/api/v1/coupons", body.clone()).await.is(201);
    let again = shop
        .api
        .post(
            "/api/v1/coupons",
            json!({ "code": "once", "discount_type": "percentage", "discount_value": 1 }),
        )
        .await;
    assert_eq!((again.status, again.json["error"]["code"].as_str()), (409, Some("CONFLICT")));
    let path = format!("/api/v1/coupons/{}", made["data"]["id"].as_str().unwrap());
    let gone = shop.api.delete(&path).await;
    assert_eq!((gone.status, gone.text().as_str()), (204, ""));
    for answer in [
        shop.api.get(&path).await,
        shop.api.delete(&path).await,
        shop.api.patch(&path, json!({ "name": "x" })).await,
        shop.api.get(&format!("{path}/stats")).await,
    ] {
        assert_eq!(
            (answer.status, answer.json["error"]["code"].as_str()),
            (404, Some("NOT_FOUND"))
        );
    }
    shop.api.post("/api/v1/coupons", body).await.is(201);
    app.finish().await;
}

#[actix_rt::test]
async fn a_discount_code_of_the_license_server_is_the_same_thing() {
    let app = TestApp::start().await;
    let shop = app.shop("cgls").await;
    let product = json!({ "name": "Brushes", "slug": "brushes" });
    shop.api.post("/createProduct", product).await.is(200);
    let body =
        json!({ "code": "LAUNCH", "productId": "brushes", "discountType": "percentage", "discountValue": 25, "maxUses": 100 });
    let made = shop.api.post("/createDiscountCode", body.clone()).await.is(200);
    assert_eq!(
        (&made["success"], &made["code"], &made["productId"]),
        (&json!(true), &json!("LAUNCH"), &json!("brushes"))
    );
    assert_eq!(
        (&made["discountValue"], &made["maxUses"], &made["usedCount"]),
        (&json!(25), &json!(100), &json!(0))
    );
    let again = shop.api.post("/createDiscountCode", body).await;
    assert_eq!((again.status, &again.json["success"]), (409, &json!(false)));
    let listed = shop.api.post("/listDiscountCodes", json!({})).await.is(200);
    assert_eq!(
        (&listed["count"], &listed["discountCodes"][0]["productId"]),
        (&json!(1), &json!("brushes"))
    );
    let unknown = json!({ "code": "OTHER", "productId": "nothing", "discountValue": 5 });
    shop.api.post("/createDiscountCode", unknown).await.is(404);
    let native = shop.owner.get("/api/v1/coupons").await.is(200);
    assert_eq!(native["count"], 1);
    app.finish().await;
}
