//! Makes attempts; a worker may die at any time, its tickets tell the pool.

use super::attempt;
use super::messages::Try;
use crate::actors::deps::Deps;
use actix::{Actor, Context, Handler};
use std::sync::Arc;

/// One of the pool's workers, on its own arbiter.
pub struct Worker {
    deps: Arc<Deps>,
}

impl Worker {
    /// Starts with nothing to do.
    pub fn new(deps: Arc<Deps>) -> Self {
        Self { deps }
    }
}

impl Actor for Worker {
    type Context = Context<Self>;
}

impl Handler<Try> for Worker {
    type Result = ();

    #[expect(clippy::panic, reason = "the fault that tests inject")]
    fn handle(&mut self, Try { job, ticket, panics }: Try, _: &mut Self::Context) {
        if panics {
            panic!("a test asked a delivery worker to panic");
        }
        let deps = Arc::clone(&self.deps);
        // A task of its own: what panics in there loses one job, not the worker, and the ticket says so.
        actix_rt::spawn(async move {
            let finished = attempt::run(&deps, &job).await;
            ticket.done(finished);
        });
    }
}
