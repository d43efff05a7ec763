//! Gates on several threads: exact together, quick to forget, and no burden when they die.

use super::fixture::{START, Seller, Shop, World};
use crate::actors::{Actors, Admit, Admitted, Fault, Refusal};
use crate::clock::Clock;
use crate::domain::api_key::TenantRoute;
use crate::domain::{Code, Timestamp};
use actix_rt::Arbiter;
use entities::api_key::Column;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

const THREADS: usize = 4;

async fn shop() -> (World, Shop) {
    let world = World::new(Clock::fixed(START)).await;
    let shop = world.boot().await;
    (world, shop)
}

/// A worker's thread, with a gate of its own once it admits.
struct Thread(Arbiter);

impl Thread {
    fn several() -> Vec<Self> {
        (0..THREADS).map(|_| Self(Arbiter::new())).collect()
    }

    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let (reply, done) = oneshot::channel();
        self.0.spawn(async move { drop(reply.send(work.await)) });
        done.await.unwrap()
    }

    async fn admit(&self, shop: &Shop, seller: &Seller) -> Result<Admitted, Refusal> {
        let (actors, route, call) = (shop.actors.clone(), seller.route, shop.call_of(seller));
        self.run(async move { actors.admit(route, call).await }).await
    }

    /// Makes `calls` calls, 50 at a time, each at the clock's present moment; counts what passed by the window it is
    /// charged to.
    async fn flood(&self, flood: Flood, calls: usize) -> BTreeMap<Timestamp, u32> {
        self.run(async move {
            let mut passed = BTreeMap::new();
            for _ in 0..calls / 50 {
                let batch = (0..50).map(|_| flood.actors.admit(flood.route, flood.call_now()));
                for verdict in join_all(batch).await {
                    flood.note_done();
                    match verdict {
                        Ok(admitted) => *passed.entry(admitted.quota.minute.unwrap().reset_at).or_default() += 1,
                        Err(refusal) => assert_eq!(refusal.error.code, Code::RateLimited),
                    }
                }
            }
            passed
        })
        .await
    }
}

#[derive(Clone)]
struct Flood {
    actors: Actors,
    route: TenantRoute,
    call: Admit,
    clock: Clock,
    done: Arc<AtomicUsize>,
    /// After so many calls the clock moves into the next minute.
    edge: usize,
}

impl Flood {
    fn new(shop: &Shop, seller: &Seller) -> Self {
        Self {
            actors: shop.actors.clone(),
            route: seller.route,
            call: shop.call_of(seller),
            clock: shop.clock.clone(),
            done: Arc::default(),
            edge: usize::MAX,
        }
    }

    /// Counts a call; the one at the edge moves the clock, with the calls of all threads under way.
    fn note_done(&self) {
        if self.done.fetch_add(1, Ordering::SeqCst) + 1 == self.edge {
            self.clock.advance_to(self.clock.now() + Duration::from_secs(60));
        }
    }

    fn call_now(&self) -> Admit {
        Admit {
            now: self.clock.now(),
            ..self.call.clone()
        }
    }
}

/// 10,000 calls from four threads over the edge of a minute; tells what passed in each window and how many questions
/// they cost.
async fn over_the_edge(per_minute: i32) -> (Vec<u32>, u64) {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(per_minute)).await;
    let threads = Thread::several();
    let flood = Flood {
        edge: 5_000,
        ..Flood::new(&shop, &seller)
    };
    let floods = threads.iter().map(|thread| thread.flood(flood.clone(), 10_000 / THREADS));
    let passed = join_all(floods).await;
    let mut windows: BTreeMap<Timestamp, u32> = BTreeMap::new();
    for (window, count) in passed.into_iter().flatten() {
        *windows.entry(window).or_default() += count;
    }
    let questions = shop.actors.inspect_tenant(seller.route).await.unwrap().questions;
    shop.actors.tidy(Duration::from_secs(300)).await;
    let used = shop.key_row(&seller).await.usage_count;
    assert_eq!(
        used,
        windows.values().map(|count| i64::from(*count)).sum::<i64>(),
        "uses lost"
    );
    (windows.into_values().collect(), questions)
}

#[actix_rt::test]
async fn ten_thousand_calls_on_sixty_a_minute_admit_sixty_in_each_window() {
    let (windows, questions) = over_the_edge(60).await;
    assert_eq!(windows, [60, 60]);
    assert!(questions < 1_000, "a flood over the limit costs {questions} questions");
}

#[actix_rt::test]
async fn ten_thousand_calls_on_a_thousand_a_minute_admit_a_thousand_in_each_window() {
    for _ in 0..3 {
        let (windows, questions) = over_the_edge(1_000).await;
        assert_eq!(windows, [1_000, 1_000]);
        assert!(questions < 1_000, "{questions} questions for 2,000 calls");
    }
}

#[actix_rt::test]
async fn what_other_gates_hold_is_recalled_before_a_call_is_refused() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(500)).await;
    let (threads, flood) = (Thread::several(), Flood::new(&shop, &seller));
    let mut passed = 0;
    for thread in &threads {
        passed += thread.flood(flood.clone(), 100).await.into_values().sum::<u32>();
    }
    while threads[0].admit(&shop, &seller).await.is_ok() {
        passed += 1;
    }
    assert_eq!(passed, 500);
}

