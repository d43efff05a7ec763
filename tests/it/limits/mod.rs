//! How often: headers, refusals, addresses, the operator's quotas.

use crate::harness::{Answer, TestApp};
use serde_json::json;

const LIMITS: [&str; 3] = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];

fn told(answer: &Answer) -> bool {
    let numbers = LIMITS.iter().all(|name| answer.header(name).parse::<u64>().is_ok());
    numbers && !answer.header("ratelimit").is_empty() && !answer.header("ratelimit-policy").is_empty()
}

#[actix_rt::test]
async fn every_answer_to_a_credential_tells_what_is_left() {
    let app = TestApp::start().await;
    for dialect in ["fondaco", "sellf", "licentric", "bigclass"] {
        let shop = app.shop(dialect).await;
        for (path, status) in [
            ("/api/v1/products", 200),
            ("/api/v1/products/nothing", 400),
            ("/api/v1/me", 200),
        ] {
            let answer = shop
                .api
                .header("Authorization", &format!("Bearer {}", shop.key))
                .get(path)
                .await;
            assert!(told(&answer), "{dialect} {path} {}: {:?}", answer.status, answer.headers);
            assert!(
                answer.status == status || answer.status == 404,
                "{dialect} {path}: {}",
                answer.text()
            );
        }
        for bad in [
            app.anonymous(),
            app.anonymous().bearer("nonsense"),
            app.anonymous().bearer("fos_nonsense"),
        ] {
            let refused = bad.get("/api/v1/products").await;
            assert_eq!(refused.status, 401);
            assert!(told(&refused), "{dialect}: {:?}", refused.headers);
        }
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_day_bucket_has_headers_of_its_own_even_where_nothing_is_proved() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let call = app.anonymous().bearer(&shop.key);
    let answer = call.get("/api/v1/me").await;
    assert_eq!(answer.header("x-ratelimit-daily-limit"), "1000", "{:?}", answer.headers);
    assert_eq!(answer.header("x-ratelimit-daily-remaining"), "999");
    let refused = app.anonymous().bearer("tbc_nonsense").get("/api/v1/me").await;
    assert_eq!((refused.status, refused.header("x-ratelimit-daily-limit")), (401, "1000"));
    for left in ["998", "997"] {
        let refused = app.anonymous().bearer("tbc_nonsense").get("/api/v1/courses").await;
        assert_eq!((refused.status, refused.header("x-ratelimit-daily-remaining")), (401, left));
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_client_that_waits_as_told_is_not_refused_twice() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let made = shop
        .owner
        .post("/api/v1/api-keys", json!({ "name": "slow", "rate_limit_per_minute": 3 }))
        .await
        .is(201);
    let call = app.anonymous().bearer(made["data"]["key"].as_str().unwrap());
    for left in ["2", "1", "0"] {
        assert_eq!(call.get("/api/v1/products").await.header("x-ratelimit-remaining"), left);
    }
    for _ in 0..3 {
        let refused = call.get("/api/v1/products").await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "46"));
        assert!(refused.text().contains('3'), "{}", refused.text());
        assert!(told(&refused));
    }
    app.advance(45).await;
    call.get("/api/v1/products").await.is(429);
    app.advance(1).await;
    call.get("/api/v1/products").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn failed_authentications_are_limited_per_address_and_only_they() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let noise = app.anonymous().bearer(&format!("fo_live_{}", "0".repeat(64)));
    for _ in 0..60 {
        noise.get("/api/v1/products").await.is(401);
    }
    let refused = noise.get("/api/v1/products").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "46"));
    assert_eq!(refused.header("date"), "Tue, 19 May 2026 14:23:14 GMT");
    shop.api.get("/api/v1/products").await.is(200);
    // Nobody failed to prove anything here.
    let silent = app.anonymous().get("/api/v1/products").await;
    assert_eq!((silent.status, silent.header("x-ratelimit-remaining")), (401, "0"));
    app.advance(46).await;
    noise.get("/api/v1/products").await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn the_operators_quotas_reach_keys_that_exist() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let own = shop
        .owner
        .post("/api/v1/api-keys", json!({ "name": "own", "rate_limit_per_minute": 500 }))
        .await
        .is(201);
    let own = app.anonymous().bearer(own["data"]["key"].as_str().unwrap());
    let tenants = app.operator().get("/operator/v1/tenants").await.is(200);
    let id = tenants["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/operator/v1/tenants/{id}");
    let limit = async |client: &crate::harness::Client| client.get("/api/v1/me").await.header("x-ratelimit-limit").to_owned();
    assert_eq!(
        (limit(&shop.api).await, limit(&own).await),
        ("60".to_owned(), "500".to_owned())
    );
    app.operator()
        .patch(&path, json!({ "limits": { "per_minute": 5000 } }))
        .await
        .is(200);
    assert_eq!(
        (limit(&shop.api).await, limit(&own).await),
        ("5000".to_owned(), "500".to_owned())
    );
    // Used twice so far: a changed limit keeps the count.
    let third = shop.api.get("/api/v1/me").await;
    assert_eq!(third.header("x-ratelimit-remaining"), "4997");
    let wide = json!({ "name": "wide", "rate_limit_per_minute": 3000 });
    shop.owner.post("/api/v1/api-keys", wide.clone()).await.is(201);
    app.operator()
        .patch(&path, json!({ "limits": { "keys_per_minute_max": 100 } }))
        .await
        .is(200);
    assert_eq!(limit(&own).await, "100");
    shop.owner.post("/api/v1/api-keys", wide).await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn a_body_too_large_is_refused_before_anything_is_asked() {
    let app = TestApp::start().await;
    let large = vec![b' '; (1 << 20) + 1];
    let declared = app
        .anonymous()
        .raw(reqwest::Method::POST, "/api/v1/products", large.clone())
        .await;
    assert_eq!(declared.status, 413);
    let chunks = futures_util::stream::iter(
        large
            .chunks(64 * 1024)
            .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
            .collect::<Vec<_>>(),
    );
    let streamed = app
        .anonymous()
        .raw(reqwest::Method::POST, "/api/v1/products", reqwest::Body::wrap_stream(chunks))
        .await;
    assert_eq!(streamed.status, 413);
    app.finish().await;
}

