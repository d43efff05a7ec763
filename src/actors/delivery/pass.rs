//! One planning pass: fan waiting events out, then claim what is due, as far as there is room.
//!
//! A pass is told nothing about what changed: it reads the rows. It is bounded, safe to run twice, and a plain function, so
//! that tests need no timer. New deliveries for which there is room are claimed as they are born, which saves the way from
//! a commit to its delivery one transaction. `fan` fans out; this claims.

use super::attempt::Job;
use super::lanes::Room;
use super::memory::Memory;
use super::subscribers::{Subscribers, dialect_of};
use super::{fan, rules};
use crate::actors::deps::Deps;
use crate::domain::{Error, Result, Timestamp};
use crate::store::lease::{self, Lease};
use crate::store::outbox::bodies;
use crate::store::outbox::due::{self, Due, Search};
use entities::delivery::{self, Status};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Rows looked at by one search for what is due.
const SEARCH_ROWS: u64 = 256;
/// Searches of one pass: each leaves out the endpoints that the ones before have filled.
const SEARCHES_MAX: u32 = 8;
/// Full endpoints named to the database; beyond it they are skipped by reading past them.
const EXCLUDED_MAX: usize = 2_000;
/// Claims of one command.
const CLAIM_ROWS: usize = 128;
/// Claims of a pass's first command, which tells how large bodies are.
const CLAIM_ROWS_FIRST: usize = 16;

/// How much of the tables a pass looks into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// None of it: it fans out what it has been told of, and claims that.
    Told,
    /// All that waits and all that is due.
    All,
}

/// What a pass may do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where it looks.
    pub scope: Scope,
    /// What is due by then is tried, on the server's clock.
    pub now: Timestamp,
    /// Where there is room.
    pub room: Room,
    /// Bytes of bodies that may be claimed.
    pub bytes_max: usize,
}

/// What a pass did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Events fanned out.
    pub events: usize,
    /// Deliveries taken out of the queue because their endpoint is off or gone.
    pub shelved: usize,
    /// Deliveries claimed, to be tried.
    pub jobs: Vec<Job>,
    /// Whether another pass would find more to do at once.
    pub has_more: bool,
    /// Whether due deliveries were left for want of room.
    pub left_behind: bool,
    /// Whether events it had been told of were left for want of room.
    pub has_deferred: bool,
    /// What kept the pass from being complete; what it did before stands.
    pub error: Option<Error>,
}

impl Report {
    /// Whether there was nothing to do at all.
    pub fn is_idle(&self) -> bool {
        self.events == 0
            && self.shelved == 0
            && self.jobs.is_empty()
            && !self.has_more
            && !self.left_behind
            && !self.has_deferred
            && self.error.is_none()
    }
}

/// Runs one pass; what was claimed is reported even where a later part of it fails.
pub async fn step(deps: &Deps, memory: &Memory, mut plan: Plan) -> Report {
    let mut report = Report::default();
    let mut done = fan::out(deps, memory, &mut plan, &mut report).await;
    if done.is_err() {
        memory.fell_behind();
    } else if plan.scope == Scope::All {
        plan.bytes_max = plan.bytes_max.saturating_sub(bytes_of(&report.jobs));
        done = claim_due(deps, plan, &mut report).await;
    }
    report.error = done.err();
    report
}

async fn claim_due(deps: &Deps, mut plan: Plan, report: &mut Report) -> Result<()> {
    let now = plan.now;
    let chosen = choose(deps, now, &mut plan.room, report).await?;
    let lease = Lease::new(&deps.node.owner(), deps.clock.real_now());
    let (mut rest, mut rows, mut bytes) = (chosen.as_slice(), CLAIM_ROWS_FIRST, 0);
    while !rest.is_empty() {
        if bytes >= plan.bytes_max {
            report.left_behind = true;
            return Ok(());
        }
        let (ids, later) = rest.split_at(rows.min(rest.len()));
        let claimed = lease::claim(&deps.store, ids.to_vec(), &lease, now, deps.clock.real_now()).await?;
        let mut endpoints: Vec<Uuid> = claimed.iter().map(|row| row.endpoint).collect();
        endpoints.sort_unstable();
        endpoints.dedup();
        let endpoints = Subscribers::of(
            due::endpoints(&deps.store, &endpoints)
                .await?
                .into_iter()
                .map(|row| Arc::new(row.into())),
        );
        shelve(deps, &claimed, &endpoints, now, report).await?;
        let bodies = bodies::of(&deps.store, claimed.iter()).await?;
        let jobs = claimed.into_iter().filter_map(|row| endpoints.job(deps, row, &bodies));
        let jobs: Vec<Job> = jobs.collect();
        bytes += bytes_of(&jobs);
        let mean = bytes / (chosen.len() - later.len()).max(1);
        rows = (plan.bytes_max.saturating_sub(bytes) / mean.max(1)).clamp(1, CLAIM_ROWS);
        rest = later;
        report.jobs.extend(jobs);
    }
    Ok(())
}

