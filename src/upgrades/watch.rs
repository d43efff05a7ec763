//! The old program beside the new one: waits until the new one is ready, or puts the old one back.

use super::progress;
use super::swap::{become_program, restore, standard_input};
use crate::outward::Outward;
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How long a new version may take to get ready; a large database takes a while to be brought to its schema.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a process takes at most to end once it is killed.
const ENDING: Duration = Duration::from_secs(10);

/// What is watched, and how to put it back.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The process that becomes the new version.
    pub pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// The program's file.
    pub program: PathBuf,
    /// The copy of the old one.
    pub previous: PathBuf,
    /// Where the progress is written.
    pub state: PathBuf,
    /// The database's file and the copy of it, where it is one.
    pub database: Option<(PathBuf, PathBuf)>,
    /// What the server was started with.
    pub arguments: Vec<OsString>,
}

impl Watch {
    /// Watches to the end; answers whether the new version is ready. Where it is not, this process becomes the old one and
    /// does not come back, unless even that cannot be done.
    ///
    /// # Errors
    /// What stands in the way of putting the old version back.
    pub async fn run(self) -> Result<bool, String> {
        if self.gets_ready().await {
            self.note("done", 100, "The new version runs.", None);
            if let Some((_, saved)) = &self.database {
                let _ = fs::remove_file(saved);
            }
            return Ok(true);
        }
        self.note(
            "rolling_back",
            95,
            "The new version does not get ready; putting the old one back.",
            None,
        );
        self.end().await;
        let trouble = |error: std::io::Error| format!("the old version cannot be put back: {error}");
        let listener = standard_input().ok_or("the listening socket is gone")?;
        fs::rename(&self.previous, &self.program).map_err(trouble)?;
        if let Some((file, saved)) = &self.database {
            restore(file, saved).map_err(trouble)?;
        }
        self.note(
            "failed",
            -1,
            "The new version did not get ready; the old one runs again.",
            Some(true),
        );
        Err(trouble(become_program(&self.program, self.arguments, &listener)))
    }

    async fn gets_ready(&self) -> bool {
        let Ok(outward) = Outward::new() else { return false };
        let url = format!("http://{}/readyz", self.address);
        let asking = async {
            while self.is_alive() {
                // A server that is starting holds the connection; whoever answers is the new one.
                let asked = tokio::time::timeout(PAUSE * 10, outward.get(&url)).await;
                if matches!(asked, Ok(Ok(answer)) if answer.status == 200) {
                    return true;
                }
                tokio::time::sleep(PAUSE).await;
            }
            false
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap_or(false)
    }

    /// A child whose parent has ended has another one.
    fn is_alive(&self) -> bool {
        std::os::unix::process::parent_id() == self.pid
    }

    async fn end(&self) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let (true, Some(pid)) = (self.is_alive(), pid) {
            let _ = kill_process(pid, Signal::KILL);
        }
        let gone = async {
            while self.is_alive() {
                tokio::time::sleep(PAUSE).await;
            }
        };
        let _ = tokio::time::timeout(ENDING, gone).await;
    }

    fn note(&self, step: &str, percent: i32, message: &str, rollback: Option<bool>) {
        let Some(mut known) = progress::read(&self.state) else {
            return;
        };
        (known.step, known.message) = (step.to_owned(), message.to_owned());
        (known.progress, known.rollback) = (percent, rollback);
        let _ = progress::write(&self.state, &known);
    }
}
