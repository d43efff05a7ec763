//! A shop's own secrets.

use super::{SECRET, World, value};
use crate::harness::Reply;
use serde_json::json;

#[actix_rt::test]
async fn a_shop_uses_its_own_key_and_nobody_sees_it() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let other = world.app.shop("fondaco").await;
    let path = "/api/v1/settings/payments";
    let before = shop.owner.get(path).await.is(200);
    assert_eq!(
        (&before["data"]["provider"], &before["data"]["has_stripe_secret_key"]),
        (&json!("stripe"), &json!(false))
    );
    let secrets =
        json!({ "stripe_secret_key": "sk_live_of_the_shop_itself", "stripe_webhook_secret": "whsec_of_the_shop_itself" });
    let set = shop.owner.call("PUT", path, Some(secrets)).await;
    assert!(set.status == 200 && !set.text().contains("of_the_shop"), "{}", set.text());
    assert_eq!(set.json["data"]["has_stripe_secret_key"], true);
    assert!(
        set.json["data"]["webhook_url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/api/webhooks/stripe/{}", shop.slug))
    );
    assert!(!shop.owner.get(path).await.text().contains("of_the_shop"));
    assert_eq!(
        shop.api
            .call("PUT", path, Some(json!({ "stripe_secret_key": "sk_live_123" })))
            .await
            .status,
        401
    );
    for body in [
        json!({}),
        json!({ "stripe_secret_key": "a b c d e f" }),
        json!({ "stripe_secret_key": 7 }),
    ] {
        assert_eq!(shop.owner.call("PUT", path, Some(body.clone())).await.status, 400, "{body}");
    }

    let session = |id: &str| {
        Reply::Body(
            200,
            json!({ "id": id, "url": "https://checkout.stripe.example/c" })
                .to_string()
                .into_bytes(),
        )
    };
    world.stripe.answers([session("cs_1"), session("cs_2")]);
    for shop in [&shop, &other] {
        let product = shop.product("brushes").await;
        shop.checkout(json!({ "product_id": product, "email": "ann@example.com" }))
            .await;
    }
    let keys: Vec<String> = world
        .stripe
        .requests()
        .iter()
        .map(|one| one.header("authorization").to_owned())
        .collect();
    assert_eq!(
        keys,
        ["Bearer sk_live_of_the_shop_itself", "Bearer sk_live_of_the_environment"]
    );
    assert_eq!(
        value(&world.stripe.requests()[0].body, "metadata[fondaco_tenant]").as_deref(),
        Some(shop.tenant.as_str())
    );
    world.finish().await;
}

#[actix_rt::test]
async fn each_route_takes_its_own_secrets_several_while_one_replaces_another() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let path = format!("/api/webhooks/stripe/{}", shop.slug);
    let event = world.event("customer.created", json!({ "id": "cus_1" }));
    assert_eq!(
        world.post_to(&path, SECRET, &event).await.status,
        200,
        "the environment's is the fallback"
    );
    let secrets = json!({ "stripe_webhook_secret": "whsec_old_one, whsec_new_one" });
    let refused = shop.owner.call("PUT", "/api/v1/settings/payments", Some(secrets)).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    let secrets = json!({ "stripe_webhook_secret": "whsec_old_one,whsec_new_one" });
    shop.owner
        .call("PUT", "/api/v1/settings/payments", Some(secrets))
        .await
        .is(200);
    for (secret, status) in [
        ("whsec_old_one", 200),
        ("whsec_new_one", 200),
        (SECRET, 400),
        ("whsec_old_one,whsec_new_one", 400),
    ] {
        assert_eq!(world.post_to(&path, secret, &event).await.status, status, "{secret}");
    }
    let nobody = world.post_to("/api/webhooks/stripe/nobody", SECRET, &event).await;
    assert!(nobody.status == 404 && nobody.json["error"].is_string(), "{}", nobody.text());
    let cleared = shop
        .owner
        .call(
            "PUT",
            "/api/v1/settings/payments",
            Some(json!({ "stripe_webhook_secret": null })),
        )
        .await;
    assert_eq!(cleared.is(200)["data"]["has_stripe_webhook_secret"], false);
    assert_eq!(world.post_to(&path, SECRET, &event).await.status, 200);
    world.finish().await;
}

#[actix_rt::test]
async fn test_data_never_leaves_for_stripe() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let (_, key) = shop.minted(&world.app, json!({ "name": "test", "mode": "test" })).await;
    let api = shop.with(&key);
    let body = json!({ "name": "Brushes", "slug": "brushes", "price": 1900, "currency": "USD" });
    let product = api.post("/api/v1/products", body).await.is(201);
    let asked = json!({ "product_id": product["data"]["id"], "email": "ann@example.com" });
    let made = api.post("/api/v1/checkout/sessions", asked).await.is(201);
    assert!(made["data"]["url"].as_str().unwrap().contains("/sandbox/checkout/"), "{made}");
    assert!(world.stripe.requests().is_empty());
    world.finish().await;
}

#[actix_rt::test]
async fn a_page_without_a_key_of_its_own_is_given_the_shops() {
    let world = World::start().await;
    let shop = world.app.shop("fondaco").await;
    let path = "/api/v1/settings/payments";
    for wrong in ["sk_live_of_the_shop", "pk", "pk_ with blanks"] {
        let body = json!({ "stripe_publishable_key": wrong });
        assert_eq!(shop.owner.call("PUT", path, Some(body)).await.status, 400, "{wrong}");
    }
    let body = json!({ "stripe_publishable_key": "pk_live_of_the_shop" });
    let set = shop.owner.call("PUT", path, Some(body)).await.is(200);
    assert_eq!(set["data"]["stripe_publishable_key"], "pk_live_of_the_shop");
    let origins = json!({ "embed_allowed_origins": ["https://page.example"] });
    shop.owner.patch("/api/v1/integrations", origins).await.is(200);
    let product = json!({ "name": "Brushes", "slug": "brushes", "price": 1900, "currency": "USD", "embed_enabled": true });
    shop.api.post("/api/v1/products", product).await.is(201);
    let answer = json!({ "id": "cs_1", "client_secret": "cs_1_secret" });
    world.stripe.answers([Reply::Body(200, answer.to_string().into_bytes())]);
    let page = world.app.anonymous().header("Origin", "https://page.example");
    let begun = page
        .post("/api/embed/checkout-session", json!({ "productSlug": "brushes" }))
        .await
        .is(200);
    assert_eq!(
        (&begun["clientSecret"], &begun["publishableKey"]),
        (&json!("cs_1_secret"), &json!("pk_live_of_the_shop"))
    );
    let body = json!({ "stripe_publishable_key": null });
    let cleared = shop.owner.call("PUT", path, Some(body)).await.is(200);
    assert!(cleared["data"]["stripe_publishable_key"].is_null());
    world.finish().await;
}
