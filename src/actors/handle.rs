//! The handle to all actors, shared by HTTP workers and services.

use super::call::{ASK_DEADLINE, Unanswered};
use super::delivery::manual::{Attempted, Manual};
use super::delivery::messages::{Drain, Inspect, PanicNext, Poke, PoolState, Settle};
use super::delivery::worker::Worker;
use super::delivery::{self, Pool};
use super::deps::Deps;
use super::feed::Feed;
use super::housekeeper::{self, Housekeeper};
use super::keeper::{self, Keeper, Shelf};
use super::meter::{self, Begin, InFlight, InFlightKey, Measure, Meter, MeterKey};
use super::registry::Registry;
use super::supervisor::Supervised;
use super::tenant::messages::{
    Admit, Admitted, Answer, Ask, ForgetAll, ForgetKey, Inspect as InspectTenant, Panic, Refusal, TenantState,
};
use crate::domain::api_key::{Digest, TenantRoute};
use crate::domain::rate_limit::{Limits, Quota};
use crate::domain::{Error, Event, Result, Timestamp};
use crate::store::lease::{self, Lease};
use crate::store::{credentials, outbox};
use actix_rt::{Arbiter, ArbiterHandle};
use sea_orm::DbBackend;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long `stop` waits for deliveries in flight.
const DRAIN: Duration = Duration::from_secs(10);
/// How long `stop` waits for counts to be written.
const CLOSE: Duration = Duration::from_secs(5);
/// How often a question is put to an actor's heirs before the caller is told to come back.
const TRIES: u32 = 3;

/// What tests may make go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The actor of this tenant panics.
    TenantPanic(TenantRoute),
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
    meters: Vec<Supervised<Meter>>,
    pool: Supervised<Pool>,
    manual: Manual,
    housekeeper: Supervised<Housekeeper>,
    poked: Arc<AtomicBool>,
    /// Numbers admissions, so that a rebuilt actor knows the one that killed its predecessor.
    number: AtomicU64,
    arbiters: Vec<ArbiterHandle>,
}

impl Actors {
    /// Starts all actors on `arbiters` threads of their own; to be called within an actix system.
    ///
    /// On SQLite, whose data folder one process has to itself, leases of earlier boots are set free first.
    pub async fn start(deps: Deps, arbiters: usize) -> Result<Self> {
        describe_metrics();
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
        let workers = arbiters.iter().map(|arbiter| start_worker(arbiter, &deps)).collect();
        let poked = Arc::new(AtomicBool::new(false));
        let housekeeper = start_housekeeper(&arbiters, &deps)?;
        let pool = start_pool(&arbiters, &deps, workers, &poked)?;
        Ok(Self {
            inner: Arc::new(Inner {
                registry: Registry::new(deps.node.boot, keepers),
                manual: Manual::new(Arc::clone(&deps)),
                housekeeper,
                deps,
                meters,
                pool,
                poked,
                number: AtomicU64::new(0),
                arbiters,
            }),
        })
    }

    /// Judges and charges a call of a key of the tenant at `route`: one message, or one row more where it is new.
    pub async fn admit(&self, route: TenantRoute, admit: Admit) -> std::result::Result<Admitted, Refusal> {
        let number = self.inner.number.fetch_add(1, Ordering::Relaxed);
        for _ in 0..TRIES {
            let ask = Ask {
                admit: admit.clone(),
                number,
            };
            match self.inner.registry.ask(route, ask).await {
                Ok(Answer::Now(verdict)) => return *verdict,
                Ok(Answer::Later(promise)) => match tokio::time::timeout(ASK_DEADLINE, promise).await {
                    Ok(Ok(verdict)) => return verdict,
                    Ok(Err(_)) => {}
                    Err(_) => break,
                },
                // Its actor died; the heir takes the calls that were merely queued.
                Err(Unanswered::Closed) => {}
                Err(Unanswered::Late) => break,
            }
        }
        Err(Error::unavailable(1).into())
    }

    /// Finds the tenant of a key that does not carry its route, such as an imported one; one query.
    pub async fn locate(&self, digest: Digest) -> Result<Option<TenantRoute>> {
        let row = credentials::key_by_digest(&self.inner.deps.store, &digest.0).await?;
        Ok(row.and_then(|row| TenantRoute::from_slice(&row.tenant.route)))
    }

    /// Drops the copy of a key; answers once no call can be judged by it any more.
    pub async fn forget_key(&self, route: TenantRoute, digest: Digest) {
        for _ in 0..TRIES {
            if self.inner.registry.ask(route, ForgetKey(digest)).await.is_ok() {
                return;
            }
        }
        tracing::error!(
            ?digest,
            "a tenant actor did not confirm that it forgot a key; its copy ages out"
        );
    }

    /// Drops all copies of a tenant's keys, as after a change of the tenant; answers once they are gone.
    pub async fn forget_tenant(&self, route: TenantRoute) {
        for _ in 0..TRIES {
            if self.inner.registry.ask(route, ForgetAll).await.is_ok() {
                return;
            }
        }
        tracing::error!("a tenant actor did not confirm that it forgot its keys; its copies age out");
    }

    /// Counts one call against limits that belong to no tenant; 429 where they are used up.
    pub async fn meter(&self, key: MeterKey, limits: Limits, now: Timestamp) -> Result<Quota> {
        self.measure(Measure::take(key, limits, now)).await
    }

