//! Newer versions: found, refused, put in place, put back.

use super::kept::Load;
use crate::harness::{Client, Process, Reply, Shop, Sink, TestApp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fondaco::domain::release::signed_text;
use fondaco::upgrades::target;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Longest wait for an upgrade.
const PATIENCE: Duration = Duration::from_secs(60);

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn key() -> String {
    hex::encode(pair().public_key().as_ref())
}

/// What a feed announces: the program, signed.
fn feed(version: &str, program: &[u8]) -> Value {
    let sha256 = hex::encode(ring::digest::digest(&ring::digest::SHA256, program));
    let signature = pair().sign(signed_text(version, &target(), &sha256).as_bytes());
    json!({
        "version": version,
        "notes": "Better.",
        "published_at": "2026-05-01T00:00:00Z",
        "url": "https://example.com/releases/1",
        "assets": [{ "target": target(), "url": "program", "sha256": sha256, "signature": STANDARD.encode(signature) }],
    })
}

fn body(value: &Value) -> Reply {
    Reply::Body(200, value.to_string().into_bytes())
}

async fn updating(sink: &Sink) -> TestApp {
    let key = key();
    TestApp::with(&[("release_feed", sink.url()), ("release_key", key.as_str())]).await
}

#[actix_rt::test]
async fn a_newer_version_is_found_and_remembered_for_an_hour() {
    let sink = Sink::start();
    let app = updating(&sink).await;
    let shop = app.shop("sellf").await;
    sink.answers([body(&feed("99.0.0", b"x")), body(&feed("99.1.0", b"x"))]);
    for _ in 0..2 {
        let told = shop.api.get("/api/v1/system/update-check").await.is(200);
        assert_eq!(
            told["data"],
            json!({
                "current_version": env!("CARGO_PKG_VERSION"),
                "latest_version": "99.0.0",
                "update_available": true,
                "release_notes": "Better.",
                "published_at": "2026-05-01T00:00:00Z",
                "release_url": "https://example.com/releases/1",
            })
        );
    }
    assert_eq!(sink.requests().len(), 1);
    let forced = shop.api.get("/api/v1/system/update-check?force=true").await.is(200);
    assert_eq!(forced["data"]["latest_version"], "99.1.0");
    // A feed that says nothing of use: the running version is the newest there is.
    sink.answers([500]);
    let told = shop.api.get("/api/v1/system/update-check?force=true").await.is(200);
    assert_eq!(
        (&told["data"]["update_available"], &told["data"]["release_notes"]),
        (&json!(false), &Value::Null)
    );
    app.finish().await;
}

#[actix_rt::test]
async fn an_installation_that_cannot_upgrade_says_why() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let told = shop.api.get("/api/v1/system/update-check").await.is(200);
    assert_eq!(told["data"]["latest_version"], env!("CARGO_PKG_VERSION"));
    let refused = shop.api.post("/api/v1/system/upgrade", json!({})).await.is(503);
    assert_eq!(refused["error"]["code"], "SERVICE_UNAVAILABLE");
    assert!(
        refused["error"]["message"].as_str().unwrap().contains("FONDACO_RELEASE_FEED"),
        "{refused}"
    );
    for query in ["", "?token=x"] {
        let told = shop.api.get(&format!("/api/v1/system/upgrade-status{query}")).await.is(400);
        assert_eq!(told["error"]["code"], "VALIDATION_ERROR");
    }
    let unknown = "/api/v1/system/upgrade-status?token=00000000-0000-7000-8000-000000000000";
    shop.api.get(unknown).await.is(404);
    app.finish().await;
}

/// Begins an upgrade and asks until it is over; answers the last word.
async fn upgraded(shop: &Shop) -> Value {
    let begun = shop.api.post("/api/v1/system/upgrade", json!({})).await.is(202);
    assert_eq!(begun["data"]["status"], "upgrading");
    let token = begun["data"]["token"].as_str().unwrap();
    followed(&shop.api, token).await
}

