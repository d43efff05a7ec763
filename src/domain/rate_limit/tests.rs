//! Windows, refusals and leases, by example and by property.

use super::*;
use proptest::prelude::*;

const START: Timestamp = Timestamp(1_790_000_040_000);

fn at(seconds: i64) -> Timestamp {
    Timestamp(START.floor(DAY_MS).0 + seconds * 1000)
}

fn limits(per_minute: u32, per_day: u32) -> Limits {
    Limits {
        per_minute: Some(per_minute),
        per_day: Some(per_day),
    }
}

#[test]
fn a_window_counts_down_and_opens_again_on_the_clock_minute() {
    let mut buckets = Buckets::default();
    let two = Limits::per_minute(2);
    let first = buckets.take(&two, 1, at(75)).unwrap();
    assert_eq!(
        first.minute,
        Some(Window {
            limit: 2,
            remaining: 1,
            reset_at: at(120)
        })
    );
    assert_eq!(first.day, None);
    assert_eq!(buckets.take(&two, 1, at(76)).unwrap().minute.unwrap().remaining, 0);
    let refused = buckets.take(&two, 1, at(77)).unwrap_err();
    assert_eq!((refused.retry_after_s, refused.which), (43, Which::Minute));
    assert_eq!(buckets.take(&two, 1, at(120)).unwrap().minute.unwrap().remaining, 1);
}

#[test]
fn a_refused_call_costs_neither_window() {
    let mut buckets = Buckets::default();
    let tight = limits(1, 10);
    buckets.take(&tight, 1, at(0)).unwrap();
    for _ in 0..5 {
        assert_eq!(buckets.take(&tight, 1, at(1)).unwrap_err().quota.day.unwrap().remaining, 9);
    }
    let narrow_day = limits(10, 1);
    let mut buckets = Buckets::default();
    buckets.take(&narrow_day, 1, at(0)).unwrap();
    assert_eq!(
        buckets
            .take(&narrow_day, 1, at(1))
            .unwrap_err()
            .quota
            .minute
            .unwrap()
            .remaining,
        9
    );
}

#[test]
fn with_both_full_the_later_reset_counts() {
    let mut buckets = Buckets::default();
    buckets.take(&limits(1, 1), 1, at(10)).unwrap();
    let refused = buckets.take(&limits(1, 1), 1, at(10)).unwrap_err();
    assert_eq!((refused.which, refused.retry_after_s), (Which::Day, 86_390));
}

#[test]
fn a_changed_limit_keeps_the_count() {
    let mut buckets = Buckets::default();
    for _ in 0..3 {
        buckets.take(&Limits::per_minute(5), 1, at(0)).unwrap();
    }
    assert_eq!(
        buckets
            .take(&Limits::per_minute(2), 1, at(1))
            .unwrap_err()
            .quota
            .minute
            .unwrap()
            .remaining,
        0
    );
    assert!(buckets.take(&Limits::per_minute(2), 0, at(1)).is_ok());
    assert_eq!(
        buckets
            .take(&Limits::per_minute(9), 1, at(1))
            .unwrap()
            .minute
            .unwrap()
            .remaining,
        5
    );
}

#[test]
fn a_clock_that_steps_back_counts_in_the_present_window() {
    let mut buckets = Buckets::default();
    buckets.take(&Limits::per_minute(1), 1, at(120)).unwrap();
    let refused = buckets.take(&Limits::per_minute(1), 1, at(59)).unwrap_err();
    assert_eq!(refused.quota.minute.unwrap().reset_at, at(180));
    assert_eq!(refused.retry_after_s, 121);
}

#[test]
fn counts_may_be_forgotten_when_their_windows_have_ended() {
    let mut buckets = Buckets::default();
    assert!(buckets.is_over(&limits(1, 1), at(0)));
    buckets.take(&limits(9, 9), 1, at(0)).unwrap();
    assert!(!buckets.is_over(&Limits::per_minute(9), at(59)));
    assert!(buckets.is_over(&Limits::per_minute(9), at(60)));
    assert!(!buckets.is_over(&limits(9, 9), at(60)));
    assert!(buckets.is_over(&limits(9, 9), at(86_400)));
}

