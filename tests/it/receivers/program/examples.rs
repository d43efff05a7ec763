//! The samples under `examples/`, run as their README says: each takes what its dialect sends and nothing else.

use super::{serve, shop};
use crate::harness::{Client, Process};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A sample that runs; killed when dropped.
struct Sample {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    url: String,
}

impl Sample {
    /// Starts one on any free port; what is in the way where its language is not to be had.
    fn start(command: &[&str], secret: &str) -> Result<Self, String> {
        let mut child = Command::new(command[0])
            .args(&command[1..])
            .env("FONDACO_WEBHOOK_SECRET", secret)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned();
        Ok(Self { child, out, url })
    }

    /// The next JSON document it printed.
    fn printed(&mut self) -> Value {
        let mut text = String::new();
        while !text.ends_with("\n}\n") {
            assert!(self.out.read_line(&mut text).unwrap() > 0, "it ended after: {text}");
        }
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A free port: a sample is named in its endpoint before it runs, since its secret comes from there.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

async fn sample_takes(server: &Process, dialect: &str, command: &[&str], port: u16) -> Result<(), String> {
    let shop = shop(server, dialect).await;
    let url = format!("http://127.0.0.1:{port}/");
    let secret = shop.endpoint(&url, &["webhook.endpoint_disabled"]).await;
    let listed = shop.owner.get("/api/v1/webhooks").await.is(200);
    let id = find_id(&listed).unwrap_or_else(|| panic!("{listed}"));
    let mut sample = Sample::start(command, &secret)?;
    assert_eq!(sample.url, url);
    shop.owner
        .post(&format!("/api/v1/webhooks/{id}/test"), json!({}))
        .await
        .is(200);
    let told = sample.printed();
    let name = ["type", "event"].iter().find_map(|name| told[name].as_str());
    assert_eq!(name, Some("test.event"), "{dialect}: {told}");
    let stranger: Client = server.anonymous().at(url.trim_end_matches('/'));
    assert_eq!(stranger.post("/", json!({})).await.status, 401, "{dialect}");
    Ok(())
}

/// The id of the one endpoint in a list of any dialect.
fn find_id(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) if members.contains_key("url") => members["id"].as_str().map(str::to_owned),
        Value::Object(members) => members.values().find_map(find_id),
        Value::Array(items) => items.iter().find_map(find_id),
        _ => None,
    }
}

#[actix_rt::test]
#[expect(clippy::print_stderr, reason = "says what was not tested")]
async fn the_samples_take_what_each_dialect_sends() {
    let folder = tempfile::tempdir().unwrap();
    for (language, file) in [("python3", "receiver.py"), ("node", "receiver.mjs")] {
        let server = serve(&folder.path().join(language), &[]);
        let file = format!("examples/receivers/{file}");
        for dialect in ["fondaco", "sellf", "openclaw", "licentric", "bigclass", "cgls"] {
            let port = free_port();
            let number = port.to_string();
            let command = match language {
                "node" => vec![language, &file, dialect, &number],
                _ => vec![language, &file, "--dialect", dialect, "--port", &number],
            };
            if let Err(why) = sample_takes(&server, dialect, &command, port).await {
                eprintln!("SKIPPED: no {language} here: {why}");
                break;
            }
        }
    }
}
