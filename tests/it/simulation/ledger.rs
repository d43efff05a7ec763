//! What a simulated server promised and did, entry by entry; the first entry that breaks a rule ends the run.

use super::network::Manner;
use super::oracle::{Answer, DAY, Failures, Fate, HOUR, Rules, Verdict};
use bytes::Bytes;
use fondaco::actors::delivery::attempt::Job;
use fondaco::actors::delivery::sender::Outgoing;
use fondaco::domain::delivery::Decision;
use fondaco::store::outbox::record::Made;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How long what is due may wait for an endpoint that is sound: a crash, its lease, a clock set back, a tick.
const PROMPT_MS: i64 = HOUR;
/// The same for one that is not: its lane is narrow and its breaker opens for half a minute at a time.
const PATIENT_MS: i64 = DAY;

/// One moment on the three clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Virtual time since the start, which never jumps.
    pub(super) ran: i64,
    /// What leases go by; the system may set it.
    pub(super) real: i64,
    /// What schedules go by; the operator may move it on.
    pub(super) server: i64,
}

/// An endpoint as the rules see it.
#[derive(Clone, Debug)]
pub(super) struct Subscriber {
    pub(super) tenant: Uuid,
    pub(super) rules: Rules,
    pub(super) manner: Manner,
    pub(super) failures: Failures,
    pub(super) is_on: bool,
    pub(super) is_deleted: bool,
    /// When the rules switched it off, and by which.
    pub(super) disabled: Option<(i64, &'static str)>,
    pub(super) warnings: u32,
}

/// A delivery as its receiver and its records see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub(super) sends: u32,
    /// Attempts that are in the tables.
    pub(super) recorded: u32,
    /// Tries that nobody will ever record: their process died or their lease ended.
    pub(super) excused: u32,
    pub(super) is_taken: bool,
    pub(super) fate: Option<Fate>,
    body: Bytes,
    id: String,
    /// When its next try must fall due, at the earliest and at the latest, on the server's clock.
    next_due: Option<(i64, i64)>,
    /// When its last record was made, in time that never jumps.
    recorded_ran: i64,
    /// When the claim of the try under way ends.
    leased_until: Option<i64>,
}

/// What the records of one command bring upon an endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    warns: bool,
    off: Option<(i64, &'static str)>,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) subscribers: BTreeMap<Uuid, Subscriber>,
    pub(super) tracks: BTreeMap<Uuid, Track>,
    /// Events whose command was answered, and those whose command failed.
    pub(super) committed: BTreeSet<Uuid>,
    pub(super) refused: BTreeSet<Uuid>,
    clock: Vec<(i64, i64)>,
}

impl Ledger {
    /// Notes how the server's clock runs.
    pub(super) fn tick(&mut self, now: Moment) {
        self.clock.push((now.ran, now.server));
    }

    /// A request leaves for its receiver.
    pub(super) fn sends(&mut self, job: &Job, outgoing: &Outgoing, now: Moment) -> Result<(), String> {
        let row = &job.delivery;
        let subscriber = self
            .subscribers
            .get(&row.endpoint)
            .ok_or("a request to an endpoint nobody made")?;
        let due_at = row
            .due_at
            .ok_or_else(|| format!("{} is tried although it is not due", row.id))?;
        if due_at > now.server {
            return Err(format!("{} is tried {} ms before its time", row.id, due_at - now.server));
        }
        if !subscriber.is_on || subscriber.is_deleted {
            return Err(format!("{} is sent to an endpoint that is off", row.id));
        }
        let is_first = !self.tracks.contains_key(&row.id);
        let since = self.tracks.get(&row.id).map_or(i64::MIN, |track| track.recorded_ran);
        let waited = now.ran - self.due_since(due_at, since, now);
        let bound = if subscriber.manner.is_prompt() {
            PROMPT_MS
        } else {
            PATIENT_MS
        };
        if waited > bound {
            return Err(format!("{} starved: it was due for {waited} ms", row.id));
        }
        let id = header(outgoing, "webhook-id");
        let track = self.tracks.entry(row.id).or_default();
        if is_first {
            (track.body, track.id) = (outgoing.body.clone(), id);
        } else if track.body != outgoing.body || track.id != id {
            return Err(format!("{} is sent with other bytes than before", row.id));
        }
        if let Some(until) = track.leased_until {
            if now.real < until {
                return Err(format!("{} is tried twice at once", row.id));
            }
            track.excused += 1;
        }
        if let Some((earliest, latest)) = track
            .next_due
            .filter(|(earliest, latest)| !(earliest..=latest).contains(&&due_at))
        {
            return Err(format!("{} falls due at {due_at}, not from {earliest} to {latest}", row.id));
        }
        if job.number() != track.recorded + 1 {
            return Err(format!("{} is at try {}, not {}", row.id, job.number(), track.recorded + 1));
        }
        if track.fate.is_some_and(|fate| !matches!(fate, Fate::Again { .. })) {
            return Err(format!("{} is tried although it is over: {:?}", row.id, track.fate));
        }
        track.sends += 1;
        track.leased_until = row.lease_until_at;
        if track.leased_until.is_none() {
            return Err(format!("{} is tried without a claim", row.id));
        }
        Ok(())
    }

