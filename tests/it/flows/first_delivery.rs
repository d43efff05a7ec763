//! From one HTTP request to one signed webhook.

use crate::harness::{Reply, TestApp};

#[actix_rt::test]
async fn a_product_ends_in_one_signed_delivery() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    let secret = shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    let delivery = sink.only();
    delivery.is_signed_by(&secret);
    delivery.is_branded_by("x-fondaco-signature", &secret);
    assert_eq!(delivery.json()["type"], "product.created");
    assert_eq!(delivery.header("webhook-timestamp"), app.clock.now().seconds().to_string());
    app.finish().await;
}

#[actix_rt::test]
async fn a_failed_delivery_comes_again_with_the_same_id_and_bytes() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([Reply::Status(500), Reply::Status(200)]);
    let secret = shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    assert_eq!(sink.requests().len(), 1);
    app.advance(60).await;
    let requests = sink.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    requests[1].is_signed_by(&secret);
    app.finish().await;
}

#[actix_rt::test]
async fn a_delivery_outlives_a_restart() {
    let mut app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([503]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    app.restart().await;
    app.advance(60).await;
    assert_eq!(sink.requests().len(), 2);
    app.finish().await;
}

#[actix_rt::test]
async fn two_servers_in_one_process_know_nothing_of_each_other() {
    let (first, second) = (TestApp::start().await, TestApp::start().await);
    let shop = first.shop("fondaco").await;
    shop.api.get("/api/v1/products").await.is(200);
    let elsewhere = second.anonymous().header("X-API-Key", &shop.key);
    elsewhere.get("/api/v1/products").await.is(401);
    first.finish().await;
    second.finish().await;
}

#[actix_rt::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let (sink, elsewhere) = (app.sink().await, app.sink().await);
    sink.answers([Reply::Redirect(elsewhere.url().to_owned())]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    app.advance(60).await;
    assert_eq!(sink.requests().len(), 2);
    assert!(elsewhere.requests().is_empty());
    app.finish().await;
}

#[actix_rt::test]
async fn a_receiver_that_asks_for_patience_gets_it() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([Reply::RetryAfter(429, 120)]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    app.advance(60).await;
    assert_eq!(sink.requests().len(), 1, "the usual minute is over, but two were asked for");
    app.advance(60).await;
    assert_eq!(sink.requests().len(), 2);
    app.finish().await;
}