fn bytes_of(jobs: &[Job]) -> usize {
    jobs.iter().map(|job| job.body.len()).sum()
}

/// Chooses due rows, the longest due first; an endpoint or tenant without room is left out of the next search.
async fn choose(deps: &Deps, now: Timestamp, room: &mut Room, report: &mut Report) -> Result<Vec<Uuid>> {
    let mut chosen = Vec::new();
    for _ in 0..SEARCHES_MAX {
        if room.left() == 0 {
            report.left_behind = true;
            return Ok(chosen);
        }
        let search = Search {
            now,
            real_now: deps.clock.real_now(),
            not_endpoints: room.full_endpoints(EXCLUDED_MAX),
            not_tenants: room.full_tenants(),
            limit: SEARCH_ROWS + chosen.len() as u64,
        };
        let found = due::find(&deps.store, &search).await?;
        let is_last = (found.len() as u64) < search.limit;
        let taken = take_fairly(found, room, &mut chosen);
        if is_last {
            report.left_behind |= taken.has_refused;
            // Rows of excluded endpoints were not even seen.
            report.left_behind |= !search.not_endpoints.is_empty() || !search.not_tenants.is_empty();
            return Ok(chosen);
        }
    }
    // With nothing chosen another pass would only look at the same rows again.
    report.has_more |= !chosen.is_empty();
    report.left_behind = true;
    Ok(chosen)
}

struct Taken {
    has_refused: bool,
}

/// Takes one row of each tenant in turn, so that a tenant with much to send does not push the others back.
fn take_fairly(found: Vec<Due>, room: &mut Room, chosen: &mut Vec<Uuid>) -> Taken {
    let mut turns: BTreeMap<usize, Vec<Due>> = BTreeMap::new();
    let mut seen: HashMap<Uuid, usize> = HashMap::new();
    for due in found {
        let turn = seen.entry(due.tenant).or_default();
        turns.entry(*turn).or_default().push(due);
        *turn += 1;
    }
    let already: std::collections::HashSet<Uuid> = chosen.iter().copied().collect();
    let mut has_refused = false;
    for due in turns.into_values().flatten().filter(|due| !already.contains(&due.id)) {
        if room.take(due.endpoint, due.tenant) {
            chosen.push(due.id);
        } else {
            has_refused = true;
        }
    }
    Taken { has_refused }
}

/// Takes claimed rows whose endpoint is off or gone out of the queue.
async fn shelve(
    deps: &Deps,
    claimed: &[delivery::Model],
    endpoints: &Subscribers,
    now: Timestamp,
    report: &mut Report,
) -> Result<()> {
    let mut by_status: BTreeMap<&'static str, (Status, Vec<Uuid>)> = BTreeMap::new();
    for row in claimed {
        let (name, status) = match endpoints.get(row.endpoint) {
            Some(endpoint) if endpoint.deleted_at.is_none() && endpoint.is_active => continue,
            Some(endpoint) if endpoint.deleted_at.is_none() => ("off", rules::waiting_become(dialect_of(deps, endpoint))),
            _ => ("gone", Status::PermanentlyFailed),
        };
        by_status.entry(name).or_insert_with(|| (status, Vec::new())).1.push(row.id);
    }
    for (status, ids) in by_status.into_values() {
        report.shelved += ids.len();
        due::shelve(&deps.store, ids, status, now).await?;
    }
    Ok(())
}
