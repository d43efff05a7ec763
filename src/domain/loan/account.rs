//! One key's windows and what is lent of them.

use super::{Denial, Owed, Tallies, Terms};
use crate::domain::rate_limit::{Buckets, Durable, Limits, Loan, MinuteCount, Quota, Refused, Reservation, Which};
use crate::domain::time::{MINUTE_MS, Timestamp};

/// A gate that asks less often than this in a second gets no loan: it would hand most of it back.
const DEMAND_MIN: u32 = 8;
/// Over what time demand is counted, in milliseconds.
const DEMAND_MS: i64 = 1_000;
/// How long a gate that does not ask is remembered, in milliseconds; it hands in what it holds within seconds, and what
/// was used of an ended loan can be counted until then.
const LINE_MS: i64 = 5 * MINUTE_MS;

/// What a charge came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Charged; this is left.
    Taken(Quota),
    /// The window is used up, and no loan is out that could be called back.
    Refused(Refused),
    /// Loans must be recalled before this can be refused.
    Recall,
    /// More of the day must be made durable first.
    Reserve(Reservation),
}

/// Who asks for terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The gate.
    pub gate: u64,
    /// The number of its question; grows with each.
    pub number: u64,
    /// How many gates there are.
    pub gates: u32,
    /// Calls of this key that came with the question.
    pub calls: u32,
}

/// What is known of one gate.
#[derive(Clone, Copy, Debug)]
struct Line {
    gate: u64,
    loan: Option<Loan>,
    /// It did not answer a recall, and has said nothing since.
    is_deaf: bool,
    /// Calls that it asked for or admitted since `since_at`.
    calls: u32,
    since_at: Timestamp,
}

/// The buckets of one key, and who has borrowed from them.
#[derive(Debug)]
pub struct Account {
    buckets: Buckets,
    limits: Limits,
    tallies: Tallies,
    /// The minute as it was last named to be written down.
    noted: Option<MinuteCount>,
    lines: Vec<Line>,
}

impl Account {
    /// Starts from what is durable.
    pub fn new(limits: Limits, durable: Durable) -> Self {
        let buckets = Buckets::resumed(durable);
        Self {
            tallies: Tallies::of(&buckets),
            noted: durable.minute,
            buckets,
            limits,
            lines: Vec::new(),
        }
    }

    /// Sets the limits in force; the counts stay.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Takes `cost` calls, or tells what stands in the way.
    pub fn charge(&mut self, cost: u32, now: Timestamp) -> Charge {
        if let Some(reservation) = self.buckets.lease_needed(&self.limits, cost, now) {
            return Charge::Reserve(reservation);
        }
        match self.buckets.take(&self.limits, cost, now) {
            Ok(_) => {
                self.tallies.follow(&self.buckets);
                Charge::Taken(self.tallies.count(&self.limits, cost))
            }
            Err(_) if self.lent().next().is_some() => Charge::Recall,
            Err(refused) => Charge::Refused(refused),
        }
    }

    /// What is worth making durable soon.
    pub fn lease_ahead(&self, now: Timestamp) -> Option<Reservation> {
        self.buckets.lease_ahead(&self.limits, now)
    }

    /// Notes that more of the day is durable.
    pub fn leased(&mut self, reservation: Reservation) {
        self.buckets.leased(reservation);
    }

    /// Notes that a gate asks question `number`, after what it owes was settled: earlier loans never arrived there.
    pub fn hear(&mut self, gate: u64, number: u64) {
        let Some(line) = self.lines.iter_mut().find(|line| line.gate == gate) else {
            return;
        };
        line.is_deaf = false;
        if let Some(lost) = line.loan.take_if(|loan| loan.number < number) {
            self.buckets.credit(&lost, lost.permits);
        }
    }

    /// Ends a loan; false where it was ended before, so that nothing of it counts twice.
    pub fn settle(&mut self, gate: u64, owed: &Owed) -> bool {
        let Some(line) = self.lines.iter_mut().find(|line| line.gate == gate) else {
            return false;
        };
        line.is_deaf = false;
        let Some(loan) = line.loan.take_if(|loan| loan.number == owed.number) else {
            return false;
        };
        let unused = owed.unused.min(loan.permits);
        line.calls = line.calls.saturating_add(loan.permits - unused);
        self.buckets.credit(&loan, unused);
        true
    }

