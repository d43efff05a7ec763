//! From an announcement to a program that is ready to be put in place; nothing is changed before everything is checked.

use super::Upgrades;
use super::swap::Swap;
use crate::domain::release::Release;
use crate::outward::Failure;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// Largest program that is taken.
const PROGRAM_MAX: u64 = 1024 * 1024 * 1024;
/// How long a program may take to say its version.
const TRIAL: Duration = Duration::from_secs(10);

impl Upgrades {
    /// Fetches, checks and lays ready; the error is for people.
    pub(super) async fn prepare(&self, token: Uuid) -> Result<Swap, String> {
        let place = self.place()?;
        self.note(token, "checking", 5, "Asking what the newest version is.");
        let (release, feed) = self.announced().await?;
        if !release.is_newer(super::RUNNING) {
            return Err(format!("version {} is the newest there is", super::RUNNING));
        }
        let releases = self.releases().ok_or("no release feed is set")?;
        let asset = release.program(&super::target(), &releases.key)?.clone();
        let url = Url::parse(&feed).and_then(|feed| feed.join(&asset.url));
        let url = url.map_err(|_| "the program's address is no URL".to_owned())?;
        let (fresh, previous) = (place.beside("new"), place.beside("previous"));
        self.note(token, "downloading", 10, &format!("Fetching version {}.", release.version));
        let fetched = self.fetch(token, url.as_str(), &fresh).await;
        let checked = fetched.and_then(|digest| match digest.eq_ignore_ascii_case(&asset.sha256) {
            true => Ok(()),
            false => Err("the program is not the one that was signed: its checksum differs".to_owned()),
        });
        let tried = match checked {
            Ok(()) => self.try_out(token, &fresh, &release).await,
            Err(error) => Err(error),
        };
        if let Err(error) = tried {
            let _ = fs::remove_file(&fresh);
            return Err(error);
        }
        self.note(token, "backing_up", 65, "Keeping the running version.");
        let trouble = |error: std::io::Error| format!("the running program cannot be kept: {error}");
        fs::copy(&place.program, &previous).map_err(trouble)?;
        Ok(Swap {
            program: place.program,
            fresh,
            previous,
            state: self.state_file(),
            database: self.database_file(),
            progress: self.note(token, "stopping", 70, "Finishing what is in flight."),
        })
    }

    async fn fetch(&self, token: Uuid, url: &str, fresh: &Path) -> Result<String, String> {
        let trouble = |error: std::io::Error| Failure(format!("the new program cannot be written: {error}"));
        let mut file = File::create(fresh).map_err(|error| trouble(error).0)?;
        let (mut hash, mut length, mut shown) = (Sha256::new(), 0_u64, 10);
        let fetched = self.outward().download(url, |piece, announced| {
            length += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            if length > PROGRAM_MAX {
                return Err(Failure("the program is too large".to_owned()));
            }
            hash.update(piece);
            file.write_all(piece).map_err(trouble)?;
            let percent = announced
                .filter(|all| *all > 0)
                .map_or(10, |all| 10 + length.min(all) * 40 / all);
            let percent = i32::try_from(percent).unwrap_or(10);
            if percent >= shown + 5 {
                shown = percent;
                self.note(token, "downloading", percent, "Fetching the new version.");
            }
            Ok(())
        });
        fetched.await.map_err(|failure| failure.0)?;
        file.sync_all().map_err(|error| trouble(error).0)?;
        Ok(hex::encode(hash.finalize()))
    }

    /// Whether the program runs on this machine at all.
    async fn try_out(&self, token: Uuid, fresh: &Path, release: &Release) -> Result<(), String> {
        self.note(token, "extracting", 55, "Trying whether the new version runs here.");
        let trouble = |error: std::io::Error| format!("the new program does not run here: {error}");
        fs::set_permissions(fresh, Permissions::from_mode(0o755)).map_err(trouble)?;
        let mut command = tokio::process::Command::new(fresh);
        command.arg("--version").stdin(Stdio::null()).kill_on_drop(true);
        let said = match tokio::time::timeout(TRIAL, command.output()).await {
            Ok(said) => said.map_err(trouble)?,
            Err(_) => return Err("the new program does not say its version".to_owned()),
        };
        match said.status.success() {
            true => Ok(()),
            false => Err(format!("the program of version {} does not run here", release.version)),
        }
    }
}

/// Where the running program lies.
pub(super) struct Place {
    pub(super) program: PathBuf,
}

impl Place {
    /// Finds it, and whether it can be replaced.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) fn find() -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| format!("the running program is not known: {error}"))?;
        let place = Self { program };
        let probe = place.beside("probe");
        File::create(&probe)
            .and_then(|_| fs::remove_file(&probe))
            .map_err(|error| format!("the program's folder cannot be written: {error}"))?;
        Ok(place)
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.program.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        self.program.with_file_name(name)
    }
}
