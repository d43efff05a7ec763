//! Registration, sign-in, sessions and passwords.

use super::{PASSWORD, register, sign_in, token_for};
use crate::harness::TestApp;
use entities::{audit, tenant};
use reqwest::Method;
use serde_json::{Value, json};

#[actix_rt::test]
async fn a_registered_person_proves_the_address_once() {
    let app = TestApp::start().await;
    register(&app, "Ada@b.example").await;
    let again = json!({ "email": "ada@b.example", "password": PASSWORD });
    app.anonymous().post("/api/auth/register", again).await.is(409);
    let token = token_for(&app, "ada@b.example").await;
    assert_eq!(token.len(), 68);
    let proved = app
        .anonymous()
        .post("/api/auth/verify", json!({ "token": token }))
        .await
        .is(200);
    assert_eq!(proved["data"]["email"], "ada@b.example");
    assert!(proved["data"]["email_verified_at"].is_string(), "{proved}");
    app.anonymous()
        .post("/api/auth/verify", json!({ "token": token }))
        .await
        .is(400);
    app.anonymous()
        .post("/api/auth/verify", json!({ "token": "fot_no" }))
        .await
        .is(400);
    app.anonymous().post("/api/auth/verify", json!({})).await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn a_wrong_password_and_an_unknown_address_read_alike() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let refused = async |email: &str| {
        let body = json!({ "email": email, "password": "wrong wrong wrong" });
        app.anonymous().post("/api/auth/login", body).await.is(401)
    };
    assert_eq!(
        refused("ada@b.example").await["error"],
        refused("eve@b.example").await["error"]
    );
    app.finish().await;
}

#[actix_rt::test]
async fn the_cookie_is_for_browsers_of_this_site_alone() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let login = json!({ "email": "ada@b.example", "password": PASSWORD });
    let opened = app.anonymous().post("/api/auth/login", login.clone()).await;
    let cookie = opened.header("set-cookie").to_owned();
    assert!(
        cookie.contains("; HttpOnly; SameSite=Lax") && !cookie.contains("Secure"),
        "{cookie}"
    );
    let browser = app.anonymous().header("Cookie", cookie.split(';').next().unwrap());
    browser.get("/api/auth/sessions").await.is(200);
    let evil = browser.header("Origin", "https://evil.example");
    evil.get("/api/auth/sessions").await.is(200);
    evil.delete("/api/auth/sessions").await.is(403);
    browser
        .header("Sec-Fetch-Site", "cross-site")
        .post("/api/auth/logout", json!({}))
        .await
        .is(403);
    let lured = app
        .anonymous()
        .header("Sec-Fetch-Site", "cross-site")
        .post("/api/auth/login", login)
        .await;
    assert_eq!(lured.header("set-cookie"), "", "another site could sign its visitors in");
    browser
        .header("Sec-Fetch-Site", "same-origin")
        .post("/api/auth/logout", json!({}))
        .await
        .is(204);
    browser.get("/api/auth/sessions").await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn over_https_the_cookie_is_secure() {
    let app = TestApp::with(&[("public_url", "https://shop.example")]).await;
    register(&app, "ada@b.example").await;
    let login = json!({ "email": "ada@b.example", "password": PASSWORD });
    let opened = app.anonymous().post("/api/auth/login", login).await;
    assert!(
        opened.header("set-cookie").ends_with("; Secure"),
        "{}",
        opened.header("set-cookie")
    );
    app.finish().await;
}

#[actix_rt::test]
async fn sessions_are_listed_and_ended_one_or_all() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let (first, second) = (
        sign_in(&app, "ada@b.example", PASSWORD).await,
        sign_in(&app, "ada@b.example", PASSWORD).await,
    );
    let third = sign_in(&app, "ada@b.example", PASSWORD).await;
    let listed = first.get("/api/auth/sessions").await.is(200);
    let sessions = listed["data"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    let current = |session: &&Value| session["is_current"] == true;
    assert_eq!(sessions.iter().filter(current).count(), 1);
    let own = second.get("/api/auth/sessions").await.is(200);
    let id = own["data"].as_array().unwrap().iter().find(current).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    first.delete(&format!("/api/auth/sessions/{id}")).await.is(204);
    first.delete(&format!("/api/auth/sessions/{id}")).await.is(404);
    second.get("/api/auth/sessions").await.is(401);
    first.delete("/api/auth/sessions").await.is(204);
    third.get("/api/auth/sessions").await.is(401);
    first.get("/api/auth/sessions").await.is(200);
    app.advance(31 * 24 * 3600).await;
    first.get("/api/auth/sessions").await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn a_changed_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let (here, there) = (
        sign_in(&app, "ada@b.example", PASSWORD).await,
        sign_in(&app, "ada@b.example", PASSWORD).await,
    );
    let change = |current: &str| json!({ "current_password": current, "new_password": "another long one" });
    here.post("/api/auth/password", change("not this one")).await.is(400);
    here.post("/api/auth/password", json!({ "new_password": "another long one" }))
        .await
        .is(400);
    here.post("/api/auth/password", change(PASSWORD)).await.is(200);
    here.get("/api/auth/sessions").await.is(200);
    there.get("/api/auth/sessions").await.is(401);
    let old = json!({ "email": "ada@b.example", "password": PASSWORD });
    app.anonymous().post("/api/auth/login", old).await.is(401);
    sign_in(&app, "ada@b.example", "another long one").await;
    app.finish().await;
}

#[actix_rt::test]
async fn sign_ins_are_throttled_per_account() {
    let app = TestApp::start().await;
    let wrong = json!({ "email": "ada@b.example", "password": "wrong wrong wrong" });
    for _ in 0..10 {
        app.anonymous().post("/api/auth/login", wrong.clone()).await.is(401);
    }
    let refused = app.anonymous().post("/api/auth/login", wrong.clone()).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    app.advance(wait).await;
    app.anonymous().post("/api/auth/login", wrong).await.is(401);
    app.finish().await;
}

#[actix_rt::test]
async fn what_owners_do_with_their_sessions_is_in_the_audit_log() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let email = format!("owner@{}.example", shop.slug);
    let session = sign_in(&app, &email, PASSWORD).await;
    session.raw(Method::POST, "/api/auth/logout", "").await.is(204);
    let house = app.house();
    let tenant = tenant::by_slug(&shop.slug).one(house.store.read()).await.unwrap().unwrap();
    let entries = audit::of(tenant.id).all(house.store.read()).await.unwrap();
    let count = |action: &str| entries.iter().filter(|entry| entry.action == action).count();
    assert_eq!((count("session.opened"), count("session.ended")), (2, 1), "{entries:?}");
    assert!(entries.iter().any(|entry| entry.actor.starts_with("person:")));
    app.finish().await;
}

#[actix_rt::test]
async fn a_session_is_seen_when_it_is_used() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let seen = |listed: Value| listed["data"][0]["last_seen_at"].as_str().unwrap().to_owned();
    let opened = seen(shop.owner.get("/api/auth/sessions").await.is(200));
    app.advance(30).await;
    assert_eq!(seen(shop.owner.get("/api/auth/sessions").await.is(200)), opened);
    app.advance(3600).await;
    shop.owner.get("/api/v1/products").await.is(200);
    let later = seen(shop.owner.get("/api/auth/sessions").await.is(200));
    assert!(later > opened, "{opened} {later}");
    app.finish().await;
}
