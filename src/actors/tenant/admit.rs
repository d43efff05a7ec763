//! The verdict on a call: key, standing, address, quota, scope, in this order.
//!
//! 401 comes before 429 and both cost nothing; 403 comes after and is charged, like every other answer.

use super::copies::Found;
use super::kept::Usage;
use super::messages::{Admit, Admitted, Answer, Ask, KeyRecord, Refusal, Verdict};
use super::{Load, TenantActor, Waiting};
use crate::domain::rate_limit::{Refused, Reservation, Which};
use crate::domain::{Code, Error, Timestamp};
use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use serde_json::json;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Where a call stands.
enum Step {
    Decided(Verdict),
    /// The row must be read first.
    Miss,
    /// More of this key's day must be durable first.
    Reserve(Uuid, Reservation),
}

impl Handler<Ask> for TenantActor {
    type Result = Answer;
    #[expect(clippy::panic, reason = "the fault that tests inject")]
    fn handle(&mut self, ask: Ask, ctx: &mut Context<Self>) -> Answer {
        if !self.kept.borrow_mut().begin(ask.number) {
            return Answer::Now(Box::new(Err(Error::unavailable(1).into())));
        }
        if self.is_doomed {
            panic!("a test asked the next call of tenant {} to panic", self.route);
        }
        let answer = match self.step(&ask.admit, ctx) {
            Step::Decided(verdict) => Answer::Now(Box::new(verdict)),
            later => {
                let (reply, promise) = oneshot::channel();
                self.postpone(Waiting { admit: ask.admit, reply }, later, ctx);
                Answer::Later(promise)
            }
        };
        self.kept.borrow_mut().end();
        answer
    }
}

impl TenantActor {
    fn step(&mut self, admit: &Admit, ctx: &mut Context<Self>) -> Step {
        let real_now = self.deps.clock.real_now();
        match self.copies.find(&admit.digest, real_now, self.deps.copy_age_max_ms()) {
            Found::Unknown => Step::Decided(Err(invalid_key().into())),
            Found::Miss => Step::Miss,
            Found::Key(key) => self.judge(key, admit, ctx),
        }
    }

    fn judge(&mut self, key: Arc<KeyRecord>, admit: &Admit, ctx: &mut Context<Self>) -> Step {
        if !is_good(&key, admit) {
            return Step::Decided(Err(invalid_key().into()));
        }
        let mut kept = self.kept.borrow_mut();
        let account = kept.account(key.id, key.limits, None);
        if let Some(reservation) = account.buckets.lease_needed(&key.limits, admit.cost, admit.now) {
            return Step::Reserve(key.id, reservation);
        }
        let quota = match account.buckets.take(&key.limits, admit.cost, admit.now) {
            Ok(quota) => quota,
            Err(refused) => return Step::Decided(Err(over_quota(&refused, key))),
        };
        let ahead = account.buckets.lease_ahead(&key.limits, admit.now);
        kept.count_use(
            key.id,
            Usage {
                calls: 1,
                last_used_at: admit.now,
                address: admit.address,
            },
        );
        drop(kept);
        if let Some(reservation) = ahead {
            self.reserve(key.id, reservation, None, ctx);
        }
        Step::Decided(match forbidden(&key, admit) {
            None => Ok(Admitted { key, quota }),
            Some(error) => Err(Refusal {
                error,
                quota: Some(quota),
                key: Some(key),
            }),
        })
    }

    /// Takes up a call again whose row is there now.
    pub(super) fn resume(&mut self, waiting: Waiting, ctx: &mut Context<Self>) {
        // Nobody listens any more: charging him would cost a call he never got.
        if waiting.reply.is_closed() {
            return;
        }
        match self.step(&waiting.admit, ctx) {
            Step::Decided(verdict) => drop(waiting.reply.send(verdict)),
            later => self.postpone(waiting, later, ctx),
        }
    }

    fn postpone(&mut self, waiting: Waiting, until: Step, ctx: &mut Context<Self>) {
        match until {
            Step::Decided(verdict) => drop(waiting.reply.send(verdict)),
            Step::Reserve(key, reservation) => self.reserve(key, reservation, Some(waiting), ctx),
            Step::Miss => {
                let (digest, now) = (waiting.admit.digest, waiting.admit.now);
                match self.loading.entry(digest) {
                    Entry::Occupied(load) => load.into_mut().waiting.push(waiting),
                    Entry::Vacant(place) => {
                        place.insert(Load {
                            waiting: vec![waiting],
                            is_stale: false,
                        });
                        self.load(digest, now, ctx);
                    }
                }
            }
        }
    }

    /// Makes more of a key's day durable; calls that need it wait, and one reservation at a time is written.
    fn reserve(&mut self, key: Uuid, reservation: Reservation, waiting: Option<Waiting>, ctx: &mut Context<Self>) {
        let place = match self.reserving.entry(key) {
            Entry::Occupied(place) => {
                place.into_mut().extend(waiting);
                return;
            }
            Entry::Vacant(place) => place,
        };
        place.insert(waiting.into_iter().collect());
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
                for waiting in waiting {
                    self.resume(waiting, ctx);
                }
            }
            Err(error) => {
                for waiting in waiting {
                    drop(waiting.reply.send(Err(error.clone().into())));
                }
            }
        }
    }
}

/// Whether the credential proves anything at this moment and from this address.
fn is_good(key: &KeyRecord, admit: &Admit) -> bool {
    let is_before = |end: Timestamp| admit.now < end;
    // A rotated key is good until its grace ends, whatever the switch says.
    let is_on = key.grace_until_at.map_or(key.is_active, is_before);
    let is_at_home = key.allowed_networks.is_empty() || {
        let address = admit.address.to_canonical();
        key.allowed_networks.iter().any(|network| network.contains(&address))
    };
    is_on && !key.is_revoked && key.expires_at.is_none_or(is_before) && is_at_home
}

fn forbidden(key: &KeyRecord, admit: &Admit) -> Option<Error> {
    if key.is_tenant_suspended {
        return Some(Error::new(Code::Forbidden, "This account is suspended."));
    }
    let scope = admit.scope.filter(|scope| !key.scopes.contains(*scope))?;
    let error = Error::new(Code::ScopeMissing, format!("This key lacks the scope {scope}."));
    Some(error.with_details(json!({ "required_scope": scope.name() })))
}

pub(super) fn invalid_key() -> Error {
    Error::new(Code::InvalidToken, "Invalid or expired API key.")
}

fn over_quota(refused: &Refused, key: Arc<KeyRecord>) -> Refusal {
    Refusal {
        error: rate_limited(refused),
        quota: Some(refused.quota),
        key: Some(key),
    }
}

/// The 429 of a full window; the message names the window and the seconds, as the bigclass contract asks.
pub fn rate_limited(refused: &Refused) -> Error {
    let (which, seconds) = (refused.which.name(), refused.retry_after_s);
    let message = format!("Rate limit per {which} exceeded; try again in {seconds} seconds.");
    let window = match refused.which {
        Which::Minute => refused.quota.minute,
        Which::Day => refused.quota.day,
    };
    let limit = window.map(|window| window.limit);
    let mut error = Error::new(Code::RateLimited, message).with_details(json!({ "bucket": which, "limit": limit }));
    error.retry_after_s = Some(seconds);
    error
}
