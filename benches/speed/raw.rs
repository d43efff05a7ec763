//! HTTP/1.1 as far as a load generator needs it: requests as bytes, answers by their length.

use super::Outcome;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Writes a request; every one of a run carries the same headers, whatever answers it. An empty key is none.
pub(super) fn request(out: &mut Vec<u8>, line: (&str, &str), key: &str, body: &str) {
    begin(out, line);
    if !key.is_empty() {
        out.extend_from_slice(b"Authorization: Bearer ");
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    end(out, body);
}

/// Writes a request without a credential, as a proxy hands on the n-th of many callers: each has an address of his own, so
/// that limits per address are kept and met by nobody.
pub(super) fn anonymous(out: &mut Vec<u8>, line: (&str, &str), caller: u64, body: &str) {
    begin(out, line);
    let [.., a, b, c] = caller.to_be_bytes();
    out.extend_from_slice(format!("X-Forwarded-For: 10.{a}.{b}.{c}\r\n").as_bytes());
    end(out, body);
}

fn begin(out: &mut Vec<u8>, (method, path): (&str, &str)) {
    out.extend_from_slice(method.as_bytes());
    out.push(b' ');
    out.extend_from_slice(path.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n");
}

fn end(out: &mut Vec<u8>, body: &str) {
    if !body.is_empty() {
        out.extend_from_slice(b"Content-Type: application/json\r\nContent-Length: ");
        out.extend_from_slice(body.len().to_string().as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body.as_bytes());
}

/// A kept connection.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects from an address of this machine, so that a flood need not come from where the good ones do.
    pub(super) async fn open(to: SocketAddr, from: std::net::IpAddr) -> Outcome<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from, 0))?;
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends and answers the status.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Outcome<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(head) = Head::read(&self.buffer) {
                while self.buffer.len() < head.ends_at + head.length {
                    if self.stream.read_buf(&mut self.buffer).await? == 0 {
                        return Err("the server closed the connection".into());
                    }
                }
                return Ok(head.status);
            }
        }
    }
}

impl Connection {
    /// The last answer's body, as text.
    pub(super) fn text(&self) -> String {
        let begin = Head::read(&self.buffer).map_or(0, |head| head.ends_at);
        String::from_utf8_lossy(self.buffer.get(begin..).unwrap_or_default()).into_owned()
    }
}

/// What of a message's head matters here.
pub(super) struct Head {
    /// Of an answer.
    pub(super) status: u16,
    /// Where the body begins.
    pub(super) ends_at: usize,
    /// Bytes of the body.
    pub(super) length: usize,
}

impl Head {
    /// Reads a head that is there as a whole.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let ends_at = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = bytes.get(..ends_at)?;
        let digits = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        let mut length = 0;
        for line in head.split(|byte| *byte == b'\n') {
            let name = b"content-length:";
            if line.len() > name.len() && line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                let value = line.get(name.len()..).and_then(|value| std::str::from_utf8(value).ok());
                length = value.and_then(|value| value.trim().parse().ok()).unwrap_or(0);
            }
        }
        Some(Self {
            status: digits.and_then(|digits| digits.parse().ok()).unwrap_or(0),
            ends_at,
            length,
        })
    }
}

/// One request on a connection of its own, for setting things up; answers status and body.
pub(super) fn once(to: SocketAddr, line: (&str, &str), key: &str, body: &str) -> Outcome<(u16, String)> {
    let mut stream = std::net::TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut out = Vec::new();
    request(&mut out, line, key, body);
    stream.write_all(&out)?;
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 8192];
    loop {
        let read = stream.read(&mut chunk)?;
        bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
        let head = Head::read(&bytes);
        match head {
            Some(head) if bytes.len() >= head.ends_at + head.length => {
                let body = bytes.get(head.ends_at..).unwrap_or_default();
                return Ok((head.status, String::from_utf8_lossy(body).into_owned()));
            }
            _ if read == 0 => return Err(format!("{} {}: no answer", line.0, line.1).into()),
            _ => {}
        }
    }
}
