//! The verdict on a call: key, standing, address, quota, scope, in this order.
//!
//! 401 comes before 429 and both cost nothing; 403 comes after and is charged, like every other answer. What can be
//! decided from memory goes back with the answer to the gate; a call that must wait is answered by itself.

use super::copies::Found;
use super::messages::{Admit, Answers, Batch, Call, KeyCopy, KeyRecord, Verdict};
use super::verdict;
use super::{Load, TenantActor};
use crate::domain::api_key::Digest;
use crate::domain::loan::{Asker, Charge, Handout, Usage};
use crate::domain::rate_limit::{Durable, Reservation};
use crate::domain::{Error, Timestamp};
use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use std::collections::hash_map::Entry;
use std::sync::Arc;
use tokio::time::Instant;
use uuid::Uuid;

/// Where a call stands.
pub(super) enum Step {
    Decided(Verdict),
    /// The row must be read first.
    Miss,
    /// More of this key's day must be durable first.
    Reserve(Uuid, Reservation),
    /// What is lent of this key must be called back first.
    Recall(Uuid),
}

/// The calls of one key in a question.
struct Asked {
    digest: Digest,
    calls: u32,
    now: Timestamp,
}

impl Handler<Batch> for TenantActor {
    type Result = Answers;

    fn handle(&mut self, batch: Batch, ctx: &mut Context<Self>) -> Answers {
        self.questions += 1;
        let asked = asked(&batch.calls);
        self.hear(&batch, &asked);
        let mut answers = Answers::default();
        for call in batch.calls {
            if !self.kept.borrow_mut().begin(call.number) {
                answers.decided.push((call.reply, Err(Error::unavailable(1).into())));
                continue;
            }
            self.meet_doom();
            match self.step(&call.admit, ctx) {
                Step::Decided(verdict) => answers.decided.push((call.reply, verdict)),
                later => self.postpone(call, later, ctx),
            }
            self.kept.borrow_mut().end();
        }
        if batch.may_grant {
            let asker = |asked: &Asked| Asker {
                gate: batch.gate.id,
                number: batch.number,
                gates: batch.gates,
                calls: asked.calls,
            };
            answers.grants = asked.iter().filter_map(|asked| self.grant(asked, asker(asked))).collect();
        }
        answers
    }
}

impl TenantActor {
    /// Panics where a test asked for it; what was noted of the call stays noted, as in any other panic.
    #[expect(clippy::panic, reason = "the fault that tests inject")]
    fn meet_doom(&self) {
        if self.is_doomed {
            panic!("a test asked the next call of tenant {} to panic", self.route);
        }
    }
}

fn asked(calls: &[Call]) -> Vec<Asked> {
    let mut keys: Vec<Asked> = Vec::new();
    for Call { admit, .. } in calls {
        match keys.iter_mut().find(|asked| asked.digest == admit.digest) {
            Some(asked) => {
                asked.calls = asked.calls.saturating_add(admit.cost);
                asked.now = asked.now.max(admit.now);
            }
            None => keys.push(Asked {
                digest: admit.digest,
                calls: admit.cost,
                now: admit.now,
            }),
        }
    }
    keys
}

impl TenantActor {
    /// Takes back what a gate owes, and what it should hold but has never seen.
    fn hear(&mut self, batch: &Batch, asked: &[Asked]) {
        let mut kept = self.kept.borrow_mut();
        kept.settle(batch.gate.id, &batch.owed);
        kept.know(&batch.gate);
        for key in asked.iter().filter_map(|asked| self.copies.known_key(&asked.digest)) {
            if let Some(account) = kept.known_account(key.id) {
                account.hear(batch.gate.id, batch.number);
            }
        }
    }

    /// What a gate may do by itself with a key it asked for; nothing where the row is not at hand.
    fn grant(&mut self, asked: &Asked, asker: Asker) -> Option<Handout<KeyCopy>> {
        let real_now = self.deps.clock.real_now();
        let found = self.copies.find(&asked.digest, real_now, self.deps.copy_age_max_ms());
        let Found::Key(key) = found else { return None };
        let mut kept = self.kept.borrow_mut();
        let terms = kept.account(key.id, key.limits, Durable::default()).terms(asker, asked.now);
        let given_at = Instant::now();
        kept.gave(asker.gate, given_at);
        Some(Handout {
            digest: asked.digest,
            account: key.id,
            copy: KeyCopy { key, given_at },
            terms,
        })
    }