#[test]
fn a_lease_is_asked_for_before_it_is_used_and_early() {
    let daily = Limits {
        per_minute: None,
        per_day: Some(20),
    };
    let mut buckets = Buckets::default();
    let day = at(0).0 / DAY_MS;
    let first = buckets.lease_needed(&daily, 1, at(0)).unwrap();
    assert_eq!(first, Reservation { day, reserved: 16 });
    buckets.leased(first);
    for _ in 0..12 {
        assert_eq!(buckets.lease_needed(&daily, 1, at(0)), None);
        assert_eq!(buckets.lease_ahead(&daily, at(0)), None);
        buckets.take(&daily, 1, at(0)).unwrap();
    }
    buckets.take(&daily, 1, at(0)).unwrap();
    assert_eq!(buckets.lease_ahead(&daily, at(0)), Some(Reservation { day, reserved: 20 }));
    buckets.leased(Reservation { day, reserved: 20 });
    for _ in 0..7 {
        buckets.take(&daily, 1, at(0)).unwrap();
    }
    assert_eq!(buckets.lease_needed(&daily, 1, at(0)), None);
    assert!(buckets.take(&daily, 1, at(0)).is_err());
    assert_eq!(buckets.lease_ahead(&daily, at(0)), None);
    assert_eq!(buckets.settled(), None);
}

#[test]
fn a_clean_stop_is_exact_and_a_new_day_starts_without_a_lease() {
    let daily = limits(100, 50);
    let mut buckets = Buckets::default();
    buckets.leased(buckets.lease_needed(&daily, 1, at(0)).unwrap());
    buckets.take(&daily, 1, at(0)).unwrap();
    let settled = buckets.settled().unwrap();
    assert_eq!(settled.reserved, 1);
    let again = Buckets::restored(settled);
    assert_eq!(again.peek(&daily, at(1)).day.unwrap().remaining, 49);
    assert_eq!(again.lease_needed(&daily, 1, at(86_400)).unwrap().reserved, 16);
}

#[test]
fn without_a_daily_limit_no_lease_is_asked_for() {
    assert_eq!(Buckets::default().lease_needed(&Limits::per_minute(1), 1, at(0)), None);
    assert_eq!(Buckets::default().lease_ahead(&Limits::per_minute(1), at(0)), None);
}

proptest! {
    #[test]
    fn no_window_admits_more_than_its_limit(
        per_minute in 1_u32..8, per_day in 1_u32..40, steps in prop::collection::vec((0_i64..40, 0_u32..3), 1..200)
    ) {
        let limits = limits(per_minute, per_day);
        let mut buckets = Buckets::default();
        let mut minutes = std::collections::HashMap::<i64, u32>::new();
        let mut days = std::collections::HashMap::<i64, u32>::new();
        let mut now = START;
        for (step_s, cost) in steps {
            now = Timestamp(now.0 + step_s * 1000);
            if buckets.take(&limits, cost, now).is_ok() {
                *minutes.entry(now.0 / MINUTE_MS).or_default() += cost;
                *days.entry(now.0 / DAY_MS).or_default() += cost;
            }
        }
        prop_assert!(minutes.values().all(|n| *n <= per_minute));
        prop_assert!(days.values().all(|n| *n <= per_day));
    }

    #[test]
    fn who_obeys_retry_after_passes(per_minute in 1_u32..5, per_day in 1_u32..9, steps in prop::collection::vec(0_i64..30_000, 1..60)) {
        let limits = limits(per_minute, per_day);
        let mut buckets = Buckets::default();
        let mut now = START;
        for step_ms in steps {
            now = Timestamp(now.0 + step_ms);
            if let Err(refused) = buckets.take(&limits, 1, now) {
                now = Timestamp(now.0 + i64::try_from(refused.retry_after_s).unwrap() * 1000);
                prop_assert!(buckets.take(&limits, 1, now).is_ok());
            }
        }
    }

    #[test]
    fn a_crash_never_exceeds_the_day_and_loses_at_most_a_lease(
        per_day in 1_u32..60, ops in prop::collection::vec(prop::bool::weighted(0.05), 1..150)
    ) {
        let limits = Limits { per_minute: None, per_day: Some(per_day) };
        let mut buckets = Buckets::default();
        let mut stored = None;
        let (mut admitted, mut crashes) = (0, 0);
        for crash in ops {
            if crash {
                crashes += 1;
                buckets = stored.map_or_else(Buckets::default, Buckets::restored);
                continue;
            }
            if let Some(need) = buckets.lease_needed(&limits, 1, START) {
                stored = Some(need);
                buckets.leased(need);
            }
            match buckets.take(&limits, 1, START) {
                Ok(_) => admitted += 1,
                Err(_) => prop_assert!(admitted + crashes * LEASE >= per_day),
            }
            prop_assert!(admitted <= per_day);
        }
    }
}
