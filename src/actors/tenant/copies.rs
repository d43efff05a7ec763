//! The bounded copies of key rows, and the digests that have none.

use super::messages::KeyRecord;
use crate::domain::Timestamp;
use crate::domain::api_key::Digest;
use std::collections::HashMap;
use std::sync::Arc;

/// Copies one tenant may hold; the less used half goes when they are full.
const COPIES_MAX: usize = 4_096;
/// Digests without a row that are remembered; beyond it all are forgotten, which costs a read each.
const UNKNOWN_MAX: usize = 1_024;
/// How long a digest counts as unknown without asking again, in milliseconds.
const UNKNOWN_MS: i64 = 3_000;

#[derive(Debug)]
struct Copy {
    key: Arc<KeyRecord>,
    read_at: Timestamp,
    last_use: u64,
}

/// What memory says of a digest.
#[derive(Debug)]
pub(super) enum Found {
    /// There is a row, and this is a fresh copy.
    Key(Arc<KeyRecord>),
    /// There was no row a moment ago.
    Unknown,
    /// The row must be read.
    Miss,
}

#[derive(Debug, Default)]
pub(super) struct Copies {
    keys: HashMap<Digest, Copy>,
    unknown: HashMap<Digest, Timestamp>,
    uses: u64,
}

impl Copies {
    /// Looks a digest up; a copy read more than `age_max_ms` before `real_now` is a miss.
    pub(super) fn find(&mut self, digest: &Digest, real_now: Timestamp, age_max_ms: i64) -> Found {
        self.uses += 1;
        if let Some(copy) = self.keys.get_mut(digest) {
            if real_now.0 - copy.read_at.0 > age_max_ms {
                return Found::Miss;
            }
            copy.last_use = self.uses;
            return Found::Key(Arc::clone(&copy.key));
        }
        match self.unknown.get(digest) {
            Some(until) if real_now < *until => Found::Unknown,
            _ => Found::Miss,
        }
    }

    /// The copy of a key, whatever its age.
    pub(super) fn known_key(&self, digest: &Digest) -> Option<&KeyRecord> {
        self.keys.get(digest).map(|copy| &*copy.key)
    }

    pub(super) fn remember(&mut self, digest: Digest, key: Arc<KeyRecord>, real_now: Timestamp) {
        if self.keys.len() >= COPIES_MAX && !self.keys.contains_key(&digest) {
            self.drop_less_used_half();
        }
        self.unknown.remove(&digest);
        let last_use = self.uses;
        self.keys.insert(
            digest,
            Copy {
                key,
                read_at: real_now,
                last_use,
            },
        );
    }

    pub(super) fn remember_unknown(&mut self, digest: Digest, real_now: Timestamp) {
        self.keys.remove(&digest);
        if self.unknown.len() >= UNKNOWN_MAX {
            self.unknown.clear();
        }
        self.unknown.insert(digest, Timestamp(real_now.0.saturating_add(UNKNOWN_MS)));
    }

    pub(super) fn forget(&mut self, digest: &Digest) {
        self.keys.remove(digest);
        self.unknown.remove(digest);
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.unknown.clear();
    }

    pub(super) fn known(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn unknown(&self) -> usize {
        self.unknown.len()
    }

    fn drop_less_used_half(&mut self) {
        let mut uses: Vec<u64> = self.keys.values().map(|copy| copy.last_use).collect();
        let middle = uses.len() / 2;
        let (_, median, _) = uses.select_nth_unstable(middle);
        let median = *median;
        self.keys.retain(|_, copy| copy.last_use > median);
    }
}