    fn step(&mut self, admit: &Admit, ctx: &mut Context<Self>) -> Step {
        let real_now = self.deps.clock.real_now();
        match self.copies.find(&admit.digest, real_now, self.deps.copy_age_max_ms()) {
            Found::Unknown => Step::Decided(Err(verdict::invalid_key().into())),
            Found::Miss => Step::Miss,
            Found::Key(key) => self.judge(key, admit, ctx),
        }
    }

    fn judge(&mut self, key: Arc<KeyRecord>, admit: &Admit, ctx: &mut Context<Self>) -> Step {
        if !verdict::is_good(&key, admit) {
            return Step::Decided(Err(verdict::invalid_key().into()));
        }
        let mut kept = self.kept.borrow_mut();
        let account = kept.account(key.id, key.limits, Durable::default());
        let quota = match account.charge(admit.cost, admit.now) {
            Charge::Taken(quota) => quota,
            Charge::Refused(refused) => return Step::Decided(Err(verdict::over_quota(&refused, key))),
            Charge::Recall => return Step::Recall(key.id),
            Charge::Reserve(reservation) => return Step::Reserve(key.id, reservation),
        };
        let ahead = account.lease_ahead(admit.now);
        let usage = Usage {
            calls: 1,
            last_used_at: admit.now,
            address: admit.address,
        };
        kept.count_use(key.id, usage);
        drop(kept);
        if let Some(reservation) = ahead {
            self.reserve(key.id, reservation, None, ctx);
        }
        Step::Decided(verdict::charged(key, admit, quota))
    }

    /// Takes up calls again for which what they waited for is there now.
    pub(super) fn resume(&mut self, waiting: Vec<Call>, ctx: &mut Context<Self>) {
        for call in waiting {
            // Nobody listens any more: charging him would cost a call he never got.
            if call.reply.is_closed() {
                continue;
            }
            self.meet_doom();
            match self.step(&call.admit, ctx) {
                Step::Decided(verdict) => drop(call.reply.send(verdict)),
                later => self.postpone(call, later, ctx),
            }
        }
    }

    fn postpone(&mut self, call: Call, until: Step, ctx: &mut Context<Self>) {
        match until {
            Step::Decided(verdict) => drop(call.reply.send(verdict)),
            Step::Reserve(key, reservation) => self.reserve(key, reservation, Some(call), ctx),
            Step::Recall(key) => self.recall(key, call, ctx),
            Step::Miss => {
                let (digest, now) = (call.admit.digest, call.admit.now);
                match self.loading.entry(digest) {
                    Entry::Occupied(load) => load.into_mut().waiting.push(call),
                    Entry::Vacant(place) => {
                        place.insert(Load {
                            waiting: vec![call],
                            is_stale: false,
                        });
                        self.load(digest, now, ctx);
                    }
                }
            }
        }
    }

    /// Makes more of a key's day durable; calls that need it wait, and one reservation at a time is written.
    fn reserve(&mut self, key: Uuid, reservation: Reservation, call: Option<Call>, ctx: &mut Context<Self>) {
        let place = match self.reserving.entry(key) {
            Entry::Occupied(place) => {
                place.into_mut().extend(call);
                return;
            }
            Entry::Vacant(place) => place,
        };
        place.insert(call.into_iter().collect());
        let store = self.deps.store.clone();
        let write = async move { crate::store::usage::reserve(&store, key, reservation).await };
        let done = move |written, actor: &mut Self, ctx: &mut Context<Self>| actor.reserved(key, reservation, written, ctx);
        ctx.spawn(write.into_actor(self).map(done));
    }

    fn reserved(&mut self, key: Uuid, reservation: Reservation, written: Result<(), Error>, ctx: &mut Context<Self>) {
        let waiting = self.reserving.remove(&key).unwrap_or_default();
        match written {
            Ok(()) => {
                self.kept.borrow_mut().leased(key, reservation);
                self.resume(waiting, ctx);
            }
            Err(error) => refuse(waiting, &error),
        }
    }
}

/// Answers all of them with the same error.
pub(super) fn refuse(waiting: Vec<Call>, error: &Error) {
    for call in waiting {
        drop(call.reply.send(Err(error.clone().into())));
    }
}