async fn followed(api: &Client, token: &str) -> Value {
    let path = format!("/api/v1/system/upgrade-status?token={token}");
    let asking = async {
        loop {
            let answer = api.attempt(reqwest::Method::GET, &path, json!({})).await;
            if let Some(answer) = answer.filter(|answer| answer.status == 200)
                && matches!(answer.json["data"]["step"].as_str(), Some("done" | "failed"))
            {
                return answer.json["data"].clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap()
}

#[actix_rt::test]
async fn what_is_not_signed_or_not_what_was_signed_is_not_installed() {
    let sink = Sink::start();
    let app = updating(&sink).await;
    let shop = app.shop("sellf").await;
    let mut forged = feed("99.0.0", b"x");
    forged["version"] = json!("99.9.9");
    sink.answers([body(&forged)]);
    let failed = upgraded(&shop).await;
    assert_eq!((&failed["step"], &failed["progress"]), (&json!("failed"), &json!(-1)));
    assert!(failed["message"].as_str().unwrap().contains("signature"), "{failed}");
    sink.answers([body(&feed("99.0.0", b"x")), Reply::Body(200, b"y".to_vec())]);
    let failed = upgraded(&shop).await;
    assert!(failed["message"].as_str().unwrap().contains("checksum"), "{failed}");
    sink.answers([body(&feed("0.0.1", b"x"))]);
    let failed = upgraded(&shop).await;
    assert!(failed["message"].as_str().unwrap().contains("newest"), "{failed}");
    shop.api.get("/api/v1/me").await.is(200);
    app.finish().await;
}

#[actix_rt::test]
async fn one_upgrade_runs_at_a_time() {
    let sink = Sink::start();
    let app = updating(&sink).await;
    let shop = app.shop("sellf").await;
    sink.answers([Reply::Hold]);
    let begun = shop.api.post("/api/v1/system/upgrade", json!({})).await.is(202);
    let again = shop.api.post("/api/v1/system/upgrade", json!({})).await.is(409);
    assert_eq!(again["error"]["code"], "CONFLICT");
    sink.arrived(1).await;
    sink.release();
    followed(&shop.api, begun["data"]["token"].as_str().unwrap()).await;
    app.finish().await;
}

/// Puts the program at a place, without a second copy of it where that can be.
fn place(at: &Path) {
    let built = env!("CARGO_BIN_EXE_fondaco");
    if fs::hard_link(built, at).is_err() {
        fs::copy(built, at).unwrap();
    }
}

/// A server run from a copy of the program, with a shop, and a feed that announces `script` as the next version.
async fn installed(folder: &Path, sink: &Sink, script: &str) -> (Process, Shop) {
    let program = folder.join("fondaco");
    place(&program);
    sink.answers([
        body(&feed("99.0.0", script.as_bytes())),
        Reply::Body(200, script.as_bytes().to_vec()),
    ]);
    let (feed, key) = (format!("release_feed={}", sink.url()), format!("release_key={}", key()));
    let settings = [
        "--set",
        &feed,
        "--set",
        &key,
        "--set",
        "admin_secret=admin-secret-of-the-tests",
    ];
    let process = Process::of(&program, &folder.join("data"), &settings);
    let operator = process.anonymous().bearer("admin-secret-of-the-tests");
    let shop = Shop::open(&process.anonymous(), &operator, "sellf", "upgrading").await;
    (process, shop)
}

#[actix_rt::test]
async fn a_server_becomes_the_next_version_and_keeps_its_socket() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start();
    let real = folder.path().join("real");
    place(&real);
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo fondaco 99.0.0 && exit 0\nexec {} \"$@\"\n",
        real.display()
    );
    let (process, shop) = installed(folder.path(), &sink, &script).await;
    shop.product("kept").await;
    let load = Load::start(process.url());
    let done = upgraded(&shop).await;
    let (answered, failed) = load.stop();
    assert!(answered > 100 && failed.is_empty(), "{answered} answers; {failed:?}");
    assert_eq!((&done["step"], &done["progress"]), (&json!("done"), &json!(100)), "{done}");
    assert_eq!(fs::read_to_string(folder.path().join("fondaco")).unwrap(), script);
    let listed = shop.api.get("/api/v1/products").await.is(200);
    assert_eq!(listed["data"][0]["slug"], "kept");
    assert!(process.signal("TERM").success());
}

#[actix_rt::test]
async fn a_version_that_does_not_get_ready_is_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start();
    let script = "#!/bin/sh\n[ \"$1\" = --version ] && echo fondaco 99.0.0 && exit 0\nexit 1\n";
    let (process, shop) = installed(folder.path(), &sink, script).await;
    shop.product("kept").await;
    let failed = upgraded(&shop).await;
    assert_eq!(
        (&failed["step"], &failed["rollback"]),
        (&json!("failed"), &json!(true)),
        "{failed}"
    );
    let program = fs::read(folder.path().join("fondaco")).unwrap();
    assert!(program.len() > script.len(), "the old program is back");
    let listed = shop.api.get("/api/v1/products").await.is(200);
    assert_eq!(listed["data"][0]["slug"], "kept");
    // The process that was started has ended; the one that put itself in its place writes down its own id.
    let id = fs::read_to_string(folder.path().join("data/lock")).unwrap();
    assert_ne!(id.trim(), process.id().to_string());
    assert!(Command::new("kill").arg(id.trim()).status().unwrap().success());
    drop(process);
}
