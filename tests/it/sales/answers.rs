//! A buyer's answers to a product's own questions.

use crate::harness::TestApp;
use serde_json::{Value, json};

#[actix_rt::test]
async fn answers_are_of_the_kind_that_was_asked_for() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let fields = json!([
        { "id": "site", "type": "domain", "label": "Your site", "required": true, "max_length": 100 },
        { "id": "mail", "type": "email", "label": "For the invoice", "required": false, "max_length": 100 },
        { "id": "note", "type": "text", "label": "Anything else", "required": false, "max_length": 5 },
    ]);
    let product = shop
        .product_of(json!({ "name": "P", "slug": "p", "price": 10, "custom_checkout_fields": fields }))
        .await;
    let plain = shop.product("plain").await;
    let open = async |product: &str, answers: Value| {
        let asked = json!({ "product_id": product, "email": "ann@example.com", "custom_fields": answers });
        shop.api.post("/api/v1/checkout/sessions", asked).await
    };
    for (answers, id) in [
        (json!({}), "site"),
        (json!({ "site": " " }), "site"),
        (json!({ "site": "no site" }), "site"),
        (json!({ "site": "https://ann.example" }), "site"),
        (json!({ "site": 7 }), "site"),
        (json!({ "site": "ann.example", "mail": "ann" }), "mail"),
        (json!({ "site": "ann.example", "note": "longer" }), "note"),
        (json!({ "site": "ann.example", "_sellf_x": "y" }), "_sellf_x"),
    ] {
        let refused = open(&product, answers.clone()).await.is(400);
        assert_eq!(refused["error"]["code"], "VALIDATION_ERROR", "{answers}");
        assert!(
            refused["error"]["details"][format!("custom_fields.{id}")].is_array(),
            "{answers}: {refused}"
        );
    }
    open(&plain, json!({ "site": "ann.example" })).await.is(400);
    for answers in [
        json!({ "site": "ann.example" }),
        json!({ "site": "ann.example", "mail": "", "note": null }),
        json!({ "site": "ann.example", "mail": "ann@example.com", "note": "short" }),
    ] {
        open(&product, answers).await.is(201);
    }
    app.finish().await;
}
