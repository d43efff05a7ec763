//! No key, token, password or signing secret stands in the data folder or in the log: a search for the very bytes, after
//! the program itself has been through all that handles them, with its log at its most talkative.

use crate::harness::{ADMIN_SECRET, Ledger, Process, Shop, Sink};
use serde_json::json;

const PASSWORD: &str = "a password nobody wrote down";

#[actix_rt::test]
async fn no_secret_is_left_in_the_data_folder_or_in_the_log() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let secret = format!("admin_secret={ADMIN_SECRET}");
    let ledger = Ledger::default();
    ledger.add(ADMIN_SECRET);
    ledger.add(PASSWORD);
    let sets = [
        &secret,
        "webhooks_allow_http=true",
        "webhooks_allow_networks=127.0.0.0/8",
        "sandbox_clock=true",
    ];
    let settings: Vec<&str> = sets.iter().flat_map(|set| ["--set", *set]).collect();
    let server = Process::logging(&data, &log, &settings);
    flows(&server, &ledger).await;
    assert!(ledger.all().len() > 20, "the flows showed only {}", ledger.all().len());
    assert!(server.signal("TERM").success());
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.lines().count() > 20, "the log says too little to be searched: {said}");
    ledger.search("the log", &said);
    ledger.search_folder(&data);
    let master = std::fs::read_to_string(data.join("master-key")).unwrap_or_default();
    ledger.add(master.trim());
    ledger.search("the log", &said);
}

async fn flows(server: &Process, ledger: &Ledger) {
    let anonymous = server.noting(ledger);
    let operator = anonymous.bearer(ADMIN_SECRET);
    let sink = Sink::start();
    for dialect in crate::dialects::contract::ALL {
        let shop = Shop::open(&anonymous, &operator, dialect, &format!("shop-{dialect}")).await;
        let url = format!("{}/{dialect}", sink.url());
        shop.owner
            .post("/api/v1/webhooks", json!({ "url": url, "events": ["product.created"] }))
            .await;
        let keyed = shop.owner.header("Idempotency-Key", "once");
        for _ in 0..2 {
            keyed
                .post("/api/v1/api-keys", json!({ "name": "k", "dialect": "fondaco" }))
                .await;
        }
        shop.owner
            .post(
                "/api/v1/products",
                json!({ "name": "P", "slug": "p", "code": "p", "price": 1 }),
            )
            .await;
        shop.api.get("/api/v1/products").await;
        anonymous.get(&format!("/listProducts?apiKey={}", shop.key)).await;
        anonymous
            .get(&format!("/api/v1/products?api_key={0}&key={0}", shop.key))
            .await;
        anonymous.bearer(&format!("{}0", shop.key)).get("/api/v1/products").await;
    }
    let creator = json!({ "adminSecret": ADMIN_SECRET, "creatorId": "shop-cgls", "name": "n" });
    anonymous.post("/createApiKey", creator.clone()).await.is(200);
    let made = anonymous
        .header("Idempotency-Key", "made")
        .post("/createApiKey", creator)
        .await
        .is(200);
    anonymous
        .get(&format!("/listApiKeys?adminSecret={ADMIN_SECRET}"))
        .await
        .is(200);
    let revoked = json!({ "adminSecret": ADMIN_SECRET, "apiKeyToRevoke": made["apiKey"] });
    anonymous.post("/revokeApiKey", revoked).await.is(200);
    people(&anonymous).await;
    operator
        .post("/operator/v1/clock", json!({ "advance_seconds": 60 }))
        .await
        .is(200);
    assert!(!sink.requests().is_empty());
}

async fn people(anonymous: &crate::harness::Client) {
    let person = json!({ "email": "buyer@example.com", "password": PASSWORD });
    anonymous.post("/api/auth/register", person.clone()).await.is(201);
    let login = anonymous.post("/api/auth/login", person).await.is(200);
    let session = anonymous.bearer(login["data"]["token"].as_str().unwrap());
    session.get("/api/auth/sessions").await.is(200);
    let wrong = json!({ "email": "buyer@example.com", "password": format!("{PASSWORD}!") });
    anonymous.post("/api/auth/login", wrong).await.is(401);
    session.post("/api/auth/logout", json!({})).await.is(204);
}
