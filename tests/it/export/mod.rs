//! Leaving with everything.

use crate::files::{bought, buyer, published, upload};
use crate::harness::TestApp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
