//! Clients that keep their connections open and lose patience with none: a load that counts every request that failed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Connections at a time.
const CLIENTS: usize = 8;
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(40);

/// One client: how many of its requests were answered, and what went wrong.
type Client = JoinHandle<(u32, Vec<String>)>;

/// Clients that ask again and again, each on a connection of its own.
pub(super) struct Load {
    clients: Vec<(Sender<()>, Client)>,
}

impl Load {
    /// Begins to ask.
    pub(super) fn start(url: &str) -> Self {
        let address = url.trim_start_matches("http://").to_owned();
        let client = |number: usize| {
            let (address, (stop, stopped)) = (address.clone(), channel());
            (stop, std::thread::spawn(move || ask(&address, &stopped, number)))
        };
        Self {
            clients: (0..CLIENTS).map(client).collect(),
        }
    }

    /// Ends it; how many were answered, and what went wrong.
    pub(super) fn stop(self) -> (u32, Vec<String>) {
        let (mut answered, mut failed) = (0, Vec::new());
        let clients: Vec<_> = self.clients.into_iter().map(|(_, client)| client).collect();
        for client in clients {
            let (more, wrong) = client.join().unwrap();
            answered += more;
            failed.extend(wrong);
        }
        (answered, failed)
    }
}

fn ask(address: &str, stopped: &Receiver<()>, number: usize) -> (u32, Vec<String>) {
    let (mut answered, mut failed, mut kept) = (0, Vec::new(), None);
    // Some ask without pause, some leave their connection silent between two requests.
    let pause = Duration::from_millis([0, 1, 5, 20, 50, 100, 300, 900][number % 8]);
    // Who would stop it is gone when it is over.
    while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
        let is_kept = kept.is_some();
        match exchange(address, kept.take()) {
            Ok(connection) => {
                answered += 1;
                kept = connection;
            }
            Err(error) => failed.push(format!("client {number}, kept: {is_kept}: {error}")),
        }
    }
    (answered, failed)
}

/// One request and its answer; the connection, where the server keeps it open.
fn exchange(address: &str, kept: Option<BufReader<TcpStream>>) -> std::io::Result<Option<BufReader<TcpStream>>> {
    let mut connection = match kept {
        Some(connection) => connection,
        None => {
            let stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            BufReader::new(stream)
        }
    };
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    connection.get_mut().write_all(request.as_bytes())?;
    let (mut line, mut length, mut closes) = (String::new(), 0_usize, false);
    connection.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(std::io::Error::other(format!("answered {line:?}")));
    }
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let header = line.trim().to_ascii_lowercase();
        match header.split_once(':') {
            None => break,
            Some(("content-length", value)) => length = value.trim().parse().unwrap(),
            Some(("connection", value)) => closes = value.trim() == "close",
            Some(_) => {}
        }
    }
    connection.read_exact(&mut vec![0; length])?;
    Ok((!closes).then_some(connection))
}
