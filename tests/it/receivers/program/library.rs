//! The published library of Standard Webhooks for Python checks the deliveries of every dialect.

use super::{serve, shop};
use crate::harness::{ADMIN_SECRET, Received, Sink, python};
use crate::receivers::native;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Reads deliveries, one a line, and prints for each `taken` or why not.
const CHECK: &str = r#"
import base64, json, sys
from standardwebhooks import Webhook
for line in sys.stdin:
    given = json.loads(line)
    try:
        Webhook(given["secret"]).verify(base64.b64decode(given["body"]), given["headers"])
        print("taken")
    except Exception as refusal:
        print(f"{type(refusal).__name__}: {refusal}")
"#;

fn line(request: &Received, secret: &str, body: &[u8]) -> Value {
    let headers: Value = request
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    json!({ "secret": secret, "body": STANDARD.encode(body), "headers": headers })
}

#[actix_rt::test]
async fn the_published_library_takes_the_deliveries_of_every_dialect() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let Some(python) = python(folder.path(), &["standardwebhooks"]) else {
        return;
    };
    let server = serve(&folder.path().join("data"), &[]);
    let mut lines = Vec::new();
    for dialect in ["fondaco", "sellf", "openclaw", "licentric", "bigclass", "cgls"] {
        let (shop, sink) = (shop(&server, dialect).await, Sink::start());
        let secret = shop.endpoint(sink.url(), &["product.created"]).await;
        let body = json!({ "name": "Lämp", "slug": format!("lamp-{dialect}"), "price": 1900, "currency": "USD" });
        let products = native(&shop, &server.anonymous().bearer(ADMIN_SECRET)).await;
        products.post("/api/v1/products", body).await.is(201);
        let request = sink.arrived(1).await.remove(0);
        lines.push(line(&request, &secret, &request.body));
        lines.push(line(&request, &secret, &[&request.body[..], b" "].concat()));
    }
    let mut child = Command::new(python)
        .args(["-c", CHECK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for line in &lines {
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let told: Vec<_> = told.lines().collect();
    assert_eq!(told.len(), lines.len(), "{told:?}");
    for (pair, line) in told.chunks(2).zip(lines.chunks(2)) {
        assert_eq!(pair[0], "taken", "{}", line[0]);
        assert!(pair[1].starts_with("WebhookVerificationError"), "tampered, and {}", pair[1]);
    }
}
