//! The pages behind mailed links.

use super::{register, sign_in, token_for};
use crate::harness::TestApp;
use reqwest::Method;

#[actix_rt::test]
async fn a_link_is_opened_without_being_used_and_its_form_uses_it() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let token = token_for(&app, "ada@b.example").await;
    let path = format!("/auth/verify?token={token}");
    for _ in 0..2 {
        let page = app.anonymous().get(&path).await;
        assert!(
            page.text().contains(&format!("name=\"token\" value=\"{token}\"")),
            "{}",
            page.text()
        );
        assert!(page.header("content-type").starts_with("text/html"));
        assert_eq!(page.header("referrer-policy"), "same-origin");
        page.is(200);
    }
    let form = format!("token={token}");
    app.anonymous().raw(Method::POST, &path, form.clone()).await.is(200);
    app.anonymous().raw(Method::POST, &path, form).await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn a_password_is_reset_and_a_session_opened_by_form() {
    let app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    app.advance(60).await;
    let asked = serde_json::json!({ "email": "ada@b.example" });
    app.anonymous().post("/api/auth/password/forgot", asked.clone()).await.is(202);
    let token = token_for(&app, "ada@b.example").await;
    let short = format!("token={token}&password=short");
    app.anonymous().raw(Method::POST, "/auth/reset", short).await.is(400);
    let form = format!("token={token}&password=another+long+one");
    app.anonymous().raw(Method::POST, "/auth/reset", form).await.is(200);
    sign_in(&app, "ada@b.example", "another long one").await;
    app.advance(60).await;
    app.anonymous().post("/api/auth/link", asked).await.is(202);
    let token = token_for(&app, "ada@b.example").await;
    let opened = app
        .anonymous()
        .raw(Method::POST, &format!("/auth/link?token={token}"), "")
        .await;
    assert!(
        opened.header("set-cookie").starts_with("fondaco_session=fos_"),
        "{}",
        opened.text()
    );
    app.finish().await;
}
