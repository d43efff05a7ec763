//! The handle to all actors, shared by HTTP workers and services.

mod access;
mod sending;

use super::call::ASK_DEADLINE;
use super::courier::{self, Courier};
use super::delivery::manual::Manual;
use super::delivery::messages::{Drain, Inspect, PanicNext, Poke, PoolState, Settle};
use super::delivery::worker::Worker;
use super::delivery::{self, Inbox, Pool};
use super::deps::Deps;
use super::directory::Directory;
use super::gate::Gates;
use super::housekeeper::{self, Housekeeper};
use super::keeper::{self, Keeper, Shelf};
use super::meter::{self, Begin, InFlight, InFlightKey, Measure, Meter, MeterKey};
use super::registry::Registry;
use super::supervisor::Supervised;
use super::tenant::messages::{Inspect as InspectTenant, Panic, PanicNextCall, Refusal, TenantState};
use super::tenant::verdict::rate_limited;
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::rate_limit::{Limits, Quota};
use crate::domain::{Error, Event, Result, Timestamp};
use crate::store::directory::Listed;
use crate::store::{lease, mails, outbox};
use actix_rt::{Arbiter, ArbiterHandle};
use sea_orm::DbBackend;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long `stop` waits for deliveries in flight.
const DRAIN: Duration = Duration::from_secs(10);
/// How long `settle` waits for a mail server: what takes longer goes on by itself.
const MAILS: Duration = Duration::from_secs(4);
/// How long `stop` waits for counts to be written.
const CLOSE: Duration = Duration::from_secs(5);
/// How often a question is put to an actor's heirs before the caller is told to come back.
const TRIES: u32 = 3;

/// What tests may make go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The actor of this tenant panics.
    TenantPanic(TenantRoute),
    /// The actor of this tenant panics at the next call it judges.
    AdmissionPanic(TenantRoute),
    /// Every gate panics.
    GatePanic,
    /// Every meter panics.
    MeterPanic,
    /// The next so many attempts panic the workers that were to make them.
    WorkerPanic(u32),
}

/// Everything the actors do for others; cloning shares it.
#[derive(Clone, Debug)]
pub struct Actors {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    deps: Arc<Deps>,
    registry: Registry,
    gates: Gates,
    directory: Directory,
    meters: Vec<Supervised<Meter>>,
    pool: Supervised<Pool>,
    manual: Manual,
    housekeeper: Supervised<Housekeeper>,
    inbox: Arc<Inbox>,
    courier: Supervised<Courier>,
    courier_poked: Arc<AtomicBool>,
    arbiters: Vec<ArbiterHandle>,
}

impl Actors {
    /// Starts all actors on `arbiters` threads of their own; to be called within an actix system.
    ///
    /// On SQLite, whose data folder one process has to itself, leases of earlier boots are set free first.
    pub async fn start(deps: Deps, arbiters: usize) -> Result<Self> {
        let deps = Arc::new(deps);
        if deps.store.backend() == DbBackend::Sqlite {
            let freed = lease::release_others(&deps.store, &deps.node.owner()).await?;
            if freed > 0 {
                tracing::info!(deliveries = freed, "took over deliveries of an earlier run");
            }
        }
        let arbiters: Vec<ArbiterHandle> = (0..arbiters.max(1)).map(|_| Arbiter::new().handle()).collect();
        let keepers = arbiters.iter().map(|arbiter| start_keeper(arbiter, &deps)).collect();
        let meters = arbiters.iter().map(start_meter).collect();
        // Beside the pool and on every other thread: a delivery costs the thread that sends less than those that write, and
        // what stays on one thread wakes nobody.
        let workers = arbiters.iter().rev().step_by(2).map(|arbiter| start_worker(arbiter, &deps));
        let workers = workers.collect();
        let inbox = Arc::new(Inbox::default());
        let housekeeper = start_housekeeper(&arbiters, &deps)?;
        let pool = start_pool(&arbiters, &deps, workers, &inbox)?;
        let registry = Registry::new(deps.node.boot, keepers);
        let courier_poked = Arc::new(AtomicBool::new(false));
        let courier = start_courier(&arbiters, &deps, &courier_poked)?;
        Ok(Self {
            inner: Arc::new(Inner {
                gates: Gates::new(&deps, registry.clone()),
                registry,
                directory: Directory::new(deps.store.clone(), deps.clock.clone()),
                manual: Manual::new(Arc::clone(&deps)),
                housekeeper,
                deps,
                meters,
                pool,
                inbox,
                courier,
                courier_poked,
                arbiters,
            }),
        })
    }

    /// Finds the tenant of a key that does not carry its route, such as an imported one; from memory, whoever asks.
    pub async fn locate(&self, digest: Digest) -> Result<Option<TenantRoute>> {
        self.inner.directory.find(&digest).await
    }

    /// Makes a key known that was listed in the directory just now.
    pub async fn introduce(&self, listed: Listed) {
        self.inner.directory.introduce(listed).await;
    }

