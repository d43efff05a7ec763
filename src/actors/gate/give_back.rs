//! Recall, revocation, and handing in what is no longer used.

use super::messages::{Close, Flush, Forget, Recall, Return};
use super::{COPY_AGE, Gate};
use crate::actors::keeper::Debt;
use crate::domain::loan::Owed;
use actix::{ActorContext, ActorFuture, ActorFutureExt, Context, Handler, ResponseActFuture, WrapFuture};

impl Handler<Recall> for Gate {
    type Result = Return;

    fn handle(&mut self, recall: Recall, _: &mut Context<Self>) -> Return {
        let Recall { route, account, number } = recall;
        let owed = match self.rooms.get_mut(&route) {
            Some(room) => room.desk.recall(account, number),
            None => Owed::never_arrived(account, number),
        };
        Return(vec![owed])
    }
}

impl Handler<Forget> for Gate {
    type Result = Return;

    fn handle(&mut self, Forget { route, digest }: Forget, _: &mut Context<Self>) -> Return {
        let room = self.rooms.get_mut(&route);
        Return(room.map(|room| room.desk.forget(digest.as_ref())).unwrap_or_default())
    }
}

impl Handler<Flush> for Gate {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: Flush, _: &mut Context<Self>) -> Self::Result {
        Box::pin(self.flush())
    }
}

impl Handler<Close> for Gate {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, _: Close, _: &mut Context<Self>) -> Self::Result {
        Box::pin(self.flush().map(|(), _, ctx: &mut Context<Self>| ctx.stop()))
    }
}

impl Gate {
    fn flush(&mut self) -> impl ActorFuture<Self, Output = ()> + use<> {
        for room in self.rooms.values_mut() {
            room.desk.forget(None);
        }
        self.hand_in()
    }

    /// Lets go of what is old.
    pub(super) fn sweep(&mut self) {
        let now = self.parts.clock.now();
        self.copies = 0;
        self.rooms.retain(|_, room| {
            room.desk.sweep(now, |copy| copy.given_at.elapsed() < COPY_AGE);
            self.copies += room.desk.copies();
            !room.desk.is_empty() || !room.waiting.is_empty()
        });
    }

    /// Hands in what is owed; what arrives twice counts once.
    pub(super) fn hand_in(&mut self) -> impl ActorFuture<Self, Output = ()> + use<> {
        let (registry, id, debts) = (self.parts.registry.clone(), self.myself.id, self.debts());
        let settled = async move { registry.hand_in(id, debts).await };
        settled.into_actor(self).map(|settled, gate, _| gate.confirm(&settled))
    }

    fn confirm(&mut self, settled: &[Debt]) {
        for debt in settled {
            if let Some(room) = self.rooms.get_mut(&debt.route) {
                room.desk.confirm(&debt.owed);
            }
        }
    }

    /// What is owed to whom.
    pub(super) fn debts(&self) -> Vec<Debt> {
        let rooms = self.rooms.iter().filter(|(_, room)| !room.desk.owed().is_empty());
        let debt = |(route, room): (&_, &super::Room)| Debt {
            route: *route,
            owed: room.desk.owed().to_vec(),
        };
        rooms.map(debt).collect()
    }
}
