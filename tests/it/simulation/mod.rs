//! The delivery engine through months of virtual time, with everything going wrong that can.
//!
//! `world` and `deeds` run the server's own passes, claims and records on a real database, against subscribers that are a model
//! (`network`), on a clock that jumps, in processes that die at every named point: after a claim, after a send, before a
//! record, on a commit. `ledger` and `audit` hold what it does against `oracle`, the rules in words of their own. All of it
//! follows from a seed; a seed that fails is printed, and `FONDACO_SIM_SEED=<seed>` runs it alone.
//! `FONDACO_SIM_SEEDS=<n>` runs more of them.

mod audit;
mod chance;
mod deeds;
mod ledger;
mod network;
mod node;
mod oracle;
mod place;
mod planner;
mod world;

use audit::Tally;
use futures_util::{StreamExt as _, stream};
use std::time::Instant;
use world::World;

/// Seeds that every run of the tests takes through the database; they cost a few seconds.
const SEEDS: u64 = 8;
/// Seeds under way at once.
const AT_ONCE: usize = 4;
/// Seeds of the pure half.
const PLANNED: u64 = 400;

#[expect(
    clippy::disallowed_methods,
    reason = "how much to simulate is asked of the tests, not of the server"
)]
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the switch between the back-ends comes from ./test, not from a setting"
)]
fn is_postgres() -> bool {
    std::env::var("TEST_DATABASE_URL").is_ok_and(|url| !url.is_empty())
}

async fn simulate(seed: u64) -> Tally {
    match World::new(seed).await.run().await {
        Ok(tally) => tally,
        Err(broken) => panic!("seed {seed}: {broken}\nrun it again with FONDACO_SIM_SEED={seed}"),
    }
}

#[actix_rt::test]
#[expect(clippy::print_stdout, reason = "how much was simulated, for whoever asks with --nocapture")]
async fn a_month_with_everything_going_wrong_breaks_no_promise() {
    if let Some(seed) = asked("FONDACO_SIM_SEED") {
        println!("seed {seed}: {:?}", simulate(seed).await);
        return;
    }
    let (begun, seeds) = (Instant::now(), asked("FONDACO_SIM_SEEDS").unwrap_or(SEEDS));
    let mut all = Tally::default();
    // Several at a time: each waits for its own database most of the while.
    let mut months = stream::iter(1..=seeds).map(simulate).buffer_unordered(AT_ONCE);
    while let Some(one) = months.next().await {
        all.events += one.events;
        all.deliveries += one.deliveries;
        all.attempts += one.attempts;
        all.crashes += one.crashes;
        all.disabled += one.disabled;
    }
    println!("{seeds} seeds in {:?}: {all:?}", begun.elapsed());
    assert!(
        all.attempts > all.deliveries && all.deliveries > all.events && all.events > 0,
        "{all:?}"
    );
}

#[actix_rt::test]
async fn a_seed_is_the_same_month_each_time() {
    if is_postgres() {
        // Rows of one moment come in no promised order there, so that a month may differ in what comes first.
        return;
    }
    assert_eq!(simulate(3).await, simulate(3).await);
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was simulated, for whoever asks with --nocapture")]
fn a_month_of_planning_keeps_to_the_schedules() {
    let dialects = place::dialects();
    let (begun, seeds) = (Instant::now(), asked("FONDACO_SIM_SEEDS").map_or(PLANNED, |seeds| seeds * 50));
    let mut all = planner::Month::default();
    for seed in 1..=seeds {
        let month = planner::month(dialects, seed).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        all.delivered += month.delivered;
        all.exhausted += month.exhausted;
        all.attempts += month.attempts;
        all.disabled += month.disabled;
    }
    println!("{seeds} seeds in {:?}: {all:?}", begun.elapsed());
    assert!(all.delivered > 0 && all.exhausted > 0 && all.disabled > 0, "{all:?}");
}

#[test]
fn the_published_schedules_hold_for_a_month() {
    let dialects = place::dialects();
    let long = [0, 60, 360, 2_160, 9_360, 30_960, 117_360];
    for name in ["bigclass", "fondaco", "openclaw", "licentric"] {
        assert_eq!(planner::schedule(dialects, name, 500, None), long, "{name}");
    }
    assert_eq!(planner::schedule(dialects, "sellf", 500, None), long[..5]);
    assert_eq!(planner::schedule(dialects, "bigclass", 404, None), [0], "4xx is final");
    assert_eq!(planner::schedule(dialects, "fondaco", 404, None), long);
    // What is asked for counts up to the next step: 300 s for the first wait, 1800 s for the second, and so on.
    assert_eq!(planner::schedule(dialects, "bigclass", 503, Some(200))[..3], [0, 200, 500]);
    assert_eq!(
        planner::schedule(dialects, "bigclass", 503, Some(9_999))[..3],
        [0, 300, 2_100]
    );
    for name in planner::DIALECTS {
        let (warned, off) = planner::hours_to_the_end(dialects, name, 4);
        assert_eq!((warned, off), (Some(24), Some(168)), "{name}");
    }
}
