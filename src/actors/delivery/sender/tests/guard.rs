//! What is refused before a connection is made, and what lifts the refusal.

use super::*;
use crate::domain::network::OwnReceiver;

#[tokio::test]
async fn local_targets_are_refused_in_every_spelling_and_reached_once_allowed() {
    let (address, mut seen) = answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
    let port = address.port();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "localhost",
        "hook.test",
        "mapped.test",
    ] {
        let url = format!("http://{host}:{port}/");
        let refused = sender(&[]).send(to(url.clone())).await;
        assert_eq!(
            (class(&refused), refused.status),
            (Some(NetworkClass::Forbidden), None),
            "{url}"
        );
        assert!(seen.try_recv().is_err(), "{url}");
        let admitted = local().send(to(url.clone())).await;
        assert_eq!(admitted.status, Some(200), "{url}: {:?}", admitted.failure);
        assert!(seen.recv().await.is_some(), "{url}");
    }
}

#[tokio::test]
async fn one_bad_address_among_good_ones_refuses_the_name() {
    let sent = sender(&[]).send(to("http://mixed.test/".to_owned())).await;
    assert_eq!(class(&sent), Some(NetworkClass::Forbidden));
    assert!(!sent.failure.unwrap().text.contains("127.0.0.1"));
}

#[tokio::test]
async fn a_name_without_an_address_is_a_failure_of_dns() {
    let sent = local().send(to("http://nowhere.test/".to_owned())).await;
    assert_eq!(class(&sent), Some(NetworkClass::Dns));
    assert_eq!(sent.outcome(NOW), Outcome::Network(NetworkClass::Dns));
}

#[tokio::test]
async fn plain_http_needs_to_be_allowed() {
    let strict = Sender::new(SenderOptions::default()).unwrap();
    let sent = strict.send(to("http://example.com/".to_owned())).await;
    assert_eq!(class(&sent), Some(NetworkClass::Forbidden));
    let sent = strict.send(to("not a url".to_owned())).await;
    assert_eq!(class(&sent), Some(NetworkClass::Unsendable));
}

#[tokio::test]
async fn the_own_receiver_is_reached_with_nothing_allowed() {
    let (address, mut seen) = answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
    let egress = Egress {
        own: vec![
            OwnReceiver::bound(address),
            OwnReceiver::under("https://shop.example", address),
        ],
        ..Egress::default()
    };
    let options = SenderOptions {
        egress,
        ..SenderOptions::default()
    };
    let strict = Sender::new(options).unwrap();
    for base in [format!("http://{address}"), "https://shop.example".to_owned()] {
        let sent = strict.send(to(format!("{base}/sandbox/receiver/tok"))).await;
        assert_eq!(sent.status, Some(200), "{base}: {:?}", sent.failure);
        assert!(seen.recv().await.unwrap().starts_with("POST /sandbox/receiver/tok "));
    }
    let sent = strict.send(to(format!("http://{address}/sandbox/receiver/../x"))).await;
    assert_eq!(class(&sent), Some(NetworkClass::Forbidden));
}
