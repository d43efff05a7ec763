//! One pass: claim a few due mails, send them at once, record what became of each.
//!
//! A pass is told nothing about what changed: it reads the rows. It is bounded and a plain function, so that tests need no
//! timer.

use super::post::{Failure, Outgoing};
use crate::actors::deps::Deps;
use crate::domain::{Error, Result, Timestamp};
use crate::store::mails::{self, Search, Sent};
use entities::mail::Model;
use futures_util::future::join_all;
use sea_orm::DbBackend;
use std::time::Duration;

/// Mails of one pass, all sent at once: each may hold a connection to the mail server.
const MAILS_MAX: u64 = 8;
/// The pauses after failed attempts; after one more the mail is given up.
const WAITS: [Duration; 4] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
];

/// What a pass is to do.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What is due by then is sent, on the server's clock.
    pub now: Timestamp,
    /// Whether what has served is removed first.
    pub purges: bool,
}

/// What a pass did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Mails tried.
    pub mails: usize,
    /// What kept the pass from being complete; what it did before stands.
    pub error: Option<Error>,
}

/// Runs one pass.
pub async fn step(deps: &Deps, plan: Plan) -> Report {
    match work(deps, plan).await {
        Ok(mails) => Report { mails, error: None },
        Err(error) => Report {
            mails: 0,
            error: Some(error),
        },
    }
}

async fn work(deps: &Deps, plan: Plan) -> Result<usize> {
    if plan.purges {
        mails::purge(&deps.store, plan.now).await?;
    }
    let search = Search {
        owner: deps.node.owner(),
        is_alone: deps.store.backend() == DbBackend::Sqlite,
        now: plan.now,
        real_now: deps.clock.real_now(),
        limit: MAILS_MAX,
    };
    let claimed = mails::claim(&deps.store, search).await?;
    let tried = claimed.len();
    for recorded in join_all(claimed.into_iter().map(|row| one(deps, row))).await {
        recorded?;
    }
    Ok(tried)
}

async fn one(deps: &Deps, row: Model) -> Result<()> {
    let outcome = match mails::open(&row, &deps.sealer) {
        Some(body) => deps.post.send(&outgoing(&row, &body)).await,
        None => Err(Failure::for_good("the master key does not open it")),
    };
    let now = deps.clock.now();
    let sent = match outcome {
        Ok(()) => Sent::Yes(now),
        Err(failure) => after_failure(&row, failure, now),
    };
    let outcome = match &sent {
        Sent::Yes(_) => "sent",
        Sent::Again(_, reason) => {
            tracing::warn!(mail.id = %row.id, mail.kind = row.kind, reason, "a mail will be tried again");
            "retried"
        }
        Sent::Never(_, reason) => {
            tracing::error!(mail.id = %row.id, mail.kind = row.kind, reason, "a mail was given up");
            "given_up"
        }
    };
    metrics::counter!("fondaco_mails_total", "outcome" => outcome).increment(1);
    mails::record(&deps.store, &deps.node.owner(), row.id, sent).await
}

fn outgoing<'a>(row: &'a Model, body: &'a str) -> Outgoing<'a> {
    Outgoing {
        id: row.id,
        recipient: &row.recipient,
        subject: &row.subject,
        body,
        written_at: Timestamp(row.created_at),
    }
}

fn after_failure(row: &Model, failure: Failure, now: Timestamp) -> Sent {
    let attempts = usize::try_from(row.attempts).unwrap_or(0);
    match WAITS.get(attempts) {
        Some(wait) if !failure.is_final => Sent::Again(now + *wait, failure.reason),
        _ => Sent::Never(now, failure.reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::mails::{Letter, Mail};
    use uuid::Uuid;

    fn row(attempts: i32) -> Model {
        let letter = Letter {
            tenant: None,
            kind: "test",
            recipient: "a@b.example".to_owned(),
            subject: "s".to_owned(),
            body: "b".to_owned(),
        };
        Mail::plain(letter, Uuid::from_u128(1), Timestamp(0)).with_attempts(attempts)
    }

    #[test]
    fn a_mail_is_tried_five_times_over_two_and_a_half_hours() {
        let waits: Vec<_> = (0..6)
            .map(
                |attempts| match after_failure(&row(attempts), Failure::passing("down"), Timestamp(0)) {
                    Sent::Again(at, _) => Some(at.seconds()),
                    _ => None,
                },
            )
            .collect();
        assert_eq!(waits, [Some(60), Some(300), Some(1800), Some(7200), None, None]);
        let never = after_failure(&row(0), Failure::for_good("no address"), Timestamp(5));
        assert_eq!(never, Sent::Never(Timestamp(5), "no address".to_owned()));
    }
}