    /// Since when it has been due, in time that never jumps.
    fn due_since(&self, due_at: i64, since: i64, now: Moment) -> i64 {
        let mut from = now.ran;
        for (ran, server) in self.clock.iter().rev() {
            if *server < due_at || *ran < since {
                break;
            }
            from = *ran;
        }
        from
    }

    /// The receiver has reacted.
    pub(super) fn reacts(&mut self, delivery: Uuid, answer: Answer) {
        if let Some(track) = self.tracks.get_mut(&delivery) {
            track.is_taken |= answer.is_taken();
        }
    }

    /// The claim of a try under way was prolonged by the process that makes it.
    pub(super) fn renews(&mut self, delivery: Uuid, until: Option<i64>) {
        if let Some(track) = self.tracks.get_mut(&delivery) {
            track.leased_until = until;
        }
    }

    /// The process that made the try died before its record.
    pub(super) fn loses(&mut self, delivery: Uuid) {
        if let Some(track) = self.tracks.get_mut(&delivery) {
            track.excused += u32::from(track.leased_until.take().is_some());
        }
    }

    /// An attempt was not recorded, and nobody else is making one: its claim must have ended before.
    pub(super) fn forfeits(&mut self, delivery: Uuid, now: Moment) -> Result<(), String> {
        let until = self.tracks.get(&delivery).and_then(|track| track.leased_until);
        if until.is_some_and(|until| now.real < until) {
            return Err(format!("the record of {delivery} was refused although its claim held"));
        }
        self.loses(delivery);
        Ok(())
    }

    /// Attempts were recorded by one command.
    pub(super) fn records(&mut self, batch: &[(Made, Answer)], ran: i64) -> Result<(), String> {
        let mut ends: BTreeMap<Uuid, End> = BTreeMap::new();
        for (made, answer) in batch {
            self.record(made, *answer, ran)?;
            let subscriber = self.subscribers.get_mut(&made.endpoint).ok_or("an unknown endpoint")?;
            let at = made.ended_at.0;
            let end = ends.entry(made.endpoint).or_default();
            match subscriber.failures.observe(answer.is_taken(), at) {
                Verdict::Nothing => {}
                Verdict::Warn => end.warns = true,
                Verdict::Disable => end.off = Some((at, "failing")),
            }
            if made.decision == Decision::Disabled410 {
                end.off = Some((at, "gone"));
            }
        }
        for (endpoint, End { warns, off }) in ends {
            let subscriber = self.subscribers.get_mut(&endpoint).ok_or("an unknown endpoint")?;
            match off {
                Some(end) if subscriber.is_on => (subscriber.is_on, subscriber.disabled) = (false, Some(end)),
                None if warns => subscriber.warnings += 1,
                _ => {}
            }
        }
        Ok(())
    }

    fn record(&mut self, made: &Made, answer: Answer, ran: i64) -> Result<(), String> {
        let rules = self.subscribers.get(&made.endpoint).ok_or("an unknown endpoint")?.rules;
        let id = made.attempt.delivery;
        let track = self.tracks.get_mut(&id).ok_or_else(|| format!("{id} was never sent"))?;
        track.recorded += 1;
        track.recorded_ran = ran;
        track.leased_until = None;
        let fate = rules.after(track.recorded as usize, answer, made.ended_at.0);
        track.fate = Some(fate);
        match (fate, made.decision) {
            (Fate::Delivered, Decision::Delivered) | (Fate::Final, Decision::Exhausted) | (Fate::Gone, Decision::Disabled410) => {
            }
            (Fate::Again { earliest, latest }, Decision::RetryAt(at)) if (earliest..=latest).contains(&at.0) => {
                track.next_due = Some((earliest, latest));
            }
            (fate, decision) => {
                return Err(format!(
                    "{id}: after {answer:?} in try {} comes {decision:?}, not {fate:?}",
                    track.recorded
                ));
            }
        }
        Ok(())
    }
}

fn header(outgoing: &Outgoing, name: &str) -> String {
    let found = outgoing
        .headers
        .iter()
        .rev()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}