    /// Tells whether a call would be refused, counting nothing.
    pub async fn meter_peek(&self, key: MeterKey, limits: Limits, now: Timestamp) -> Result<Quota> {
        self.measure(Measure::peek(key, limits, now)).await
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
        if !self.inner.poked.swap(true, Ordering::SeqCst) && !self.inner.pool.poke(Poke) {
            self.inner.poked.store(false, Ordering::SeqCst);
        }
    }

    /// A claim on a delivery in this process's name, for the command that writes the row `attempt_now` is to try.
    pub fn lease(&self) -> Lease {
        self.inner.manual.lease()
    }

    /// A delivery of a made-up event to an endpoint, on or off, for `attempt_now`.
    pub fn sample(&self, event: &Event, endpoint: &entities::endpoint::Model) -> entities::delivery::Model {
        self.inner.manual.sample(event, endpoint)
    }

    /// Tries at once a delivery that was written with such a claim, and tells how it went.
    pub async fn attempt_now(&self, row: entities::delivery::Model) -> Result<Attempted> {
        self.inner.manual.attempt(row).await
    }

    /// Answers when everything due at `now` has been attempted and recorded; open breakers hold nothing back here.
    pub async fn settle(&self, now: Timestamp) {
        for _ in 0..TRIES {
            let (reply, settled) = oneshot::channel();
            let is_left = self.inner.pool.live(ASK_DEADLINE).await.is_ok() && self.inner.pool.poke(Settle { now, reply });
            if is_left && settled.await.is_ok() {
                return;
            }
        }
        tracing::warn!("deliveries could not be settled");
    }

    /// Wakes those who follow a tenant's events.
    pub fn feed(&self) -> &Feed {
        &self.inner.deps.feed
    }

    /// Removes what is older at `now` than it is kept for; the timers do it by themselves.
    ///
    /// # Errors
    /// `Unavailable` where the database is.
    pub async fn sweep(&self, now: Timestamp) -> Result<bool> {
        housekeeper::sweep(&self.inner.deps, now).await
    }

    /// Tells the next moment after `after` at which a delivery falls due, for a clock that walks through them.
    pub async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>> {
        outbox::due::next_after(&self.inner.deps.store, after).await
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
            && self.inner.meters.iter().all(|meter| meter.addr().is_some())
            && self.inner.housekeeper.addr().is_some()
            && self.inner.registry.is_alive();
        if is_ready { Ok(()) } else { Err(Error::unavailable(1)) }
    }

    /// Writes the use of keys now and lets go tenants that were idle this long; the timers do it every few seconds.
    pub async fn tidy(&self, idle: Duration) {
        self.inner.registry.tidy(idle).await;
    }

    /// Takes no more work, finishes what is in flight within 10 s, writes every count as it is, frees the leases.
    pub async fn stop(&self) {
        let (reply, drained) = oneshot::channel();
        if !self.inner.pool.poke(Drain { reply }) || tokio::time::timeout(DRAIN, drained).await.is_err() {
            tracing::warn!("deliveries in flight were left to the next start");
        }
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
    poked: &Arc<AtomicBool>,
) -> Result<Supervised<Pool>> {
    let arbiter = arbiters.last().ok_or_else(|| Error::unavailable(1))?;
    let (deps, poked) = (Arc::clone(deps), Arc::clone(poked));
    Ok(Supervised::start(
        arbiter,
        "delivery_pool",
        delivery::MAILBOX,
        move |myself| move || Pool::new(Arc::clone(&deps), myself.clone(), workers.clone(), Arc::clone(&poked)),
    ))
}

/// Names every metric of the actors, so that each is there from the start, at 0.
fn describe_metrics() {
    for actor in ["tenant", "keeper", "meter", "delivery_worker", "delivery_pool", "housekeeper"] {
        metrics::counter!("fondaco_actor_restarts_total", "actor" => actor).increment(0);
    }
    for outcome in ["delivered", "retry", "exhausted", "gone"] {
        metrics::counter!("fondaco_webhook_deliveries_total", "outcome" => outcome).increment(0);
    }
    metrics::describe_counter!("fondaco_actor_restarts_total", "Actors rebuilt after a panic.");
    metrics::describe_counter!(
        "fondaco_webhook_deliveries_total",
        "Attempts at deliveries, by what came of them."
    );
    metrics::describe_counter!("fondaco_mailbox_full_total", "Messages a full mailbox refused.");
    metrics::describe_counter!("fondaco_webhook_attempts_lost_total", "Attempts that ended without a word.");
    metrics::describe_gauge!("fondaco_tenants_active", "Tenant actors alive.");
    metrics::describe_gauge!(
        "fondaco_webhook_pending",
        "Deliveries that wait for an attempt, now or later."
    );
    let seconds = metrics::Unit::Seconds;
    metrics::describe_histogram!(
        "fondaco_webhook_delivery_lag_seconds",
        seconds,
        "From an event, or a retry's moment, to its attempt."
    );
    metrics::describe_histogram!(
        "fondaco_webhook_delivery_duration_seconds",
        seconds,
        "How long attempts took."
    );
    metrics::counter!("fondaco_mailbox_full_total").increment(0);
    metrics::counter!("fondaco_webhook_attempts_lost_total").increment(0);
    metrics::gauge!("fondaco_tenants_active").increment(0.0);
    metrics::gauge!("fondaco_webhook_pending").increment(0.0);
}
