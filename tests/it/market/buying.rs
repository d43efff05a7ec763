//! Buying, the library, and who may download.

use crate::files::{GOOD_CARD, bought, buyer, link, published, upload};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_purchase_here_is_a_payment_there_and_a_refund_takes_it_back() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    upload(&shop, &slug, "1", b"one").await.is(201);
    let (ann, ben) = (buyer(&app, "ann").await, buyer(&app, "ben").await);
    let begun = ann.post("/v1/checkout/create", json!({ "product_slug": slug })).await.is(200);
    assert_eq!(begun["checkout_url"], begun["url"]);
    assert!(begun["session_id"].is_string() && begun.get("purchase").is_none(), "{begun}");
    let empty = ann.get("/v1/library").await.is(200);
    assert_eq!(
        empty,
        json!({ "purchases": [], "page": 1, "per_page": 12, "total": 0, "total_pages": 0 })
    );
    app.anonymous().pay(begun["url"].as_str().unwrap(), GOOD_CARD).await.is(303);
    app.advance(0).await;
    let library = ann.get("/v1/library").await.is(200);
    let purchase = &library["purchases"][0];
    assert_eq!(
        (&purchase["price_cents"], &purchase["product"]["slug"]),
        (&json!(500), &json!(slug))
    );
    let id = purchase["id"].as_str().unwrap().to_owned();
    let download = format!("/v1/library/{id}/download");
    app.anonymous().get(&link(&app, &ann, &id).await).await.is(200);
    ben.get(&download).await.is(404);
    shop.owner.get(&download).await.is(404);
    app.anonymous().get(&download).await.is(401);
    let refund = format!("/api/v1/payments/{id}/refund");
    assert_eq!(shop.owner.post(&refund, json!({})).await.status / 100, 2);
    app.advance(0).await;
    ann.get(&download).await.is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn what_costs_nothing_is_bought_at_once() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Free Skill" })).await;
    upload(&shop, &slug, "1", b"one").await.is(201);
    let ann = buyer(&app, "ann").await;
    let done = ann.post("/v1/checkout/create", json!({ "product_slug": slug })).await.is(200);
    assert_eq!(
        (&done["checkout_url"], &done["purchase"]["price_cents"]),
        (&json!(null), &json!(0))
    );
    let id = done["purchase"]["id"].as_str().unwrap();
    app.anonymous().get(&link(&app, &ann, id).await).await.is(200);
    ann.post("/v1/checkout/create", json!({})).await.is(400);
    ann.post("/v1/checkout/create", json!({ "product_slug": "nothing" }))
        .await
        .is(404);
    app.anonymous()
        .post("/v1/checkout/create", json!({ "product_slug": slug }))
        .await
        .is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn a_key_buys_other_shops_products_into_its_owners_library() {
    let app = TestApp::start().await;
    let (seller, maker) = (app.shop("openclaw").await, app.shop("openclaw").await);
    let slug = published(&seller, json!({ "title": "Skill One", "price_cents": 500 })).await;
    let product = app.anonymous().get(&format!("/v1/products/{slug}")).await.is(200)["product"]["id"].clone();
    let key = maker.key("openclaw", &["purchases:write"]).await;
    let begun = key
        .post("/v1/checkout/create", json!({ "product_id": product }))
        .await
        .is(200);
    app.anonymous().pay(begun["url"].as_str().unwrap(), GOOD_CARD).await.is(303);
    app.advance(0).await;
    let library = maker.owner.get("/v1/library").await.is(200);
    assert_eq!(library["purchases"][0]["product"]["slug"], json!(slug));
    key.get("/v1/library").await.is(403);
    let reader = maker.key("openclaw", &["downloads:read"]).await;
    assert_eq!(reader.get("/v1/library").await.is(200)["total"], 1);
    reader
        .post("/v1/checkout/create", json!({ "product_id": product }))
        .await
        .is(403);
    let reviewed = key
        .post(&format!("/v1/products/{slug}/reviews"), json!({ "rating": 5 }))
        .await
        .is(201);
    assert_eq!(reviewed["review"]["profiles"]["username"], json!(maker.slug));
    app.finish().await;
}

#[actix_rt::test]
async fn libraries_are_read_page_by_page() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let ann = buyer(&app, "ann").await;
    for number in 0..3 {
        let slug = published(&shop, json!({ "title": format!("Skill {number}") })).await;
        bought(&app, &ann, &slug).await;
        app.advance(1).await;
    }
    let page = ann.get("/v1/library?per_page=2&page=2").await.is(200);
    assert_eq!(
        (
            &page["total"],
            &page["total_pages"],
            page["purchases"].as_array().unwrap().len()
        ),
        (&json!(3), &json!(2), 1)
    );
    assert_eq!(page["purchases"][0]["product"]["title"], "Skill 0");
    app.finish().await;
}

