//! One server per data folder, and one per SQLite file wherever it lies.

use super::Problem;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Held until dropped, and freed by the system when the process dies in whatever way.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock `file`; `what` is the folder or database that is named when another server has it.
    pub(super) fn take(file: &Path, what: &Path) -> Result<Self, Problem> {
        let trouble = |error: std::io::Error| {
            Problem::plain(
                file.display().to_string(),
                format!("cannot be locked: {error}"),
                "see to its permissions",
            )
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut opened = options.open(file).map_err(trouble)?;
        match opened.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(&mut opened, what)),
            Err(TryLockError::Error(error)) => return Err(trouble(error)),
        }
        // Only to help whoever meets the lock; the lock itself is the system's.
        let noted = opened.set_len(0).and_then(|()| opened.rewind());
        noted
            .and_then(|()| writeln!(opened, "{}", std::process::id()))
            .map_err(trouble)?;
        Ok(Self { _file: opened })
    }
}

fn taken(file: &mut File, what: &Path) -> Problem {
    let mut text = String::new();
    let process = match file.read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!(" (process {})", text.trim()),
        _ => String::new(),
    };
    Problem::plain(
        what.display().to_string(),
        format!("is in use by another server{process}"),
        "stop that one, or name another folder with --data or FONDACO_DATA",
    )
}
