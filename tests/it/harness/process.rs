//! The built program itself, run as users run it.

use super::client::Client;
use super::leaks::Ledger;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a process to start or to end; both take well under a second.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// What it printed at its start.
    pub(crate) greeting: String,
}

impl Process {
    /// The program with nothing in its environment but the path.
    pub(crate) fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fondaco"));
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command
    }

    /// Runs a command to its end; one that does not end is killed, which fails what the test expects of it.
    pub(crate) fn run(arguments: &[&str]) -> Output {
        let mut command = Self::command();
        let pipes = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        if ended(&mut child).is_none() {
            child.kill().unwrap();
        }
        child.wait_with_output().unwrap()
    }

    /// Starts a server on a folder and a free port and waits for its greeting.
    pub(crate) fn serve(data: &Path, settings: &[&str]) -> Self {
        Self::start(data, &[&["--log", "warn"], settings].concat(), Stdio::piped())
    }

    /// The same with everything it has to say written to a file.
    pub(crate) fn logging(data: &Path, log: &Path, settings: &[&str]) -> Self {
        let log = File::create(log).unwrap();
        Self::start(data, &[&["--log", "trace"], settings].concat(), log.into())
    }

    /// The same of a copy of the program, which it may replace.
    pub(crate) fn of(program: &Path, data: &Path, settings: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
        Self::begin(command, data, &[&["--log", "warn"], settings].concat(), Stdio::inherit())
    }

    fn start(data: &Path, settings: &[&str], log: Stdio) -> Self {
        Self::begin(Self::command(), data, settings, log)
    }

    fn begin(mut command: Command, data: &Path, settings: &[&str], log: Stdio) -> Self {
        command.args(["serve", "--bind", "127.0.0.1:0", "--data"]).arg(data);
        let mut child = command.args(settings).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut greeting = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        // The third line to paste is the last thing printed.
        while greeting.lines().filter(|line| line.starts_with("curl ")).count() < 3 {
            if lines.read_line(&mut greeting).unwrap() == 0 {
                let mut said = String::new();
                child.stderr.take().map(|mut log| log.read_to_string(&mut said));
                panic!("it ended at its start: {greeting}{said}");
            }
        }
        Self { child, greeting }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Base URL.
    pub(crate) fn url(&self) -> &str {
        let line = self.greeting.lines().next().unwrap_or_default();
        line.rsplit(' ').next().unwrap_or_default()
    }

    /// A client without a credential.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(self.url())
    }

    /// The same client, which notes every secret that an answer shows.
    pub(crate) fn noting(&self, ledger: &Ledger) -> Client {
        self.anonymous().noting(ledger)
    }

    /// The lines to paste.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.greeting.lines().filter(|line| line.starts_with("curl ")).collect()
    }

    /// Sends a signal by name and waits for the end.
    pub(crate) fn signal(mut self, name: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([&format!("-{name}"), &id])
                .status()
                .unwrap()
                .success()
        );
        ended(&mut self.child).unwrap_or_else(|| panic!("it did not end within {PATIENCE:?}"))
    }
}

/// How a process ended, `None` where it still runs after a while.
fn ended(child: &mut Child) -> Option<ExitStatus> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match child.try_wait().unwrap() {
            Some(status) => return Some(status),
            None => pause(),
        }
    }
    None
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process's end has no event to wait for with a deadline"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
