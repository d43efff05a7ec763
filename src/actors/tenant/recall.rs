//! Calling loans back from the gates before anything is refused.

use super::TenantActor;
use super::messages::Call;
use crate::actors::call;
use crate::actors::gate::COPY_AGE;
use crate::actors::gate::messages::{Recall, Return};
use crate::domain::loan::Owed;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use futures_util::future::join_all;
use std::collections::hash_map::Entry;
use uuid::Uuid;

/// What one gate said; `None` where it said nothing.
type Said = (u64, Option<Vec<Owed>>);

impl TenantActor {
    /// Recalls every loan of a key; calls that would be refused wait, and one recall at a time is under way.
    pub(super) fn recall(&mut self, key: Uuid, waiting: Call, ctx: &mut Context<Self>) {
        match self.recalling.entry(key) {
            Entry::Occupied(place) => {
                place.into_mut().push(waiting);
                return;
            }
            Entry::Vacant(place) => {
                place.insert(vec![waiting]);
            }
        }
        let route = self.route;
        let lent = self.kept.borrow().lent(key);
        let questions = lent.into_iter().map(move |(id, gate, number)| async move {
            let recall = Recall {
                route,
                account: key,
                number,
            };
            let answer = match gate {
                Some(gate) => call::ask(&gate.addr, recall, COPY_AGE).await.ok(),
                None => None,
            };
            (id, answer.map(|Return(owed)| owed))
        });
        let done = move |said, actor: &mut Self, ctx: &mut Context<Self>| actor.recalled(key, said, ctx);
        ctx.spawn(join_all(questions).into_actor(self).map(done));
    }

    fn recalled(&mut self, key: Uuid, said: Vec<Said>, ctx: &mut Context<Self>) {
        let mut kept = self.kept.borrow_mut();
        for (gate, owed) in said {
            match owed {
                Some(owed) => kept.settle(gate, &owed),
                // Dead or hanging: what it holds counts as used.
                None => kept.give_up(key, gate),
            }
        }
        drop(kept);
        let waiting = self.recalling.remove(&key).unwrap_or_default();
        self.resume(waiting, ctx);
    }
}
