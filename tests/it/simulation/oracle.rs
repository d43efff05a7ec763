//! The rules of delivery once more, in the words of the published contracts and without a line of the server's: what it
//! decides is compared with what these say.

/// A day in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
/// An hour in milliseconds.
pub(super) const HOUR: i64 = 3_600_000;

const LONG: &[i64] = &[60, 300, 1_800, 7_200, 21_600, 86_400];
const SHORT: &[i64] = &[60, 300, 1_800, 7_200];

/// What one contract says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Seconds from one try to the next.
    pub(super) waits_s: &'static [i64],
    /// Answers below 500 are final.
    pub(super) only_5xx: bool,
    /// Statuses on which `Retry-After` counts.
    pub(super) patient_on: &'static [u16],
    /// What one try may take.
    pub(super) deadline_ms: i64,
    /// Whether what waits is given up when its endpoint is switched off.
    pub(super) gives_up_when_off: bool,
}

impl Rules {
    pub(super) fn of(dialect: &str) -> Self {
        let usual = Self {
            waits_s: LONG,
            only_5xx: false,
            patient_on: &[429, 503],
            deadline_ms: 10_000,
            gives_up_when_off: false,
        };
        match dialect {
            "sellf" => Self {
                waits_s: SHORT,
                deadline_ms: 5_000,
                gives_up_when_off: true,
                ..usual
            },
            "bigclass" => Self {
                only_5xx: true,
                patient_on: &[503],
                ..usual
            },
            _ => usual,
        }
    }

    /// What must follow try number `number` that ended at `ended_at` like this.
    pub(super) fn after(&self, number: usize, answer: Answer, ended_at: i64) -> Fate {
        let (status, asked_s) = match answer {
            Answer::Status(200..=299, _) => return Fate::Delivered,
            Answer::Status(410, _) => return Fate::Gone,
            Answer::Status(status, _) if self.only_5xx && !(500..=599).contains(&status) => return Fate::Final,
            Answer::Status(status, asked_s) => (status, asked_s),
            Answer::Nothing => (0, None),
        };
        let Some(wait_s) = self.waits_s.get(number - 1).copied() else {
            return Fate::Final;
        };
        let next_s = self.waits_s.get(number).copied().unwrap_or(wait_s).max(wait_s);
        let asked_s = asked_s.filter(|_| self.patient_on.contains(&status)).unwrap_or(0);
        let wait_ms = asked_s.clamp(wait_s, next_s) * 1000;
        Fate::Again {
            earliest: ended_at + wait_ms,
            latest: ended_at + wait_ms + wait_ms / 5,
        }
    }
}

/// What a receiver said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// This status, and the seconds of its `Retry-After`.
    Status(u16, Option<i64>),
    /// Nothing that could be used.
    Nothing,
}

impl Answer {
    pub(super) fn is_taken(self) -> bool {
        matches!(self, Self::Status(200..=299, _))
    }
}

/// What must become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Delivered,
    Again { earliest: i64, latest: i64 },
    Final,
    Gone,
}

/// An endpoint's unbroken run of failures, kept whole: when each was.
#[derive(Clone, Debug, Default)]
pub(super) struct Failures {
    at: Vec<i64>,
    is_warned: bool,
}

/// What a failure must bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Nothing,
    Warn,
    Disable,
}

impl Failures {
    pub(super) fn observe(&mut self, is_taken: bool, at: i64) -> Verdict {
        if is_taken {
            *self = Self::default();
            return Verdict::Nothing;
        }
        self.at.push(at);
        let lasting = at - self.at[0];
        if lasting >= 7 * DAY && self.at.len() >= 5 && self.days() >= 3 {
            return Verdict::Disable;
        }
        if lasting >= DAY && !self.is_warned {
            self.is_warned = true;
            return Verdict::Warn;
        }
        Verdict::Nothing
    }

    /// Days in UTC that saw a failure; a clock that was set back adds none.
    fn days(&self) -> usize {
        let mut latest = None;
        let mut days = 0;
        for at in &self.at {
            let day = Some(at.div_euclid(DAY));
            if day > latest {
                (latest, days) = (day, days + 1);
            }
        }
        days
    }
}