    /// What the gate that asked may do by itself from now on; its question has been answered from the windows.
    pub fn terms(&mut self, asker: Asker, now: Timestamp) -> Terms {
        self.forget_gates(now);
        let wanted = self.demand(asker, now);
        let line = self.lines.iter_mut().find(|line| line.gate == asker.gate);
        let loan = line.and_then(|line| {
            if line.loan.is_none() {
                line.loan = self.buckets.lend(&self.limits, asker.number, wanted, asker.gates);
                return line.loan;
            }
            None
        });
        self.tallies.follow(&self.buckets);
        Terms {
            loan,
            tallies: loan.map(|_| self.tallies.clone()),
            limits: self.limits,
            denial: self.denial(now),
        }
    }

    /// The loans worth calling back, as gate and number.
    pub fn lent(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let reachable = self.lines.iter().filter(|line| !line.is_deaf);
        let open = reachable.filter_map(|line| Some((line.gate, line.loan?)));
        open.filter(|(_, loan)| self.buckets.is_open(&self.limits, loan))
            .map(|(gate, loan)| (gate, loan.number))
    }

    /// Notes that a gate did not answer: until it speaks, what it holds counts as used.
    pub fn give_up(&mut self, gate: u64) {
        for line in self.lines.iter_mut().filter(|line| line.gate == gate) {
            line.is_deaf = true;
        }
    }

    /// Tells whether forgetting the account loses nothing.
    pub fn is_over(&self, now: Timestamp) -> bool {
        let is_settled = |line: &Line| line.loan.is_none() || now.0 >= line.since_at.0.saturating_add(LINE_MS);
        self.buckets.is_over(&self.limits, now) && self.lines.iter().all(is_settled)
    }

    /// The true day count where the durable one differs; see `rate_limit::lease`.
    pub fn settled(&self) -> Option<Reservation> {
        self.buckets.settled()
    }

    /// What was used of the running minute, by calls at gates too.
    pub fn minute(&self, now: Timestamp) -> Option<MinuteCount> {
        self.tallies.minute(now)
    }

    /// The same, where it is not what was said the last time.
    pub fn minute_to_note(&mut self, now: Timestamp) -> Option<MinuteCount> {
        let count = self.minute(now)?;
        (self.noted.replace(count) != Some(count)).then_some(count)
    }

    fn demand(&mut self, asker: Asker, now: Timestamp) -> u32 {
        let known = self.lines.iter().position(|line| line.gate == asker.gate);
        let place = known.unwrap_or_else(|| {
            self.lines.push(Line {
                gate: asker.gate,
                loan: None,
                is_deaf: false,
                calls: 0,
                since_at: now,
            });
            self.lines.len() - 1
        });
        let Some(line) = self.lines.get_mut(place) else {
            return 0;
        };
        if !(0..DEMAND_MS).contains(&(now.0 - line.since_at.0)) {
            // A steady stream begins its next second with half of what it did in the last one.
            let is_next = (0..2 * DEMAND_MS).contains(&(now.0 - line.since_at.0));
            line.calls = if is_next { line.calls / 2 } else { 0 };
            line.since_at = now;
        }
        line.calls = line.calls.saturating_add(asker.calls);
        if line.calls < DEMAND_MIN { 0 } else { line.calls / 2 }
    }

    fn denial(&self, now: Timestamp) -> Option<Denial> {
        if self.is_any_out() {
            return None;
        }
        let mut trial = self.buckets;
        let refused = trial.take(&self.limits, 1, now).err()?;
        let window = match refused.which {
            Which::Minute => refused.quota.minute,
            Which::Day => refused.quota.day,
        }?;
        Some(Denial {
            refused,
            until: window.reset_at,
        })
    }

    fn is_any_out(&self) -> bool {
        let mut loans = self.lines.iter().filter_map(|line| line.loan.as_ref());
        loans.any(|loan| self.buckets.is_open(&self.limits, loan))
    }

    /// Forgets gates that have not asked for long, unless what they hold still matters.
    fn forget_gates(&mut self, now: Timestamp) {
        let (buckets, limits) = (&self.buckets, &self.limits);
        self.lines.retain(|line| {
            let is_open = line.loan.as_ref().is_some_and(|loan| buckets.is_open(limits, loan));
            is_open || now.0 < line.since_at.0.saturating_add(LINE_MS)
        });
    }
}
