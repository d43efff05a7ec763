//! Receivers of every kind, played by hand on local sockets.

mod guard;

use super::*;
use crate::domain::Timestamp;
use crate::domain::delivery::Outcome;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// Plays a receiver: `play` gets each connection after one whole request was read, whose text comes out of the channel.
async fn receiver<F>(play: impl Fn(TcpStream) -> F + Send + 'static) -> (SocketAddr, UnboundedReceiver<String>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (requests, seen) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(request) = read_request(&mut stream).await else {
                continue;
            };
            let _ = requests.send(request);
            tokio::spawn(play(stream));
        }
    });
    (address, seen)
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
    }
}

/// A receiver that gives one fixed answer and then keeps the connection until the sender closes it.
async fn answering(answer: &'static str) -> (SocketAddr, UnboundedReceiver<String>) {
    receiver(move |mut stream| async move {
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.read(&mut [0; 64]).await;
    })
    .await
}

fn sender(allowed: &[&str]) -> Sender {
    let names = [
        ("hook.test", vec!["127.0.0.1"]),
        ("mixed.test", vec!["93.184.216.34", "127.0.0.1"]),
        ("mapped.test", vec!["::ffff:127.0.0.1"]),
        ("nowhere.test", vec![]),
    ];
    let names = names.map(|(name, ips)| (name.to_owned(), ips.iter().map(|ip| ip.parse().unwrap()).collect()));
    Sender::new(SenderOptions {
        egress: Egress {
            allow_http: true,
            allowed: allowed.iter().map(|net| net.parse().unwrap()).collect(),
            own: vec![],
        },
        names: HashMap::from(names),
    })
    .unwrap()
}

fn local() -> Sender {
    sender(&["127.0.0.0/8"])
}

fn to(url: String) -> Outgoing {
    Outgoing {
        url,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from_static(b"{\"a\":1}"),
        deadline: Duration::from_secs(5),
    }
}

fn class(sent: &Sent) -> Option<NetworkClass> {
    sent.failure.as_ref().map(|failure| failure.class)
}

#[tokio::test]
async fn a_delivery_arrives_whole_and_is_timed() {
    let (address, mut seen) = answering("HTTP/1.1 200 OK\r\nX-Trace: 7\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok").await;
    let sender = local();
    let sent = sender.send(to(format!("http://{address}/hook?x=1"))).await;
    assert_eq!(
        (sent.status, &sent.failure, sent.body_text().as_str()),
        (Some(200), &None, "ok")
    );
    assert_eq!(sent.outcome(NOW), Outcome::Delivered(200));
    assert!(sent.headers.contains(&("x-trace".to_owned(), "7".to_owned())));
    assert!(!sent.headers.iter().any(|(name, _)| name == "set-cookie"));
    assert!(sent.connect_ms.unwrap() <= sent.first_byte_ms.unwrap());
    assert!(sent.first_byte_ms.unwrap() <= sent.total_ms);
    let request = seen.recv().await.unwrap();
    assert!(request.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("{\"a\":1}"));
    assert!(!request.contains("accept-encoding"));
}

#[tokio::test]
async fn an_open_connection_is_used_again_and_has_no_connect_time() {
    let (address, _seen) = receiver(|mut stream| async move {
        loop {
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            if read_request(&mut stream).await.is_none() {
                return;
            }
        }
    })
    .await;
    let sender = local();
    let first = sender.send(to(format!("http://{address}/"))).await;
    let second = sender.send(to(format!("http://{address}/"))).await;
    assert!(first.connect_ms.is_some());
    assert_eq!((second.status, second.connect_ms), (Some(204), None));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (address, mut seen) = answering("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n").await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    assert_eq!(sent.outcome(NOW), Outcome::of_status(302, None));
    assert!(seen.recv().await.is_some());
    assert!(seen.try_recv().is_err());
}

#[tokio::test]
async fn retry_after_comes_along() {
    let (address, _seen) = answering("HTTP/1.1 503 No\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n").await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    assert_eq!(sent.outcome(NOW), Outcome::of_status(503, Some(120)));
}

#[tokio::test]
async fn a_long_answer_is_cut_and_its_connection_closed() {
    let (closed, mut was_closed) = unbounded_channel();
    let (address, _seen) = receiver(move |mut stream| {
        let closed = closed.clone();
        async move {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n").await;
            let mut written = 0;
            while written < 1_048_576 && stream.write_all(&[b'x'; 4096]).await.is_ok() {
                written += 4096;
            }
            // The sender closes with data unread: a reset or an end, but nothing more to read.
            let ended = matches!(stream.read(&mut [0; 16]).await, Ok(0) | Err(_));
            let _ = closed.send(ended);
        }
    })
    .await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    assert_eq!((sent.status, sent.body.len(), sent.is_cut), (Some(200), BODY_MAX, true));
    assert_eq!(sent.outcome(NOW), Outcome::Delivered(200));
    assert_eq!(was_closed.recv().await, Some(true));
}

