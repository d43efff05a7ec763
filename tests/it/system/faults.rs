//! What breaks inside is told to the caller whose call it broke, and to nobody else.

use crate::dialects::contract::{ALL, Refusal, is_refused};
use crate::harness::{Shop, TestApp};
use actix_web::{App, HttpServer};
use fondaco::actors::Fault;
use fondaco::context::Answer;
use fondaco::domain::Result;
use fondaco::domain::api_key::{self, TenantRoute};
use fondaco::http::{Call, Guard, Route, mount};
use fondaco::route;
use serde_json::json;

fn route_of(shop: &Shop) -> TenantRoute {
    api_key::parse(&shop.key).route.unwrap()
}

#[actix_rt::test]
async fn a_panic_in_a_tenants_actor_costs_one_call_and_reopens_nothing() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let (_, key) = shop.minted(&app, json!({ "name": "k", "rate_limit_per_minute": 5 })).await;
    let client = shop.with(&key);
    let path = "/api/v1/products";
    for left in ["4", "3", "2"] {
        assert_eq!(client.get(path).await.header("x-ratelimit-remaining"), left);
    }
    let before = app.metric("fondaco_actor_restarts_total{actor=\"tenant\"}").await;
    app.house().actors.inject(Fault::AdmissionPanic(route_of(&shop))).await;
    is_refused(&client.get(path).await, "fondaco", Refusal::Unavailable, "the call in flight");
    let next = client.get(path).await;
    assert_eq!((next.status, next.header("x-ratelimit-remaining")), (200, "1"));
    client.get(path).await.is(200);
    is_refused(&client.get(path).await, "fondaco", Refusal::Limit, "five were made");
    assert_eq!(
        app.metric("fondaco_actor_restarts_total{actor=\"tenant\"}").await,
        before + 1.0
    );
    app.finish().await;
}

#[actix_rt::test]
async fn one_tenants_panic_is_no_others_trouble() {
    let app = TestApp::start().await;
    let (broken, other) = (app.shop("fondaco").await, app.shop("fondaco").await);
    broken.api.get("/api/v1/products").await.is(200);
    app.house().actors.inject(Fault::AdmissionPanic(route_of(&broken))).await;
    for _ in 0..3 {
        other.api.get("/api/v1/products").await.is(200);
    }
    let calls = (0..20).map(|_| broken.api.get("/api/v1/products"));
    let answers = futures_util::future::join_all(calls).await;
    let lost = answers.iter().filter(|answer| answer.status != 200).count();
    assert!(lost <= 1, "{lost} calls were lost to one panic");
    app.finish().await;
}

#[actix_rt::test]
async fn a_panic_in_a_command_costs_that_command() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let body = json!({ "name": "One", "slug": "one", "price": 1 });
    app.house().store.faults().panic_at(1);
    let answer = shop.owner.post("/api/v1/products", body.clone()).await;
    is_refused(&answer, "fondaco", Refusal::Unavailable, "the command");
    let page = shop.owner.get("/api/v1/products").await.is(200);
    assert_eq!((&page["data"], &page["pagination"]["total"]), (&json!([]), &json!(0)));
    shop.owner.post("/api/v1/products", body).await.is(201);
    app.finish().await;
}

#[actix_rt::test]
async fn a_lost_commit_is_acknowledged_to_nobody() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    app.house().store.faults().fail_commit_at(1);
    let calls = (0..8).map(|n| {
        shop.owner.post(
            "/api/v1/products",
            json!({ "name": "P", "slug": format!("p-{n}"), "price": 1 }),
        )
    });
    let answers = futures_util::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 503)), "{answers:?}");
    assert!(made < 8, "one was lost");
    let page = shop.owner.get("/api/v1/products?limit=100").await.is(200);
    assert_eq!(
        (page["data"].as_array().map(Vec::len), &page["pagination"]["total"]),
        (Some(made), &json!(made))
    );
    app.finish().await;
}

#[actix_rt::test]
async fn a_panic_in_a_delivery_loses_no_event() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    let secret = shop.endpoint(sink.url(), &["product.created"]).await;
    let series = "fondaco_actor_restarts_total{actor=\"delivery_worker\"}";
    let before = app.metric(series).await;
    app.house().actors.inject(Fault::WorkerPanic(1)).await;
    shop.product("one").await;
    app.deliver_due().await;
    sink.only().is_signed_by(&secret);
    assert_eq!(app.metric(series).await, before + 1.0);
    shop.product("two").await;
    app.deliver_due().await;
    assert_eq!(sink.requests().len(), 2);
    app.finish().await;
}

async fn broken(_call: Call) -> Result<Answer> {
    panic!("a handler that a test made")
}

static BROKEN: [Route; 3] = [
    route!("broken.one", GET "/api/v1/broken", Guard::Public(None), "Panics.", "page", broken),
    route!("broken.two", GET "/v1/broken", Guard::Public(None), "Panics.", "page", broken),
    route!("broken.three", GET "/getSigningKey", Guard::Public(None), "Panics.", "page", broken),
];

#[actix_rt::test]
async fn a_panic_in_a_handler_is_told_in_the_callers_words() {
    let app = TestApp::start().await;
    let house = app.house().clone();
    let server = HttpServer::new(move || App::new().configure(|config| mount::mount(config, &house, &BROKEN)));
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let at = format!("http://{}", server.addrs()[0]);
    let running = server.run();
    let handle = running.handle();
    actix_rt::spawn(running);
    for dialect in ALL {
        let shop = app.shop(dialect).await;
        let path = match dialect {
            "openclaw" => "/v1/broken",
            "cgls" => "/getSigningKey",
            _ => "/api/v1/broken",
        };
        let answer = shop.api.at(&at).get(path).await;
        is_refused(&answer, dialect, Refusal::Fault, path);
        assert!(!answer.text().contains("a test made"), "{}", answer.text());
    }
    handle.stop(false).await;
    app.finish().await;
}
