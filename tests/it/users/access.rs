//! Given, prolonged, withdrawn, expired, explained.

use crate::harness::{Shop, TestApp};
use serde_json::{Value, json};

/// A shop with a customer who bought one product; answers his path and the other product's id.
async fn with_customer(app: &TestApp) -> (Shop, String, String) {
    let shop = app.shop("sellf").await;
    shop.sale(&shop.product("first").await, "ann@example.com").await;
    let user = shop.api.get("/api/v1/users").await.is(200)["data"][0]["id"].clone();
    let second = shop.product("second").await;
    (shop, format!("/api/v1/users/{}", user.as_str().unwrap()), second)
}

async fn granted(shop: &Shop, user: &str, body: Value) -> Value {
    shop.api.post(&format!("{user}/access"), body).await.is(201)["data"].clone()
}

#[actix_rt::test]
async fn a_grant_is_for_ever_for_days_or_until_a_date() {
    let app = TestApp::start().await;
    let (shop, user, second) = with_customer(&app).await;
    for (more, expires_at, days) in [
        (json!({}), json!(null), json!(null)),
        (
            json!({ "access_duration_days": 10 }),
            json!("2026-05-29T14:23:14.000Z"),
            json!(10),
        ),
        (
            json!({ "access_expires_at": "2026-06-01T00:00:00Z" }),
            json!("2026-06-01T00:00:00.000Z"),
            json!(null),
        ),
        (
            json!({ "access_duration_days": 1, "access_expires_at": "2026-06-01T00:00:00Z" }),
            json!("2026-05-20T14:23:14.000Z"),
            json!(1),
        ),
    ] {
        let mut body = more.clone();
        body["product_id"] = json!(second);
        let data = granted(&shop, &user, body.clone()).await;
        let id = data["id"].as_str().unwrap().to_owned();
        let expected = json!({
            "id": id, "user_id": user.rsplit('/').next().unwrap(), "product_id": second, "product_name": "Nebula brushes",
            "granted_at": "2026-05-19T14:23:14.000Z", "expires_at": expires_at, "duration_days": days,
        });
        assert_eq!(data, expected, "{more}");
        let again = shop.api.post(&format!("{user}/access"), body).await;
        assert_eq!(
            (again.status, again.json["error"]["code"].as_str()),
            (409, Some("ALREADY_EXISTS"))
        );
        let page = shop.api.get(&format!("{user}/access")).await.is(200);
        assert_eq!(page["data"].as_array().unwrap().len(), 2);
        let path = format!("{user}/access/{id}");
        let read = shop.api.get(&path).await.is(200);
        assert_eq!(
            (&read["data"]["expires_at"], &read["data"]["user_id"]),
            (&expires_at, &expected["user_id"])
        );
        shop.api.delete(&path).await.is(204);
        shop.api.get(&path).await.is(404);
        shop.api.delete(&path).await.is(404);
        shop.api.patch(&path, json!({ "extend_days": 1 })).await.is(404);
    }
    app.finish().await;
}

