//! A receiver that records what it gets and answers as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One answer.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Status(u16),
    With(u16, &'static str),
    /// Says nothing until the sender gives up.
    Silence,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Hit {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Clone)]
pub(super) struct Receiver {
    address: SocketAddr,
    hits: Arc<Mutex<Vec<Hit>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            hits: Arc::default(),
            answers: Arc::default(),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        receiver
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers so in turn, then 200; paths that begin with `/silent` never get an answer, those with `/failing`
    /// always a 500.
    pub(super) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub(super) fn hits(&self) -> Vec<Hit> {
        self.hits.lock().unwrap().clone()
    }

    pub(super) fn hits_at(&self, path: &str) -> usize {
        self.hits.lock().unwrap().iter().filter(|hit| hit.path == path).count()
    }

    async fn serve(self, mut stream: TcpStream) {
        while let Some(hit) = read(&mut stream).await {
            let is_silent = hit.path.starts_with("/silent");
            let is_failing = hit.path.starts_with("/failing");
            self.hits.lock().unwrap().push(hit);
            let next = if is_silent {
                None
            } else {
                self.answers.lock().unwrap().pop_front()
            };
            let (status, extra) = match next {
                None if is_silent => (0, ""),
                None if is_failing => (500, ""),
                None => (200, ""),
                Some(Answer::Status(status)) => (status, ""),
                Some(Answer::With(status, header)) => (status, header),
                Some(Answer::Silence) => (0, ""),
            };
            if status == 0 {
                let _ = stream.read(&mut [0; 16]).await;
                return;
            }
            let answer = format!("HTTP/1.1 {status} X\r\n{extra}content-length: 2\r\n\r\nok");
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Hit> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let mut lines = head.lines();
        let path = lines.next()?.split(' ').nth(1)?.to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let hit = Hit {
            path,
            headers,
            body: body.to_owned(),
        };
        let length: usize = hit
            .header("content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        if hit.body.len() >= length {
            return Some(hit);
        }
    }
}
