//! A call at the gate: decided from what is held, or asked together with others.

use super::messages::{Answer, Enter};
use super::{COPIES_MAX, COPY_AGE, Gate};
use crate::actors::call::Unanswered;
use crate::actors::tenant::messages::{Admit, Answers, Batch, Call, Verdict};
use crate::actors::tenant::verdict;
use crate::domain::api_key::TenantRoute;
use crate::domain::loan::{Draw, Drawn};
use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;

impl Handler<Enter> for Gate {
    type Result = Answer;

    fn handle(&mut self, Enter { route, admit, number }: Enter, ctx: &mut Context<Self>) -> Answer {
        if let Some(verdict) = self.decide(route, &admit) {
            return Answer::Now(Box::new(verdict));
        }
        let (reply, promise) = oneshot::channel();
        let room = self.rooms.entry(route).or_default();
        room.waiting.push(Call { admit, number, reply });
        self.depart(route, ctx);
        Answer::Later(promise)
    }
}

impl Gate {
    /// Judges a call by a fresh copy, a loan or a denial; the order is the tenant actor's.
    fn decide(&mut self, route: TenantRoute, admit: &Admit) -> Option<Verdict> {
        let desk = &mut self.rooms.get_mut(&route)?.desk;
        let copy = desk.copy(&admit.digest)?;
        if copy.given_at.elapsed() >= COPY_AGE {
            return None;
        }
        if !verdict::is_good(&copy.key, admit) {
            return Some(Err(verdict::invalid_key().into()));
        }
        let key = Arc::clone(&copy.key);
        let draw = Draw {
            cost: admit.cost,
            now: admit.now,
            address: admit.address,
        };
        Some(match desk.draw(&admit.digest, draw)? {
            Drawn::Taken(quota) => verdict::charged(key, admit, quota),
            Drawn::Refused(refused) => Err(verdict::over_quota(&refused, key)),
        })
    }

    /// Asks the tenant's actor about the calls that wait, unless a question is on its way.
    fn depart(&mut self, route: TenantRoute, ctx: &mut Context<Self>) {
        let Some(room) = self.rooms.get_mut(&route) else {
            return;
        };
        if room.desk.is_flying() {
            return;
        }
        // Who went away is not charged for a call he never got.
        room.waiting.retain(|call| !call.reply.is_closed());
        if room.waiting.is_empty() {
            if room.desk.is_empty() {
                self.rooms.remove(&route);
            }
            return;
        }
        let calls = std::mem::take(&mut room.waiting);
        let number = self.parts.number();
        let batch = Batch {
            gate: Arc::clone(&self.myself),
            number,
            gates: self.parts.gates.load(Ordering::Relaxed),
            owed: room.desk.depart(number, calls.iter().map(|call| &call.admit.digest)),
            calls,
            may_grant: self.copies < COPIES_MAX,
        };
        let registry = self.parts.registry.clone();
        let question = async move { registry.ask(route, batch).await };
        let arrived = move |answer, gate: &mut Self, ctx: &mut Context<Self>| gate.arrived(route, number, answer, ctx);
        ctx.spawn(question.into_actor(self).map(arrived));
    }

    fn arrived(&mut self, route: TenantRoute, number: u64, answer: Result<Answers, Unanswered>, ctx: &mut Context<Self>) {
        let Some(room) = self.rooms.get_mut(&route) else {
            return;
        };
        match answer {
            Ok(Answers { decided, grants }) => {
                self.copies += grants.len();
                room.desk.arrive(number, Some(grants));
                for (reply, verdict) in decided {
                    drop(reply.send(verdict));
                }
            }
            // The calls went with the question: whoever made them tries again or gives up.
            Err(Unanswered::Closed | Unanswered::Late) => room.desk.arrive(number, None),
        }
        let waiting = std::mem::take(&mut room.waiting);
        for call in waiting {
            if call.reply.is_closed() {
                continue;
            }
            match self.decide(route, &call.admit) {
                Some(verdict) => drop(call.reply.send(verdict)),
                None => self.rooms.entry(route).or_default().waiting.push(call),
            }
        }
        self.depart(route, ctx);
    }
}
