//! The courier: empties the outbox of mails. Rows are the queue; this holds nothing but whether a pass runs.
//!
//! Woken by a poke or a timer, it runs passes (`pass`) until one finds nothing; each claims a few due mails, sends them at
//! once (`post`) and records what became of each. A mail goes out at least once; what may go out twice is at most what was
//! being sent at a crash, and in a folder not even that, since a file's name is its mail's.

pub mod messages;
pub mod pass;
pub mod post;

use self::messages::{Drain, Passed, Poke, Settle, Ticket};
use self::pass::{Plan, Report};
use super::deps::Deps;
use super::supervisor::Supervised;
use crate::domain::Timestamp;
use actix::{Actor, AsyncContext, Context, Handler};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// Messages that may wait for the courier: pokes are merged into one.
pub const MAILBOX: usize = 64;
/// How often a pass looks for what is due and for mails whose poke was lost.
const TICK: Duration = Duration::from_secs(2);
/// The pause after a pass that failed.
const PAUSE: Duration = Duration::from_millis(200);
/// Failed passes in a row after which `settle` gives up: the database is gone.
const FAILURES_MAX: u32 = 10;
/// How often what has served is removed, in milliseconds of the server's clock.
const PURGE_MS: i64 = 3_600_000;

/// The actor that sends mails.
pub struct Courier {
    deps: Arc<Deps>,
    myself: Supervised<Courier>,
    /// Set while a poke lies in the mailbox; shared with the handle.
    poked: Arc<AtomicBool>,
    is_running: bool,
    wants_pass: bool,
    failures: u32,
    purged_at: Timestamp,
    settlers: Vec<Settle>,
    drains: Vec<oneshot::Sender<()>>,
}

impl Courier {
    /// Starts with nothing under way; what a predecessor had claimed comes back when its claims end.
    pub fn new(deps: Arc<Deps>, myself: Supervised<Courier>, poked: Arc<AtomicBool>) -> Self {
        Self {
            deps,
            myself,
            poked,
            is_running: false,
            wants_pass: false,
            failures: 0,
            purged_at: Timestamp::default(),
            settlers: Vec::new(),
            drains: Vec::new(),
        }
    }

    fn run(&mut self) {
        if !self.drains.is_empty() {
            return;
        }
        if self.is_running {
            self.wants_pass = true;
            return;
        }
        (self.is_running, self.wants_pass) = (true, false);
        let settled_at = self.settlers.iter().map(|settler| settler.now).max();
        let now = settled_at.unwrap_or_else(|| self.deps.clock.now());
        let purges = now.0.saturating_sub(self.purged_at.0) >= PURGE_MS;
        if purges {
            self.purged_at = now;
        }
        let (deps, ticket) = (Arc::clone(&self.deps), Ticket::new(self.myself.clone()));
        actix_rt::spawn(async move {
            let report = pass::step(&deps, Plan { now, purges }).await;
            ticket.done(report);
        });
    }

    fn take_up(&mut self, report: Option<Report>, ctx: &mut Context<Self>) {
        let found_nothing = match report {
            Some(Report { error: None, mails }) => {
                self.failures = 0;
                if mails > 0 || self.wants_pass {
                    self.run();
                }
                mails == 0
            }
            failed => {
                match failed.and_then(|report| report.error) {
                    Some(error) => tracing::warn!(%error, "a mail pass was cut short"),
                    None => tracing::error!("a mail pass died"),
                }
                self.failures += 1;
                ctx.run_later(PAUSE, |courier, _| courier.run());
                false
            }
        };
        self.tell_whoever_waits(found_nothing);
    }

    fn tell_whoever_waits(&mut self, found_nothing: bool) {
        if self.is_running {
            return;
        }
        for drained in self.drains.drain(..) {
            let _ = drained.send(());
        }
        if found_nothing || self.failures > FAILURES_MAX {
            for settler in self.settlers.drain(..) {
                let _ = settler.reply.send(());
            }
        }
    }
}

impl Actor for Courier {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.poked.store(false, Ordering::SeqCst);
        if self.deps.has_ticks {
            ctx.run_interval(TICK, |courier, _| courier.run());
            self.run();
        }
    }
}

impl Handler<Poke> for Courier {
    type Result = ();
    fn handle(&mut self, _: Poke, _: &mut Self::Context) {
        // Before the pass reads, or a poke that comes while it reads would be lost.
        self.poked.store(false, Ordering::SeqCst);
        self.run();
    }
}

impl Handler<Passed> for Courier {
    type Result = ();
    fn handle(&mut self, Passed(report): Passed, ctx: &mut Self::Context) {
        self.is_running = false;
        self.take_up(report, ctx);
    }
}

impl Handler<Settle> for Courier {
    type Result = ();
    fn handle(&mut self, settle: Settle, _: &mut Self::Context) {
        self.settlers.push(settle);
        self.run();
    }
}

impl Handler<Drain> for Courier {
    type Result = ();
    fn handle(&mut self, Drain { reply }: Drain, _: &mut Self::Context) {
        self.drains.push(reply);
        self.tell_whoever_waits(false);
    }
}
