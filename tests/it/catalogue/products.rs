//! Every rule of a product's fields, and what holds together.

use super::{NOBODY, faulty, id, product};
use crate::harness::TestApp;
use serde_json::{Value, json};

fn body(change: &Value) -> Value {
    let mut body = json!({ "name": "Brushes", "slug": "brushes", "price": 29 });
    for (name, value) in change.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[actix_rt::test]
async fn everything_that_may_be_said_is_kept_and_told() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let said = json!({
        "description": "", "long_description": "long", "icon": "🎨", "image_url": "https://cdn.example/a.png",
        "thumbnail_url": null, "preview_video_url": "https://www.youtube.com/watch?v=1",
        "preview_video_config": { "autoplay": true }, "price": 49.99, "currency": "PLN",
        "features": [{ "title": "Set", "items": ["one", "two"] }], "layout_template": "default", "checkout_template": "tip-jar",
        "custom_checkout_fields": [{ "id": "site", "type": "domain", "label": { "en": "Site", "pl": "Strona" }, "required": true, "max_length": 80 }],
        "is_featured": true, "is_listed": false, "embed_enabled": true, "enable_waitlist": true,
        "available_from": "2026-01-01T00:00:00Z", "available_until": "2027-01-01T01:00:00+01:00", "auto_grant_duration_days": 30,
        "content_delivery_type": "content",
        "content_config": { "content_items": [{ "id": "1", "type": "video_embed", "title": "Film", "config": { "embed_url": "https://vimeo.com/1" }, "order": 0, "is_active": true }] },
        "is_refundable": true, "refund_period_days": 14, "allow_custom_price": true, "custom_price_min": 2.5,
        "show_price_presets": false, "custom_price_presets": [3, 7.5], "vat_rate": 23, "price_includes_vat": false,
        "vat_exempt": true, "vat_exempt_note": "art. 113", "omnibus_exempt": true, "sale_price": 39, "sale_price_until": "",
        "sale_quantity_limit": 0, "success_redirect_url": "https://shop.example/thanks", "pass_params_to_redirect": true,
        "issue_license_on_purchase": true, "license_tier": "pro", "license_duration_days": 365,
    });
    let made = shop.api.post("/api/v1/products", body(&said)).await.is(201)["data"].clone();
    let mut expected = said;
    for (name, value) in [
        ("available_from", json!("2026-01-01T00:00:00.000Z")),
        ("available_until", json!("2027-01-01T00:00:00.000Z")),
        ("sale_price_until", Value::Null),
        ("sale_quantity_limit", Value::Null),
        ("product_type", json!("one_time")),
        ("billing_interval", Value::Null),
        ("categories", json!([])),
        ("tags", json!([])),
        ("is_active", json!(true)),
    ] {
        expected[name] = value;
    }
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    let read = shop.api.get(&format!("/api/v1/products/{}", id(&made))).await.is(200);
    assert_eq!(read["data"], made);
    app.finish().await;
}

