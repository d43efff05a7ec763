//! A subscriber in a few lines: takes one POST after another and hands each on as it came.

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver as Queue, Sender, channel};

/// Deliveries that may wait to be looked at; the demonstration makes one.
const WAITING_MAX: usize = 16;

/// One delivery, byte by byte as it came.
pub(super) struct Delivery {
    /// Names in lower case, sorted.
    pub(super) headers: Vec<(String, String)>,
    /// The raw body.
    pub(super) body: Bytes,
}

impl Delivery {
    /// The value of a header, by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|(known, value)| (known == name).then_some(value.as_str()))
    }

    /// Whether it is of this event.
    pub(super) fn tells(&self, event: &str) -> bool {
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["type"] == event || body["event"] == event
    }

    /// Headers and body, indented.
    pub(super) fn shown(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.headers {
            writeln!(text, "   {name}: {value}").ok();
        }
        write!(text, "\n   {}", String::from_utf8_lossy(&self.body)).ok();
        text
    }
}

pub(super) struct Receiver {
    url: String,
    queue: Queue<Delivery>,
    server: ServerHandle,
}

impl Receiver {
    pub(super) fn start() -> Result<Self, Box<dyn Error>> {
        let (sender, queue) = channel(WAITING_MAX);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(sender.clone()))
                .default_service(web::to(take))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")?;
        let address = server.addrs().first().copied().ok_or("no address was bound")?;
        let running = server.run();
        let handle = running.handle();
        actix_rt::spawn(running);
        Ok(Self {
            url: format!("http://{address}/hooks"),
            queue,
            server: handle,
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) async fn next(&mut self, patience: Duration) -> Result<Delivery, Box<dyn Error>> {
        match tokio::time::timeout(patience, self.queue.recv()).await {
            Ok(Some(delivery)) => Ok(delivery),
            _ => Err(format!("no delivery arrived within {} s", patience.as_secs()).into()),
        }
    }

    pub(super) async fn stop(self) {
        self.server.stop(false).await;
    }
}

async fn take(request: HttpRequest, body: Bytes, sender: web::Data<Sender<Delivery>>) -> HttpResponse {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let named = request.headers().iter();
    let mut headers: Vec<_> = named
        .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
        .collect();
    headers.sort();
    let delivery = Delivery { headers, body };
    match sender.try_send(delivery) {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(_) => HttpResponse::ServiceUnavailable().finish(),
    }
}
