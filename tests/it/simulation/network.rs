//! Subscribers as they are met: sound, slow, flapping, dead, mending, gone.

use super::chance::Chance;
use super::oracle::{Answer, DAY, HOUR};
use fondaco::actors::delivery::sender::{Failure, Sent};
use fondaco::domain::delivery::NetworkClass;

/// How a subscriber behaves, in virtual time.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    /// Takes everything at once.
    Sound,
    /// Takes everything, often too late.
    Slow,
    /// Fails so many of a thousand tries.
    Flapping(u64),
    /// Never takes anything.
    Dead(Death),
    /// Dead until then.
    Mending(i64, Death),
    /// Sound until then.
    Dying(i64, Death),
    /// Sound until then, and 410 from there on.
    Gone(i64),
}

/// How a dead one fails.
#[derive(Clone, Copy, Debug)]
pub(super) enum Death {
    Status(u16),
    Silence,
    Refused,
    Busy(u16, i64),
}

/// What came of one request.
pub(super) struct Reaction {
    pub(super) sent: Sent,
    pub(super) answer: Answer,
    pub(super) takes_ms: i64,
}

impl Manner {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let deaths = [
            Death::Status(500),
            Death::Status(404),
            Death::Status(302),
            Death::Silence,
            Death::Refused,
            Death::Busy(503, 120),
            Death::Busy(429, 10_000),
        ];
        let death = chance.pick(&deaths);
        match chance.between(0, 99) {
            0..=29 => Self::Sound,
            30..=39 => Self::Slow,
            40..=54 => Self::Flapping(chance.between(50, 700).unsigned_abs()),
            55..=74 => Self::Dead(death),
            75..=86 => Self::Mending(chance.between(HOUR, 12 * DAY), death),
            87..=94 => Self::Dying(chance.between(DAY, 15 * DAY), death),
            _ => Self::Gone(chance.between(DAY, 15 * DAY)),
        }
    }

    /// Whether nothing but the server can hold up what is meant for it.
    pub(super) fn is_prompt(self) -> bool {
        matches!(self, Self::Sound | Self::Gone(_))
    }

    pub(super) fn react(self, chance: &mut Chance, at: i64, deadline_ms: i64) -> Reaction {
        let quick = chance.between(1, 400);
        match self {
            Self::Sound => said(200, None, quick),
            Self::Slow => {
                let takes_ms = chance.between(deadline_ms / 4, deadline_ms * 5 / 4);
                if takes_ms < deadline_ms {
                    said(200, None, takes_ms)
                } else {
                    silent(deadline_ms)
                }
            }
            Self::Flapping(share) if chance.permille(share) => {
                let death = chance.pick(&[
                    Death::Status(500),
                    Death::Status(502),
                    Death::Status(400),
                    Death::Silence,
                    Death::Refused,
                    Death::Busy(503, 200),
                    Death::Busy(429, 90),
                ]);
                death.react(quick, deadline_ms)
            }
            Self::Flapping(_) => said(204, None, quick),
            Self::Dead(death) => death.react(quick, deadline_ms),
            Self::Mending(until, death) if at < until => death.react(quick, deadline_ms),
            Self::Dying(from, death) if at >= from => death.react(quick, deadline_ms),
            Self::Gone(from) if at >= from => said(410, None, quick),
            Self::Mending(..) | Self::Dying(..) | Self::Gone(_) => said(200, None, quick),
        }
    }
}

impl Death {
    fn react(self, quick: i64, deadline_ms: i64) -> Reaction {
        match self {
            Self::Status(status) => said(status, None, quick),
            Self::Silence => silent(deadline_ms),
            Self::Refused => failed(NetworkClass::Refused, quick),
            Self::Busy(status, seconds) => said(status, Some(seconds), quick),
        }
    }
}

fn said(status: u16, asked_s: Option<i64>, takes_ms: i64) -> Reaction {
    let headers = asked_s.map(|seconds| ("retry-after".to_owned(), seconds.to_string()));
    let sent = Sent {
        status: Some(status),
        headers: headers.into_iter().collect(),
        body: "said".into(),
        total_ms: u32::try_from(takes_ms).unwrap(),
        ..Sent::default()
    };
    Reaction {
        sent,
        answer: Answer::Status(status, asked_s),
        takes_ms,
    }
}

fn silent(deadline_ms: i64) -> Reaction {
    failed(NetworkClass::Timeout, deadline_ms)
}

fn failed(class: NetworkClass, takes_ms: i64) -> Reaction {
    let text = class.name().to_owned();
    let sent = Sent {
        failure: Some(Failure { class, text }),
        total_ms: u32::try_from(takes_ms).unwrap(),
        ..Sent::default()
    };
    Reaction {
        sent,
        answer: Answer::Nothing,
        takes_ms,
    }
}
