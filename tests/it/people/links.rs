//! Links by mail: resets and sign-ins.

use super::{PASSWORD, mails_to, register, sign_in, token_for};
use crate::harness::TestApp;
use serde_json::json;

#[actix_rt::test]
async fn a_forgotten_password_is_set_anew_and_every_session_ends() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let session = sign_in(&app, "ada@b.example", PASSWORD).await;
    app.advance(1).await;
    let asked = json!({ "email": "ADA@b.example" });
    app.anonymous().post("/api/auth/password/forgot", asked).await.is(202);
    let token = token_for(&app, "ada@b.example").await;
    let weak = json!({ "token": token, "password": "short" });
    app.anonymous().post("/api/auth/password/reset", weak).await.is(400);
    let reset = json!({ "token": token, "password": "another long one" });
    let done = app.anonymous().post("/api/auth/password/reset", reset.clone()).await.is(200);
    assert!(done["data"]["email_verified_at"].is_string(), "{done}");
    app.anonymous().post("/api/auth/password/reset", reset).await.is(400);
    session.get("/api/auth/sessions").await.is(401);
    sign_in(&app, "ada@b.example", "another long one").await;
    app.finish().await;
}

#[actix_rt::test]
async fn an_unknown_address_is_answered_like_a_known_one_and_gets_no_mail() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    for path in ["/api/auth/password/forgot", "/api/auth/link", "/api/auth/verify"] {
        let known = app.anonymous().post(path, json!({ "email": "ada@b.example" })).await;
        let unknown = app.anonymous().post(path, json!({ "email": "eve@b.example" })).await;
        assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
        assert_eq!(known.status, 202);
    }
    app.deliver_due().await;
    assert_eq!(mails_to(&app, "ada@b.example").len(), 4);
    assert!(mails_to(&app, "eve@b.example").is_empty());
    app.finish().await;
}

#[actix_rt::test]
async fn a_sign_in_link_opens_a_session_once_within_fifteen_minutes() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let ask = async || {
        app.advance(60).await;
        let asked = json!({ "email": "ada@b.example" });
        app.anonymous().post("/api/auth/link", asked).await.is(202);
        token_for(&app, "ada@b.example").await
    };
    let (voided, good) = (ask().await, ask().await);
    app.anonymous()
        .post("/api/auth/link", json!({ "token": voided }))
        .await
        .is(400);
    let opened = app.anonymous().post("/api/auth/link", json!({ "token": good })).await;
    assert!(opened.header("set-cookie").starts_with("fondaco_session=fos_"));
    let token = opened.is(200)["data"]["token"].as_str().unwrap().to_owned();
    app.anonymous().bearer(&token).get("/api/auth/sessions").await.is(200);
    app.anonymous().post("/api/auth/link", json!({ "token": good })).await.is(400);
    let late = ask().await;
    app.advance(15 * 60).await;
    app.anonymous().post("/api/auth/link", json!({ "token": late })).await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn whoever_registered_an_address_that_is_not_his_loses_it_to_who_proves_it() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let squatter = sign_in(&app, "ada@b.example", PASSWORD).await;
    app.advance(60).await;
    app.anonymous()
        .post("/api/auth/link", json!({ "email": "ada@b.example" }))
        .await
        .is(202);
    let token = token_for(&app, "ada@b.example").await;
    let opened = app
        .anonymous()
        .post("/api/auth/link", json!({ "token": token }))
        .await
        .is(200);
    squatter.get("/api/auth/sessions").await.is(401);
    let old = json!({ "email": "ada@b.example", "password": PASSWORD });
    app.anonymous().post("/api/auth/login", old).await.is(401);
    let session = app.anonymous().bearer(opened["data"]["token"].as_str().unwrap());
    session
        .post("/api/auth/password", json!({ "password": "another long one" }))
        .await
        .is(200);
    sign_in(&app, "ada@b.example", "another long one").await;
    app.finish().await;
}

#[actix_rt::test]
async fn a_token_of_one_purpose_is_worthless_for_another() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let token = token_for(&app, "ada@b.example").await;
    app.anonymous()
        .post("/api/auth/link", json!({ "token": token }))
        .await
        .is(400);
    let reset = json!({ "token": token, "password": "another long one" });
    app.anonymous().post("/api/auth/password/reset", reset).await.is(400);
    app.anonymous()
        .post("/api/auth/verify", json!({ "token": token }))
        .await
        .is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn two_uses_at_once_of_one_token_give_one_session() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    app.anonymous()
        .post("/api/auth/link", json!({ "email": "ada@b.example" }))
        .await
        .is(202);
    app.deliver_due().await;
    let links = mails_to(&app, "ada@b.example");
    let link = links.iter().find(|mail| mail.contains("/auth/link?token=")).unwrap();
    let token = link.lines().find(|line| line.starts_with("fot_")).unwrap();
    let client = app.anonymous();
    let uses = (0..8).map(|_| client.post("/api/auth/link", json!({ "token": token })));
    let statuses = futures_util::future::join_all(uses)
        .await
        .into_iter()
        .map(|answer| answer.status);
    assert_eq!(statuses.filter(|status| *status == 200).count(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn mails_are_throttled_per_account_known_or_not() {
    let app = TestApp::start().await;
    for email in ["ada@b.example", "eve@b.example"] {
        for _ in 0..5 {
            app.anonymous()
                .post("/api/auth/link", json!({ "email": email }))
                .await
                .is(202);
        }
        let refused = app
            .anonymous()
            .post("/api/auth/password/forgot", json!({ "email": email }))
            .await;
        assert_eq!(refused.status, 429, "{}", refused.text());
    }
    app.finish().await;
}
