//! The outbox of mails: nothing readable at rest, retries on the server's clock.

use super::{mails_to, register, token_for};
use crate::harness::TestApp;
use std::fs;

#[actix_rt::test]
async fn a_token_is_in_the_mail_and_nowhere_in_the_database() {
    let mut app = TestApp::start().await;
    register(&app, "ada@b.example").await;
    let token = token_for(&app, "ada@b.example").await;
    app.restart().await;
    for entry in fs::read_dir(app.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
            assert!(!found, "{} holds the token", path.display());
        }
    }
    app.deliver_due().await;
    assert_eq!(mails_to(&app, "ada@b.example").len(), 1, "it was sent once");
    app.finish().await;
}

#[actix_rt::test]
async fn a_mail_that_cannot_go_out_is_tried_again_when_it_is_due() {
    let app = TestApp::start().await;
    // A file in the folder's place.
    let outbox = app.data().join("outbox");
    fs::write(&outbox, "").unwrap();
    register(&app, "ada@b.example").await;
    app.deliver_due().await;
    app.advance(59).await;
    fs::remove_file(&outbox).unwrap();
    app.deliver_due().await;
    assert!(mails_to(&app, "ada@b.example").is_empty(), "before its time");
    app.advance(1).await;
    assert_eq!(mails_to(&app, "ada@b.example").len(), 1);
    app.finish().await;
}

#[actix_rt::test]
async fn a_mail_that_never_goes_out_is_given_up() {
    let app = TestApp::start().await;
    let outbox = app.data().join("outbox");
    fs::write(&outbox, "").unwrap();
    register(&app, "ada@b.example").await;
    app.advance(24 * 3600).await;
    fs::remove_file(&outbox).unwrap();
    app.advance(365 * 24 * 3600).await;
    assert!(mails_to(&app, "ada@b.example").is_empty());
    app.finish().await;
}
