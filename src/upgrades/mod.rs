//! Upgrades: what the release feed announces, and how a server becomes the next version of itself.
//!
//! The feed and the key it is signed with are settings; without them this installation does not upgrade itself. `install`
//! fetches and checks, `swap` puts in place and restarts with the listening socket kept, `watch` is the old program beside
//! the new one, which puts everything back where the new one does not get ready.

mod install;
pub mod progress;
pub mod swap;
pub mod watch;

use crate::clock::Clock;
use crate::config::{Config, Releases};
use crate::domain::release::Release;
use crate::domain::{Code, Error, Result};
use crate::outward::Outward;
use install::Place;
use progress::Progress;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use swap::Swap;
use tokio::sync::Notify;
use uuid::Uuid;

/// The version that runs.
pub const RUNNING: &str = env!("CARGO_PKG_VERSION");
/// How long an answer of the feed is good, in milliseconds of real time.
const CACHED_MS: i64 = 3_600_000;
/// After so long without a word an upgrade counts as dead, in milliseconds of real time.
const SILENT_MS: i64 = 600_000;

/// The machine this program is for.
pub fn target() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

/// The one upgrade a server may be in; clones share it.
#[derive(Clone)]
pub struct Upgrades {
    inner: Arc<Inner>,
}

struct Inner {
    releases: Option<Releases>,
    data: PathBuf,
    database: Option<PathBuf>,
    outward: Outward,
    clock: Clock,
    /// When the feed was read, on the real clock, and what it said.
    cached: Mutex<Option<(i64, Release)>>,
    is_running: AtomicBool,
    ready: Mutex<Option<Swap>>,
    wanted: Notify,
}

impl fmt::Debug for Upgrades {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrades").finish_non_exhaustive()
    }
}

impl Upgrades {
    /// Knows the feed and where this server keeps its things.
    pub fn new(config: &Config, outward: Outward, clock: Clock) -> Self {
        Self {
            inner: Arc::new(Inner {
                releases: config.releases.clone(),
                data: config.data.clone(),
                database: config.database.sqlite_file(),
                outward,
                clock,
                cached: Mutex::default(),
                is_running: AtomicBool::new(false),
                ready: Mutex::default(),
                wanted: Notify::new(),
            }),
        }
    }

    /// What the feed announces; `None` where there is no feed or it cannot be reached.
    pub async fn latest(&self, is_forced: bool) -> Option<Release> {
        let now = self.inner.clock.real_now().0;
        if !is_forced
            && let Some((at, release)) = &*lock(&self.inner.cached)
            && now - at < CACHED_MS
        {
            return Some(release.clone());
        }
        self.inner.releases.as_ref()?;
        match self.announced().await {
            Ok((release, _)) => Some(release),
            Err(error) => {
                tracing::warn!(error, "the release feed was of no use");
                None
            }
        }
    }

    /// Begins an upgrade and answers by which token it is asked about.
    ///
    /// # Errors
    /// `Unavailable` and why, where this installation cannot upgrade itself; `Conflict` while one is running.
    pub fn begin(&self, token: Uuid) -> Result<()> {
        let cannot = |why: String| {
            Error::new(
                Code::Unavailable,
                format!("This installation does not upgrade itself: {why}."),
            )
        };
        if self.inner.releases.is_none() {
            return Err(cannot("FONDACO_RELEASE_FEED and FONDACO_RELEASE_KEY are not set".to_owned()));
        }
        Place::find().map_err(cannot)?;
        let now = self.inner.clock.real_now().0;
        let is_other = progress::read(&self.state_file()).is_some_and(|known| !known.is_over() && now - known.at.0 < SILENT_MS);
        if is_other || self.inner.is_running.swap(true, Ordering::SeqCst) {
            return Err(Error::new(Code::Conflict, "An upgrade is running already."));
        }
        self.note(token, "pending", 0, "The upgrade is about to begin.");
        let upgrades = self.clone();
        actix_rt::spawn(async move { upgrades.run(token).await });
        Ok(())
    }

    /// How far an upgrade is.
    ///
    /// # Errors
    /// `NotFound` for any but the last one.
    pub fn status(&self, token: Uuid) -> Result<Progress> {
        let known = progress::read(&self.state_file()).filter(|known| known.token == token);
        known.ok_or_else(|| Error::not_found("upgrade"))
    }

    /// Waits until a program is ready to be put in place.
    pub async fn wanted(&self) -> Swap {
        loop {
            let notified = self.inner.wanted.notified();
            if let Some(swap) = lock(&self.inner.ready).take() {
                return swap;
            }
            notified.await;
        }
    }

    async fn run(&self, token: Uuid) {
        match self.prepare(token).await {
            Ok(swap) => {
                *lock(&self.inner.ready) = Some(swap);
                self.inner.wanted.notify_one();
            }
            Err(why) => {
                tracing::warn!(why, "the upgrade failed; this version goes on");
                self.note(token, "failed", -1, &format!("The upgrade failed: {why}."));
                self.inner.is_running.store(false, Ordering::SeqCst);
            }
        }
    }

    /// Reads the feed; answers with its address.
    async fn announced(&self) -> std::result::Result<(Release, String), String> {
        let releases = self.releases().ok_or("no release feed is set")?;
        let answer = self.inner.outward.get(&releases.feed).await.map_err(|failure| failure.0)?;
        if answer.status != 200 {
            return Err(format!("the release feed answered {}", answer.status));
        }
        let release = Release::read(&answer.body).ok_or("the release feed cannot be read")?;
        *lock(&self.inner.cached) = Some((self.inner.clock.real_now().0, release.clone()));
        Ok((release, releases.feed.clone()))
    }

    fn note(&self, token: Uuid, step: &str, percent: i32, message: &str) -> Progress {
        let progress = Progress {
            token,
            step: step.to_owned(),
            progress: percent,
            message: message.to_owned(),
            rollback: None,
            at: self.inner.clock.real_now(),
        };
        if let Err(error) = progress::write(&self.state_file(), &progress) {
            tracing::warn!(%error, "the progress of the upgrade could not be written");
        }
        progress
    }

    fn releases(&self) -> Option<&Releases> {
        self.inner.releases.as_ref()
    }

    fn outward(&self) -> &Outward {
        &self.inner.outward
    }

    fn place(&self) -> std::result::Result<Place, String> {
        Place::find()
    }

    fn state_file(&self) -> PathBuf {
        progress::file(&self.inner.data)
    }

    fn database_file(&self) -> Option<PathBuf> {
        self.inner.database.clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is inside is put there whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
