//! What a creator does who is signed in, on the routes that all contracts share, with the names his own contract tells.

use super::{Studio, is_refused};
use serde_json::{Value, json};

#[actix_rt::test]
async fn products_are_named_by_their_addresses() {
    let studio = Studio::open().await;
    let (owner, name) = (&studio.shop.owner, &studio.product);
    let path = format!("/api/v1/products/{name}");
    let shown = owner.get(&path).await.is(200);
    assert_eq!((&shown["success"], &shown["productId"]), (&json!(true), &json!(name)));
    let changed = owner
        .patch(&path, json!({ "name": "Renamed", "price": 1900, "currency": "USD" }))
        .await
        .is(200);
    assert_eq!(changed["name"], "Renamed");
    for body in [json!({ "product_id": name }), json!({ "productId": name })] {
        let body = super::merged(body, json!({ "email": "ben@example.com" }));
        assert!(owner.post("/api/v1/checkout/sessions", body).await.is(200)["url"].is_string());
    }
    owner
        .post(
            "/api/v1/checkout/sessions",
            json!({ "product_id": "nobody", "email": "ben@example.com" }),
        )
        .await
        .is(400);
    // What is unlisted stops sales.
    for (status, allowed) in [("unlisted", false), ("live", true)] {
        owner.patch(&path, json!({ "status": status })).await.is(200);
        let body = json!({ "product_id": name, "email": "ben@example.com" });
        let answer = owner.post("/api/v1/checkout/sessions", body).await;
        assert_eq!(answer.status == 200, allowed, "{}", answer.text());
    }
    let oto = format!("{path}/oto");
    assert!(matches!(owner.get(&oto).await.status, 200 | 404));
    let file = ("brush.zip", b"PK".as_slice());
    let made = owner
        .upload("POST", &format!("{path}/versions"), &[("version", "1.0")], file)
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    for nobody in ["nobody", "00000000-0000-7000-8000-000000000000"] {
        let missing = owner.get(&format!("/api/v1/products/{nobody}")).await;
        assert_eq!((missing.status, &missing.json["success"]), (404, &json!(false)));
    }
    let other = studio.app.shop("cgls").await;
    other.owner.get(&path).await.is(404);
    other.owner.delete(&path).await.is(404);
    owner.delete(&path).await.is(200);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_creator_makes_keys_of_his_own() {
    let studio = Studio::open().await;
    let owner = &studio.shop.owner;
    let made = owner.post("/api/v1/api-keys", json!({ "name": "Mine" })).await.is(200);
    assert_eq!(made["creatorId"], studio.shop.slug.as_str());
    let key = made["apiKey"].as_str().unwrap();
    assert!(key.starts_with("cgls_") && key.len() == 69);
    studio
        .app
        .anonymous()
        .post("/listProducts", json!({ "apiKey": key }))
        .await
        .is(200);
    let named = json!({ "name": "Mine", "creatorId": studio.shop.slug });
    owner.post("/api/v1/api-keys", named).await.is(200);
    let other = studio.app.shop("cgls").await;
    owner
        .post("/api/v1/api-keys", json!({ "name": "M", "creatorId": other.slug }))
        .await
        .is(404);
    is_refused(
        &owner.post("/api/v1/api-keys", json!({})).await,
        400,
        "success",
        "Missing required fields",
    );
    let missing = studio.by_secret("/createApiKey", json!({ "name": "N" })).await;
    is_refused(&missing, 400, "success", "Missing required fields");
    let elsewhere = owner
        .post("/api/v1/api-keys", json!({ "name": "L", "dialect": "licentric" }))
        .await
        .is(200);
    assert!(elsewhere["apiKey"].as_str().unwrap().starts_with("lk_live_"));
    // Keys are told by their digests, and found by them.
    let listed = owner.get("/api/v1/api-keys").await.is(200);
    let hash = listed["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "Mine")
        .unwrap()["hash"]
        .clone();
    let path = format!("/api/v1/api-keys/{}", hash.as_str().unwrap());
    assert_eq!(owner.get(&path).await.is(200)["hash"], hash);
    other.owner.get(&path).await.is(404);
    owner.delete(&path).await.is(200);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn licences_have_one_form_wherever_they_are_made() {
    let studio = Studio::open().await;
    let (owner, name) = (&studio.shop.owner, &studio.product);
    let made = owner
        .post(
            "/api/v1/licenses",
            json!({ "product_id": name, "user_email": "ann@example.com" }),
        )
        .await
        .is(200);
    let key = made["key"].as_str().unwrap();
    assert!(uuid::Uuid::try_parse(key).is_ok(), "{key}");
    assert_eq!(
        (&made["success"], &made["productId"], &made["email"]),
        (&json!(true), &json!(name), &json!("ann@example.com"))
    );
    let listed = owner.get("/api/v1/licenses").await.is(200);
    assert_eq!((&listed["count"], &listed["licenses"][0]["key"]), (&json!(1), &json!(key)));
    let by_product = owner.get(&format!("/api/v1/licenses?productId={name}")).await.is(200);
    assert_eq!(by_product["count"], 1);
    let shown = owner.get(&format!("/api/v1/licenses/{key}")).await.is(200);
    assert_eq!((&shown["key"], &shown["success"]), (&json!(key), &json!(true)));
    owner
        .post(&format!("/api/v1/licenses/{key}/suspend"), json!({}))
        .await
        .is(200);
    assert_eq!(studio.shown(key).await["license"]["status"], "suspended");
    owner
        .post(&format!("/api/v1/licenses/{key}/reinstate"), json!({}))
        .await
        .is(200);
    studio.verify(key).await.is(200);
    // What was sold has the same form.
    let path = format!("/api/v1/products/{name}");
    owner.patch(&path, json!({ "price": 1900 })).await.is(200);
    let session = json!({ "product_id": name, "email": "ben@example.com" });
    let url = owner.post("/api/v1/checkout/sessions", session).await.is(200)["url"].clone();
    let page = url
        .as_str()
        .unwrap()
        .find("/sandbox")
        .map(|at| &url.as_str().unwrap()[at..])
        .unwrap()
        .to_owned();
    let paid = studio.app.anonymous().form(&page, &[("card", "4242424242424242")]).await;
    assert!(matches!(paid.status, 200 | 303), "{}", paid.text());
    let sold = studio
        .by_key("/listLicenses", json!({ "email": "ben@example.com" }))
        .await
        .is(200);
    assert_eq!(sold["count"], 1);
    let license = &sold["licenses"][0];
    assert_eq!((&license["variant"], &license["maxMachines"]), (&json!("indie"), &json!(2)));
    let key = license["key"].as_str().unwrap();
    assert!(uuid::Uuid::try_parse(key).is_ok(), "{key}");
    studio.activate(key, "machine-1").await.is(200);
    let payment = owner.get("/api/v1/payments").await.is(200)["payments"][0]["id"].clone();
    let back = format!("/api/v1/payments/{}/refund", payment.as_str().unwrap());
    owner.post(&back, json!({})).await.is(200);
    is_refused(&studio.verify(key).await, 403, "valid", "License has been revoked");
    assert_eq!(studio.shown(key).await["license"]["disputeReason"], "refund");
    // Whoever is signed in names nobody else either.
    let named = json!({ "name": "N", "slug": "named", "creatorId": "somebody" });
    owner.post("/createProduct", named).await.is(403);
    owner.post("/listLicenses", json!({ "creatorId": "somebody" })).await.is(404);
    // A stranger of another creator's sees nothing of it.
    let other = studio.app.shop("cgls").await;
    other.owner.get(&format!("/api/v1/licenses/{key}")).await.is(404);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn the_contract_has_no_authorization_header() {
    let studio = Studio::open().await;
    let bearer = studio.app.anonymous().bearer(&studio.shop.key);
    for answer in [
        bearer.get("/listProducts").await,
        bearer.post("/listProducts", json!({})).await,
        bearer.post("/createLicense", json!({})).await,
        studio.app.operator().post("/listApiKeys", json!({})).await,
        studio
            .app
            .operator()
            .post("/createApiKey", json!({ "creatorId": studio.shop.slug, "name": "k" }))
            .await,
    ] {
        assert_eq!(
            (answer.status, &answer.json["success"]),
            (401, &json!(false)),
            "{}",
            answer.text()
        );
    }
    // A key where it belongs is good whatever else is sent, and so are the ways of the house.
    let both = bearer.header("X-API-Key", &studio.shop.key);
    both.get("/listProducts").await.is(200);
    let secret = studio.app.anonymous().header("X-Admin-Secret", crate::harness::ADMIN_SECRET);
    secret.get("/listApiKeys").await.is(200);
    studio
        .app
        .anonymous()
        .header("X-Admin-Secret", "wrong")
        .get("/listApiKeys")
        .await
        .is(401);
    let (_, native) = studio
        .shop
        .minted(&studio.app, json!({ "name": "n", "dialect": "fondaco" }))
        .await;
    studio.app.anonymous().bearer(&native).get("/listProducts").await.is(200);
    studio.shop.owner.get("/listProducts").await.is(200);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_function_that_is_none_is_told_so_in_the_contract_s_words() {
    let studio = Studio::open().await;
    let call = studio.app.anonymous();
    for answer in [call.post("/mintLicense", json!({})).await, call.get("/listEverything").await] {
        let told = (answer.status, &answer.json["success"], answer.json["error"].is_string());
        assert_eq!(told, (404, &json!(false), true), "{}", answer.text());
    }
    let wrong = call.get("/createLicense").await;
    assert_eq!((wrong.status, &wrong.json["success"]), (405, &json!(false)));
    studio.app.finish().await;
}

#[actix_rt::test]
async fn an_archived_product_may_only_be_read() {
    let studio = Studio::open().await;
    let name = studio.product.clone();
    let variant = json!({ "productId": name, "variantId": "team", "name": "Team" });
    studio.by_key("/createVariant", variant.clone()).await.is(200);
    let key = studio.license(json!({})).await;
    let archive = json!({ "productId": name, "status": "archived" });
    studio.by_key("/updateProduct", archive.clone()).await.is(200);
    studio.by_key("/updateProduct", archive).await.is(200);
    let more = json!({ "productId": name, "variantId": "solo", "name": "Solo" });
    for (path, body) in [
        ("/updateProduct", json!({ "productId": name, "name": "Other" })),
        ("/updateProduct", json!({ "productId": name, "price": 1 })),
        (
            "/updateProduct",
            json!({ "productId": name, "name": "Other", "status": "archived" }),
        ),
        ("/createVariant", more.clone()),
        ("/updateVariant", variant),
        ("/createLicense", json!({ "productId": name, "email": "a@example.com" })),
        ("/createTrialCode", json!({ "productId": name, "code": "T", "trialDays": 3 })),
    ] {
        let answer = studio.by_key(path, body).await;
        assert_eq!(
            (answer.status, &answer.json["success"]),
            (409, &json!(false)),
            "{path}: {}",
            answer.text()
        );
    }
    let path = format!("/api/v1/products/{name}");
    studio.shop.owner.patch(&path, json!({ "name": "Other" })).await.is(409);
    let listed = studio.by_key("/listProducts", json!({ "status": "archived" })).await.is(200);
    assert_eq!(
        (&listed["products"][0]["name"], &listed["products"][0]["active"]),
        (&json!("Plugin"), &json!(false))
    );
    assert_eq!(studio.by_key("/listProducts", json!({})).await.is(200)["count"], 0);
    assert_eq!(
        studio.by_key("/listVariants", json!({ "productId": name })).await.is(200)["count"],
        1
    );
    // Licences work on.
    studio.verify(&key).await.is(200);
    studio
        .by_key("/updateProduct", json!({ "productId": name, "status": "live" }))
        .await
        .is(200);
    studio.by_key("/createVariant", more).await.is(200);
    let made = studio
        .by_key(
            "/createLicense",
            json!({ "productId": name, "email": "a@example.com", "variant": null }),
        )
        .await;
    assert_ne!(made.is(200)["licenseKey"], Value::Null);
    studio.app.finish().await;
}
