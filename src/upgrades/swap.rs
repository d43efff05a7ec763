//! The last steps: the old process puts the new program in its place and becomes it; a watcher, which is the old program
//! run beside it, puts everything back if the new one does not get ready.
//!
//! The listening socket goes along as standard input, so that no connection is refused meanwhile: the system keeps those
//! that come until somebody accepts them. The process keeps its id, which is what service managers know.

use super::progress::{self, Progress};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is ready to be put in place.
#[derive(Clone, Debug)]
pub struct Swap {
    /// The running program's file.
    pub program: PathBuf,
    /// The new one, beside it.
    pub fresh: PathBuf,
    /// A copy of the running one.
    pub previous: PathBuf,
    /// Where the progress is written.
    pub state: PathBuf,
    /// The database's file, where it is one.
    pub database: Option<PathBuf>,
    /// How far it is.
    pub progress: Progress,
}

impl Swap {
    /// Becomes the new program; comes back only where that cannot be done, with everything as it was.
    pub fn carry_out(mut self, listener: &TcpListener) -> io::Error {
        let failed = match self.replace(listener) {
            Ok(failed) | Err(failed) => failed,
        };
        tracing::error!(error = %failed, "the new program could not be started");
        if self.previous.exists() {
            let _ = fs::rename(&self.previous, &self.program);
        }
        self.note(
            "failed",
            -1,
            &format!("The new program could not be started: {failed}."),
            Some(true),
        );
        become_program(&self.program, std::env::args_os().skip(1).collect(), listener)
    }

    fn replace(&mut self, listener: &TcpListener) -> io::Result<io::Error> {
        self.note("installing", 75, "Putting the new program in place.", None);
        let saved = self.database.as_ref().map(|file| save(file)).transpose()?;
        fs::rename(&self.fresh, &self.program)?;
        self.watch(listener, saved.as_deref())?;
        self.note("restarting", 90, "Starting the new version.", None);
        let arguments = std::env::args_os().skip(1).collect();
        Ok(become_program(&self.program, arguments, listener))
    }

    fn watch(&self, listener: &TcpListener, saved: Option<&Path>) -> io::Result<()> {
        let mut command = Command::new(&self.previous);
        command.arg("upgrade-watch");
        command.arg("--pid").arg(std::process::id().to_string());
        command.arg("--address").arg(reachable(listener.local_addr()?).to_string());
        command
            .arg("--program")
            .arg(&self.program)
            .arg("--previous")
            .arg(&self.previous);
        command.arg("--state").arg(&self.state);
        if let (Some(file), Some(saved)) = (&self.database, saved) {
            command.arg("--database").arg(file).arg("--saved").arg(saved);
        }
        command.arg("--").args(std::env::args_os().skip(1));
        command
            .stdin(Stdio::from(OwnedFd::from(listener.try_clone()?)))
            .stdout(Stdio::null());
        command.spawn().map(|_| ())
    }

    fn note(&mut self, step: &str, percent: i32, message: &str, rollback: Option<bool>) {
        step.clone_into(&mut self.progress.step);
        message.clone_into(&mut self.progress.message);
        (self.progress.progress, self.progress.rollback) = (percent, rollback);
        if let Err(error) = progress::write(&self.state, &self.progress) {
            tracing::warn!(%error, "the progress of the upgrade could not be written");
        }
    }
}

/// Turns this process into a program that finds the listener as its standard input; comes back only with an error.
pub fn become_program(program: &Path, arguments: Vec<OsString>, listener: &TcpListener) -> io::Error {
    match listener.try_clone() {
        Ok(listener) => Command::new(program)
            .args(arguments)
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .exec(),
        Err(error) => error,
    }
}

/// The listener that standard input is, where an earlier version left it there for this address.
pub fn inherited(wanted: SocketAddr) -> Option<TcpListener> {
    let listener = standard_input()?;
    let address = listener.local_addr().ok()?;
    let fits = address.ip() == wanted.ip() && (wanted.port() == 0 || address.port() == wanted.port());
    fits.then_some(listener)
}

/// Standard input, where it is a socket that listens.
pub fn standard_input() -> Option<TcpListener> {
    let copy = std::io::stdin().as_fd().try_clone_to_owned().ok()?;
    let listener = TcpListener::from(copy);
    listener.local_addr().ok()?;
    // One that is connected has somebody at its other end.
    let connected = TcpStream::from(OwnedFd::from(listener.try_clone().ok()?)).peer_addr().is_ok();
    (!connected).then_some(listener)
}

/// Where this machine reaches what is bound to every address.
fn reachable(bound: SocketAddr) -> SocketAddr {
    match (bound.ip().is_unspecified(), bound) {
        (false, _) => bound,
        (true, SocketAddr::V4(_)) => SocketAddr::from(([127, 0, 0, 1], bound.port())),
        (true, SocketAddr::V6(_)) => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, bound.port())),
    }
}

/// Copies a database that nobody has open, so that what a new version changes in it can be undone.
fn save(file: &Path) -> io::Result<PathBuf> {
    let saved = file.with_extension("before-upgrade");
    fs::copy(file, &saved)?;
    Ok(saved)
}

/// Puts such a copy back, and what the new version left beside it away.
pub fn restore(file: &Path, saved: &Path) -> io::Result<()> {
    for ending in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(ending);
        match fs::remove_file(beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(saved, file)
}
