//! One attempt at once, for a person who waits to hear how it went.
//!
//! The row comes claimed already, by the command that wrote it, so that no pass can be faster. Should this process die in
//! between, the lease ends and the pool takes the row up like any other.

use super::attempt::{self, Job};
use super::{recording, subscribers};
use crate::actors::deps::Deps;
use crate::domain::delivery::Decision;
use crate::domain::{Error, Event, Result};
use crate::store::lease::Lease;
use crate::store::outbox::record::{self, Made};
use crate::store::outbox::{bodies, due};
use entities::delivery::{self, Status};
use entities::{body, endpoint};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Attempts of this kind under way at once, in the whole process: each may hold a socket for its deadline.
const AT_ONCE_MAX: usize = 64;

/// How an attempt went, in a log row's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// Whether a 2xx came back.
    pub is_delivered: bool,
    /// The answer's status; 408 after a time-out, 0 where no answer came.
    pub http_status: i32,
    /// What went wrong.
    pub error: Option<String>,
}

/// Makes attempts that somebody waits for.
#[derive(Clone, Debug)]
pub struct Manual {
    deps: Arc<Deps>,
    places: Arc<Semaphore>,
}

impl Manual {
    /// Starts with nothing under way.
    pub fn new(deps: Arc<Deps>) -> Self {
        Self {
            deps,
            places: Arc::new(Semaphore::new(AT_ONCE_MAX)),
        }
    }

    /// A claim in this process's name that begins now.
    pub fn lease(&self) -> Lease {
        Lease::new(&self.deps.node.owner(), self.deps.clock.real_now())
    }

    /// A delivery of a made-up event, which is tried once and belongs to no sequence, and its body; it carries this process's
    /// lease.
    pub fn sample(&self, event: &Event, endpoint: &endpoint::Model) -> (delivery::Model, body::Model) {
        let lease = self.lease();
        let (row, body) = subscribers::frozen(&self.deps, event, endpoint);
        let row = delivery::Model {
            status: Status::Pending,
            attempts_max: 1,
            due_at: Some(event.created_at.0),
            lease_owner: Some(lease.owner),
            lease_until_at: Some(lease.until_at.0),
            ..row
        };
        (row, body)
    }

    /// Tries a delivery that was written with this process's lease, whether or not its endpoint is on; goes on when the
    /// caller goes away.
    ///
    /// # Errors
    /// `Unavailable` where too many are under way or the record cannot be written; the pool tries the row again then.
    pub async fn attempt(&self, row: delivery::Model) -> Result<Attempted> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Error::unavailable(1))?;
        let deps = Arc::clone(&self.deps);
        let attempt = actix_rt::spawn(async move {
            let attempted = run(&deps, row).await;
            drop(place);
            attempted
        });
        attempt.await.unwrap_or_else(|_| Err(Error::unavailable(1)))
    }
}

async fn run(deps: &Deps, row: delivery::Model) -> Result<Attempted> {
    let endpoints = due::endpoints(&deps.store, &[row.endpoint]).await?;
    let endpoint = endpoints
        .into_iter()
        .next()
        .ok_or_else(|| Error::not_found("webhook endpoint"))?;
    let dialect = Arc::clone(subscribers::dialect_of(deps, &endpoint));
    let body = bodies::of(&deps.store, std::iter::once(&row)).await?.into_values().next();
    let job = Job {
        delivery: Arc::new(row),
        body: body.unwrap_or_default(),
        endpoint: Arc::new(endpoint.into()),
        dialect,
    };
    let made = attempt::run(deps, &job).await.made;
    let attempted = Attempted {
        is_delivered: made.decision == Decision::Delivered,
        http_status: made.attempt.http_status,
        error: made.attempt.error.clone().or_else(|| refused(&made)),
    };
    recording::count(&made);
    record::attempts(&deps.store, &deps.node.owner(), &deps.ids, vec![Arc::new(made)]).await?;
    Ok(attempted)
}

/// What is wrong with an answer that came whole but is no 2xx.
fn refused(made: &Made) -> Option<String> {
    (made.decision != Decision::Delivered).then(|| format!("The endpoint answered {}.", made.attempt.http_status))
}
