//! The outbox of mails: nothing readable at rest, retries on the server's clock.

use super::{mails_to, register, token_for};
use crate::harness::TestApp;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

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

/// A mail server that takes one mail and answers with what it was told.
fn mail_server() -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut writer = stream.try_clone().unwrap();
        let mut say = move |text: &str| writer.write_all(format!("{text}\r\n").as_bytes()).unwrap();
        let (mut told, mut is_in_data) = (String::new(), false);
        say("220 mail.example");
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            told.push_str(&line);
            told.push('\n');
            match line.as_str() {
                "." if is_in_data => {
                    is_in_data = false;
                    say("250 taken");
                }
                _ if is_in_data => {}
                "DATA" => {
                    is_in_data = true;
                    say("354 go on");
                }
                "QUIT" => {
                    say("221 bye");
                    break;
                }
                _ => say("250 fine"),
            }
        }
        told
    });
    (address, thread)
}

#[actix_rt::test]
async fn with_a_mail_server_mails_go_there() {
    let (address, server) = mail_server();
    let url = format!("smtp://{address}");
    let app = TestApp::with(&[("smtp_url", &url), ("public_url", "https://shop.example")]).await;
    register(&app, "ada@b.example").await;
    app.deliver_due().await;
    let told = server.join().unwrap();
    assert!(
        told.contains("MAIL FROM:<no-reply@shop.example>") && told.contains("RCPT TO:<ada@b.example>"),
        "{told}"
    );
    assert!(told.contains("https://shop.example/auth/verify?token=fot_"), "{told}");
    assert!(!app.data().join("outbox").exists());
    app.finish().await;
}
