//! A shop's mails: switched on and off, in its own words, shown and tried.

use crate::harness::{Shop, TestApp};
use crate::people::mails_to;
use serde_json::{Value, json};

const SETTINGS: &str = "/api/v1/settings/mails";

async fn kind(shop: &Shop, name: &str) -> Value {
    let listed = shop.owner.get(SETTINGS).await.is(200);
    let kinds = listed["data"].as_array().unwrap().clone();
    kinds.into_iter().find(|kind| kind["kind"] == name).unwrap()
}

/// Sells the product for nothing or money in the sandbox.
async fn buy(app: &TestApp, shop: &Shop, product: &str, email: &str) {
    let asked = json!({ "product_id": product, "email": email });
    let begun = shop.api.post("/api/v1/checkout/sessions", asked).await.is(201);
    let url = begun["data"]["url"]
        .as_str()
        .unwrap()
        .strip_prefix(app.url())
        .unwrap()
        .to_owned();
    let paid = app
        .anonymous()
        .raw(reqwest::Method::POST, &url, "card=4242424242424242")
        .await;
    assert_eq!(paid.status, 303, "{}", paid.text());
    app.deliver_due().await;
}

#[actix_rt::test]
async fn every_kind_is_listed_with_its_texts() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let receipt = kind(&shop, "receipt").await;
    assert_eq!((&receipt["enabled"], &receipt["is_custom"]), (&json!(true), &json!(false)));
    assert!(receipt["placeholders"].as_array().unwrap().contains(&json!("order_id")));
    for name in ["access_granted", "access_link", "refund_notice", "waitlist_launch"] {
        kind(&shop, name).await;
    }
    shop.api.get(SETTINGS).await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn a_receipt_is_written_in_the_shops_own_words() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    let own = json!({ "receipt": { "subject": "Thanks, {{customer_email}}", "body": "{{product_name}} for {{total}}\n{{sign_in_url}}\n" } });
    let told = shop.owner.patch(SETTINGS, own).await.is(200);
    assert!(told["data"].is_array(), "{told}");
    assert_eq!(kind(&shop, "receipt").await["is_custom"], true);
    buy(&app, &shop, &product, "ada@b.example").await;
    let mails = mails_to(&app, "ada@b.example");
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].contains("Subject: Thanks, ada@b.example"), "{}", mails[0]);
    assert!(mails[0].contains("Nebula brushes for 19.00 USD"), "{}", mails[0]);
    assert!(mails[0].contains("/account"), "{}", mails[0]);
    app.finish().await;
}

#[actix_rt::test]
async fn a_kind_that_is_switched_off_is_not_written() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let product = shop.product("brushes").await;
    let off = json!({ "receipt": { "enabled": false } });
    shop.owner.patch(SETTINGS, off).await.is(200);
    buy(&app, &shop, &product, "ada@b.example").await;
    assert!(mails_to(&app, "ada@b.example").is_empty());
    let on = json!({ "receipt": { "enabled": true } });
    shop.owner.patch(SETTINGS, on).await.is(200);
    buy(&app, &shop, &product, "eve@b.example").await;
    assert_eq!(mails_to(&app, "eve@b.example").len(), 1);
    // Another shop's settings are its own.
    let other = app.shop("fondaco").await;
    assert_eq!(kind(&other, "receipt").await["is_custom"], false);
    app.finish().await;
}

#[actix_rt::test]
async fn unknown_placeholders_kinds_and_members_are_refused_together() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let bad = json!({ "receipt": { "body": "{{password}}", "colour": 1 }, "nothing": {} });
    let told = shop.owner.patch(SETTINGS, bad).await.is(400);
    let details = &told["error"]["details"];
    for field in ["receipt.body", "receipt.colour", "nothing"] {
        assert!(details[field].is_array(), "{field}: {told}");
    }
    shop.owner.patch(SETTINGS, json!({})).await.is(400);
    assert_eq!(kind(&shop, "receipt").await["is_custom"], false);
    app.finish().await;
}

#[actix_rt::test]
async fn a_draft_is_shown_and_sent_to_its_writer() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let draft = json!({ "subject": "Hi {{customer_name}}" });
    let shown = shop
        .owner
        .post(&format!("{SETTINGS}/receipt/preview"), draft.clone())
        .await
        .is(200);
    assert_eq!(shown["data"]["subject"], "Hi Ada Lovelace");
    assert!(shown["data"]["body"].as_str().unwrap().contains("19.00 USD"), "{shown}");
    let bad = json!({ "body": "{{nothing}}" });
    shop.owner.post(&format!("{SETTINGS}/receipt/preview"), bad).await.is(400);
    shop.owner
        .post(&format!("{SETTINGS}/nothing/preview"), json!({}))
        .await
        .is(404);
    let owner = format!("owner@{}.example", shop.slug);
    let before = mails_to(&app, &owner).len();
    let sent = shop.owner.post(&format!("{SETTINGS}/receipt/test"), draft).await.is(202);
    assert_eq!(sent["data"]["recipient"], owner.as_str());
    app.deliver_due().await;
    let mails = mails_to(&app, &owner);
    assert_eq!(mails.len(), before + 1);
    assert!(mails.iter().any(|mail| mail.contains("Subject: Hi Ada Lovelace")));
    app.finish().await;
}
