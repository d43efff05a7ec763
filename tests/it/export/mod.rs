//! Leaving with everything.

use crate::files::{bought, buyer, published, upload};
use crate::harness::TestApp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tables that hold nothing of a shop's, or nothing that is of use elsewhere: people and their sessions, kept answers, leases,
/// this server's own keys.
const NOT_A_SHOPS: [&str; 10] = [
    "captcha_solutions",
    "day_counts",
    "idempotency",
    "key_checks",
    "key_directory",
    "license_server_keys",
    "sessions",
    "sign_ins",
    "tokens",
    "waitlist_attempts",
];

/// The entries of a tar archive by name.
fn entries(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut at = 0;
    while archive[at] != 0 {
        let text = |from: usize, length: usize| {
            let bytes = &archive[at + from..at + from + length];
            String::from_utf8(bytes.iter().copied().take_while(|byte| *byte != 0).collect()).unwrap()
        };
        let size = usize::from_str_radix(&text(124, 12), 8).unwrap();
        found.insert(text(0, 100), archive[at + 512..at + 512 + size].to_vec());
        at += 512 + size.div_ceil(512) * 512;
    }
    assert_eq!(archive.len() - at, 1024, "the archive has its end");
    found
}

fn rows(entries: &BTreeMap<String, Vec<u8>>, table: &str) -> Vec<Value> {
    let name = format!("tables/{table}-0001.jsonl");
    let text = String::from_utf8(entries.get(&name).unwrap_or_else(|| panic!("no {name}")).clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[actix_rt::test]
async fn everything_a_shop_owns_and_nothing_of_others_is_in_the_archive() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("openclaw").await, app.shop("openclaw").await);
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    published(&other, json!({ "title": "Somebody else's" })).await;
    upload(&shop, &slug, "1", b"the file").await.is(201);
    let ann = buyer(&app, "ann").await;
    let purchase = bought(&app, &ann, &slug).await;
    let answer = shop.owner.get("/api/v1/export").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-tar"));
    let entries = entries(&answer.body);
    let manifest: Value = serde_json::from_slice(&entries["manifest.json"]).unwrap();
    assert_eq!(manifest["tenant"]["slug"], json!(shop.slug));
    let products = rows(&entries, "products");
    assert_eq!(
        (products.len(), &products[0]["slug"], &products[0]["tenant"]),
        (1, &json!(slug), &json!(shop.tenant))
    );
    assert_eq!(rows(&entries, "payments")[0]["id"], json!(purchase));
    assert_eq!(rows(&entries, "tenants").len(), 1);
    assert!(rows(&entries, "persons")[0].get("password_hash").is_none());
    let files: Vec<_> = entries.iter().filter(|(name, _)| name.starts_with("files/")).collect();
    assert_eq!((files.len(), files[0].1.as_slice()), (1, &b"the file"[..]));
    let whole = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(!whole.contains("Somebody else's") && !whole.contains(&other.tenant));
    app.anonymous().get("/api/v1/export").await.is(401);
    shop.key("openclaw", &["products:read"])
        .await
        .get("/api/v1/export")
        .await
        .is(403);
    shop.api.get("/api/v1/export").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn every_table_is_either_told_or_known_to_be_nobodys() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let archive = shop.owner.get("/api/v1/export").await;
    let manifest: Value = serde_json::from_slice(&entries(&archive.body)["manifest.json"]).unwrap();
    let told: Vec<&str> = manifest["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let mut seen = 0;
    for file in std::fs::read_dir("entities/src").unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for part in text.split("table_name = \"").skip(1) {
            let table = part.split('"').next().unwrap();
            assert!(told.contains(&table) != NOT_A_SHOPS.contains(&table), "{table}");
            seen += 1;
        }
    }
    assert_eq!(seen, told.len() + NOT_A_SHOPS.len());
    app.finish().await;
}

#[actix_rt::test]
async fn long_tables_come_whole_in_parts_and_texts_as_they_are() {
    let app = TestApp::start().await;
    let (shop, other) = (app.shop("bigclass").await, app.shop("bigclass").await);
    let sink = app.sink().await;
    shop.endpoint(sink.url(), &["student.created"]).await;
    let limits = json!({ "limits": { "per_minute": 5000, "per_day": 5000 } });
    app.operator()
        .patch(&format!("/operator/v1/tenants/{}", shop.tenant), limits)
        .await
        .is(200);
    // What looks like an id is a text all the same.
    let hex = "0123456789abcdef0123456789abcdef";
    let one = async |number: usize| {
        let body = json!({ "email": format!("s{number}@students.example"), "name": hex });
        shop.api.post("/api/v1/students", body).await.is(201);
    };
    for from in (0..1_001).step_by(77) {
        futures_util::future::join_all((from..from + 77).map(&one)).await;
    }
    other
        .api
        .post("/api/v1/students", json!({ "email": "else@students.example" }))
        .await
        .is(201);
    app.deliver_due().await;
    let archive = shop.owner.get("/api/v1/export").await;
    let entries = entries(&archive.body);
    for (table, is_told) in [
        ("customers", true),
        ("events", true),
        ("deliveries", true),
        ("bodies", true),
        ("courses", false),
    ] {
        let mut ids = std::collections::BTreeSet::new();
        for part in 1..=3 {
            let name = format!("tables/{table}-{part:04}.jsonl");
            let lines = entries
                .get(&name)
                .map(|bytes| String::from_utf8(bytes.clone()).unwrap())
                .unwrap_or_default();
            for line in lines.lines() {
                let row: Value = serde_json::from_str(line).unwrap();
                let id = row.get("id").or(row.get("event")).unwrap().as_str().unwrap().to_owned();
                assert_eq!(id.len(), 36, "{row}");
                assert!(row.get("tenant").is_none_or(|tenant| *tenant == shop.tenant), "{row}");
                assert!(table != "customers" || row["name"] == hex, "{row}");
                assert!(ids.insert(id), "twice: {row}");
            }
        }
        assert_eq!(ids.len() >= 1_001, is_told, "{table}: {}", ids.len());
    }
    app.finish().await;
}
