//! Finds a tenant's actor: which keeper by the route's number, which address from the thread's own memory.
//!
//! Each HTTP worker remembers the addresses it was given, so that a call costs one message; an address that turns out to
//! be closed is asked for again.

use super::call::{self, ASK_DEADLINE, Unanswered};
use super::keeper::{Close, Debt, Find, HandIn, Keeper, Tidy};
use super::supervisor::Supervised;
use super::tenant::TenantActor;
use crate::domain::api_key::TenantRoute;
use actix::dev::{MessageResponse, ToEnvelope};
use actix::{Addr, Context, Handler, Message};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Addresses one thread remembers; beyond it it starts anew, which costs a question each.
const ADDRESSES_MAX: usize = 16_384;

thread_local! {
    /// Of every server in this process, hence the server's id in the key: tests run several.
    static ADDRESSES: RefCell<HashMap<(Uuid, TenantRoute), Addr<TenantActor>>> = RefCell::default();
}

/// The handle to all keepers.
#[derive(Clone, Debug)]
pub struct Registry {
    server: Uuid,
    keepers: Arc<[Supervised<Keeper>]>,
}

impl Registry {
    /// Knows the keepers of one server, whose id tells it from others in this process.
    pub fn new(server: Uuid, keepers: Vec<Supervised<Keeper>>) -> Self {
        Self {
            server,
            keepers: keepers.into(),
        }
    }

    /// Asks a tenant's actor; `Closed` means that it died before it answered, and the next question goes to its heir.
    pub async fn ask<M>(&self, route: TenantRoute, message: M) -> Result<M::Result, Unanswered>
    where
        TenantActor: Handler<M>,
        Context<TenantActor>: ToEnvelope<TenantActor, M>,
        M: Message + Send + 'static,
        M::Result: MessageResponse<TenantActor, M> + Send,
    {
        let key = (self.server, route);
        let asked = ADDRESSES.with_borrow(|addresses| match addresses.get(&key) {
            Some(addr) if addr.connected() => Ok(call::ask(addr, message, ASK_DEADLINE)),
            _ => Err(message),
        });
        let answer = match asked {
            Ok(question) => question.await,
            Err(message) => call::ask(&self.find(route).await?, message, ASK_DEADLINE).await,
        };
        if matches!(answer, Err(Unanswered::Closed)) {
            self.forget(route);
        }
        answer
    }

    /// Whether every keeper lives.
    pub fn is_alive(&self) -> bool {
        self.keepers.iter().all(|keeper| keeper.addr().is_some())
    }

    /// Lets every keeper write the use of keys and let tenants go that were idle this long.
    pub async fn tidy(&self, idle: Duration) {
        for keeper in self.keepers.iter() {
            let _ = keeper.ask(Tidy { idle }, ASK_DEADLINE).await;
        }
    }

    /// Hands in what a gate owes; tells what was taken.
    pub async fn hand_in(&self, gate: u64, debts: Vec<Debt>) -> Vec<Debt> {
        let mut taken = Vec::new();
        for (keeper, debts) in self.by_keeper(debts) {
            let hand_in = HandIn {
                gate,
                debts: debts.clone(),
            };
            if keeper.ask(hand_in, ASK_DEADLINE).await.is_ok() {
                taken.extend(debts);
            }
        }
        taken
    }

    /// Leaves what a gate that ends owes; what does not fit into a mailbox counts as used.
    pub fn leave(&self, gate: u64, debts: Vec<Debt>) {
        for (keeper, debts) in self.by_keeper(debts) {
            keeper.poke(HandIn { gate, debts });
        }
    }

    /// Ends all tenants and writes every count as it truly is.
    pub async fn close(&self, deadline: Duration) {
        for keeper in self.keepers.iter() {
            if keeper.ask(Close, deadline).await.is_err() {
                tracing::warn!("a keeper did not close in time");
            }
        }
        ADDRESSES.with_borrow_mut(|addresses| addresses.retain(|(server, _), _| *server != self.server));
    }

    fn shard(&self, route: TenantRoute) -> usize {
        let shards = u64::try_from(self.keepers.len()).unwrap_or(1).max(1);
        usize::try_from(route.number() % shards).unwrap_or(0)
    }

    fn by_keeper(&self, debts: Vec<Debt>) -> Vec<(&Supervised<Keeper>, Vec<Debt>)> {
        let mut shards: HashMap<usize, Vec<Debt>> = HashMap::new();
        for debt in debts {
            shards.entry(self.shard(debt.route)).or_default().push(debt);
        }
        let keepers = shards.into_iter();
        keepers
            .filter_map(|(shard, debts)| Some((self.keepers.get(shard)?, debts)))
            .collect()
    }

    async fn find(&self, route: TenantRoute) -> Result<Addr<TenantActor>, Unanswered> {
        let keeper = self.keepers.get(self.shard(route)).ok_or(Unanswered::Closed)?;
        let addr = keeper.ask(Find(route), ASK_DEADLINE).await??;
        ADDRESSES.with_borrow_mut(|addresses| {
            if addresses.len() >= ADDRESSES_MAX {
                addresses.clear();
            }
            addresses.insert((self.server, route), addr.clone());
        });
        Ok(addr)
    }

    fn forget(&self, route: TenantRoute) {
        ADDRESSES.with_borrow_mut(|addresses| addresses.remove(&(self.server, route)));
    }
}
