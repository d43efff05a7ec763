//! What was truly admitted, and the checks against it.

use super::super::Owed;
use crate::domain::rate_limit::{Durable, LEASE, Limits, Loan, MinuteCount, Quota, Refused, Which};
use crate::domain::time::{DAY_MS, MINUTE_MS, Timestamp};
use std::collections::{HashMap, HashSet};

/// How often the interesting things happened.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) by_loan: u32,
    pub(super) lent: u32,
    pub(super) recalled: u32,
    pub(super) denied: u32,
    pub(super) never_arrived: u32,
    pub(super) crashes: u32,
    pub(super) stops: u32,
}

#[derive(Debug)]
struct Lent {
    gate: u64,
    loan: Loan,
    used: u32,
    is_settled: bool,
}

#[derive(Debug)]
pub(super) struct Ghost {
    limits: Limits,
    minutes: HashMap<i64, u32>,
    days: HashMap<i64, u32>,
    lent: Vec<Lent>,
    /// Gates that were given up, dead ones among them; until they speak their loans count as used.
    pub(super) silent: HashSet<u64>,
    /// Calls of a day that crashes have lost.
    crashed: HashMap<i64, u32>,
    pub(super) seen: Seen,
}

impl Ghost {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            minutes: HashMap::new(),
            days: HashMap::new(),
            lent: Vec::new(),
            silent: HashSet::new(),
            crashed: HashMap::new(),
            seen: Seen::default(),
        }
    }

    /// A call passed; the windows it was charged to are those of its answer, which tells exactly what is left of them.
    pub(super) fn admitted(&mut self, quota: &Quota) {
        if let Some(window) = quota.minute {
            let count = self.minutes.entry(window.reset_at.0).or_default();
            *count += 1;
            assert!(*count <= window.limit, "minute over its limit");
            assert_eq!(window.remaining, window.limit - *count, "told of the minute");
        }
        if let Some(window) = quota.day {
            let count = self.days.entry(window.reset_at.0).or_default();
            *count += 1;
            assert!(*count <= window.limit, "day over its limit");
            let crashed = self.crashed.get(&window.reset_at.0).copied().unwrap_or(0);
            assert_eq!(window.remaining, window.limit - *count - crashed, "told of the day");
        }
    }

    pub(super) fn admitted_by(&mut self, gate: u64, quota: &Quota, now: Timestamp) {
        self.admitted(quota);
        self.seen.by_loan += 1;
        let lent = self.lent.iter_mut().rev().find(|lent| lent.gate == gate).unwrap();
        lent.used += 1;
        assert!(lent.used <= lent.loan.permits && now < lent.loan.until());
    }

    /// A call was refused: the window must truly be full, but for what went silent or was lost in a crash.
    pub(super) fn refused(&self, refused: &Refused) {
        let (window, admitted, width) = match refused.which {
            Which::Minute => (refused.quota.minute.unwrap(), &self.minutes, MINUTE_MS),
            Which::Day => (refused.quota.day.unwrap(), &self.days, DAY_MS),
        };
        let start = window.reset_at.0 - width;
        let is_here = |loan: &Loan| match refused.which {
            Which::Minute => loan.minute_at.0 == start,
            Which::Day => loan.day_at.0 == start,
        };
        let gone = self
            .open()
            .filter(|lent| self.silent.contains(&lent.gate) && is_here(&lent.loan));
        let gone: u32 = gone.map(|lent| lent.loan.permits - lent.used).sum();
        let crashed = match refused.which {
            Which::Minute => 0,
            Which::Day => self.crashed.get(&window.reset_at.0).copied().unwrap_or(0),
        };
        let admitted = admitted.get(&window.reset_at.0).copied().unwrap_or(0);
        assert_eq!(admitted + gone + crashed, window.limit, "refused with room left: {refused:?}");
        assert_eq!(window.remaining, 0);
    }

    pub(super) fn lent(&mut self, gate: u64, loan: Loan) {
        self.seen.lent += 1;
        self.lent.push(Lent {
            gate,
            loan,
            used: 0,
            is_settled: false,
        });
    }

    /// A loan was ended by what its gate said.
    pub(super) fn settled(&mut self, gate: u64, owed: &Owed) {
        let lent = self
            .lent
            .iter_mut()
            .find(|lent| lent.gate == gate && lent.loan.number == owed.number);
        let lent = lent.unwrap();
        assert!(!lent.is_settled, "settled twice");
        lent.is_settled = true;
        assert_eq!(
            owed.unused.min(lent.loan.permits),
            lent.loan.permits - lent.used,
            "credited what was used"
        );
        assert_eq!(owed.usage.map_or(0, |usage| usage.calls), i64::from(lent.used), "calls lost");
        self.seen.never_arrived += u32::from(owed.unused == u32::MAX);
    }

    /// The account took no note of an end: it was told before, or it no longer matters.
    pub(super) fn unnoticed(&mut self, gate: u64, owed: &Owed, now: Timestamp) {
        let has_day = self.limits.per_day.is_some();
        let lent = self
            .lent
            .iter_mut()
            .filter(|lent| lent.gate == gate && lent.loan.number == owed.number);
        for lent in lent.filter(|lent| !lent.is_settled) {
            assert!(
                now >= lent.loan.until() && !(has_day && now.floor(DAY_MS) == lent.loan.day_at),
                "{lent:?}"
            );
            lent.is_settled = true;
        }
    }

    /// A gate asked: what it was lent before and did not name must be untouched.
    pub(super) fn heard(&mut self, gate: u64, number: u64) {
        self.silent.remove(&gate);
        for lent in self
            .lent
            .iter_mut()
            .filter(|lent| lent.gate == gate && lent.loan.number < number)
        {
            assert!(
                lent.is_settled || lent.used == 0,
                "a loan that was used is taken for lost: {lent:?}"
            );
            self.seen.never_arrived += u32::from(!lent.is_settled);
            lent.is_settled = true;
        }
    }

    /// The process ends in order: what is written of the minute is what was admitted.
    pub(super) fn stopped(&mut self, minute: Option<MinuteCount>, now: Timestamp) {
        self.seen.stops += u32::from(minute.is_some());
        let end = now.floor(MINUTE_MS).0 + MINUTE_MS;
        let admitted = self.minutes.get(&end).copied().unwrap_or(0);
        assert_eq!(minute.map_or(0, |minute| minute.calls), admitted, "written of the minute");
    }

    /// The process died: the minute goes on from what was written of it, and of the day at most a lease may be lost.
    pub(super) fn crashed(&mut self, durable: Durable) {
        self.seen.crashes += 1;
        let minutes = std::mem::take(&mut self.minutes);
        if let Some(minute) = durable.minute {
            let end = minute.start_at.0 + MINUTE_MS;
            assert!(
                minute.calls <= minutes.get(&end).copied().unwrap_or(0),
                "written and not made"
            );
            self.minutes.insert(end, minute.calls);
        }
        self.lent.clear();
        self.silent.clear();
        if let (Some(row), Some(_)) = (durable.day, self.limits.per_day) {
            let end = (row.day + 1) * DAY_MS;
            let admitted = self.days.get(&end).copied().unwrap_or(0);
            let before = self.crashed.entry(end).or_default();
            let lost = row.reserved.checked_sub(admitted).expect("used before it was durable");
            assert!(lost <= *before + LEASE, "a crash lost {} calls", lost - *before);
            *before = lost;
        }
    }

    /// Everything is back that can come back: the account must say what happened, and `room` what it would admit.
    pub(super) fn at_rest(&self, told: &Quota, room: &Quota) {
        let gone = |is_here: &dyn Fn(&Loan) -> bool| -> u32 {
            let open = self.open().filter(|lent| is_here(&lent.loan));
            open.map(|lent| lent.loan.permits - lent.used).sum()
        };
        if let (Some(window), Some(told)) = (room.minute, told.minute) {
            let admitted = self.minutes.get(&window.reset_at.0).copied().unwrap_or(0);
            let gone = gone(&|loan| loan.until() == window.reset_at);
            assert_eq!(window.remaining, window.limit - admitted - gone, "minute");
            assert_eq!(told.remaining, window.limit - admitted, "told of the minute");
        }
        if let (Some(window), Some(told)) = (room.day, told.day) {
            let admitted = self.days.get(&window.reset_at.0).copied().unwrap_or(0);
            let crashed = self.crashed.get(&window.reset_at.0).copied().unwrap_or(0);
            let gone = gone(&|loan| loan.day_at.0 + DAY_MS == window.reset_at.0);
            assert_eq!(window.remaining, window.limit - admitted - gone - crashed, "day");
            assert_eq!(told.remaining, window.limit - admitted - crashed, "told of the day");
        }
    }

    /// Loans that were neither ended nor found lost.
    fn open(&self) -> impl Iterator<Item = &Lent> {
        self.lent.iter().filter(|lent| !lent.is_settled)
    }
}
