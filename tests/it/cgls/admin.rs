//! What creators and the operator do.

use super::{Studio, is_refused, merged};
use serde_json::{Value, json};

#[actix_rt::test]
async fn products_and_variants() {
    let studio = Studio::open().await;
    let other = studio.app.shop("cgls").await;
    let taken = studio
        .by_secret(
            "/createProduct",
            json!({ "creatorId": other.slug, "name": "P", "slug": studio.product }),
        )
        .await;
    assert_eq!((taken.status, &taken.json["success"]), (409, &json!(false)));
    studio
        .by_key(
            "/createProduct",
            json!({ "creatorId": other.slug, "name": "P", "slug": "p-2" }),
        )
        .await
        .is(403);
    let changed = studio
        .by_key("/updateProduct", json!({ "productId": studio.product, "status": "archived" }))
        .await
        .is(200);
    assert_eq!((&changed["status"], &changed["active"]), (&json!("archived"), &json!(false)));
    studio
        .by_secret("/updateProduct", json!({ "productId": studio.product, "status": "unlisted" }))
        .await
        .is(200);
    let theirs = format!("theirs-{}", other.slug);
    other
        .api
        .post("/createProduct", json!({ "name": "T", "slug": theirs }))
        .await
        .is(200);
    let all = studio.by_secret("/listProducts", json!({ "includeAll": true })).await.is(200);
    assert_eq!(all["count"], 2);
    let one = json!({ "includeAll": true, "creatorId": other.slug });
    assert_eq!(
        studio.by_secret("/listProducts", one).await.is(200)["products"][0]["productId"],
        theirs.as_str()
    );
    studio
        .by_secret("/listProducts", json!({ "creatorId": "nobody" }))
        .await
        .is(404);
    let variant =
        json!({ "productId": studio.product, "variantId": "team", "name": "Team", "licenseType": "floating", "maxMachines": 5 });
    studio.by_key("/createVariant", variant.clone()).await.is(200);
    studio.by_key("/createVariant", variant).await.is(409);
    let prefixed = format!("{}-team", studio.product);
    let renamed = json!({ "productId": studio.product, "variantId": prefixed, "name": "Teams" });
    assert_eq!(studio.by_key("/updateVariant", renamed).await.is(200)["name"], "Teams");
    let path = format!("/listVariants?productId={}", studio.product);
    let listed = studio.shop.api.get(&path).await.is(200);
    let team = json!({ "variantId": "team", "productId": studio.product, "name": "Teams", "licenseType": "floating", "maxMachines": 5, "active": true });
    assert_eq!((&listed["count"], &listed["variants"][0]), (&json!(1), &team));
    other.api.get(&path).await.is(404);
    let key = studio.license(json!({ "variant": "team" })).await;
    let license = studio.shown(&key).await["license"].clone();
    assert_eq!(
        (&license["licenseType"], &license["maxMachines"], &license["maxConcurrent"]),
        (&json!("floating"), &json!(5), &json!(5))
    );
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_licence_is_read_by_key_secret_query_and_header_alike() {
    let studio = Studio::open().await;
    let key = studio
        .license(json!({ "purchaseId": "P-1", "bundleId": "B-1", "discountCode": "D" }))
        .await;
    assert_eq!(key.len(), 36);
    let id = studio.shown(&key).await["license"]["id"].clone();
    let expected = json!({
        "id": id, "key": key, "email": "ann@example.com", "productId": studio.product, "variant": "indie", "licenseType": "per-machine",
        "status": "active", "threatLevel": 0, "maxMachines": 2, "maxConcurrent": null, "machinesUsed": 0,
        "unresolvedViolationsCount": 0, "createdAt": "2026-05-19T14:23:14Z", "purchasedAt": "2026-05-19T14:23:14Z",
        "expiresAt": null, "discountCode": "D", "purchaseId": "P-1", "bundleId": "B-1", "unlockedProducts": [],
        "disputeReason": null, "disputedAt": null,
    });
    let query = format!("/getLicense?licenseKey={key}");
    let by_query = format!("{query}&apiKey={}", studio.shop.key);
    for answer in [
        studio.by_key("/getLicense", json!({ "licenseKey": key })).await,
        studio.by_secret("/getLicense", json!({ "licenseKey": key })).await,
        studio.shop.api.get(&query).await,
        studio.app.anonymous().get(&by_query).await,
    ] {
        let told = answer.is(200);
        assert_eq!(
            (&told["license"], &told["activations"], &told["violations"]),
            (&expected, &json!([]), &json!([]))
        );
    }
    studio.app.anonymous().get(&query).await.is(401);
    let missing = studio.by_key("/createLicense", json!({ "productId": studio.product })).await;
    is_refused(&missing, 400, "success", "Missing required fields");
    let listed = studio
        .by_key(
            "/listLicenses",
            json!({ "email": "Ann@example.com", "limit": 500, "productId": null }),
        )
        .await
        .is(200);
    assert_eq!((&listed["count"], &listed["licenses"][0]["key"]), (&json!(1), &json!(key)));
    studio.app.finish().await;
}

#[actix_rt::test]
async fn what_is_anothers_is_not_there() {
    let studio = Studio::open().await;
    let other = studio.app.shop("cgls").await;
    let key = studio.license(json!({})).await;
    let foreign = async |path: &str, body: Value| {
        studio
            .app
            .anonymous()
            .post(path, merged(json!({ "apiKey": other.key, "licenseKey": key }), body))
            .await
    };
    for path in [
        "/getLicense",
        "/updateLicense",
        "/revokeLicense",
        "/reinstateLicense",
        "/resetActivations",
        "/resolveLicense",
    ] {
        is_refused(&foreign(path, json!({})).await, 404, "success", "License not found");
    }
    for path in [
        "/createLicense",
        "/updateProduct",
        "/listVariants",
        "/createVariant",
        "/createTrialCode",
    ] {
        let body =
            json!({ "productId": studio.product, "email": "a@example.com", "variantId": "v", "code": "C", "trialDays": 3 });
        assert_eq!(foreign(path, body).await.status, 404, "{path}");
    }
    for path in ["/listLicenses", "/listTrialCodes", "/listVariants"] {
        assert_eq!(
            foreign(path, json!({ "productId": studio.product })).await.status,
            404,
            "{path}"
        );
        assert_eq!(
            foreign(path, json!({ "creatorId": studio.shop.slug })).await.status,
            404,
            "{path}"
        );
    }
    assert_eq!(foreign("/listLicenses", json!({})).await.is(200)["count"], 0);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_licence_is_changed_withdrawn_and_restored() {
    let studio = Studio::open().await;
    let key = studio.license(json!({})).await;
    let change = json!({ "licenseKey": key, "variant": "pro", "maxMachines": -1, "licenseType": "site", "expiresAt": "2026-05-20T00:00:00Z" });
    assert_eq!(studio.by_key("/updateLicense", change).await.is(200)["success"], true);
    let license = studio.shown(&key).await["license"].clone();
    assert_eq!(
        (&license["variant"], &license["maxMachines"], &license["licenseType"]),
        (&json!("pro"), &json!(-1), &json!("per-machine"))
    );
    studio.app.advance(86_400).await;
    assert_eq!(studio.shown(&key).await["license"]["status"], "expired");
    is_refused(&studio.verify(&key).await, 403, "valid", "License has expired");
    studio
        .by_key("/updateLicense", json!({ "licenseKey": key, "expiresAt": null }))
        .await
        .is(200);
    studio.verify(&key).await.is(200);
    studio
        .by_key("/revokeLicense", json!({ "licenseKey": key, "reason": "fraud" }))
        .await
        .is(200);
    is_refused(&studio.verify(&key).await, 403, "valid", "License has been revoked");
    assert_eq!(studio.shown(&key).await["license"]["threatLevel"], 4);
    studio.by_key("/reinstateLicense", json!({ "licenseKey": key })).await.is(200);
    let license = studio.shown(&key).await["license"].clone();
    assert_eq!((&license["status"], &license["threatLevel"]), (&json!("active"), &json!(0)));
    studio
        .by_key("/updateLicense", json!({ "licenseKey": key, "status": "suspended" }))
        .await
        .is(200);
    studio.verify(&key).await.is(200);
    studio.app.advance(72 * 3600).await;
    studio.verify(&key).await.is(403);
    studio
        .by_key("/updateLicense", json!({ "licenseKey": key, "status": "nonsense" }))
        .await
        .is(400);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn trial_codes_are_made_listed_changed_and_deleted() {
    let studio = Studio::open().await;
    let code = json!({ "code": "TRY", "productId": studio.product, "trialDays": 14, "maxUses": 1 });
    assert_eq!(studio.by_key("/createTrialCode", code.clone()).await.is(200)["code"], "TRY");
    studio.by_key("/createTrialCode", code).await.is(409);
    studio
        .by_key("/createTrialCode", json!({ "code": "ALL", "trialDays": 7 }))
        .await
        .is(200);
    studio
        .by_secret("/createTrialCode", json!({ "code": "NOBODY", "trialDays": 7 }))
        .await
        .is(400);
    studio
        .by_key(
            "/updateTrialCode",
            json!({ "code": "TRY", "active": false, "maxUses": -1, "expiresAt": null }),
        )
        .await
        .is(200);
    let listed = studio.shop.api.get("/listTrialCodes").await.is(200);
    let codes = listed["codes"].as_array().unwrap();
    let found = codes.iter().find(|code| code["code"] == "TRY").unwrap();
    let expected = json!({
        "code": "TRY", "productId": studio.product, "trialDays": 14, "usedCount": 0, "maxUses": null, "active": false,
        "createdAt": "2026-05-19T14:23:14Z", "expiresAt": null, "creatorId": studio.shop.slug,
    });
    assert_eq!((found, &listed["count"]), (&expected, &json!(2)));
    studio.by_key("/deleteTrialCode", json!({ "code": "TRY" })).await.is(200);
    studio.by_key("/deleteTrialCode", json!({ "code": "TRY" })).await.is(404);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_licence_made_here_is_the_same_over_the_other_contract() {
    let studio = Studio::open().await;
    let key = studio.license(json!({})).await;
    studio.activate(&key, "machine-1").await.is(200);
    let (_, other) = studio
        .shop
        .minted(&studio.app, json!({ "name": "k", "dialect": "licentric" }))
        .await;
    let read = studio
        .shop
        .with(&other)
        .get(&format!("/api/v1/licenses/by-key/{key}"))
        .await
        .is(200);
    assert_eq!(
        (&read["data"]["machineCount"], &read["data"]["status"]),
        (&json!(1), &json!("active"))
    );
    let path = format!("/api/v1/licenses/{}/revoke", read["data"]["id"].as_str().unwrap());
    studio.shop.with(&other).post(&path, json!({})).await.is(200);
    is_refused(&studio.verify(&key).await, 403, "valid", "License has been revoked");
    studio.app.finish().await;
}
