//! What the writer counts, and the switches by which tests make it fail.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the writer has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Commands that were answered, whatever the answer.
    pub commands: u64,
    /// Transactions that were committed.
    pub commits: u64,
    /// Transactions that were rolled back.
    pub rollbacks: u64,
    /// Transactions that another node's stood in the way of; PostgreSQL only.
    pub conflicts: u64,
}

/// How an injected commit failure looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommitFault {
    /// The transaction is lost, the database is well.
    Lost,
    /// The disk failed: nothing may be acknowledged any more.
    Disk,
}

/// Counters and armed faults; each fault fires once.
#[derive(Debug, Default)]
pub struct Faults {
    panic_in: AtomicU64,
    fail_commit_in: AtomicU64,
    break_disk_in: AtomicU64,
    pub(super) commands: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) rollbacks: AtomicU64,
    pub(super) conflicts: AtomicU64,
}

impl Faults {
    /// Makes the `n`-th command run from now panic; counts from 1.
    pub fn panic_at(&self, n: u64) {
        self.panic_in.store(n, Ordering::SeqCst);
    }

    /// Makes the `n`-th commit from now fail as if the connection had been lost; counts from 1.
    pub fn fail_commit_at(&self, n: u64) {
        self.fail_commit_in.store(n, Ordering::SeqCst);
    }

    /// Makes the `n`-th commit from now fail as if the disk had; counts from 1.
    pub fn break_disk_at(&self, n: u64) {
        self.break_disk_in.store(n, Ordering::SeqCst);
    }

    pub(super) fn panics_now(&self) -> bool {
        fires(&self.panic_in)
    }

    pub(super) fn commit_fault(&self) -> Option<CommitFault> {
        if fires(&self.break_disk_in) {
            return Some(CommitFault::Disk);
        }
        fires(&self.fail_commit_in).then_some(CommitFault::Lost)
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            commands: self.commands.load(Ordering::SeqCst),
            commits: self.commits.load(Ordering::SeqCst),
            rollbacks: self.rollbacks.load(Ordering::SeqCst),
            conflicts: self.conflicts.load(Ordering::SeqCst),
        }
    }
}

/// Counts an armed switch down; true the moment it reaches its call.
fn fires(switch: &AtomicU64) -> bool {
    let before = switch.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    before == Ok(1)
}
