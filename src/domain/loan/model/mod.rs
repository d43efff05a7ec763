//! Random interleavings of an account, gates and everything that can happen to the messages between them.
//!
//! `ghost` knows the truth and is asked at every step; `world` moves messages, loses them, kills gates, actors and the
//! process, and lets time run over the edges of minutes and days.

mod ghost;
mod world;

use crate::domain::rate_limit::Limits;
use proptest::prelude::*;
use world::World;

fn limits() -> impl Strategy<Value = Limits> {
    let per_minute = prop_oneof![Just(5_u32), Just(66), Just(100), Just(300), Just(600), Just(2_000)];
    let per_day = prop_oneof![2 => Just(None), 1 => Just(Some(90_u32)), 1 => Just(Some(400)), 1 => Just(Some(5_000))];
    (per_minute, per_day).prop_map(|(per_minute, per_day)| Limits {
        per_minute: Some(per_minute),
        per_day,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_the_messages_every_window_stays_exact(
        limits in limits(),
        gates in 1_usize..4,
        steps in prop::collection::vec(any::<(u8, u8, u8)>(), 50..500),
    ) {
        let mut world = World::new(limits, gates);
        for (what, who, how) in steps {
            world.step(what, who, how);
        }
        world.come_to_rest();
    }
}

#[test]
fn the_random_walk_visits_what_it_is_meant_to_visit() {
    for per_day in [None, Some(50_000)] {
        let per_minute = Some(3_000);
        let mut seed = 7_u64;
        let mut random = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            seed.to_be_bytes()[0]
        };
        let mut world = World::new(Limits { per_minute, per_day }, 3);
        for _ in 0..60_000 {
            let (what, who, how) = (random(), random(), random());
            world.step(what, who, how);
            // A fast disk: else hardly anything of a day would ever be lent.
            world.step(190, who, how / 2 * 2 + 1);
        }
        world.come_to_rest();
        let seen = &world.keys[0].ghost.seen;
        assert!(seen.by_loan > 500 && seen.lent > 100 && seen.recalled > 5, "{seen:?}");
        assert!(
            seen.denied > 20 && seen.never_arrived > 5 && seen.crashes > 5 && seen.stops > 5,
            "{seen:?}"
        );
    }
}
