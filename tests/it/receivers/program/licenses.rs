//! The published Python client of Licentric runs its whole flow against the built program.

use super::{serve, shop};
use crate::harness::{Received, Sink, python};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::process::Command;

/// Does everything the client can do and prints what it saw.
const FLOW: &str = r#"
import base64, json, sys
from licentric import Licentric
from licentric.exceptions import LicentricError
from licentric.webhook import verify_webhook, WebhookSignatureError

given = json.loads(sys.argv[1])
seen = {}

def code_of(call):
    try:
        call()
        return "nothing"
    except LicentricError as refusal:
        return f"{type(refusal).__name__} {refusal.code}"

with Licentric(given["api_key"], base_url=given["url"], cache_ttl=0, signing_key=given["signing_key"]) as client:
    key, print_ = given["key"], "machine-fingerprint-1"
    seen["before"] = client.validate(key).code
    seen["unbound"] = client.validate(key, fingerprint=print_).code
    machine = client.activate(key, print_, name="studio", platform="linux")
    client.heartbeat(machine.id, key)
    bound = client.validate(key, fingerprint=print_, entitlements=["premium"])
    seen["bound"] = [bound.valid, bound.code, bound.machine.heartbeat_status, bound.entitlements]
    seen["full"] = code_of(lambda: client.activate(key, "machine-fingerprint-2"))
    license = client.get_license(given["license"])
    seen["license"] = [license.id == client.get_license_by_key(key).id, len(license.machines), license.policy.name]
    file = client.checkout(given["license"], print_, ttl=3600)
    offline = Licentric.verify_offline(file.certificate.encode(), given["public_key"])
    seen["offline"] = [offline.valid, offline.header["algorithm"], file.ttl]
    changed = file.certificate.replace("-----BEGIN LICENSE FILE-----\ne", "-----BEGIN LICENSE FILE-----\nf")
    seen["changed"] = Licentric.verify_offline(changed.encode(), given["public_key"]).valid
    client.deactivate(machine.id, key)
    seen["missing"] = code_of(lambda: client.heartbeat(machine.id, key))
    seen["unknown"] = code_of(lambda: client.activate("DSK-NOPE-NOPE-NOPE-NOPE", print_))

seen["hooks"] = []
for hook in given["hooks"]:
    body = base64.b64decode(hook["body"])
    event = verify_webhook(body, hook["signature"], hook["timestamp"], given["secret"])
    seen["hooks"].append(event.type)
    try:
        verify_webhook(body + b" ", hook["signature"], hook["timestamp"], given["secret"])
        seen["hooks"].append("a tampered body was taken")
    except WebhookSignatureError:
        pass
print(json.dumps(seen))
"#;

fn hook(request: &Received) -> Value {
    json!({
        "body": STANDARD.encode(&request.body),
        "signature": request.header("x-licentric-signature"),
        "timestamp": request.header("x-licentric-timestamp"),
    })
}

fn id(made: &Value) -> String {
    made["data"]["id"].as_str().unwrap().to_owned()
}

#[actix_rt::test]
async fn the_published_client_runs_its_whole_flow() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let Some(python) = python(folder.path(), &["licentric==0.3.0", "cryptography"]) else {
        return;
    };
    let server = serve(&folder.path().join("data"), &[]);
    let (shop, sink) = (shop(&server, "licentric").await, Sink::start());
    let keys = shop.owner.post("/api/v1/api-keys", json!({ "name": "client" })).await.is(201);
    let api_key = keys["data"]["key"].as_str().unwrap();
    let api = shop.with(api_key);
    let secret = shop.endpoint(sink.url(), &["license.created"]).await;
    let made = async |path: &str, body: Value| -> Value { api.post(path, body).await.is(201) };
    let product = made(
        "/api/v1/products",
        json!({ "name": "Desk", "code": "desk", "keyPrefix": "DSK" }),
    )
    .await;
    let policy = json!({ "productId": id(&product), "name": "Standard", "maxMachines": 1, "requireHeartbeat": true });
    let policy = made("/api/v1/policies", policy).await;
    let premium = made("/api/v1/entitlements", json!({ "name": "Premium", "code": "premium" })).await;
    let body = json!({ "productId": id(&product), "policyId": id(&policy), "entitlementIds": [id(&premium)] });
    let license = made("/api/v1/licenses", body).await;
    let hooks: Vec<Value> = sink.arrived(1).await.iter().map(hook).collect();
    let given = json!({
        "url": server.url(), "api_key": api_key, "license": id(&license), "key": license["data"]["key"],
        "public_key": keys["data"]["publicKey"], "signing_key": keys["data"]["signingKey"],
        "hooks": hooks, "secret": secret,
    });
    let output = Command::new(python)
        .args(["-c", FLOW])
        .arg(given.to_string())
        .env("HOME", folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let seen: Value = serde_json::from_str(&told).unwrap_or_else(|_| panic!("{told}{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(
        seen,
        json!({
            "before": "VALID", "unbound": "FINGERPRINT_NOT_FOUND", "bound": [true, "VALID", "ALIVE", ["premium"]],
            "full": "MachineLimitExceededError MACHINE_LIMIT_EXCEEDED", "license": [true, 1, "Standard"],
            "offline": [true, "ed25519", 3600], "changed": false, "missing": "NotFoundError NOT_FOUND",
            "unknown": "AuthenticationError UNAUTHORIZED", "hooks": ["license.created"],
        })
    );
}