#[actix_rt::test]
async fn each_broken_rule_is_told_by_its_field() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let long = |count: usize| "x".repeat(count);
    let field = json!({ "id": "a", "type": "text", "label": "A" });
    for (change, expected) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": long(201) }), "name"),
        (json!({ "slug": "-a" }), "slug"),
        (json!({ "slug": "a--b" }), "slug"),
        (json!({ "slug": long(81) }), "slug"),
        (json!({ "price": -1 }), "price"),
        (json!({ "price": 1_000_000 }), "price"),
        (json!({ "price": 1.999 }), "price"),
        (json!({ "currency": "XXX" }), "currency"),
        (json!({ "description": long(1_001) }), "description"),
        (json!({ "long_description": long(20_001) }), "long_description"),
        (json!({ "is_active": "yes" }), "is_active"),
        (json!({ "image_url": "not a url" }), "image_url"),
        (json!({ "preview_video_url": "http://youtube.com/1" }), "preview_video_url"),
        (json!({ "preview_video_url": "https://evil.example/1" }), "preview_video_url"),
        (json!({ "features": ["plain"] }), "features.0"),
        (json!({ "features": vec![json!({ "title": "t" }); 21] }), "features"),
        (json!({ "content_delivery_type": "post" }), "content_delivery_type"),
        (
            json!({ "content_config": { "content_items": [{ "id": "1", "type": "film", "title": "T" }] } }),
            "content_config.content_items.0.type",
        ),
        (
            json!({ "content_config": { "content_items": [{ "id": "1", "type": "download_link", "title": "T", "config": { "download_url": "http://a.example/f" } }] } }),
            "content_config.content_items.0.config.download_url",
        ),
        (json!({ "available_from": "2026-02-01" }), "available_from"),
        (json!({ "available_from": "2019-12-31T00:00:00Z" }), "available_from"),
        (json!({ "available_until": "2040-01-01T00:00:00Z" }), "available_until"),
        (
            json!({ "available_from": "2026-07-02T00:00:00Z", "available_until": "2026-07-01T00:00:00Z" }),
            "available_until",
        ),
        (json!({ "auto_grant_duration_days": 0 }), "auto_grant_duration_days"),
        (json!({ "auto_grant_duration_days": 3651 }), "auto_grant_duration_days"),
        (json!({ "sale_price": -1 }), "sale_price"),
        (json!({ "refund_period_days": 366 }), "refund_period_days"),
        (
            json!({ "product_type": "subscription", "billing_interval": "month" }),
            "recurring_price",
        ),
        (
            json!({ "product_type": "subscription", "recurring_price": 5 }),
            "billing_interval",
        ),
        (
            json!({ "product_type": "subscription", "recurring_price": 0, "billing_interval": "month" }),
            "recurring_price",
        ),
        (
            json!({ "product_type": "subscription", "recurring_price": 5, "billing_interval": "month", "trial_days": 731 }),
            "trial_days",
        ),
        (json!({ "billing_interval": "month" }), "billing_interval"),
        (json!({ "price": 0, "price_includes_vat": true }), "price_includes_vat"),
        (json!({ "checkout_template": "tip-jar" }), "checkout_template"),
        (json!({ "checkout_template": "basket" }), "checkout_template"),
        (
            json!({ "custom_checkout_fields": [field, field] }),
            "custom_checkout_fields.1.id",
        ),
        (
            json!({ "custom_checkout_fields": [{ "id": "_sellf_x", "type": "text", "label": "A" }] }),
            "custom_checkout_fields.0.id",
        ),
        (
            json!({ "custom_checkout_fields": [{ "id": "a", "type": "date", "label": "A" }] }),
            "custom_checkout_fields.0.type",
        ),
        (
            json!({ "custom_checkout_fields": [{ "id": "a", "type": "text", "label": { "de": "A" } }] }),
            "custom_checkout_fields.0.label",
        ),
        (
            json!({ "custom_checkout_fields": [{ "id": "a", "type": "text", "label": "A", "max_length": 501 }] }),
            "custom_checkout_fields.0.max_length",
        ),
        (json!({ "vat_rate": -1 }), "vat_rate"),
        (json!({ "vat_exempt_note": long(501) }), "vat_exempt_note"),
        (json!({ "license_tier": long(81) }), "license_tier"),
        (json!({ "license_duration_days": 0 }), "license_duration_days"),
        (json!({ "categories": [NOBODY] }), "categories.0"),
        (json!({ "categories": ["x"] }), "categories.0"),
        (json!({ "tags": [NOBODY] }), "tags.0"),
        (json!({ "tags": vec![NOBODY; 51] }), "tags"),
        (json!({ "bundleItemIds": [NOBODY] }), "bundleItemIds.0"),
        (json!({ "is_bundle": true }), "bundleItemIds"),
    ] {
        let told = faulty(shop.owner.post("/api/v1/products", body(&change)).await, "VALIDATION_ERROR");
        assert!(told.iter().any(|name| name == expected), "{change}: {told:?}");
    }
    let none = shop.owner.get("/api/v1/products").await.is(200);
    assert_eq!((&none["data"], &none["pagination"]["total"]), (&json!([]), &json!(0)));
    app.finish().await;
}

#[actix_rt::test]
async fn a_free_product_and_what_it_may_say_of_vat() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    product(&shop, "free", json!({ "price": 0 })).await;
    product(
        &shop,
        "named",
        json!({ "price": 0, "price_includes_vat": true, "allow_custom_price": true }),
    )
    .await;
    product(
        &shop,
        "club",
        json!({ "price": 0, "product_type": "subscription", "recurring_price": 5, "billing_interval": "month" }),
    )
    .await;
    app.finish().await;
}