#[actix_rt::test]
async fn an_operation_may_be_limited_per_address_instead_of_per_key() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        "extends = \"licentric\"\n[keys]\nlive = \"tt_live_\"\ntest = \"tt_test_\"\n[limits.tiers]\n\"products.list\" = 2\n";
    std::fs::write(folder.path().join("tiered.toml"), file).unwrap();
    let app = TestApp::with(&[("dialects_dir", folder.path().to_str().unwrap())]).await;
    let shop = app.shop("tiered").await;
    let one = app.anonymous().bearer(&shop.key);
    let made = shop
        .owner
        .post("/api/v1/api-keys", json!({ "name": "n", "scopes": ["licenses:read"] }))
        .await
        .is(201);
    let other = app.anonymous().bearer(made["data"]["key"].as_str().unwrap());
    let left = |answer: &Answer| {
        (
            answer.status,
            answer.header("x-ratelimit-limit").to_owned(),
            answer.header("x-ratelimit-remaining").to_owned(),
        )
    };
    let told = |status: u16, limit: &str, remaining: &str| (status, limit.to_owned(), remaining.to_owned());
    assert_eq!(left(&one.get("/api/v1/products").await), told(200, "2", "1"));
    // Without the scope, from the same address: charged like any other.
    assert_eq!(left(&other.get("/api/v1/products").await), told(403, "2", "0"));
    let refused = one.get("/api/v1/products").await;
    assert_eq!((left(&refused), refused.header("retry-after")), (told(429, "2", "0"), "46"));
    assert_eq!(other.get("/api/v1/products").await.status, 429);
    // Nothing of the key's own bucket was spent, and a 401 costs nothing of the tier.
    assert_eq!(left(&one.get("/api/v1/me").await), told(200, "120", "119"));
    app.advance(46).await;
    let unproved = app.anonymous().bearer("tt_live_x").get("/api/v1/products").await;
    assert_eq!(left(&unproved), told(401, "2", "2"));
    one.get("/api/v1/products").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn an_operation_may_have_a_window_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = "extends = \"sellf\"\n[keys]\nlive = \"ww_live_\"\ntest = \"ww_test_\"\n[limits.windows]\n\"payments.export\" = { calls = 2, seconds = 3600 }\n";
    std::fs::write(folder.path().join("windowed.toml"), file).unwrap();
    let app = TestApp::with(&[("dialects_dir", folder.path().to_str().unwrap())]).await;
    let shop = app.shop("windowed").await;
    for _ in 0..2 {
        assert_eq!(shop.api.post("/api/v1/payments/export", json!({})).await.status, 200);
    }
    let refused = shop.api.post("/api/v1/payments/export", json!({})).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "2206"));
    assert_eq!(refused.json["error"]["code"], "RATE_LIMITED");
    shop.api.get("/api/v1/payments").await.is(200);
    // Somebody else has his own.
    assert_eq!(shop.owner.post("/api/v1/payments/export", json!({})).await.status, 200);
    app.advance(2206).await;
    assert_eq!(shop.api.post("/api/v1/payments/export", json!({})).await.status, 200);
    app.finish().await;
}

#[actix_rt::test]
async fn answers_that_reach_no_route_tell_what_is_left_and_cost_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop("bigclass").await;
    let call = app.anonymous().bearer(&shop.key);
    assert_eq!(call.get("/api/v1/courses").await.header("x-ratelimit-remaining"), "59");
    let large = "x".repeat(1024 * 1024 + 1);
    for answer in [
        call.get("/api/v1/nothing").await,
        call.get("/api/v1/courses/a/b/c").await,
        call.call("PUT", "/api/v1/courses", None).await,
        call.call("get", "/api/v1/courses", None).await,
        call.raw(reqwest::Method::POST, "/api/v1/students", large).await,
    ] {
        assert!(
            told(&answer) && matches!(answer.status, 404 | 405 | 413),
            "{}: {:?}",
            answer.status,
            answer.headers
        );
        let left = ["x-ratelimit-remaining", "x-ratelimit-daily-remaining"].map(|name| answer.header(name));
        assert_eq!(left, ["59", "999"], "{}", answer.status);
    }
    let stranger = app.anonymous().call("PUT", "/api/v1/courses", None).await;
    assert_eq!(
        (stranger.status, stranger.header("x-ratelimit-daily-remaining")),
        (405, "1000")
    );
    assert_eq!(
        shop.owner.get("/api/v1/students/a/b").await.header("x-ratelimit-limit"),
        "1200"
    );
    assert_eq!(app.anonymous().get("/favicon.ico").await.header("x-ratelimit-limit"), "");
    assert_eq!(call.get("/api/v1/courses").await.header("x-ratelimit-remaining"), "58");
    app.finish().await;
}
