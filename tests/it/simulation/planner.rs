//! The pure half of the simulation: schedules, decisions and health alone, without a row. Cheap enough for thousands of
//! seeds a minute.

use super::chance::Chance;
use super::network::Manner;
use super::oracle::{DAY, Failures, Fate, HOUR, Rules, Verdict};
use fondaco::actors::delivery::rules::policy;
use fondaco::domain::Timestamp;
use fondaco::domain::delivery::{Decision, Health, HealthChange, decide, observe};
use fondaco::domain::dialect::Dialects;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Where virtual time begins.
const START: i64 = 1_790_000_000_000;
/// The dialects that have a schedule of their own, and some that share one.
pub(super) const DIALECTS: [&str; 5] = ["fondaco", "sellf", "openclaw", "licentric", "bigclass"];

/// What a month came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Month {
    pub(super) delivered: u32,
    pub(super) exhausted: u32,
    pub(super) attempts: u32,
    pub(super) disabled: u32,
}

/// Runs one endpoint through a month; the error says which rule was broken.
pub(super) fn month(dialects: &Dialects, seed: u64) -> Result<Month, String> {
    let mut chance = Chance::new(seed);
    let name = chance.pick(&DIALECTS);
    let (policy, rules) = (policy(dialects.get(name).unwrap()), Rules::of(name));
    let manner = Manner::draw(&mut chance);
    let (mut health, mut failures, mut done) = (Health::default(), Failures::default(), Month::default());
    let mut agenda = BinaryHeap::new();
    for event in 0..chance.between(5, 60) {
        agenda.push(Reverse((START + chance.between(0, 30 * DAY), event, 1_u32)));
    }
    let mut is_on = true;
    while let Some(Reverse((due_at, event, number))) = agenda.pop() {
        let reaction = manner.react(&mut chance, due_at - START, rules.deadline_ms);
        // The clock may jump while a try is under way; all that follows is reckoned from its end.
        let jump = if chance.permille(5) { chance.between(0, 3 * DAY) } else { 0 };
        let ended_at = due_at + reaction.takes_ms + jump;
        let outcome = reaction.sent.outcome(Timestamp(ended_at));
        let jitter = u16::try_from(chance.between(0, 200)).unwrap();
        let decision = decide(&outcome, number, &policy, jitter, Timestamp(ended_at));
        let fate = rules.after(number as usize, reaction.answer, ended_at);
        done.attempts += 1;
        match (decision, fate) {
            (Decision::Delivered, Fate::Delivered) => done.delivered += 1,
            (Decision::Exhausted, Fate::Final) => done.exhausted += 1,
            (Decision::Disabled410, Fate::Gone) => is_on = false,
            (Decision::RetryAt(at), Fate::Again { earliest, latest }) if (earliest..=latest).contains(&at.0) => {
                agenda.push(Reverse((at.0, event, number + 1)));
            }
            _ => return Err(format!("{name}: try {number} ended as {decision:?}, not as {fate:?}")),
        }
        let change;
        (health, change) = observe(&health, reaction.answer.is_taken(), Timestamp(ended_at));
        let verdict = failures.observe(reaction.answer.is_taken(), ended_at);
        match (change, verdict) {
            (HealthChange::None, Verdict::Nothing) | (HealthChange::Warn, Verdict::Warn) => {}
            (HealthChange::Disable, Verdict::Disable) => is_on = false,
            _ => return Err(format!("{name}: health says {change:?}, not {verdict:?}, at {failures:?}")),
        }
        if !is_on {
            done.disabled = 1;
            done.exhausted += u32::try_from(agenda.len()).unwrap() + 1;
            break;
        }
    }
    Ok(done)
}

/// When the tries of one delivery begin that fails each time, in seconds from the first.
pub(super) fn schedule(dialects: &Dialects, name: &str, status: u16, asked_s: Option<u64>) -> Vec<i64> {
    use fondaco::domain::delivery::Outcome;
    let policy = policy(dialects.get(name).unwrap());
    let mut begun = vec![0];
    let mut now = START;
    loop {
        let outcome = Outcome::of_status(status, asked_s);
        let number = u32::try_from(begun.len()).unwrap();
        match decide(&outcome, number, &policy, 0, Timestamp(now)) {
            Decision::RetryAt(at) => {
                now = at.0;
                begun.push((now - START) / 1000);
            }
            _ => return begun,
        }
    }
}

/// A month of a dead endpoint with an event every few hours: hours until it is warned of and until it is switched off.
pub(super) fn hours_to_the_end(dialects: &Dialects, name: &str, every_h: i64) -> (Option<i64>, Option<i64>) {
    let policy = policy(dialects.get(name).unwrap());
    let mut agenda: BinaryHeap<_> = (0..30 * 24 / every_h)
        .map(|n| Reverse((START + n * every_h * HOUR, 1_u32)))
        .collect();
    let (mut health, mut warned, mut off) = (Health::default(), None, None);
    while let (Some(Reverse((at, number))), None) = (agenda.pop(), off) {
        let outcome = fondaco::domain::delivery::Outcome::of_status(500, None);
        if let Decision::RetryAt(next) = decide(&outcome, number, &policy, 0, Timestamp(at)) {
            agenda.push(Reverse((next.0, number + 1)));
        }
        let change;
        (health, change) = observe(&health, false, Timestamp(at));
        let hours = Some((at - START) / HOUR);
        match change {
            HealthChange::None => {}
            HealthChange::Warn => warned = hours,
            HealthChange::Disable => off = hours,
        }
    }
    (warned, off)
}