#[actix_rt::test]
async fn a_code_is_looked_at_without_taking_a_use_and_takes_off_what_it_says() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 1000 })).await;
    let coupon = json!({ "code": "HALF", "discount_type": "percentage", "discount_value": 50, "usage_limit_global": 1 });
    assert_eq!(shop.owner.post("/api/v1/coupons", coupon).await.status, 201);
    let (ann, ben) = (buyer(&app, "ann").await, buyer(&app, "ben").await);
    let asked = json!({ "code": "half", "product_slug": slug });
    for _ in 0..3 {
        let told = ann.post("/v1/checkout/validate-discount", asked.clone()).await.is(200);
        assert_eq!(
            (&told["valid"], &told["discount_type"], &told["discount_value"]),
            (&json!(true), &json!("percentage"), &json!(50))
        );
        assert_eq!(
            (&told["discount_cents"], &told["final_price_cents"]),
            (&json!(500), &json!(500))
        );
    }
    let unknown = ann
        .post(
            "/v1/checkout/validate-discount",
            json!({ "code": "NO", "product_slug": slug }),
        )
        .await
        .is(200);
    assert_eq!((&unknown["valid"], &unknown["reason"]), (&json!(false), &json!("not_found")));
    ann.post(
        "/v1/checkout/validate-discount",
        json!({ "code": "HALF", "product_slug": "nothing" }),
    )
    .await
    .is(404);
    ann.post("/v1/checkout/validate-discount", json!({ "code": "HALF" }))
        .await
        .is(400);
    let begun = json!({ "product_slug": slug, "discount_code": "HALF" });
    let begun = ann.post("/v1/checkout/create", begun).await.is(200);
    app.anonymous().pay(begun["url"].as_str().unwrap(), GOOD_CARD).await.is(303);
    app.advance(0).await;
    assert_eq!(ann.get("/v1/library").await.is(200)["purchases"][0]["price_cents"], 500);
    let used = ben.post("/v1/checkout/validate-discount", asked).await.is(200);
    assert_eq!(
        (&used["valid"], &used["reason"]),
        (&json!(false), &json!("usage_limit_reached"))
    );
    ben.post(
        "/v1/checkout/create",
        json!({ "product_slug": slug, "discount_code": "HALF" }),
    )
    .await
    .is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn a_purchase_is_told_in_the_marketplaces_own_words() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["purchase.completed", "purchase.refunded"]).await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    let ann = buyer(&app, "ann").await;
    let id = bought(&app, &ann, &slug).await;
    let refund = format!("/api/v1/payments/{id}/refund");
    for asked in [json!({ "amount": 100 }), json!({})] {
        let given = shop.owner.post(&refund, asked).await.is(200);
        assert_eq!(given["refund"]["payment_id"], json!(id), "{given}");
    }
    app.advance(0).await;
    let told: Vec<_> = sink.requests().iter().map(|request| request.json()).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    let product = json!({
        "id": told[0]["data"]["product"]["id"], "title": "Skill One", "slug": slug, "price_cents": 500, "currency": "USD",
    });
    for (event, refunded) in told.iter().zip([None, Some((100, 100, false)), Some((400, 500, true))]) {
        let data = &event["data"];
        assert_eq!(
            (&data["purchase_id"], &data["price_cents"], &data["product"]),
            (&json!(id), &json!(500), &product)
        );
        assert_eq!(data["customer"]["email"], "ann@buyers.example");
        let refund = &data["refund"];
        let seen = refunded.map(|_| {
            let cents = |name: &str| refund[name].as_i64().unwrap();
            (
                cents("refund_cents"),
                cents("total_refunded_cents"),
                refund["is_full_refund"] == json!(true),
            )
        });
        assert_eq!(seen, refunded, "{event}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_code_that_cannot_be_used_is_named_by_the_field_it_came_in() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    let ann = buyer(&app, "ann").await;
    let asked = json!({ "product_slug": slug, "discount_code": "NOTHING" });
    let refused = ann.post("/v1/checkout/create", asked).await.is(400);
    assert!(refused["error"]["details"]["discount_code"].is_array(), "{refused}");
    app.finish().await;
}

#[actix_rt::test]
async fn who_has_no_shop_is_told_so_at_every_makers_place() {
    let app = TestApp::start().await;
    let ann = buyer(&app, "ann").await;
    for path in [
        "products",
        "analytics/overview",
        "analytics/revenue",
        "analytics/products",
        "webhooks",
    ] {
        let path = format!("/v1/creator/{path}");
        let refused = ann.get(&path).await;
        assert_eq!(refused.header("www-authenticate"), "", "{path}");
        assert_eq!(refused.is(403)["error"]["code"], "FORBIDDEN", "{path}");
        app.anonymous().get(&path).await.is(401);
    }
    ann.post("/v1/creator/products", json!({ "title": "Mine" })).await.is(403);
    app.finish().await;
}

#[actix_rt::test]
async fn money_is_told_in_cents_at_the_native_routes_too() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Pen", "price_cents": 500 })).await;
    let payment = bought(&app, &buyer(&app, "ann").await, &slug).await;
    let path = format!("/api/v1/payments/{payment}");
    let done = shop
        .owner
        .post(&format!("{path}/refund"), json!({ "amount_cents": 200 }))
        .await
        .is(200);
    assert_eq!(
        (
            &done["refund"]["refund"]["amount_cents"],
            &done["refund"]["total_refunded_cents"]
        ),
        (&json!(200), &json!(200))
    );
    shop.owner
        .post(&format!("{path}/refund"), json!({ "amount": 100 }))
        .await
        .is(200);
    let read = shop.owner.get(&path).await.is(200)["payment"].clone();
    assert_eq!((&read["amount_cents"], &read["refunded_cents"]), (&json!(500), &json!(300)));
    assert_eq!(
        (&read["line_items"][0]["unit_price_cents"], &read["product"]["price_cents"]),
        (&json!(500), &json!(500))
    );
    for name in ["amount", "refunded_amount", "discount_amount"] {
        assert!(read.get(name).is_none(), "{name}: {read}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn what_costs_nothing_has_a_session_of_the_usual_form() {
    let app = TestApp::start().await;
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Gift" })).await;
    let ann = buyer(&app, "ann").await;
    let begun = ann.post("/v1/checkout/create", json!({ "product_slug": slug })).await.is(200);
    assert!(begun["session_id"].as_str().unwrap().starts_with("cs_"), "{begun}");
    assert!(
        begun["purchase"]["id"].is_string() && begun["checkout_url"].is_null(),
        "{begun}"
    );
    app.finish().await;
}
