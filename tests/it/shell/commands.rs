//! The commands that talk to a running server, and how bad settings are told.

use crate::harness::Process;
use std::process::Output;

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn bad_settings_stop_the_start_with_key_value_and_remedy() {
    let output = Process::command()
        .env("FONDACO_BIND", "nowhere")
        .env("FONDACO_MASTER_KEY", "hunter2")
        .args(["--set", "webhooks_allow_http=perhaps"])
        .output()
        .unwrap();
    let told = said(&output);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for part in [
        "FONDACO_BIND = \"nowhere\"",
        "127.0.0.1:8080",
        "FONDACO_MASTER_KEY",
        "FONDACO_WEBHOOKS_ALLOW_HTTP",
        "perhaps",
    ] {
        assert!(told.contains(part), "{part} is missing in {told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn an_unknown_default_dialect_is_a_bad_setting_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let output = Process::run(&["--bind", "127.0.0.1:0", "--data", &data, "--set", "default_dialect=klingon"]);
    let told = said(&output);
    assert!(!output.status.success());
    assert!(told.contains("FONDACO_DEFAULT_DIALECT") && told.contains("klingon"), "{told}");
}

#[test]
fn every_command_explains_itself() {
    for command in ["serve", "demo", "tenant", "key", "healthcheck"] {
        let output = Process::run(&[command, "--help"]);
        assert!(output.status.success());
        assert!(said(&output).contains("Usage: fondaco"), "{}", said(&output));
    }
}

#[test]
fn tenants_and_keys_are_made_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let data = folder.path().display().to_string();
    let run = |arguments: &[&str]| {
        let output = Process::run(&[arguments, &["--url", server.url(), "--data", &data]].concat());
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    assert!(run(&["healthcheck"]).starts_with("ready: http://127.0.0.1:"));
    let made = run(&[
        "tenant",
        "create",
        "--name",
        "My shop",
        "--slug",
        "my-shop",
        "--owner-email",
        "me@example.com",
    ]);
    assert!(made.contains("password  "), "{made}");
    assert!(run(&["tenant", "list"]).contains("my-shop"));
    let made = run(&[
        "key",
        "create",
        "--tenant",
        "my-shop",
        "--name",
        "ci",
        "--scope",
        "products:read",
    ]);
    assert!(made.starts_with("key  fo_live_"), "{made}");
    let id = made
        .lines()
        .last()
        .and_then(|line| line.strip_prefix("id   "))
        .unwrap()
        .to_owned();
    assert!(run(&["key", "list", "--tenant", "my-shop"]).contains(&id));
    assert_eq!(run(&["key", "revoke", "--tenant", "my-shop", &id]), format!("revoked {id}\n"));
}

#[test]
fn a_server_that_is_not_there_is_told_as_such() {
    let output = Process::run(&["healthcheck", "--url", "http://127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("no server answers at http://127.0.0.1:1"),
        "{}",
        said(&output)
    );
}

#[test]
fn events_are_forwarded_to_urls_only() {
    for wrong in ["nonsense", "ftp://localhost/hook", "localhost:3000"] {
        let output = Process::run(&["listen", "--key", "fo_live_x", "--forward-to", wrong]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains("http://localhost:3000/webhooks"), "{}", said(&output));
    }
}

#[test]
fn another_master_key_is_noticed_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    Process::serve(folder.path(), &[]).signal("TERM");
    let start = || Process::run(&["serve", "--bind", "127.0.0.1:0", "--data", &data, "--log", "error"]);
    let kept = std::fs::read(folder.path().join("master-key")).unwrap();
    std::fs::remove_file(folder.path().join("master-key")).unwrap();
    let lost = start();
    assert_eq!(lost.status.code(), Some(2), "{}", said(&lost));
    assert!(said(&lost).contains("master-key"), "{}", said(&lost));
    std::fs::write(folder.path().join("master-key"), kept).unwrap();
    Process::serve(folder.path(), &[]).signal("TERM");
}