    /// Counts one call against limits that belong to no tenant; 429 where they are used up.
    pub async fn meter(&self, key: MeterKey, limits: Limits, now: Timestamp) -> Result<Quota> {
        self.measure(Measure::take(key, limits, now)).await
    }

    /// Tells whether a call would be refused, counting nothing.
    pub async fn meter_peek(&self, key: MeterKey, limits: Limits, now: Timestamp) -> Result<Quota> {
        self.measure(Measure::peek(key, limits, now)).await
    }

    /// Counts `cost` calls, or only looks where it is 0, and tells what is left; the 429 of a full window tells it too.
    pub async fn metered(&self, key: MeterKey, limits: Limits, cost: u32, now: Timestamp) -> std::result::Result<Quota, Refusal> {
        let measure = match cost {
            0 => Measure::peek(key, limits, now),
            cost => Measure::take(key, limits, now).costing(cost),
        };
        let shard = measure.shard(self.inner.meters.len());
        let meter = self.inner.meters.get(shard).ok_or_else(|| Error::unavailable(1))?;
        let measured = meter.ask(measure, ASK_DEADLINE).await.map_err(Error::from)?;
        measured.map_err(|refused| Refusal {
            error: rate_limited(&refused),
            quota: Some(refused.quota),
            key: None,
        })
    }

    async fn measure(&self, measure: Measure) -> Result<Quota> {
        let shard = measure.shard(self.inner.meters.len());
        let meter = self.inner.meters.get(shard).ok_or_else(|| Error::unavailable(1))?;
        meter::answer(meter.ask(measure, ASK_DEADLINE).await?)
    }

    /// Takes an idempotency key; `None` where a request with it is being worked on. It is free when the ticket is dropped.
    pub async fn begin(&self, key: InFlightKey) -> Result<Option<InFlight>> {
        let shard = key.shard(self.inner.meters.len());
        let meter = self.inner.meters.get(shard).ok_or_else(|| Error::unavailable(1))?;
        Ok(meter.ask(Begin(key), ASK_DEADLINE).await?)
    }

    /// Says that deliveries may be waiting; costs nothing where that was said already.
    pub fn poke_delivery(&self) {
        self.inner.inbox.memory.doubt();
        self.inner.inbox.looks.store(true, Ordering::SeqCst);
        self.poke_pool();
    }

    /// Tells of events that were committed just now.
    pub fn tell(&self, events: Vec<Event>) {
        self.inner.inbox.memory.tell(events, self.inner.deps.clock.real_now());
        self.poke_pool();
    }

    fn poke_pool(&self) {
        let is_poked = &self.inner.inbox.is_poked;
        if !is_poked.swap(true, Ordering::SeqCst) && !self.inner.pool.poke(Poke) {
            is_poked.store(false, Ordering::SeqCst);
        }
    }

    /// Says that mails may be waiting; costs nothing where that was said already.
    pub fn poke_courier(&self) {
        if !self.inner.courier_poked.swap(true, Ordering::SeqCst) && !self.inner.courier.poke(courier::messages::Poke) {
            self.inner.courier_poked.store(false, Ordering::SeqCst);
        }
    }

    /// Answers when everything due at `now` has been attempted and recorded, deliveries before mails, which they may
    /// cause; open breakers hold nothing back here.
    pub async fn settle(&self, now: Timestamp) {
        self.settle_deliveries(now).await;
        let (reply, settled) = oneshot::channel();
        let is_left = self.inner.courier.live(ASK_DEADLINE).await.is_ok()
            && self.inner.courier.poke(courier::messages::Settle { now, reply });
        if !is_left || tokio::time::timeout(MAILS, settled).await.is_err() {
            tracing::warn!("mails could not be settled in time");
        }
    }

    async fn settle_deliveries(&self, now: Timestamp) {
        for _ in 0..TRIES {
            let (reply, settled) = oneshot::channel();
            let is_left = self.inner.pool.live(ASK_DEADLINE).await.is_ok() && self.inner.pool.poke(Settle { now, reply });
            if is_left && settled.await.is_ok() {
                return;
            }
        }
        tracing::warn!("deliveries could not be settled");
    }

    /// Tells the next moment after `after` at which a delivery or a mail falls due, for a clock that walks through them.
    pub async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>> {
        let delivery = outbox::due::next_after(&self.inner.deps.store, after).await?;
        let mail = mails::next_after(&self.inner.deps.store, after).await?;
        Ok(delivery.into_iter().chain(mail).min())
    }

    /// Looks into a tenant's actor.
    pub async fn inspect_tenant(&self, route: TenantRoute) -> Result<TenantState> {
        Ok(self.inner.registry.ask(route, InspectTenant).await?)
    }

    /// Looks into the delivery pool.
    pub async fn inspect_delivery(&self) -> Result<PoolState> {
        Ok(self.inner.pool.ask(Inspect, ASK_DEADLINE).await?)
    }

    /// Answers whether every actor that must be there is.
    pub fn ready(&self) -> Result<()> {
        let is_ready = self.inner.pool.addr().is_some()
            && self.inner.courier.addr().is_some()
            && self.inner.meters.iter().all(|meter| meter.addr().is_some())
            && self.inner.housekeeper.addr().is_some()
            && self.inner.registry.is_alive();
        if is_ready { Ok(()) } else { Err(Error::unavailable(1)) }
    }

