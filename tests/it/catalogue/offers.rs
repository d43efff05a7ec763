//! One-time offers behind a product.

use super::{NOBODY, faulty, id, product};
use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn an_offer_is_set_read_replaced_and_ended() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (source, next, last) = (
        id(&product(&shop, "source", json!({})).await),
        id(&product(&shop, "next", json!({ "price": 49.5 })).await),
        id(&product(&shop, "last", json!({})).await),
    );
    let path = format!("/api/v1/products/{source}/oto");
    let none = json!({ "data": { "has_oto": false } });
    shop.api.get(&path).await.equals(200, none.clone());
    let put = async |body: Value| shop.api.call("PUT", &path, Some(body)).await;
    let set = put(json!({ "oto_product_id": next })).await.is(200);
    assert_eq!(
        set["data"],
        json!({
            "has_oto": true, "oto_product_id": next, "discount_type": "percentage", "discount_value": 20, "duration_minutes": 15,
            "downsell_product_id": null, "downsell_discount_type": null, "downsell_discount_value": null,
            "downsell_duration_minutes": null,
        })
    );
    let whole = json!({
        "oto_product_id": next, "discount_type": "fixed", "discount_value": 9.99, "duration_minutes": 60,
        "downsell_product_id": last, "downsell_discount_type": "percentage", "downsell_discount_value": 12.5,
        "downsell_duration_minutes": 30,
    });
    for _ in 0..2 {
        let set = put(whole.clone()).await.is(200);
        for (name, value) in whole.as_object().unwrap() {
            assert_eq!(&set["data"][name], value, "{name}");
        }
    }
    let read = shop.api.get(&path).await.is(200);
    assert_eq!(
        read["data"]["oto_product"],
        json!({ "id": next, "name": "P next", "slug": "next", "price": 49.5, "currency": "USD" })
    );
    assert_eq!(read["data"]["downsell_product"]["slug"], "last");
    shop.api.delete(&path).await.is(204);
    shop.api.delete(&path).await.is(204);
    shop.api.get(&path).await.equals(200, none);
    app.finish().await;
}

#[actix_rt::test]
async fn what_cannot_be_offered_is_told_by_its_field() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (source, next) = (
        id(&product(&shop, "source", json!({})).await),
        id(&product(&shop, "next", json!({ "currency": "JPY" })).await),
    );
    let path = format!("/api/v1/products/{source}/oto");
    for (change, fields) in [
        (json!({ "oto_product_id": source }), vec!["oto_product_id"]),
        (json!({ "oto_product_id": NOBODY }), vec!["oto_product_id"]),
        (json!({ "discount_value": 101 }), vec!["discount_value"]),
        (
            json!({ "discount_type": "fixed", "discount_value": 1.5 }),
            vec!["discount_value"],
        ),
        (json!({ "discount_type": "free" }), vec!["discount_type"]),
        (json!({ "duration_minutes": 0 }), vec!["duration_minutes"]),
        (json!({ "duration_minutes": 10_081 }), vec!["duration_minutes"]),
        (
            json!({ "downsell_product_id": next }),
            vec![
                "downsell_discount_type",
                "downsell_discount_value",
                "downsell_duration_minutes",
                "downsell_product_id",
            ],
        ),
        (
            json!({ "downsell_product_id": NOBODY, "downsell_discount_type": "fixed", "downsell_discount_value": 0, "downsell_duration_minutes": 5 }),
            vec!["downsell_discount_value", "downsell_product_id"],
        ),
    ] {
        let mut body = json!({ "oto_product_id": next });
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let mut told = faulty(shop.api.call("PUT", &path, Some(body)).await, "VALIDATION_ERROR");
        told.sort();
        // A downsell that is the offer itself is told beside what it lacks.
        told.dedup();
        assert!(
            fields.iter().all(|field| told.contains(&(*field).to_owned())) || told == fields,
            "{change}: {told:?}"
        );
    }
    let nonsense = shop.api.call("PUT", &path, Some(json!({ "oto_product_id": "x" }))).await;
    assert_eq!(faulty(nonsense, "INVALID_INPUT"), ["oto_product_id"]);
    let unknown = format!("/api/v1/products/{NOBODY}/oto");
    shop.api.call("PUT", &unknown, Some(json!({}))).await.is(404);
    shop.api.get(&unknown).await.is(404);
    shop.api.delete(&unknown).await.is(404);
    assert_eq!(
        shop.api.get("/api/v1/products/x/oto").await.is(400)["error"]["code"],
        "INVALID_INPUT"
    );
    app.finish().await;
}

#[actix_rt::test]
async fn an_offer_ends_with_its_products() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (source, next) = (
        id(&product(&shop, "source", json!({})).await),
        id(&product(&shop, "next", json!({})).await),
    );
    let path = format!("/api/v1/products/{source}/oto");
    shop.api
        .call(
            "PUT",
            &path,
            Some(json!({ "oto_product_id": next, "discount_type": "fixed", "discount_value": 3 })),
        )
        .await
        .is(200);
    let refused = shop
        .api
        .patch(&format!("/api/v1/products/{next}"), json!({ "currency": "JPY" }))
        .await;
    assert_eq!(faulty(refused, "VALIDATION_ERROR"), ["currency"]);
    shop.api.delete(&format!("/api/v1/products/{next}")).await.is(204);
    shop.api.get(&path).await.equals(200, json!({ "data": { "has_oto": false } }));
    app.finish().await;
}
