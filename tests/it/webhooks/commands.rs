//! `fondaco listen` and `fondaco webhooks verify`, run as users run them.

use super::newest;
use crate::harness::{Process, Received, TestApp};
use std::process::Output;

/// Runs a command beside this test's server, which answers meanwhile.
async fn run(arguments: Vec<String>) -> Output {
    let ran = tokio::task::spawn_blocking(move || Process::command().args(arguments).output().unwrap());
    ran.await.unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn texts(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(ToString::to_string).collect()
}

#[actix_rt::test]
async fn listen_forwards_each_event_signed_in_the_dialect_of_the_key() {
    let app = TestApp::start().await;
    let shop = app.shop("sellf").await;
    let (sink, local) = (app.sink().await, app.sink().await);
    local.answers([200, 500]);
    shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("first").await;
    app.deliver_due().await;
    let last = newest(&shop.api, "").await["event_id"].as_str().unwrap().to_owned();
    shop.product("second").await;
    shop.product("third").await;
    app.deliver_due().await;
    let secret = "whsec_0123456789abcdef0123456789abcdef";
    let mut arguments = texts(&[
        "listen",
        "--url",
        app.url(),
        "--key",
        &shop.key,
        "--secret",
        secret,
        "--after",
        &last,
    ]);
    arguments.extend(texts(&[
        "--events",
        "product.created",
        "--count",
        "2",
        "--forward-to",
        local.url(),
    ]));
    let output = run(arguments).await;
    assert!(output.status.success(), "{}", said(&output));
    let printed = said(&output);
    assert!(
        printed.contains("product.created") && printed.contains("-> 200") && printed.contains("-> 500"),
        "{printed}"
    );
    let got = local.requests();
    for delivery in &got {
        delivery.is_signed_by(secret);
        delivery.is_branded_by("x-sellf-signature", secret);
    }
    assert_eq!(got[0].json()["data"]["slug"], "second");
    assert_eq!(got[1].body, sink.requests()[2].body);
    assert_eq!(got[1].header("webhook-id"), sink.requests()[2].header("webhook-id"));
    app.finish().await;
}

#[actix_rt::test]
async fn listen_says_why_it_may_not() {
    let app = TestApp::start().await;
    let arguments = texts(&["listen", "--url", app.url(), "--key", "fo_live_nothing", "--count", "1"]);
    let output = run(arguments).await;
    assert!(!output.status.success());
    assert!(said(&output).contains("401"), "{}", said(&output));
    app.finish().await;
}

/// What the doctor says about a delivery whose body and secret these are.
async fn verdict(delivery: &Received, secret: &str, body: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let (headers, file) = (folder.path().join("headers"), folder.path().join("body"));
    let lines: Vec<String> = delivery
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    std::fs::write(&headers, lines.join("\n")).unwrap();
    std::fs::write(&file, body).unwrap();
    let mut arguments = texts(&[
        "webhooks",
        "verify",
        "--secret",
        secret,
        "--at",
        delivery.header("webhook-timestamp"),
    ]);
    let files = [("--headers-file", &headers), ("--body-file", &file)];
    arguments.extend(files.iter().flat_map(|(flag, path)| texts(&[flag, path.to_str().unwrap()])));
    run(arguments).await
}

#[actix_rt::test]
async fn the_doctor_names_what_is_wrong() {
    let app = TestApp::start().await;
    let shop = app.shop("fondaco").await;
    let sink = app.sink().await;
    let secret = shop.endpoint(sink.url(), &["product.created"]).await;
    shop.product("brushes").await;
    app.deliver_due().await;
    let delivery = sink.only();
    let good = verdict(&delivery, &secret, &delivery.body).await;
    assert!(good.status.success(), "{}", said(&good));
    assert!(said(&good).contains("X-Fondaco-Signature: valid") && said(&good).contains("webhook-signature: valid"));
    let pretty = serde_json::to_vec_pretty(&delivery.json()).unwrap();
    let wrong_secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (secret, body, told) in [
        (secret.as_str(), pretty.as_slice(), "parsed and printed again"),
        (wrong_secret, delivery.body.as_ref(), "another secret was used"),
        (&secret["whsec_".len()..], delivery.body.as_ref(), "lacks its whsec_"),
    ] {
        let output = verdict(&delivery, secret, body).await;
        assert!(!output.status.success());
        assert!(said(&output).contains(told), "{told}: {}", said(&output));
    }
    app.finish().await;
}