#[actix_rt::test]
async fn grants_that_cannot_be_are_refused() {
    let app = TestApp::start().await;
    let (shop, user, second) = with_customer(&app).await;
    let hidden = shop.product("hidden").await;
    shop.api
        .patch(&format!("/api/v1/products/{hidden}"), json!({ "is_active": false }))
        .await
        .is(200);
    let nobody = "00000000-0000-7000-8000-000000000000";
    for (body, status, code) in [
        (json!({}), 400, "VALIDATION_ERROR"),
        (json!({ "product_id": "x" }), 400, "VALIDATION_ERROR"),
        (json!({ "product_id": nobody }), 404, "NOT_FOUND"),
        (json!({ "product_id": hidden }), 400, "VALIDATION_ERROR"),
        (
            json!({ "product_id": second, "access_duration_days": 0 }),
            400,
            "VALIDATION_ERROR",
        ),
        (
            json!({ "product_id": second, "access_duration_days": 3651 }),
            400,
            "VALIDATION_ERROR",
        ),
        (
            json!({ "product_id": second, "access_expires_at": "2026-05-19T14:23:14Z" }),
            400,
            "VALIDATION_ERROR",
        ),
        (
            json!({ "product_id": second, "access_expires_at": "2037-01-01T00:00:00Z" }),
            400,
            "VALIDATION_ERROR",
        ),
    ] {
        let answer = shop.api.post(&format!("{user}/access"), body.clone()).await;
        assert_eq!(
            (answer.status, answer.json["error"]["code"].as_str()),
            (status, Some(code)),
            "{body}: {}",
            answer.text()
        );
    }
    let unknown = format!("/api/v1/users/{nobody}/access");
    shop.api.post(&unknown, json!({ "product_id": second })).await.is(404);
    shop.api.post(&unknown, json!({})).await.is(404);
    let reader = shop.key("sellf", &["users:read"]).await;
    reader
        .post(&format!("{user}/access"), json!({ "product_id": second }))
        .await
        .is(403);
    let other = app.shop("sellf").await;
    let theirs = other.product("theirs").await;
    shop.api
        .post(&format!("{user}/access"), json!({ "product_id": theirs }))
        .await
        .is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn an_end_is_moved_from_itself_or_from_now() {
    let app = TestApp::start().await;
    let (shop, user, second) = with_customer(&app).await;
    let id = granted(&shop, &user, json!({ "product_id": second, "access_duration_days": 10 })).await["id"].clone();
    let path = format!("{user}/access/{}", id.as_str().unwrap());
    for (body, expires_at, days) in [
        (json!({ "extend_days": 5 }), json!("2026-06-03T14:23:14.000Z"), json!(10)),
        (
            json!({ "access_duration_days": 2 }),
            json!("2026-05-21T14:23:14.000Z"),
            json!(2),
        ),
        (
            json!({ "access_expires_at": "2026-07-01T00:00:00Z", "access_duration_days": 9 }),
            json!("2026-07-01T00:00:00.000Z"),
            json!(2),
        ),
        (json!({ "access_expires_at": null }), json!(null), json!(2)),
        (json!({ "extend_days": 1 }), json!("2026-05-20T14:23:14.000Z"), json!(2)),
    ] {
        let read = shop.api.patch(&path, body.clone()).await.is(200);
        assert_eq!(
            (&read["data"]["expires_at"], &read["data"]["duration_days"]),
            (&expires_at, &days),
            "{body}"
        );
        assert_eq!(read["data"]["product_slug"], "second");
    }
    for body in [
        json!({}),
        json!({ "extend_days": 0 }),
        json!({ "extend_days": 3651 }),
        json!({ "access_expires_at": "2026-01-01T00:00:00Z" }),
        json!({ "access_duration_days": "x" }),
    ] {
        let answer = shop.api.patch(&path, body.clone()).await;
        let code = answer.json["error"]["code"].as_str();
        assert_eq!(
            (answer.status, code),
            (400, Some("VALIDATION_ERROR")),
            "{body}: {}",
            answer.text()
        );
    }
    app.finish().await;
}

#[actix_rt::test]
async fn access_runs_out_once_and_can_be_given_again() {
    let app = TestApp::start().await;
    let (shop, user, second) = with_customer(&app).await;
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["access.expired"]).await;
    let id = granted(&shop, &user, json!({ "product_id": second, "access_duration_days": 1 })).await["id"].clone();
    let path = format!("{user}/access/{}", id.as_str().unwrap());
    app.advance(90_000).await;
    app.advance(90_000).await;
    let told = sink.only().json();
    assert_eq!(told["data"]["access"]["expiredAt"], "2026-05-20T14:23:14.000Z");
    assert_eq!(
        shop.api.get(&path).await.is(200)["data"]["expires_at"],
        "2026-05-20T14:23:14.000Z"
    );
    let users = shop.api.get("/api/v1/users").await.is(200);
    assert_eq!(users["data"][0]["stats"]["total_products"], 1);
    let longer = shop.api.patch(&path, json!({ "extend_days": 1 })).await.is(200);
    assert_eq!(longer["data"]["expires_at"], "2026-05-22T16:23:14.000Z");
    app.advance(90_000).await;
    assert_eq!(sink.requests().len(), 2);
    let again = granted(&shop, &user, json!({ "product_id": second })).await;
    assert_eq!((&again["id"], &again["expires_at"]), (&id, &json!(null)));
    app.finish().await;
}

