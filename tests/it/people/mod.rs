//! People: registration, proof of address, passwords, sessions, members, and the mails between.

mod accounts;
mod buyers;
mod courier;
mod links;
mod members;
mod pages;

use crate::harness::{Client, TestApp};
use serde_json::json;
use std::fs;

/// The password of every person here.
const PASSWORD: &str = "correct horse battery staple";

/// Every mail that went out to an address, the oldest first.
pub(crate) fn mails_to(app: &TestApp, address: &str) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(app.data().join("outbox"))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mails = files.iter().map(|file| fs::read_to_string(file).unwrap());
    mails
        .filter(|mail| mail.contains(&format!("\r\nTo: {address}\r\n")))
        .collect()
}

/// The token on the line of its own in the newest mail to an address.
pub(crate) async fn token_for(app: &TestApp, address: &str) -> String {
    app.deliver_due().await;
    let mails = mails_to(app, address);
    let newest = mails.last().unwrap_or_else(|| panic!("no mail to {address}"));
    newest.lines().find(|line| line.starts_with("fot_")).unwrap().to_owned()
}

/// Registers a person.
async fn register(app: &TestApp, email: &str) {
    let person = json!({ "email": email, "password": PASSWORD });
    app.anonymous().post("/api/auth/register", person).await.is(201);
}

/// Signs a person in with the password.
async fn sign_in(app: &TestApp, email: &str, password: &str) -> Client {
    let login = json!({ "email": email, "password": password });
    let opened = app.anonymous().post("/api/auth/login", login).await.is(200);
    app.anonymous().bearer(opened["data"]["token"].as_str().unwrap())
}