#[actix_rt::test]
async fn a_subscription_bills_once_an_interval_and_becomes_a_sale_again() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let billing =
        json!({ "product_type": "subscription", "recurring_price": 9.5, "billing_interval": "month", "trial_days": 14 });
    let club = product(&shop, "club", billing).await;
    assert_eq!(
        (&club["billing_interval_count"], &club["recurring_price"]),
        (&json!(1), &json!(9.5))
    );
    let path = format!("/api/v1/products/{}", id(&club));
    let told = faulty(
        shop.api.patch(&path, json!({ "recurring_price": null })).await,
        "VALIDATION_ERROR",
    );
    assert_eq!(told, ["recurring_price"]);
    let back = shop.api.patch(&path, json!({ "product_type": "one_time" })).await.is(200);
    for name in ["recurring_price", "billing_interval", "billing_interval_count", "trial_days"] {
        assert_eq!(back["data"][name], Value::Null, "{name}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn an_amount_without_a_currency_is_of_the_products_own() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let yen = product(&shop, "yen", json!({ "price": 500, "currency": "JPY" })).await;
    let path = format!("/api/v1/products/{}", id(&yen));
    let changed = shop
        .api
        .patch(&path, json!({ "price": 700, "sale_price": 600 }))
        .await
        .is(200);
    assert_eq!(
        (&changed["data"]["price"], &changed["data"]["sale_price"]),
        (&json!(700), &json!(600))
    );
    let told = faulty(shop.api.patch(&path, json!({ "price": 1.5 })).await, "VALIDATION_ERROR");
    assert_eq!(told, ["price"]);
    let mut told = faulty(shop.api.patch(&path, json!({ "currency": "EUR" })).await, "VALIDATION_ERROR");
    told.sort();
    assert_eq!(told, ["price", "sale_price"]);
    let euro = json!({ "currency": "EUR", "price": 9.99, "sale_price": null });
    shop.api.patch(&path, euro).await.is(200);
    let dollar = shop.api.patch(&path, json!({ "currency": "USD" })).await.is(200);
    assert_eq!(dollar["data"]["price"], 9.99);
    let whole = shop.api.patch(&path, json!({ "price": 10 })).await.is(200);
    assert_eq!(whole["data"]["price"], 10);
    let told = faulty(shop.api.patch(&path, json!({ "currency": "JPY" })).await, "VALIDATION_ERROR");
    assert_eq!(told, ["price"]);
    let both = shop
        .api
        .patch(&path, json!({ "currency": "JPY", "price": 999 }))
        .await
        .is(200);
    assert_eq!(both["data"]["price"], 999);
    app.finish().await;
}

#[actix_rt::test]
async fn null_clears_and_an_empty_change_changes_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = product(
        &shop,
        "a",
        json!({ "sale_price": 5, "icon": "🎨", "available_from": "2026-06-01T00:00:00Z" }),
    )
    .await;
    let path = format!("/api/v1/products/{}", id(&made));
    shop.api.patch(&path, json!({})).await.equals(200, json!({ "data": made }));
    app.advance(1).await;
    let cleared = shop
        .api
        .patch(&path, json!({ "sale_price": null, "icon": null, "available_from": "" }))
        .await
        .is(200);
    assert_eq!(
        (
            &cleared["data"]["sale_price"],
            &cleared["data"]["icon"],
            &cleared["data"]["available_from"]
        ),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_bundle_is_made_of_ordered_products_that_are_none() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (a, b, c) = (
        id(&product(&shop, "a", json!({})).await),
        id(&product(&shop, "b", json!({})).await),
        id(&product(&shop, "c", json!({})).await),
    );
    let club = product(
        &shop,
        "club",
        json!({ "product_type": "subscription", "recurring_price": 5, "billing_interval": "month" }),
    )
    .await;
    let bundle = product(&shop, "all", json!({ "is_bundle": true, "bundleItemIds": [c, a] })).await;
    let names = |bundle: &Value| -> Vec<Value> {
        let items = bundle["bundle_items"].as_array().unwrap();
        items.iter().map(|item| item["slug"].clone()).collect()
    };
    assert_eq!(names(&bundle), ["c", "a"]);
    let path = format!("/api/v1/products/{}", id(&bundle));
    for (parts, place) in [
        (json!([a, id(&bundle)]), "bundleItemIds.1"),
        (json!([id(&club)]), "bundleItemIds.0"),
        (json!([NOBODY]), "bundleItemIds.0"),
        (json!([]), "bundleItemIds"),
    ] {
        let told = faulty(
            shop.api.patch(&path, json!({ "bundleItemIds": parts })).await,
            "VALIDATION_ERROR",
        );
        assert_eq!(told, [place], "{parts}");
    }
    let changed = shop.api.patch(&path, json!({ "bundleItemIds": [b, a, b] })).await.is(200);
    assert_eq!(names(&changed["data"]), ["b", "a"]);
    let list = shop.api.get("/api/v1/products?sort_by=slug&sort_order=asc").await.is(200);
    let counts: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["bundle_item_count"].clone())
        .collect();
    assert_eq!(counts, [0, 2, 0, 0, 0]);
    // A part can turn into no bundle, and the last part of a bundle on sale cannot go.
    let part = format!("/api/v1/products/{a}");
    let told = faulty(
        shop.api.patch(&part, json!({ "bundleItemIds": [c] })).await,
        "VALIDATION_ERROR",
    );
    assert_eq!(told, ["is_bundle"]);
    shop.api.delete(&part).await.is(204);
    let refused = shop.api.delete(&format!("/api/v1/products/{b}")).await.is(409);
    assert_eq!(refused["error"]["code"], "CONFLICT");
    shop.api.patch(&path, json!({ "is_active": false })).await.is(200);
    shop.api.delete(&format!("/api/v1/products/{b}")).await.is(204);
    let told = faulty(shop.api.patch(&path, json!({ "is_active": true })).await, "VALIDATION_ERROR");
    assert_eq!(told, ["bundleItemIds"]);
    app.finish().await;
}