#[actix_rt::test]
async fn a_revoked_key_is_refused_at_every_gate_once_it_is_forgotten() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(1_000)).await;
    let (threads, flood) = (Thread::several(), Flood::new(&shop, &seller));
    join_all(threads.iter().map(|thread| thread.flood(flood.clone(), 100))).await;
    shop.set_key(&seller, Column::RevokedAt, START.0).await;
    shop.actors.forget_key(seller.route, seller.digest).await;
    let verdicts = join_all(threads.iter().map(|thread| thread.admit(&shop, &seller))).await;
    assert!(verdicts.iter().all(|verdict| code(verdict) == Some(Code::InvalidToken)));
    shop.set_key(&seller, Column::RevokedAt, Option::<i64>::None).await;
    shop.actors.forget_tenant(seller.route).await;
    // What the gates held came back: nothing of the minute is lost.
    let quota = threads[1].admit(&shop, &seller).await.unwrap().quota;
    assert_eq!(quota.minute.unwrap().remaining, 1_000 - 401);
}

#[actix_rt::test]
async fn revoking_waits_for_no_dead_gate_and_a_second_at_most_for_one_that_hangs() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(1_000)).await;
    let (mut threads, flood) = (Thread::several(), Flood::new(&shop, &seller));
    join_all(threads.iter().map(|thread| thread.flood(flood.clone(), 50))).await;
    let dead = threads.remove(0).0;
    dead.stop();
    dead.join().unwrap();
    let (unfreeze, frozen) = std::sync::mpsc::channel::<()>();
    threads[0].0.spawn_fn(move || frozen.recv().unwrap());
    shop.set_key(&seller, Column::RevokedAt, START.0).await;
    let since = started();
    shop.actors.forget_key(seller.route, seller.digest).await;
    assert!(since.elapsed() < Duration::from_millis(1_500));
    assert_eq!(code(&threads[1].admit(&shop, &seller).await), Some(Code::InvalidToken));
    unfreeze.send(()).unwrap();
    assert_eq!(code(&threads[0].admit(&shop, &seller).await), Some(Code::InvalidToken));
}

#[actix_rt::test]
async fn the_day_is_exact_after_a_clean_stop_with_calls_on_loan() {
    let (world, shop) = shop().await;
    let daily = |key: &mut entities::api_key::Model| {
        key.dialect = "daily".to_owned();
        key.per_day = Some(2_000);
    };
    let seller = shop.seller(daily).await;
    let (threads, flood) = (Thread::several(), Flood::new(&shop, &seller));
    join_all(threads.iter().map(|thread| thread.flood(flood.clone(), 100))).await;
    // One worker's thread ends before the actors do, as all do in a server that stops.
    let mut threads = threads;
    threads.remove(0).0.stop();
    shop.actors.stop().await;
    let next = world.boot().await;
    assert_eq!(next.admit(&seller).await.unwrap().quota.day.unwrap().remaining, 2_000 - 401);
}

#[actix_rt::test]
async fn calls_lent_in_a_minute_that_has_ended_go_back_to_the_day() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_day = Some(5_000)).await;
    let (threads, flood) = (Thread::several(), Flood::new(&shop, &seller));
    shop.set_key(&seller, Column::PerMinute, 1_000).await;
    join_all(threads.iter().map(|thread| thread.flood(flood.clone(), 100))).await;
    shop.advance(Duration::from_secs(60));
    shop.actors.flush_copies().await;
    let quota = shop.admit(&seller).await.unwrap().quota;
    assert_eq!(quota.day.unwrap().remaining, 5_000 - 401);
    assert_eq!(quota.minute.unwrap().remaining, 999);
}

#[actix_rt::test]
async fn a_gate_that_panics_costs_no_call() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(300)).await;
    let (threads, flood) = (Thread::several(), Flood::new(&shop, &seller));
    let passed = join_all(threads.iter().map(|thread| thread.flood(flood.clone(), 50))).await;
    let mut passed: u32 = passed.iter().flat_map(BTreeMap::values).sum();
    shop.actors.inject(Fault::GatePanic).await;
    while threads[2].admit(&shop, &seller).await.is_ok() {
        passed += 1;
    }
    assert_eq!(passed, 300);
}

#[actix_rt::test]
async fn a_copy_is_used_for_a_second_and_no_longer() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(1_000)).await;
    let threads = Thread::several();
    threads[0].flood(Flood::new(&shop, &seller), 100).await;
    let questions = async || shop.actors.inspect_tenant(seller.route).await.unwrap().questions;
    let before = questions().await;
    threads[0].admit(&shop, &seller).await.unwrap();
    assert_eq!(questions().await, before);
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    threads[0].admit(&shop, &seller).await.unwrap();
    assert_eq!(questions().await, before + 1);
}

fn code(verdict: &Result<Admitted, Refusal>) -> Option<Code> {
    verdict.as_ref().err().map(|refusal| refusal.error.code)
}

fn started() -> Instant {
    Instant::now()
}
