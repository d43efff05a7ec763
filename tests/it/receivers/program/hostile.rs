//! Receivers that nobody would wish for, and what they cost the others: nothing.

use super::{serve, shop};
use crate::harness::{Process, Shop, Sink};
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What one try may take in the dialect of the hostile shop, and what a loaded machine adds.
const DEADLINE: Duration = Duration::from_secs(5);
const SLACK: Duration = Duration::from_secs(3);
/// Memory that all of them together may cost, in KiB.
const GROWTH_MAX_KIB: u64 = 64 * 1024;
/// How long another shop's delivery may take meanwhile: far below the deadline that the hostile ones wait out.
const ARRIVAL_MAX: Duration = Duration::from_secs(2);
/// Bytes that an endless answer may get rid of before the connection is closed: what sockets buffer on the way.
const SWALLOWED_MAX: u64 = 16 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Takes the request and says nothing.
    Silent,
    /// One byte a second, each in time.
    Drip,
    /// A header that never ends.
    EndlessHead,
    /// Ten gigabytes, as fast as they are taken.
    TenGigabytes,
    /// A whole answer of 100 MiB.
    HundredMebibytes,
    /// Cuts the connection.
    Reset,
}

/// A hostile receiver and what it saw.
struct Hostile {
    manner: Manner,
    url: String,
    tries: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
    /// How long each connection lasted.
    lasted: Arc<Mutex<Vec<Duration>>>,
}

impl Hostile {
    async fn open(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (tries, written, lasted) = (Arc::default(), Arc::default(), Arc::default());
        let hostile = Self {
            manner,
            url,
            tries,
            written,
            lasted,
        };
        let (tries, written, lasted) = (hostile.tries.clone(), hostile.written.clone(), hostile.lasted.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tries.fetch_add(1, Ordering::SeqCst);
                let (written, lasted) = (written.clone(), lasted.clone());
                tokio::spawn(async move {
                    let begun = Instant::now();
                    answer(manner, stream, &written).await;
                    lasted.lock().unwrap().push(begun.elapsed());
                });
            }
        });
        hostile
    }
}

/// Goes on until it is done or the other side has had enough.
async fn answer(manner: Manner, mut stream: TcpStream, written: &AtomicU64) {
    let mut buffer = vec![b'x'; 64 * 1024];
    if stream.read(&mut buffer).await.is_err() {
        return;
    }
    let head: &[u8] = match manner {
        Manner::Reset => return stream.set_zero_linger().unwrap(),
        Manner::Silent => b"",
        Manner::EndlessHead => b"HTTP/1.1 200 OK\r\nx-long: ",
        Manner::Drip | Manner::TenGigabytes => b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n",
        Manner::HundredMebibytes => b"HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n",
    };
    let mut left: u64 = if manner == Manner::HundredMebibytes {
        104_857_600
    } else {
        u64::MAX
    };
    if stream.write_all(head).await.is_err() {
        return;
    }
    let chunk = vec![b'x'; 64 * 1024];
    while left > 0 {
        let sent = match manner {
            Manner::Silent => stream.read(&mut buffer).await.map(|_| 0),
            Manner::Drip => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                stream.write(b"x").await
            }
            _ => stream.write(&chunk).await,
        };
        let Ok(count @ 1..) = sent else { return };
        left = left.saturating_sub(count as u64);
        written.fetch_add(count as u64, Ordering::SeqCst);
    }
}

/// Makes products one after the other and tells the longest way from the request to its arrival.
async fn slowest(shop: &Shop, sink: &Sink, from: usize, count: usize) -> Duration {
    let mut slowest = Duration::ZERO;
    for n in from..from + count {
        let begun = Instant::now();
        shop.product(&format!("good-{n}")).await;
        sink.arrived(n + 1).await;
        slowest = slowest.max(begun.elapsed());
    }
    slowest
}

/// The server's resident memory.
fn memory_kib(server: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

#[actix_rt::test]
#[expect(clippy::print_stdout, reason = "the figures, for whoever asks with --nocapture")]
async fn receivers_nobody_would_wish_for_cost_the_others_nothing() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let (good, bad) = (shop(&server, "fondaco").await, shop(&server, "sellf").await);
    let sink = Sink::start();
    good.endpoint(sink.url(), &["product.created"]).await;
    let mut hostile = Vec::new();
    for manner in [
        Manner::Silent,
        Manner::Drip,
        Manner::EndlessHead,
        Manner::TenGigabytes,
        Manner::Reset,
    ] {
        hostile.push(Hostile::open(manner).await);
    }
    for _ in 0..8 {
        hostile.push(Hostile::open(Manner::HundredMebibytes).await);
    }
    for one in &hostile {
        bad.endpoint(&one.url, &["product.created"]).await;
    }
    let alone = slowest(&good, &sink, 0, 8).await;
    let (before_kib, begun) = (memory_kib(&server), Instant::now());
    let products = bad.key("fondaco", &["*"]).await;
    for n in 0..6 {
        let body = json!({ "name": "Lamp", "slug": format!("bad-{n}"), "price": 1900, "currency": "USD" });
        products.post("/api/v1/products", body).await.is(201);
    }
    let mut beside = Duration::ZERO;
    let (mut most_kib, mut made) = (before_kib, 8);
    while begun.elapsed() < DEADLINE + SLACK {
        beside = beside.max(slowest(&good, &sink, made, 1).await);
        most_kib = most_kib.max(memory_kib(&server));
        made += 1;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    println!("alone {alone:?}, beside them {beside:?}, memory {before_kib} KiB and at most {most_kib} KiB");
    assert!(beside < ARRIVAL_MAX.max(alone * 2), "{beside:?} beside them, {alone:?} alone");
    assert!(
        most_kib.saturating_sub(before_kib) < GROWTH_MAX_KIB,
        "{before_kib} KiB grew to {most_kib} KiB"
    );
    for one in &hostile {
        let (tries, lasted) = (one.tries.load(Ordering::SeqCst), one.lasted.lock().unwrap().clone());
        let written = one.written.load(Ordering::SeqCst);
        println!("{:?}: {tries} tries, {written} bytes, {lasted:?}", one.manner);
        assert!(tries > 0, "{:?} was never tried", one.manner);
        assert!(written < SWALLOWED_MAX * tries, "{:?} got rid of {written} bytes", one.manner);
        assert!(!lasted.is_empty(), "{:?} is still being listened to", one.manner);
        assert!(
            lasted.iter().all(|one| *one < DEADLINE + SLACK),
            "{:?} lasted {lasted:?}",
            one.manner
        );
    }
}
