//! Programs from PyPI that speak with a server, each in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python with packages, in a folder of its own; `None` where they cannot be had, which is said aloud.
#[expect(clippy::print_stderr, reason = "says why nothing was tested")]
pub(crate) fn python(folder: &Path, packages: &[&str]) -> Option<PathBuf> {
    let made = installed(folder, packages);
    made.inspect_err(|why| eprintln!("SKIPPED: {} cannot be had here: {why}", packages.join(", ")))
        .ok()
}

fn installed(folder: &Path, packages: &[&str]) -> Result<PathBuf, String> {
    let venv = folder.join("venv");
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    let python = venv.join("bin/python");
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--retries",
        "1",
    ];
    run(Command::new(&python).args(install).args(packages))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}