    /// Writes the use of keys now and lets go tenants that were idle this long; the timers do it every few seconds.
    pub async fn tidy(&self, idle: Duration) {
        self.inner.gates.flush().await;
        self.inner.registry.tidy(idle).await;
    }

    /// Takes no more work, finishes what is in flight within 10 s, writes every count as it is, frees the leases.
    pub async fn stop(&self) {
        let (reply, drained) = oneshot::channel();
        let (mails_reply, mails_drained) = oneshot::channel();
        let is_courier_told = self.inner.courier.poke(courier::messages::Drain { reply: mails_reply });
        if !self.inner.pool.poke(Drain { reply }) || tokio::time::timeout(DRAIN, drained).await.is_err() {
            tracing::warn!("deliveries in flight were left to the next start");
        }
        if !is_courier_told || tokio::time::timeout(CLOSE, mails_drained).await.is_err() {
            tracing::warn!("mails in flight were left to the next start");
        }
        // First the gates: only what they hand in makes the day counts true.
        self.inner.gates.close().await;
        self.inner.registry.close(CLOSE).await;
        let owner = self.inner.deps.node.owner();
        if let Err(error) = lease::release_own(&self.inner.deps.store, &owner).await {
            tracing::warn!(%error, "leases not released; they run out within a minute");
        }
    }

    /// Makes something go wrong, for tests; no route leads here.
    pub async fn inject(&self, fault: Fault) {
        match fault {
            Fault::TenantPanic(route) => drop(self.inner.registry.ask(route, Panic).await),
            Fault::AdmissionPanic(route) => drop(self.inner.registry.ask(route, PanicNextCall).await),
            Fault::GatePanic => self.inner.gates.panic(),
            Fault::MeterPanic => {
                for meter in &self.inner.meters {
                    meter.poke(meter::Panic);
                }
            }
            Fault::WorkerPanic(attempts) => drop(self.inner.pool.ask(PanicNext { attempts }, ASK_DEADLINE).await),
        }
    }
}

impl Drop for Inner {
    /// Ends the threads with the last handle, not with `stop`: connections of the store's pool that were opened on them
    /// die with them.
    fn drop(&mut self) {
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
    }
}

fn start_keeper(arbiter: &ArbiterHandle, deps: &Arc<Deps>) -> Supervised<Keeper> {
    let deps = Arc::clone(deps);
    Supervised::start(arbiter, "keeper", keeper::MAILBOX, move |_| {
        let shelf = Rc::new(RefCell::new(Shelf::default()));
        move || Keeper::new(Arc::clone(&deps), Rc::clone(&shelf))
    })
}

fn start_meter(arbiter: &ArbiterHandle) -> Supervised<Meter> {
    Supervised::start(arbiter, "meter", meter::MAILBOX, move |_| {
        let counts = Rc::default();
        move || Meter::new(Rc::clone(&counts))
    })
}

fn start_worker(arbiter: &ArbiterHandle, deps: &Arc<Deps>) -> Supervised<Worker> {
    let deps = Arc::clone(deps);
    Supervised::start(arbiter, "delivery_worker", delivery::WORKER_MAILBOX, move |_| {
        move || Worker::new(Arc::clone(&deps))
    })
}

fn start_housekeeper(arbiters: &[ArbiterHandle], deps: &Arc<Deps>) -> Result<Supervised<Housekeeper>> {
    let arbiter = arbiters.first().ok_or_else(|| Error::unavailable(1))?;
    let deps = Arc::clone(deps);
    Ok(Supervised::start(arbiter, "housekeeper", housekeeper::MAILBOX, move |_| {
        move || Housekeeper::new(Arc::clone(&deps))
    }))
}

fn start_pool(
    arbiters: &[ArbiterHandle],
    deps: &Arc<Deps>,
    workers: Vec<Supervised<Worker>>,
    inbox: &Arc<Inbox>,
) -> Result<Supervised<Pool>> {
    let arbiter = arbiters.last().ok_or_else(|| Error::unavailable(1))?;
    let (deps, inbox) = (Arc::clone(deps), Arc::clone(inbox));
    Ok(Supervised::start(
        arbiter,
        "delivery_pool",
        delivery::MAILBOX,
        move |myself| move || Pool::new(Arc::clone(&deps), myself.clone(), workers.clone(), Arc::clone(&inbox)),
    ))
}

fn start_courier(arbiters: &[ArbiterHandle], deps: &Arc<Deps>, poked: &Arc<AtomicBool>) -> Result<Supervised<Courier>> {
    let arbiter = arbiters.first().ok_or_else(|| Error::unavailable(1))?;
    let (deps, poked) = (Arc::clone(deps), Arc::clone(poked));
    Ok(Supervised::start(arbiter, "courier", courier::MAILBOX, move |myself| {
        move || Courier::new(Arc::clone(&deps), myself.clone(), Arc::clone(&poked))
    }))
}
