//! Variant groups.

use super::{NOBODY, faulty, id, product};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_group_is_made_read_changed_and_dissolved() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (small, large) = (
        id(&product(&shop, "small", json!({})).await),
        id(&product(&shop, "large", json!({})).await),
    );
    let members = json!([{ "product_id": small, "variant_name": "S" }, { "product_id": large, "is_featured": true }]);
    let body = json!({ "name": "Sizes", "slug": "sizes_1", "products": members });
    let made = shop.api.post("/api/v1/variant-groups", body.clone()).await.is(201)["data"].clone();
    assert_eq!(made["products_count"], 2);
    let path = format!("/api/v1/variant-groups/{}", id(&made));
    let read = shop.api.get(&path).await.is(200)["data"].clone();
    assert_eq!(read, made);
    assert_eq!(read["products"][1]["is_featured"], true);
    assert_eq!(read["products"][0]["variant_name"], "S");
    assert_eq!(read["products"][0]["group_id"], made["id"]);
    assert_eq!(
        read["products"][0]["product"],
        json!({ "id": small, "name": "P small", "slug": "small", "price": 10, "currency": "USD", "icon": "📦", "is_active": true })
    );
    assert_eq!(
        shop.api.post("/api/v1/variant-groups", body).await.is(409)["error"]["code"],
        "CONFLICT"
    );
    let list = shop.api.get("/api/v1/variant-groups").await.is(200);
    assert_eq!(list["data"], json!([read]));
    let kept = shop.api.patch(&path, json!({ "name": null, "products": [] })).await.is(200);
    assert_eq!(
        (&kept["data"]["name"], &kept["data"]["products"]),
        (&json!(null), &read["products"])
    );
    let order = json!([{ "product_id": small, "display_order": 9 }, { "product_id": large, "display_order": 1 }]);
    let turned = shop
        .api
        .patch(&path, json!({ "products": order, "is_active": false }))
        .await
        .is(200);
    assert_eq!(
        (&turned["data"]["products"][0]["product_id"], &turned["data"]["is_active"]),
        (&json!(large), &json!(false))
    );
    shop.api.delete(&path).await.is(204);
    shop.api.get(&path).await.is(404);
    shop.api.get(&format!("/api/v1/products/{small}")).await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn what_is_no_group_is_told() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (small, large) = (
        id(&product(&shop, "small", json!({})).await),
        id(&product(&shop, "large", json!({})).await),
    );
    let two = json!([{ "product_id": small }, { "product_id": large }]);
    for (body, field) in [
        (json!({}), "products"),
        (json!({ "products": [{ "product_id": small }] }), "products"),
        (json!({ "products": vec![json!({ "product_id": small }); 51] }), "products"),
        (
            json!({ "products": [{ "product_id": small }, { "product_id": small }] }),
            "products.1.product_id",
        ),
        (
            json!({ "products": [{ "product_id": small }, { "product_id": NOBODY }] }),
            "products.1.product_id",
        ),
        (
            json!({ "products": [{ "product_id": small }, { "product_id": "x" }] }),
            "products.1.product_id",
        ),
        (json!({ "products": two, "slug": "Big" }), "slug"),
        (json!({ "products": two, "name": "x".repeat(201) }), "name"),
    ] {
        let told = faulty(
            shop.api.post("/api/v1/variant-groups", body.clone()).await,
            "VALIDATION_ERROR",
        );
        assert_eq!(told, [field], "{body}");
    }
    let nameless = json!({ "products": two });
    for _ in 0..2 {
        shop.api.post("/api/v1/variant-groups", nameless.clone()).await.is(201);
    }
    app.finish().await;
}
