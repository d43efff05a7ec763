//! The audit log over HTTP and on the command line.

use crate::harness::{Process, TestApp};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

fn actions(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().unwrap();
    rows.iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}

#[actix_rt::test]
async fn the_owner_reads_who_did_what_newest_first() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let made = shop.owner.post("/api/v1/api-keys", json!({ "name": "ci" })).await.is(201);
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    app.advance(5).await;
    shop.owner
        .patch(&format!("/api/v1/api-keys/{id}"), json!({ "name": "cd" }))
        .await
        .is(200);
    shop.owner.delete(&format!("/api/v1/api-keys/{id}?reason=over")).await.is(200);
    let page = shop.owner.get("/api/v1/audit-log").await.is(200);
    assert_eq!(actions(&page)[..3], ["api_key.revoked", "api_key.updated", "api_key.created"]);
    let newest = &page["data"][0];
    assert_eq!(newest["target"], id.as_str());
    assert_eq!(newest["detail"]["reason"], "over");
    assert!(newest["actor"].as_str().unwrap().starts_with("person:"));
    assert_eq!(newest["previous_hash"], page["data"][1]["hash"]);
    assert!(!page.to_string().contains(made["data"]["key"].as_str().unwrap()));
    app.finish().await;
}

#[actix_rt::test]
async fn the_log_is_paged_by_cursor_and_narrowed_by_filters() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    for name in ["one", "two", "three"] {
        shop.owner.post("/api/v1/api-keys", json!({ "name": name })).await.is(201);
        app.advance(60).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/audit-log?limit=2&action=api_key.created".to_owned();
    loop {
        let page = shop.owner.get(&path).await.is(200);
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["seq"].as_i64().unwrap()),
        );
        match page["pagination"]["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/audit-log?limit=2&action=api_key.created&cursor={cursor}"),
            None => break,
        }
    }
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
    assert_eq!(seen.len(), 4);
    let count = async |query: &str| {
        let page = shop.owner.get(&format!("/api/v1/audit-log?{query}")).await.is(200);
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(count("actor=operator").await, 1);
    assert_eq!(count("action=nothing").await, 0);
    assert_eq!(count("from=2026-05-19T14:24:00Z&to=2026-05-19T14:25:00Z").await, 1);
    shop.owner.get("/api/v1/audit-log?cursor=nonsense").await.is(400);
    shop.owner.get("/api/v1/audit-log?from=yesterday").await.is(400);
    app.finish().await;
}

#[actix_rt::test]
async fn only_full_access_to_live_data_reads_the_log() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("sellf").await, app.shop("sellf").await);
    shop.api.get("/api/v1/audit-log").await.is(200);
    let reader = shop.key("sellf", &["products:read", "system:read"]).await;
    let refused = reader.get("/api/v1/audit-log").await;
    assert_eq!(refused.json["error"]["code"], "FORBIDDEN");
    refused.is(403);
    let made = shop
        .owner
        .post("/api/v1/api-keys", json!({ "name": "t", "mode": "test" }))
        .await
        .is(201);
    let rehearsal = app.anonymous().bearer(made["data"]["key"].as_str().unwrap());
    rehearsal.get("/api/v1/audit-log").await.is(403);
    app.anonymous().get("/api/v1/audit-log").await.is(401);
    let theirs = other.owner.get("/api/v1/audit-log").await.is(200);
    assert_eq!(actions(&theirs), ["session.opened", "api_key.created"]);
    app.finish().await;
}

#[actix_rt::test]
async fn a_changed_byte_is_found_while_the_server_runs() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    shop.owner.post("/api/v1/api-keys", json!({ "name": "ci" })).await.is(201);
    let url = app.database_url();
    let verify = || Process::run(&["audit", "verify", "--database-url", &url]);
    let whole = verify();
    let said = String::from_utf8(whole.stdout).unwrap();
    assert!(whole.status.success(), "{said}");
    assert!(said.contains(&format!("whole   {}: 3 entries", shop.slug)), "{said}");
    let database = sea_orm::Database::connect(&url).await.unwrap();
    let change = "update audit_log set actor = 'person:x' where seq = 2";
    database.execute_unprepared(change).await.unwrap();
    database.close().await.unwrap();
    let broken = verify();
    let said = String::from_utf8(broken.stdout).unwrap();
    assert_eq!(broken.status.code(), Some(1), "{said}");
    assert!(
        said.contains(&format!("BROKEN  {}", shop.slug)) && said.contains("is at 2"),
        "{said}"
    );
    app.finish().await;
}

#[test]
fn a_database_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Process::run(&["audit", "verify", "--data", &folder.path().join("none").display().to_string()]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("There is no database at"));
}
