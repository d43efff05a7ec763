//! Every delivery is taken by the receiver of its own document: the first, the retries, and those of a secret in rotation.

use super::documented::{DOCUMENTED, standard};
use super::native;
use crate::harness::{Reply, Shop, Sink, TestApp};
use serde_json::{Value, json};

async fn product(app: &TestApp, shop: &Shop, slug: &str) {
    let native = native(shop, &app.operator()).await;
    let body = json!({ "name": "Lämp \u{1f4a1}", "slug": slug, "price": 1900, "currency": "USD" });
    native.post("/api/v1/products", body).await.is(201);
}

/// The receiver checks the latest request on the server's clock.
#[track_caller]
fn latest_is_taken(app: &TestApp, sink: &Sink, check: super::documented::Check, secret: &str) {
    let request = sink.requests().pop().unwrap();
    let now_s = app.clock.now().seconds();
    check(&request, secret, now_s).unwrap_or_else(|why| panic!("{why}\n{request:?}"));
    standard(&request, secret, now_s).unwrap_or_else(|why| panic!("{why}\n{request:?}"));
}

#[actix_rt::test]
async fn every_documents_receiver_takes_the_first_delivery_and_every_retry() {
    let app = TestApp::start().await;
    for (dialect, check) in DOCUMENTED {
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        sink.answers([Reply::Status(500), Reply::Status(503), Reply::Status(200)]);
        let secret = shop.endpoint(sink.url(), &["product.created"]).await;
        product(&app, &shop, "lamp").await;
        for (tries, wait_s) in [(1, 0), (2, 60), (3, 300)] {
            app.advance(wait_s).await;
            assert_eq!(sink.requests().len(), tries, "{dialect}");
            latest_is_taken(&app, &sink, check, &secret);
        }
        let requests = sink.requests();
        assert!(requests.iter().all(|request| request.body == requests[0].body), "{dialect}");
        let ids: Vec<_> = requests.iter().map(|request| request.header("webhook-id")).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{dialect}: {ids:?}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn a_tampered_or_stale_delivery_is_refused_by_each() {
    let app = TestApp::start().await;
    for (dialect, check) in DOCUMENTED {
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        let secret = shop.endpoint(sink.url(), &["product.created"]).await;
        product(&app, &shop, "lamp").await;
        app.deliver_due().await;
        let (mut request, now_s) = (sink.only(), app.clock.now().seconds());
        assert!(check(&request, &secret, now_s + 301).is_err(), "{dialect}");
        assert!(
            check(&request, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now_s).is_err(),
            "{dialect}"
        );
        request.body = [&request.body[..], b" "].concat().into();
        assert!(check(&request, &secret, now_s).is_err(), "{dialect}");
    }
    app.finish().await;
}

#[actix_rt::test]
async fn while_a_secret_rotates_a_receiver_may_hold_the_old_one() {
    let app = TestApp::start().await;
    for (dialect, check) in DOCUMENTED {
        let shop = app.shop(dialect).await;
        let sink = app.sink().await;
        let old = shop.endpoint(sink.url(), &["product.created"]).await;
        let listed = shop.owner.get("/api/v1/webhooks").await.is(200);
        let id = find_id(&listed, sink.url()).unwrap();
        let path = format!("/api/v1/webhooks/{id}/rotate-secret");
        shop.owner.post(&path, json!({ "overlap_hours": 1 })).await.is(200);
        product(&app, &shop, "lamp").await;
        app.deliver_due().await;
        latest_is_taken(&app, &sink, check, &old);
        app.advance(3_601).await;
        product(&app, &shop, "lamp-2").await;
        app.deliver_due().await;
        let request = sink.requests().pop().unwrap();
        assert!(
            check(&request, &old, app.clock.now().seconds()).is_err(),
            "{dialect}: the overlap is over"
        );
    }
    app.finish().await;
}

/// The id beside that URL, wherever a dialect's list has it.
fn find_id(value: &Value, url: &str) -> Option<String> {
    match value {
        Value::Object(members) if members.get("url").is_some_and(|found| found == url) => {
            Some(members["id"].as_str()?.to_owned())
        }
        Value::Object(members) => members.values().find_map(|member| find_id(member, url)),
        Value::Array(items) => items.iter().find_map(|item| find_id(item, url)),
        _ => None,
    }
}
