//! One arbiter's tenant actors: who lives where, and what must outlive them.
//!
//! A keeper makes a tenant's actor when it is first asked for, makes it anew after a panic with the same buckets, and lets
//! it go when it has been idle for minutes; its buckets stay until their windows have ended. It waits for nothing: what
//! must be written is written beside its mailbox. Its shelf belongs to its supervisor's factory on the same thread, so
//! that even a panic here reopens no window.

use super::call::{self, Unanswered};
use super::deps::Deps;
use super::supervisor::{self, BackOff};
use super::tenant::kept::{Kept, Shared};
use super::tenant::messages::Retire;
use super::tenant::{self, TenantActor};
use crate::domain::Timestamp;
use crate::domain::api_key::TenantRoute;
use crate::domain::loan::{Owed, Usage};
use crate::domain::rate_limit::{Durable, MinuteCount};
use crate::domain::time::DAY_MS;
use crate::store::usage::{self, KeyUse};
use crate::telemetry::series;
use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, ResponseFuture};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Messages that may wait for a keeper.
pub const MAILBOX: usize = 1_024;
/// An actor nobody has asked for is let go after this long.
const IDLE: Duration = Duration::from_secs(300);
/// How often use is written and the idle are let go.
const TICK: Duration = Duration::from_secs(5);
/// Tenant actors of one arbiter; at 1.3 KiB each they take 85 MiB, which only noise with valid routes can reach.
const ACTORS_MAX: usize = 65_536;

/// Asks for a tenant's actor, making it if need be.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Addr<TenantActor>, Unanswered>")]
pub struct Find(pub TenantRoute);

/// Writes the use of keys and lets the idle go; a timer sends it, tests do too.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Tidy {
    /// Idle for at least this long.
    pub idle: Duration,
}

/// Takes what a gate hands in; waking no tenant's actor, and in order with `Close`.
#[derive(Clone, Debug, Message)]
#[rtype(result = "()")]
pub struct HandIn {
    /// The gate.
    pub gate: u64,
    /// What it owes.
    pub debts: Vec<Debt>,
}

/// What a gate owes one tenant.
#[derive(Clone, Debug)]
pub struct Debt {
    /// The tenant.
    pub route: TenantRoute,
    /// Loans that have ended.
    pub owed: Vec<Owed>,
}

/// Takes no more calls and writes every count as it truly is.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub struct Close;

struct Entry {
    addr: Option<Addr<TenantActor>>,
    kept: Shared,
    back_off: BackOff,
    not_before: Option<Instant>,
}

/// What a keeper knows; it outlives the keeper.
#[derive(Default)]
pub struct Shelf {
    tenants: HashMap<TenantRoute, Entry>,
    /// Use that could not be written yet.
    unwritten: HashMap<Uuid, Usage>,
    is_closed: bool,
    purged_day: i64,
}

/// The actor that keeps one arbiter's tenants.
pub struct Keeper {
    deps: Arc<Deps>,
    shelf: Rc<RefCell<Shelf>>,
}

impl Keeper {
    /// Takes up a shelf, new or a predecessor's.
    pub fn new(deps: Arc<Deps>, shelf: Rc<RefCell<Shelf>>) -> Self {
        Self { deps, shelf }
    }

    /// Writes what was used; what cannot be written is kept for the next time.
    fn write_usage(&self) -> impl Future<Output = ()> + use<> {
        let uses = self.shelf.borrow_mut().take_usage();
        let (deps, shelf) = (Arc::clone(&self.deps), Rc::clone(&self.shelf));
        async move {
            let rows: Vec<KeyUse> = uses.iter().map(|(key, used)| key_use(*key, *used)).collect();
            if let Err(error) = usage::add(&deps.store, &rows).await {
                tracing::warn!(%error, keys = rows.len(), "use of keys not written");
                shelf.borrow_mut().put_back(uses);
            }
        }
    }

    /// Writes what was used of the running minute; what cannot be written is written with the next use.
    fn write_minutes(&self) -> impl Future<Output = ()> + use<> {
        let minutes = self.shelf.borrow_mut().take_minutes(self.deps.clock.now());
        let deps = Arc::clone(&self.deps);
        async move {
            if let Err(error) = usage::write_minutes(&deps.store, minutes).await {
                tracing::warn!(%error, "counts of the minute not written");
            }
        }
    }

    /// Forgets the day counts of days that are over, once a day.
    fn purge_days(&self) {
        let day = self.deps.clock.now().0.div_euclid(DAY_MS);
        let mut shelf = self.shelf.borrow_mut();
        if shelf.purged_day == day {
            return;
        }
        shelf.purged_day = day;
        let deps = Arc::clone(&self.deps);
        // The day before is kept: a call that began before midnight may still be charged to it.
        actix_rt::spawn(async move {
            if let Err(error) = usage::forget_days_before(&deps.store, day - 1).await {
                tracing::warn!(%error, "old day counts not removed");
            }
        });
    }
}

impl Actor for Keeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.deps.has_ticks {
            ctx.run_interval(TICK, |_, ctx| {
                call::poke(&ctx.address(), Tidy { idle: IDLE });
            });
        }
    }
}

impl Handler<Find> for Keeper {
    type Result = Result<Addr<TenantActor>, Unanswered>;

    fn handle(&mut self, Find(route): Find, _: &mut Self::Context) -> Self::Result {
        self.shelf.borrow_mut().find(&self.deps, route)
    }
}