#[actix_rt::test]
async fn why_tells_every_cause_in_order_and_by_whom() {
    let app = TestApp::start().await;
    let (shop, user, second) = with_customer(&app).await;
    let person = shop.owner.get("/api/v1/me").await.is(200);
    let person = format!("person:{}", person["data"]["user"]["id"].as_str().unwrap());
    let body = json!({ "product_id": second, "access_duration_days": 10 });
    let id = shop.owner.post(&format!("{user}/access"), body).await.is(201)["data"]["id"].clone();
    let path = format!("{user}/access/{}", id.as_str().unwrap());
    app.advance(60).await;
    let payment = shop.sale(&second, "ann@example.com").await;
    app.advance(60).await;
    shop.api.delete(&path).await.is(204);
    let why = shop.api.get(&format!("{path}/why")).await.is(200)["data"].clone();
    assert_eq!((&why["is_active"], &why["end_reason"]), (&json!(false), &json!("revoked")));
    let events: Vec<_> = why["events"].as_array().unwrap().iter().collect();
    let told: Vec<_> = events
        .iter()
        .map(|event| (event["action"].as_str().unwrap(), event["cause"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [("gave", "admin"), ("gave", "payment"), ("took", "admin"), ("took", "payment")]
    );
    assert_eq!(
        (&events[0]["actor"], &events[0]["until"]),
        (&json!(person), &json!("2026-05-29T14:23:14.000Z"))
    );
    assert_eq!(
        (&events[1]["cause_id"], &events[1]["time"]),
        (&json!(payment), &json!("2026-05-19T14:24:14.000Z"))
    );
    assert_eq!(
        (&events[2]["reason"], &events[2]["goods"]),
        (&json!("revoked"), &json!("product"))
    );
    let revoked = shop.api.get(&format!("{path}/why")).await.is(200);
    assert_eq!(revoked["data"]["ended_at"], "2026-05-19T14:25:14.000Z");
    let other = app.shop("sellf").await;
    other.api.get(&format!("{path}/why")).await.is(404);
    app.finish().await;
}

#[actix_rt::test]
async fn a_bundle_is_given_and_withdrawn_with_its_parts() {
    let app = TestApp::start().await;
    let (shop, user, second) = with_customer(&app).await;
    let third = shop.product("third").await;
    let bundle = json!({ "name": "All", "slug": "all", "price": 50, "is_bundle": true, "bundleItemIds": [second, third] });
    let bundle = shop.api.post("/api/v1/products", bundle).await.is(201)["data"]["id"].clone();
    let kept = granted(&shop, &user, json!({ "product_id": third })).await["id"].clone();
    let id = granted(&shop, &user, json!({ "product_id": bundle, "access_duration_days": 3 })).await["id"].clone();
    let slugs = async || -> Vec<String> {
        let page = shop.api.get(&format!("{user}/access")).await.is(200);
        let mut slugs: Vec<String> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["product_slug"].as_str().unwrap().to_owned())
            .collect();
        slugs.sort();
        slugs
    };
    assert_eq!(slugs().await, ["all", "first", "second", "third"]);
    shop.api
        .delete(&format!("{user}/access/{}", id.as_str().unwrap()))
        .await
        .is(204);
    // What he has for another reason stays.
    assert_eq!(slugs().await, ["first", "third"]);
    let kept = shop
        .api
        .get(&format!("{user}/access/{}", kept.as_str().unwrap()))
        .await
        .is(200);
    assert_eq!(kept["data"]["expires_at"], json!(null));
    app.finish().await;
}
