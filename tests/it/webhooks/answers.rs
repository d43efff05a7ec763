//! What receivers may answer, and what becomes of it.

use crate::harness::{Reply, TestApp};
use serde_json::json;

#[actix_rt::test]
async fn an_answer_of_any_bytes_is_recorded_and_tried_again() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([
        Reply::Body(500, b"\0\xff\xfe binary \0".to_vec()),
        Reply::Body(200, vec![0; 64 * 1024]),
    ]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    app.advance(60).await;
    assert_eq!(sink.requests().len(), 2);
    app.advance(24 * 3600).await;
    assert_eq!(sink.requests().len(), 2, "the second was delivered");
    app.finish().await;
}

#[actix_rt::test]
async fn the_built_in_receiver_takes_any_bytes_and_judges_them() {
    let app = TestApp::start().await;
    let made = app.operator().post("/operator/v1/receivers", json!({})).await.is(201);
    let path = format!("/sandbox/receiver/{}", made["data"]["token"].as_str().unwrap());
    app.anonymous()
        .raw(reqwest::Method::POST, &path, b"\0\xff junk".to_vec())
        .await
        .is(200);
    let shown = app.anonymous().get(&path).await.is(200);
    let hit = &shown["data"]["deliveries"][0];
    assert_eq!(
        (&hit["verified"], &hit["body"]),
        (&json!(false), &json!("\u{fffd}\u{fffd} junk"))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_receiver_that_is_gone_is_switched_off() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    sink.answers([410]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("one").await;
    app.deliver_due().await;
    let page = shop.owner.get("/api/v1/webhooks").await.is(200);
    assert_eq!(page["data"][0]["is_active"], false, "{page}");
    shop.product("two").await;
    app.advance(48 * 3600).await;
    assert_eq!(sink.requests().len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn each_dialect_waits_as_its_contract_says() {
    let app = TestApp::start().await;
    for (dialect, status, waits) in [
        ("fondaco", 500, vec![60, 300, 1800, 7200, 21600, 86400]),
        ("sellf", 404, vec![60, 300, 1800, 7200]),
        ("licentric", 500, vec![60, 300, 1800, 7200, 21600, 86400]),
        ("bigclass", 502, vec![60, 300, 1800, 7200, 21600, 86400]),
        ("bigclass", 404, vec![]),
    ] {
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        sink.answers(vec![status; waits.len() + 1]);
        shop.endpoint(sink.url(), &["product.created"]).await;
        let body = match dialect {
            "licentric" => json!({ "name": "One", "code": "one" }),
            _ => json!({ "name": "One", "slug": "one", "price": 1 }),
        };
        shop.owner.post("/api/v1/products", body).await.is(201);
        app.deliver_due().await;
        for (tries, wait) in waits.iter().enumerate() {
            app.advance(wait - 1).await;
            assert_eq!(sink.requests().len(), tries + 1, "{dialect}: too early by a second");
            app.advance(1).await;
            assert_eq!(sink.requests().len(), tries + 2, "{dialect}: {wait} s after the last");
        }
        app.advance(14 * 86400).await;
        assert_eq!(sink.requests().len(), waits.len() + 1, "{dialect}: no more after the last");
    }
    app.finish().await;
}
