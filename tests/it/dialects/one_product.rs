//! The same product, made once, as each dialect shows it.

use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};

const NOW: &str = "2026-05-19T14:23:14.000Z";
const NOW_IN_SECONDS: &str = "2026-05-19T14:23:14Z";

/// A shop with one product: 29.90 USD, published.
async fn shop_with_product(app: &TestApp) -> (Shop, String) {
    let shop = app.shop("fondaco").await;
    let body = json!({
        "name": "Nebula brushes", "slug": "nebula-brushes", "price": 2990, "currency": "USD", "description": "48 brushes",
        "kind": "skill", "key_prefix": "NEB", "metadata": { "gridSize": 48 },
    });
    let made = shop.api.post("/api/v1/products", body).await.is(201);
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    (shop, id)
}

async fn key(app: &TestApp, shop: &Shop, dialect: &str) -> crate::harness::Client {
    let (_, key) = shop.minted(app, json!({ "name": dialect, "dialect": dialect })).await;
    shop.with(&key)
}

/// The members that the native dialect and the one it comes from share; `price` alone differs.
fn base(id: &str, price: Value, small: Value, presets: Value) -> Value {
    json!({
        "id": id, "name": "Nebula brushes", "slug": "nebula-brushes", "description": "48 brushes", "long_description": null,
        "icon": "📦", "image_url": null, "thumbnail_url": null, "preview_video_url": null, "preview_video_config": {},
        "price": price, "currency": "USD", "features": null, "layout_template": "default", "checkout_template": "default",
        "custom_checkout_fields": [], "is_active": true, "is_featured": false, "is_listed": true, "is_bundle": false,
        "embed_enabled": false, "enable_waitlist": false, "available_from": null, "available_until": null,
        "auto_grant_duration_days": null, "content_delivery_type": "content", "content_config": { "content_items": [] },
        "is_refundable": false, "refund_period_days": null, "allow_custom_price": false, "custom_price_min": small,
        "show_price_presets": true, "custom_price_presets": presets, "vat_rate": null, "price_includes_vat": true,
        "vat_exempt": false, "vat_exempt_note": null, "omnibus_exempt": false, "sale_price": null, "sale_price_until": null,
        "sale_quantity_limit": null, "success_redirect_url": null, "pass_params_to_redirect": false,
        "product_type": "one_time", "billing_interval": null, "billing_interval_count": null, "recurring_price": null,
        "trial_days": null, "issue_license_on_purchase": false, "license_tier": null, "license_duration_days": null,
        "created_at": NOW, "updated_at": NOW, "categories": [], "tags": [],
    })
}

#[actix_rt::test]
async fn natively_with_everything_and_in_minor_units() {
    let app = TestApp::start().await;
    let (shop, id) = shop_with_product(&app).await;
    let mut expected = base(&id, json!(2990), json!(500), json!([500, 1000, 2500]));
    for (member, value) in [
        ("kind", json!("skill")),
        ("status", json!("published")),
        ("key_prefix", json!("NEB")),
        ("metadata", json!({ "gridSize": 48 })),
        ("licenses_count", json!(0)),
        ("published_at", json!(NOW)),
    ] {
        expected[member] = value;
    }
    shop.api
        .get(&format!("/api/v1/products/{id}"))
        .await
        .equals(200, json!({ "data": expected }));
    app.finish().await;
}

#[actix_rt::test]
async fn in_sellf_in_whole_currency() {
    let app = TestApp::start().await;
    let (shop, id) = shop_with_product(&app).await;
    let answer = key(&app, &shop, "sellf").await.get(&format!("/api/v1/products/{id}")).await;
    assert!(answer.text().contains("\"price\":29.9,"), "{}", answer.text());
    answer.equals(200, json!({ "data": base(&id, json!(29.9), json!(5), json!([5, 10, 25])) }));
    app.finish().await;
}

#[actix_rt::test]
async fn in_openclaw_under_its_noun_with_page_numbers() {
    let app = TestApp::start().await;
    let (shop, id) = shop_with_product(&app).await;
    let product = json!({
        "id": id, "title": "Nebula brushes", "slug": "nebula-brushes", "description": "48 brushes", "type": "skill", "category": null,
        "status": "published", "price_cents": 2990, "currency": "USD", "avg_rating": 0.0, "review_count": 0,
        "created_at": NOW, "updated_at": NOW,
    });
    let page = json!({ "products": [product], "page": 1, "per_page": 12, "total": 1, "total_pages": 1 });
    key(&app, &shop, "openclaw")
        .await
        .get("/v1/creator/products")
        .await
        .equals(200, page);
    app.finish().await;
}

#[actix_rt::test]
async fn in_licentric_in_camel_case() {
    let app = TestApp::start().await;
    let (shop, id) = shop_with_product(&app).await;
    let product = json!({
        "id": id, "name": "Nebula brushes", "code": "nebula-brushes", "description": "48 brushes", "keyPrefix": "NEB",
        "accountId": shop.tenant, "licensesCount": 0, "createdAt": NOW, "updatedAt": NOW, "deletedAt": null,
        "metadata": { "gridSize": 48 },
    });
    let client = key(&app, &shop, "licentric").await;
    client
        .get(&format!("/api/v1/products/{id}"))
        .await
        .equals(200, json!({ "data": product }));
    app.finish().await;
}

#[actix_rt::test]
async fn in_the_license_servers_flat_words() {
    let app = TestApp::start().await;
    let (shop, _) = shop_with_product(&app).await;
    let product = json!({
        "productId": "nebula-brushes", "name": "Nebula brushes", "slug": "nebula-brushes", "status": "live", "active": true,
        "createdAt": NOW_IN_SECONDS, "updatedAt": NOW_IN_SECONDS,
    });
    let all = json!({ "success": true, "products": [product], "count": 1 });
    key(&app, &shop, "cgls").await.get("/listProducts").await.equals(200, all);
    app.finish().await;
}

#[actix_rt::test]
async fn in_big_class_by_the_owners_session() {
    let app = TestApp::start().await;
    let (shop, id) = shop_with_product(&app).await;
    let tenant = format!("/operator/v1/tenants/{}", shop.tenant);
    app.operator().patch(&tenant, json!({ "dialect": "bigclass" })).await.is(200);
    let body = shop.owner.get(&format!("/api/v1/products/{id}")).await.is(200);
    for (member, expected) in [
        ("id", json!(id)),
        ("price", json!(2990)),
        ("keyPrefix", json!("NEB")),
        ("licensesCount", json!(0)),
        ("createdAt", json!(NOW_IN_SECONDS)),
        ("metadata", json!({ "gridSize": 48 })),
    ] {
        assert_eq!(body["data"][member], expected, "{member}");
    }
    let names: Vec<_> = body["data"].as_object().unwrap().keys().collect();
    assert!(!names.iter().any(|name| name.contains('_')), "{names:?}");
    app.finish().await;
}
