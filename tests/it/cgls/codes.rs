//! Codes of discounts and trials: kept as they were written, found in any case, used as often as they may be.

use super::{Studio, merged};
use serde_json::{Value, json};

const SECRET: &str = "inbound-secret-of-the-tests";

fn discount(code: &str, more: Value) -> Value {
    merged(
        json!({ "code": code, "discountType": "percentage", "discountValue": 20 }),
        more,
    )
}

async fn uses(studio: &Studio) -> Value {
    let listed = studio.by_key("/listDiscountCodes", json!({})).await.is(200);
    listed["discountCodes"][0]["usedCount"].clone()
}

#[actix_rt::test]
async fn a_code_is_kept_as_it_was_written_and_is_one_in_any_case() {
    let studio = Studio::open().await;
    let made = studio.by_key("/createDiscountCode", discount("b2", json!({}))).await.is(200);
    assert_eq!(made["code"], "b2");
    let listed = studio.by_key("/listDiscountCodes", json!({})).await.is(200);
    assert_eq!(listed["discountCodes"][0]["code"], "b2");
    studio.by_key("/createDiscountCode", discount("B2", json!({}))).await.is(409);
    let shop = discount("Spring sale %", json!({}));
    studio.by_key("/createDiscountCode", shop).await.is(200);
    let trial = json!({ "code": "Try", "trialDays": 7 });
    studio.by_key("/createTrialCode", trial).await.is(200);
    studio
        .by_key("/createTrialCode", json!({ "code": "TRY", "trialDays": 7 }))
        .await
        .is(409);
    let listed = studio.by_key("/listTrialCodes", json!({})).await.is(200);
    assert_eq!(listed["codes"][0]["code"], "Try");
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_licence_takes_a_use_of_its_discount_code_and_no_more_than_there_are() {
    let studio = Studio::with(&[("inbound_webhook_secret", SECRET)]).await;
    let code = discount("Twice", json!({ "maxUses": 2, "productId": studio.product }));
    studio.by_key("/createDiscountCode", code).await.is(200);
    let key = studio.license(json!({ "discountCode": "twice" })).await;
    assert_eq!(studio.shown(&key).await["license"]["discountCode"], "twice");
    assert_eq!(uses(&studio).await, 1);
    let hook = studio.app.anonymous().header("x-webhook-secret", SECRET);
    for purchase in ["P-1", "P-1", "P-2"] {
        let sold = json!({
            "type": "purchase.completed", "email": "ann@example.com", "productId": studio.product, "purchaseId": purchase,
            "discountCode": "TWICE",
        });
        hook.post("/cgloungeWebhook", sold).await.is(200);
    }
    // What was paid elsewhere is a licence, with or without a use.
    assert_eq!(uses(&studio).await, 2);
    let asked = json!({ "email": "ann@example.com", "productId": studio.product, "discountCode": "Twice" });
    studio.by_key("/createLicense", asked).await.is(400);
    let unknown = json!({ "email": "ann@example.com", "productId": studio.product, "discountCode": "FRIENDS" });
    studio.by_key("/createLicense", unknown).await.is(200);
    assert_eq!(uses(&studio).await, 2);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn the_admin_secret_alone_reaches_every_creators_discount_codes() {
    let studio = Studio::open().await;
    let code = discount("Mine", json!({}));
    studio.by_key("/createDiscountCode", code).await.is(200);
    let (other, theirs) = studio.another().await;
    // Of a product it is known whose it is.
    let of_product = discount("Theirs", json!({ "productId": theirs }));
    studio.by_secret("/createDiscountCode", of_product).await.is(200);
    let native = studio.app.shop("fondaco").await;
    let coupon = json!({ "code": "NATIVE", "discount_type": "percentage", "discount_value": 10 });
    native.api.post("/api/v1/coupons", coupon).await.is(201);
    let listed = studio.by_secret("/listDiscountCodes", json!({})).await.is(200);
    let mut codes: Vec<&str> = listed["discountCodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["code"].as_str().unwrap())
        .collect();
    codes.sort_unstable();
    assert_eq!((codes, &listed["count"]), (vec!["Mine", "Theirs"], &json!(2)));
    let theirs = other.api.post("/listDiscountCodes", json!({})).await.is(200);
    assert_eq!(theirs["count"], 1);
    studio.app.finish().await;
}