#[tokio::test]
async fn a_dripping_body_ends_at_the_deadline() {
    let (address, _seen) = receiver(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let outgoing = Outgoing {
        deadline: Duration::from_millis(300),
        ..to(format!("http://{address}/"))
    };
    let sent = local().send(outgoing).await;
    assert_eq!((sent.status, class(&sent)), (Some(200), Some(NetworkClass::Timeout)));
    assert_eq!(sent.outcome(NOW), Outcome::Network(NetworkClass::Timeout));
    assert!((300..1000).contains(&sent.total_ms), "{}", sent.total_ms);
    assert!(!sent.body.is_empty());
}

#[tokio::test]
async fn a_silent_receiver_ends_at_the_deadline() {
    let (address, _seen) = answering("").await;
    let outgoing = Outgoing {
        deadline: Duration::from_millis(100),
        ..to(format!("http://{address}/"))
    };
    let sent = local().send(outgoing).await;
    assert_eq!((sent.status, class(&sent)), (None, Some(NetworkClass::Timeout)));
    assert!(sent.connect_ms.is_some());
    assert_eq!(sent.first_byte_ms, None);
}

#[tokio::test]
async fn refused_reset_and_broken_connections_are_told_apart() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let sent = local().send(to(format!("http://{unused}/"))).await;
    assert_eq!(class(&sent), Some(NetworkClass::Refused));

    let (address, _seen) = receiver(|stream| async move {
        stream.set_zero_linger().unwrap();
    })
    .await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    assert_eq!(class(&sent), Some(NetworkClass::Reset), "{:?}", sent.failure);

    let (address, _seen) = receiver(|stream| async move { drop(stream) }).await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    assert_eq!(class(&sent), Some(NetworkClass::Reset), "{:?}", sent.failure);

    let (address, _seen) = answering("SSH-2.0-OpenSSH_9.7\r\n\r\n").await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    assert_eq!(class(&sent), Some(NetworkClass::Protocol), "{:?}", sent.failure);

    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read(&mut [0; 4096]).await;
    });
    let sent = local().send(to(format!("https://{address}/"))).await;
    assert_eq!(class(&sent), Some(NetworkClass::Tls), "{:?}", sent.failure);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_the_status_standing() {
    let (address, _seen) = receiver(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc").await;
    })
    .await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    assert_eq!(
        (sent.body_text().as_str(), sent.outcome(NOW)),
        ("abc", Outcome::Delivered(200))
    );
    assert_eq!(class(&sent), Some(NetworkClass::Reset), "{:?}", sent.failure);
}

#[tokio::test]
async fn a_header_bomb_is_bounded() {
    let (address, _seen) = receiver(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Bomb: ").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    assert_eq!(class(&sent), Some(NetworkClass::Protocol), "{:?}", sent.failure);

    let many: &'static str = format!(
        "HTTP/1.1 200 OK\r\n{}Retry-After: 5\r\nContent-Length: 0\r\n\r\n",
        format!("X-Long: {}\r\n", "y".repeat(3000)).repeat(20)
    )
    .leak();
    let (address, _seen) = answering(many).await;
    let sent = local().send(to(format!("http://{address}/"))).await;
    let kept: usize = sent.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(sent.status == Some(200) && kept <= HEADERS_MAX);
    assert!(sent.headers.iter().any(|(name, _)| name == "retry-after"));
}

#[tokio::test]
async fn the_last_header_of_a_name_counts_and_reserved_ones_are_left_out() {
    let (address, mut seen) = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut outgoing = to(format!("http://{address}/"));
    outgoing.headers = vec![
        pair("X-Signature", "forged"),
        pair("Host", "evil.example"),
        pair("Transfer-Encoding", "chunked"),
        pair("X-Signature", "true"),
    ];
    assert_eq!(local().send(outgoing.clone()).await.status, Some(200));
    let request = seen.recv().await.unwrap();
    assert!(
        request.contains("x-signature: true\r\n") && !request.contains("forged"),
        "{request}"
    );
    assert!(
        request.contains(&format!("host: {address}\r\n")) && !request.contains("chunked"),
        "{request}"
    );
    outgoing.headers.push(pair("X-Split", "a\r\nX-Evil: b"));
    assert_eq!(class(&local().send(outgoing).await), Some(NetworkClass::Unsendable));
}

#[tokio::test]
async fn a_connection_whose_thread_has_ended_is_not_missed() {
    let (address, _seen) = receiver(|mut stream| async move {
        loop {
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            if read_request(&mut stream).await.is_none() {
                return;
            }
        }
    })
    .await;
    let sender = local();
    let (elsewhere, url) = (sender.clone(), format!("http://{address}/"));
    let first = tokio::task::spawn_blocking({
        let url = url.clone();
        move || {
            // Another arbiter: it owns the connection it opens and takes it along when it stops.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(elsewhere.send(to(url)))
        }
    });
    assert_eq!(first.await.unwrap().status, Some(204));
    let second = sender.send(to(url)).await;
    assert_eq!(second.status, Some(204), "{:?}", second.failure);
    assert!(second.connect_ms.is_some());
}

#[test]
fn body_text_fits_any_column() {
    let sent = Sent {
        body: bytes::BytesMut::from(&b"a\0\xffb"[..]),
        ..Sent::default()
    };
    assert_eq!(sent.body_text(), "a\u{fffd}\u{fffd}b");
}
