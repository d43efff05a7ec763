//! What a credential is told about itself.

use crate::harness::TestApp;

#[actix_rt::test]
async fn a_session_and_a_key_are_told_who_they_are_and_what_they_may_do() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let owner = shop.owner.get("/api/v1/me").await.is(200);
    assert_eq!(owner["data"]["kind"], "session");
    assert_eq!(owner["data"]["role"], "owner");
    assert_eq!(owner["data"]["scopes"][0], "*");
    assert!(owner["data"]["user"]["email"].is_string());
    let key = shop.key("sellf", &["products:read"]).await;
    let told = key.get("/api/v1/me").await.is(200);
    assert_eq!(told["data"]["kind"], "api_key");
    assert_eq!(told["data"]["scopes"][0], "products:read");
    assert_eq!(told["data"]["rate_limit_per_minute"], 60);
    assert_eq!(told["data"]["tenant"]["id"], owner["data"]["tenant"]["id"]);
    app.finish().await;
}
