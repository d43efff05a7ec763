//! What programs are told, to the letter.

use super::{Studio, is_refused};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};

/// The key inside a PEM text: behind the 24 bytes that say it is RSA.
fn public(pem: &Value) -> UnparsedPublicKey<Vec<u8>> {
    let text: String = pem.as_str().unwrap().lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(text).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der[24..].to_vec())
}

#[actix_rt::test]
async fn a_token_is_checked_with_the_published_key_and_that_with_the_root() {
    let studio = Studio::open().await;
    let key = studio.license(json!({})).await;
    let told = studio.activate(&key, "machine-1").await.is(200);
    assert_eq!(
        (
            &told["machinesUsed"],
            &told["maxMachines"],
            &told["status"],
            &told["variant"],
            &told["licenseExpiresAt"],
            &told["expiresAt"]
        ),
        (
            &json!(1),
            &json!(2),
            &json!("active"),
            &json!("indie"),
            &Value::Null,
            &json!("2026-06-18T14:23:14Z")
        )
    );
    let token = told["token"].as_str().unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let published = studio.app.anonymous().get("/getSigningKey").await.is(200);
    public(&published["publicKey"])
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
    let vouched = STANDARD.decode(published["rootSignature"].as_str().unwrap()).unwrap();
    public(&published["rootPublicKey"])
        .verify(published["publicKey"].as_str().unwrap().as_bytes(), &vouched)
        .unwrap();
    let part = |text: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap() };
    let (header, claims) = signed.split_once('.').unwrap();
    assert_eq!(part(header), json!({ "alg": "RS256", "typ": "JWT", "kid": published["kid"] }));
    let at = 1_779_200_594;
    assert_eq!(
        part(claims),
        json!({ "licenseKey": key, "machineFingerprint": "machine-1", "productId": studio.product, "iat": at, "exp": at + 2_592_000 })
    );
    let check = async |machine: &str, token: &str| {
        let body = json!({ "licenseKey": key, "machineFingerprint": machine, "token": token });
        studio.app.anonymous().post("/validate", body).await
    };
    assert_eq!(check("machine-1", token).await.is(200)["token"], token);
    let stranger = check("machine-2", token).await;
    is_refused(&stranger, 401, "valid", "Session token is invalid or has expired");
    check("machine-1", &format!("{signed}.AAAA")).await.is(401);
    studio.app.advance(24 * 86_400).await;
    let renewed = check("machine-1", token).await.is(200);
    assert_ne!(renewed["token"], token);
    studio.app.advance(7 * 86_400).await;
    check("machine-1", token).await.is(401);
    check("machine-1", renewed["token"].as_str().unwrap()).await.is(200);
    studio.app.advance(70 * 86_400).await;
    let rotated = studio.app.anonymous().get("/getSigningKey").await.is(200);
    assert_ne!(rotated["kid"], published["kid"]);
    assert_eq!(rotated["keys"].as_array().unwrap().len(), 2);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn refusals_are_the_texts_that_programs_compare() {
    let studio = Studio::open().await;
    let key = studio.license(json!({})).await;
    studio.activate(&key, "machine-1").await.is(200);
    studio.activate(&key, "machine-2").await.is(200);
    let full = "Machine limit reached (2). Deactivate another machine first.";
    is_refused(&studio.activate(&key, "machine-3").await, 403, "success", full);
    let nobody = "00000000-0000-4000-8000-000000000000";
    is_refused(
        &studio.activate(nobody, "machine-1").await,
        404,
        "success",
        "License not found",
    );
    let call = studio.app.anonymous();
    let body = json!({ "licenseKey": key, "machineFingerprint": "machine-1", "hostname": "h", "productId": "other" });
    is_refused(
        &call.post("/activate", body).await,
        403,
        "success",
        "License is for a different product",
    );
    for path in ["/activate", "/deactivate", "/heartbeat"] {
        is_refused(&call.post(path, json!({})).await, 400, "success", "Missing required fields");
    }
    for path in ["/verify", "/validate"] {
        is_refused(&call.post(path, json!({})).await, 400, "valid", "Missing required fields");
    }
    let wrong = call.post("/verify", json!({ "licenseKey": key, "productId": "other" })).await;
    is_refused(&wrong, 403, "valid", "License is for a different product");
    assert_eq!(wrong.json["reason"], "wrong_product");
    let method = call.get("/activate").await;
    assert_eq!((method.status, &method.json["success"]), (405, &json!(false)));
    let shown = studio.shown(&key).await;
    let violation = &shown["violations"][0];
    assert_eq!(
        (&violation["type"], &violation["resolved"], &shown["machinesUsed"]),
        (&json!("machine_limit"), &json!(false), &json!(2))
    );
    let resolve = json!({ "licenseKey": key, "violationIds": [violation["id"]] });
    studio.by_key("/resolveLicense", resolve).await.is(200);
    assert_eq!(studio.shown(&key).await["license"]["unresolvedViolationsCount"], 0);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn seats_are_freed_and_dropped() {
    let studio = Studio::open().await;
    let key = studio.license(json!({ "maxMachines": 1 })).await;
    studio.activate(&key, "machine-1").await.is(200);
    assert_eq!(studio.activate(&key, "machine-1").await.is(200)["machinesUsed"], 1);
    studio.program("/heartbeat", &key, "machine-1").await.is(200);
    studio.program("/heartbeat", &key, "machine-2").await.is(404);
    studio.program("/deactivate", &key, "machine-1").await.is(200);
    studio.program("/deactivate", &key, "machine-1").await.is(404);
    studio.activate(&key, "machine-2").await.is(200);
    let reset = studio.by_key("/resetActivations", json!({ "licenseKey": key })).await.is(200);
    assert_eq!(reset["deletedCount"], 1);
    assert_eq!(studio.shown(&key).await["activations"], json!([]));
    studio.app.finish().await;
}

#[actix_rt::test]
async fn machines_and_sessions_are_exact_however_many_ask_at_once() {
    let studio = Studio::open().await;
    for more in [
        json!({ "maxMachines": 4 }),
        json!({ "licenseType": "floating", "maxConcurrent": 4 }),
    ] {
        let key = studio.license(more).await;
        let machines: Vec<String> = (0..12).map(|n| format!("machine-{n}")).collect();
        let asked = machines.iter().map(|machine| studio.activate(&key, machine));
        let answers = futures_util::future::join_all(asked).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 4);
        assert_eq!(answers.iter().filter(|answer| answer.status == 403).count(), 8);
        assert_eq!(studio.shown(&key).await["machinesUsed"], 4);
    }
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_silent_session_loses_its_seat_within_seventeen_minutes() {
    let studio = Studio::open().await;
    let key = studio.license(json!({ "licenseType": "floating", "maxConcurrent": 2 })).await;
    for machine in ["one", "two"] {
        studio.activate(&key, machine).await.is(200);
    }
    studio.activate(&key, "three").await.is(403);
    studio.app.advance(10 * 60).await;
    studio.program("/heartbeat", &key, "one").await.is(200);
    studio.app.advance(7 * 60).await;
    studio.activate(&key, "three").await.is(200);
    let full = "Machine limit reached (2). Deactivate another machine first.";
    is_refused(&studio.program("/heartbeat", &key, "two").await, 403, "success", full);
    studio.program("/heartbeat", &key, "one").await.is(200);
    let shown = studio.shown(&key).await;
    let active = shown["activations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|seat| seat["sessionActive"] == true)
        .count();
    assert_eq!((active, &shown["machinesUsed"]), (2, &json!(2)));
    studio.app.finish().await;
}

#[actix_rt::test]
async fn fifteen_tries_an_hour_and_no_guessing_of_keys() {
    let studio = Studio::open().await;
    let key = studio.license(json!({})).await;
    for _ in 0..15 {
        studio.activate(&key, "machine-1").await.is(200);
    }
    let refused = studio.activate(&key, "machine-1").await;
    is_refused(&refused, 429, "success", "Too many activation attempts. Try again later.");
    assert_eq!(refused.header("retry-after"), "3600");
    let reset = (studio.app.clock.now().seconds() + 3600).to_string();
    for (name, value) in [("limit", "15"), ("remaining", "0"), ("reset", reset.as_str())] {
        assert_eq!(refused.header(&format!("x-ratelimit-{name}")), value);
    }
    studio.app.advance(3600).await;
    studio.activate(&key, "machine-1").await.is(200);
    for _ in 0..60 {
        studio.verify("nobody").await.is(404);
    }
    let guessed = studio.verify("nobody").await;
    assert_eq!((guessed.status, guessed.header("x-ratelimit-limit")), (429, "60"));
    // Whoever has a good key is not refused for what others guess from his address.
    studio.verify(&key).await.is(200);
    studio.app.advance(60).await;
    studio.verify("nobody").await.is(404);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn whatever_is_wrong_with_a_body_has_the_one_text() {
    let studio = Studio::open().await;
    let key = studio.license(json!({})).await;
    let good = json!({ "licenseKey": key, "machineFingerprint": "machine-1", "hostname": "h", "productId": studio.product });
    let call = studio.app.anonymous();
    for name in ["licenseKey", "machineFingerprint", "hostname", "productId"] {
        for wrong in [
            Value::Null,
            json!(""),
            json!("  "),
            json!(7),
            json!(true),
            json!(["a"]),
            json!({}),
            json!("x".repeat(300)),
        ] {
            let mut body = good.clone();
            body[name] = wrong.clone();
            let answer = call.post("/activate", body).await;
            is_refused(&answer, 400, "success", "Missing required fields");
        }
    }
    for (path, member) in [
        ("/activate", "success"),
        ("/heartbeat", "success"),
        ("/validate", "valid"),
        ("/verify", "valid"),
    ] {
        for body in ["", "[]", "{", "7", "null"] {
            let answer = call.call_text("POST", path, body.to_owned()).await;
            is_refused(&answer, 400, member, "Missing required fields");
        }
    }
    call.post("/activate", good).await.is(200);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn fifteen_tries_an_hour_also_with_a_key_that_is_none() {
    let studio = Studio::open().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for _ in 0..15 {
        is_refused(&studio.activate(nobody, "m").await, 404, "success", "License not found");
    }
    let refused = studio.activate(nobody, "m").await;
    is_refused(&refused, 429, "success", "Too many activation attempts. Try again later.");
    assert_eq!(refused.header("retry-after"), "3600");
    // However it is written, and for this key alone.
    is_refused(
        &studio.activate(&format!(" {nobody} "), "m").await,
        429,
        "success",
        "Too many activation attempts. Try again later.",
    );
    studio.activate("another", "m").await.is(404);
    let key = studio.license(json!({})).await;
    studio.activate(&key, "m").await.is(200);
    studio.app.advance(3600).await;
    studio.activate(nobody, "m").await.is(404);
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_licence_unlocks_no_product_of_somebody_elses() {
    let studio = Studio::open().await;
    let (_, theirs) = studio.another().await;
    let own = format!("{}-own", studio.product);
    studio
        .by_key("/createProduct", json!({ "name": "O", "slug": own }))
        .await
        .is(200);
    let key = studio.license(json!({ "unlockedProducts": [own, theirs] })).await;
    let call = studio.app.anonymous();
    let ask = async |product: &str| {
        let body = json!({ "licenseKey": key, "productId": product, "machineFingerprint": "m", "hostname": "h" });
        let verified = call.post("/verify", body.clone()).await;
        let bound = call.post("/activate", body).await;
        (verified.status, bound.status)
    };
    assert_eq!(ask(&own).await, (200, 200));
    assert_eq!(ask(&theirs).await, (403, 403));
    studio.app.finish().await;
}

#[actix_rt::test]
async fn a_token_that_is_sent_along_is_checked() {
    let studio = Studio::open().await;
    let key = studio.license(json!({ "licenseType": "floating" })).await;
    let token = studio.activate(&key, "machine-1").await.is(200)["token"].clone();
    studio.activate(&key, "machine-2").await.is(200);
    let other = studio.license(json!({})).await;
    let foreign = studio.activate(&other, "machine-1").await.is(200)["token"].clone();
    let told = async |path: &str, token: &Value| {
        let body = json!({ "licenseKey": key, "machineFingerprint": "machine-1", "token": token });
        studio.app.anonymous().post(path, body).await
    };
    for path in ["/heartbeat", "/deactivate"] {
        for wrong in [&json!("garbage"), &json!("a.b.c"), &foreign] {
            let refused = told(path, wrong).await;
            is_refused(&refused, 401, "success", "Session token is invalid or has expired");
        }
    }
    for none in [&Value::Null, &json!(""), &token] {
        told("/heartbeat", none).await.is(200);
    }
    studio.app.advance(31 * 86_400).await;
    told("/heartbeat", &token).await.is(401);
    told("/deactivate", &token).await.is(401);
    told("/deactivate", &Value::Null).await.is(200);
    studio.app.finish().await;
}
