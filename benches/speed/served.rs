//! A server under test: a child process, the time and memory it takes, its end.

use super::Outcome;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a server to start; one with a million retries takes a second.
const START_MAX: Duration = Duration::from_secs(120);
/// Longest wait for a server to end.
const END_MAX: Duration = Duration::from_secs(20);
/// Clock ticks a second in /proc, the same on every Linux.
const TICKS_PER_S: u64 = 100;

/// A running server; killed when dropped.
pub(super) struct Served {
    child: Child,
    // Its end is the server's.
    stdin: Option<ChildStdin>,
    /// The API.
    pub(super) app: SocketAddr,
    /// The yardstick handlers, in the same process with as many workers.
    pub(super) beside: SocketAddr,
    /// From the start of the process to its readiness.
    pub(super) start: Duration,
}

/// What a process holds, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memory {
    /// All pages in memory, those of mapped files too.
    pub(super) resident: u64,
    /// Pages of its own.
    pub(super) own: u64,
}

impl Served {
    /// Starts a server with these settings and waits until it is ready.
    pub(super) fn start(settings: &[String]) -> Outcome<Self> {
        let begun = Instant::now();
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("serve")
            .args(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().ok_or("the server has no output")?);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        if begun.elapsed() > START_MAX {
            return Err("the server took too long to start".into());
        }
        let mut words = line.split_whitespace();
        let (Some("ready"), Some(app), Some(beside)) = (words.next(), words.next(), words.next()) else {
            return Err(format!("the server did not start: {line}").into());
        };
        Ok(Self {
            child,
            stdin,
            app: app.parse()?,
            beside: beside.parse()?,
            start: begun.elapsed(),
        })
    }

    /// CPU time of the process so far, in user and kernel mode, all threads.
    pub(super) fn cpu(&self) -> Outcome<Duration> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold anything.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 1000 / TICKS_PER_S))
    }

    /// What it holds now.
    pub(super) fn memory(&self) -> Outcome<Memory> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let of = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
            kib.unwrap_or(0) * 1024
        };
        Ok(Memory {
            resident: of("VmRSS"),
            own: of("RssAnon"),
        })
    }

    /// Stops it in order.
    pub(super) fn stop(mut self) -> Outcome {
        drop(self.stdin.take());
        let begun = Instant::now();
        while begun.elapsed() < END_MAX {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            pause(Duration::from_millis(20));
        }
        Err("the server did not stop".into())
    }

    /// Ends it as a power cut would.
    pub(super) fn kill(mut self) -> Outcome {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits on a thread that has nothing else to do.
#[expect(clippy::disallowed_methods, reason = "the measuring thread serves nobody while it waits")]
pub(super) fn pause(time: Duration) {
    std::thread::sleep(time);
}