impl Handler<HandIn> for Keeper {
    type Result = ();

    fn handle(&mut self, HandIn { gate, debts }: HandIn, _: &mut Self::Context) {
        let shelf = self.shelf.borrow();
        for Debt { route, owed } in debts {
            if let Some(entry) = shelf.tenants.get(&route) {
                entry.kept.borrow_mut().settle(gate, &owed);
            }
        }
    }
}

impl Handler<Tidy> for Keeper {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, Tidy { idle }: Tidy, _: &mut Self::Context) -> Self::Result {
        self.purge_days();
        let (uses, minutes) = (self.write_usage(), self.write_minutes());
        self.shelf.borrow_mut().let_idle_go(idle, &self.deps);
        Box::pin(async move {
            uses.await;
            minutes.await;
        })
    }
}

impl Handler<Close> for Keeper {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, _: Close, _: &mut Self::Context) -> Self::Result {
        let counts = self.shelf.borrow_mut().close(self.deps.clock.now());
        let written = self.write_usage();
        let deps = Arc::clone(&self.deps);
        Box::pin(async move {
            written.await;
            let days = counts.iter().filter_map(|(key, count)| Some((*key, count.day?))).collect();
            if let Err(error) = usage::write_day_counts(&deps.store, days).await {
                tracing::warn!(%error, "day counts not settled; at most a lease of calls is lost to each key");
            }
            let minutes = counts.iter().filter_map(|(key, count)| Some((*key, count.minute?))).collect();
            if let Err(error) = usage::write_minutes(&deps.store, minutes).await {
                tracing::warn!(%error, "counts of the minute not written; it begins anew");
            }
        })
    }
}

impl Entry {
    /// Lets the actor go; one whose mailbox is full is not idle and stays.
    fn retire(&mut self) {
        if self
            .addr
            .as_ref()
            .is_some_and(|addr| !addr.connected() || call::poke(addr, Retire))
        {
            self.addr = None;
            series::tenant_gone();
        }
    }
}

impl Shelf {
    fn find(&mut self, deps: &Arc<Deps>, route: TenantRoute) -> Result<Addr<TenantActor>, Unanswered> {
        if self.is_closed || (self.tenants.len() >= ACTORS_MAX && !self.tenants.contains_key(&route)) {
            return Err(Unanswered::Closed);
        }
        let now = Instant::now();
        let entry = self.tenants.entry(route).or_insert_with(|| Entry {
            addr: None,
            kept: Rc::new(RefCell::new(Kept::new(now))),
            back_off: BackOff::default(),
            not_before: None,
        });
        entry.kept.borrow_mut().touch(now);
        match &entry.addr {
            Some(addr) if addr.connected() => return Ok(addr.clone()),
            Some(_) => {
                entry.addr = None;
                series::tenant_gone();
                supervisor::count_restart("tenant");
                entry.not_before = Some(now + entry.back_off.after_failure(now));
            }
            None => {}
        }
        if entry.not_before.is_some_and(|at| now < at) {
            return Err(Unanswered::Late);
        }
        let actor = TenantActor::new(Arc::clone(deps), route, Rc::clone(&entry.kept));
        // The task is not awaited: the next `find` sees a dead address.
        let (addr, _) = supervisor::launch(actor, tenant::MAILBOX);
        series::tenant_active();
        entry.addr = Some(addr.clone());
        Ok(addr)
    }

    fn take_usage(&mut self) -> HashMap<Uuid, Usage> {
        let mut uses = std::mem::take(&mut self.unwritten);
        for entry in self.tenants.values() {
            for (key, used) in entry.kept.borrow_mut().take_usage() {
                uses.entry(key).and_modify(|seen| *seen = seen.and(used)).or_insert(used);
            }
        }
        uses
    }

    fn put_back(&mut self, uses: HashMap<Uuid, Usage>) {
        for (key, earlier) in uses {
            let place = self.unwritten.entry(key);
            place.and_modify(|later| *later = earlier.and(*later)).or_insert(earlier);
        }
    }

    fn let_idle_go(&mut self, idle: Duration, deps: &Deps) {
        let (now, server_now) = (Instant::now(), deps.clock.now());
        self.tenants.retain(|_, entry| {
            let mut kept = entry.kept.borrow_mut();
            let is_over = kept.is_over(server_now);
            if now.duration_since(kept.touched_at()) < idle {
                return true;
            }
            drop(kept);
            // Its buckets stay at least until the next time: calls already in its mailbox are still charged to them.
            if entry.addr.is_some() {
                entry.retire();
                return true;
            }
            !is_over
        });
    }

    fn take_minutes(&mut self, now: Timestamp) -> Vec<(Uuid, MinuteCount)> {
        let kept = self.tenants.values().map(|entry| &entry.kept);
        kept.flat_map(|kept| kept.borrow_mut().take_minutes(now)).collect()
    }

    fn close(&mut self, now: Timestamp) -> Vec<(Uuid, Durable)> {
        self.is_closed = true;
        let mut counts = Vec::new();
        for entry in self.tenants.values_mut() {
            counts.extend(entry.kept.borrow_mut().close(now));
            entry.retire();
        }
        counts
    }
}

fn key_use(key: Uuid, used: Usage) -> KeyUse {
    KeyUse {
        key,
        calls: used.calls,
        last_used_at: used.last_used_at,
        last_used_ip: used.address.to_canonical().to_string(),
    }
}
