//! A receiver of webhooks: a thread of this process that answers by the path it is called at.
//!
//! `/good/{n}` takes everything at once, `/tarpit` never answers, `/big` answers with 100 MiB.

use super::Outcome;
use super::raw::Head;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

/// What the names of the benchmark's products begin with.
const MARK: &[u8] = b"\"bench-";
/// The size of the answer that nobody wants.
const BIG: usize = 100 * 1024 * 1024;

/// A delivery that arrived at a good path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// The number of its product.
    pub(super) number: u64,
    pub(super) at: Instant,
}

#[derive(Default)]
struct Seen {
    count: AtomicU64,
    bytes: AtomicU64,
    arrivals: Mutex<Vec<Arrival>>,
}

/// A running receiver; its thread ends with the process.
#[derive(Clone)]
pub(super) struct Receiver {
    address: SocketAddr,
    seen: Arc<Seen>,
}

impl Receiver {
    pub(super) fn start() -> Outcome<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let receiver = Self {
            address: listener.local_addr()?,
            seen: Arc::default(),
        };
        let seen = receiver.seen.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("receiver".to_owned()).spawn(move || {
            LocalSet::new().block_on(&runtime, async {
                let Ok(listener) = TcpListener::from_std(listener) else {
                    return;
                };
                while let Ok((stream, _)) = listener.accept().await {
                    let seen = seen.clone();
                    tokio::task::spawn_local(async move { while_open(stream, &seen).await });
                }
            });
        })?;
        Ok(receiver)
    }

    /// Where to send.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Deliveries that arrived so far.
    pub(super) fn count(&self) -> u64 {
        self.seen.count.load(Ordering::Relaxed)
    }

    /// Mean size of their bodies, in bytes.
    pub(super) fn mean_bytes(&self) -> u64 {
        self.seen.bytes.load(Ordering::Relaxed) / self.count().max(1)
    }

    /// Takes what arrived since the last time.
    pub(super) fn take(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.seen.arrivals.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until so many have arrived in all; answers when the last did.
    pub(super) fn wait_for(&self, count: u64, longest: Duration) -> Outcome<Instant> {
        let begun = Instant::now();
        while self.count() < count {
            if begun.elapsed() > longest {
                return Err(format!(
                    "{} of {count} deliveries arrived within {} s",
                    self.count(),
                    longest.as_secs()
                )
                .into());
            }
            super::served::pause(Duration::from_millis(1));
        }
        Ok(Instant::now())
    }
}

async fn while_open(mut stream: TcpStream, seen: &Seen) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::with_capacity(8 * 1024);
    loop {
        let Some(head) = whole(&mut stream, &mut buffer).await else {
            return;
        };
        let ends_at = head.ends_at + head.length;
        if buffer.starts_with(b"POST /good") {
            note(seen, buffer.get(head.ends_at..ends_at).unwrap_or_default());
        }
        let is_answered = if buffer.starts_with(b"POST /tarpit") {
            // Until the sender gives up.
            let mut rest = [0_u8; 64];
            let _ = stream.read(&mut rest).await;
            return;
        } else if buffer.starts_with(b"POST /big") {
            big(&mut stream).await
        } else {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                .await
                .is_ok()
        };
        if !is_answered {
            return;
        }
        buffer.drain(..ends_at);
    }
}

/// Reads until a request is there as a whole; `None` at the connection's end.
async fn whole(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Head> {
    loop {
        if let Some(head) = Head::read(buffer)
            && buffer.len() >= head.ends_at + head.length
        {
            return Some(head);
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

async fn big(stream: &mut TcpStream) -> bool {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {BIG}\r\n\r\n");
    if stream.write_all(head.as_bytes()).await.is_err() {
        return false;
    }
    let chunk = vec![b'x'; 64 * 1024];
    for _ in 0..BIG / chunk.len() {
        if stream.write_all(&chunk).await.is_err() {
            return false;
        }
    }
    true
}

fn note(seen: &Seen, body: &[u8]) {
    let at = Instant::now();
    let place = body.windows(MARK.len()).position(|seven| seven == MARK);
    let digits = place.and_then(|place| body.get(place + MARK.len()..)).unwrap_or_default();
    let number = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_u64, |n, byte| n * 10 + u64::from(byte - b'0'));
    seen.arrivals
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Arrival { number, at });
    seen.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
    seen.count.fetch_add(1, Ordering::Relaxed);
}
