//! A bucket instead of a folder: the mock server moto from PyPI, behind a guard that checks every signature and its end
//! the way S3 does, since moto takes anything.

use super::{bought, buyer, published, upload};
use crate::harness::{TestApp, python};
use fondaco::clock::Clock;
use fondaco::domain::Timestamp;
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Serves a bucket `shop` and prints the port.
const SERVER: &str = r#"
import calendar, hashlib, hmac, sys, time, urllib.parse
from moto.server import create_backend_app
from werkzeug.serving import make_server
import boto3
from moto.s3.models import s3_backends

SECRET = "a secret/with+odd characters"

def refusal(environ):
    path, _, query = environ["RAW_URI"].partition("?")
    pairs = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    signature = pairs.pop("X-Amz-Signature", None)
    if not signature:
        return "unsigned"
    at = calendar.timegm(time.strptime(pairs["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
    if time.time() >= at + int(pairs["X-Amz-Expires"]):
        return "Request has expired"
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
    canonical = "&".join(sorted(f"{quote(name)}={quote(value)}" for name, value in pairs.items()))
    request = "\n".join([environ["REQUEST_METHOD"], path, canonical, "host:" + environ["HTTP_HOST"], "", "host", "UNSIGNED-PAYLOAD"])
    scope = pairs["X-Amz-Credential"].split("/", 1)[1]
    text = "\n".join(["AWS4-HMAC-SHA256", pairs["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(hmac.new(key, text.encode(), "sha256").hexdigest(), signature):
        return "SignatureDoesNotMatch"

moto = create_backend_app("s3")
def guarded(environ, start):
    why = refusal(environ)
    if why:
        start("403 Forbidden", [("Content-Type", "text/plain")])
        return [why.encode()]
    return moto(environ, start)

for backend in s3_backends.values():
    backend["aws"].create_bucket("shop", "us-east-1")
    break
server = make_server("127.0.0.1", 0, guarded, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"#;

/// A running mock server, ended with its holder.
struct Bucket(Child, u16);

impl Drop for Bucket {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(python: &Path) -> Result<Bucket, String> {
    let mut child = Command::new(python)
        .args(["-c", SERVER])
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut line = String::new();
    let output = child.stdout.take().ok_or("no output")?;
    BufReader::new(output)
        .read_line(&mut line)
        .map_err(|error| error.to_string())?;
    let port = line.trim().parse().map_err(|_| format!("the mock server says {line:?}"));
    Ok(Bucket(child, port?))
}

#[actix_rt::test]
async fn a_bucket_takes_uploads_and_gives_them_out_by_links_that_end() {
    let folder = tempfile::tempdir().unwrap();
    let Some(python) = python(folder.path(), &["moto[s3,server]"]) else {
        return;
    };
    let bucket = serve(&python).unwrap();
    let secret = "a%20secret%2Fwith%2Bodd%20characters";
    let url = format!(
        "s3://key:{secret}@shop?endpoint=http://127.0.0.1:{}&region=us-east-1",
        bucket.1
    );
    let app = TestApp::with(&[("storage_url", &url)]).await;
    // A bucket's links are signed at the real time.
    let real = Clock::system(0).now();
    app.clock.stand_at(real);
    let shop = app.shop("openclaw").await;
    let slug = published(&shop, json!({ "title": "Skill One", "price_cents": 500 })).await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let made = upload(&shop, &slug, "1.0", &bytes).await.is(201);
    let ann = buyer(&app, "ann").await;
    let purchase = bought(&app, &ann, &slug).await;
    let download = format!("/v1/library/{purchase}/download");
    let told = ann.get(&download).await.is(200);
    let link = told["download_url"].as_str().unwrap().to_owned();
    assert!(link.contains("X-Amz-Expires=900&"), "{link}");
    let anybody = app.anonymous().at("");
    let file = anybody.get(&link).await;
    assert_eq!((file.status, file.body.len()), (200, bytes.len()), "{}", file.text());
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"skill.zip\"");
    assert!(file.body == bytes);
    assert_eq!(
        anybody
            .get(&link.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"))
            .await
            .status,
        403
    );
    app.clock.stand_at(Timestamp(real.0 - 900_000));
    let old = ann.get(&download).await.is(200)["download_url"].as_str().unwrap().to_owned();
    assert_eq!(anybody.get(&old).await.text(), "Request has expired");
    app.clock.stand_at(real);
    let version = format!(
        "/v1/creator/products/{slug}/versions/{}",
        made["version"]["id"].as_str().unwrap()
    );
    assert_eq!(
        shop.api.post(&format!("{version}/verify"), json!({})).await.is(200)["is_intact"],
        true
    );
    shop.api.delete(&version).await.is(200);
    let gone = anybody.get(&link).await;
    // Some say so, others that nobody who may not list shall know.
    assert!(matches!(gone.status, 403 | 404), "{}", gone.text());
    app.finish().await;
}
