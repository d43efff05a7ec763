//! Loans by example; by property in `model`.

use super::*;
use crate::domain::api_key::Digest;
use crate::domain::rate_limit::{Durable, LEND_FROM, LOAN_MAX, Limits, MinuteCount, Quota, Reservation};
use crate::domain::time::{DAY_MS, MINUTE_MS};

const START: Timestamp = Timestamp(1_790_000_040_000);
const KEY: Uuid = Uuid::nil();
const DIGEST: Digest = Digest([1; 32]);

fn asker(number: u64, calls: u32) -> Asker {
    Asker {
        gate: 1,
        number,
        gates: 2,
        calls,
    }
}

fn draw(now: Timestamp) -> Draw {
    Draw {
        cost: 1,
        now,
        address: [192, 0, 2, 1].into(),
    }
}

/// A desk that has been lent something by an account of `per_minute`.
fn lent(per_minute: u32) -> (Account, Desk<()>) {
    let mut account = Account::new(Limits::per_minute(per_minute), Durable::default());
    for _ in 0..32 {
        assert!(matches!(account.charge(1, START), Charge::Taken(_)));
    }
    let mut desk = Desk::default();
    ask(&mut account, &mut desk, 1, 32);
    (account, desk)
}

fn limits(per_minute: u32, per_day: Option<u32>) -> Limits {
    Limits {
        per_minute: Some(per_minute),
        per_day,
    }
}

fn ask(account: &mut Account, desk: &mut Desk<()>, number: u64, calls: u32) {
    ask_as(1, account, desk, number, calls);
}

fn ask_as(gate: u64, account: &mut Account, desk: &mut Desk<()>, number: u64, calls: u32) {
    for owed in desk.depart(number, [DIGEST].iter()) {
        account.settle(gate, &owed);
    }
    account.hear(gate, number);
    let asker = Asker {
        gate,
        ..asker(number, calls)
    };
    let terms = account.terms(asker, START);
    desk.arrive(
        number,
        Some(vec![Handout {
            digest: DIGEST,
            account: KEY,
            copy: (),
            terms,
        }]),
    );
}

fn remaining(drawn: Option<Drawn>) -> Option<u32> {
    match drawn {
        Some(Drawn::Taken(quota)) => quota.minute.map(|window| window.remaining),
        _ => None,
    }
}

#[test]
fn a_loan_is_used_up_and_counts_down_as_if_nothing_were_lent() {
    let (mut account, mut desk) = lent(1_000);
    for used in 1..=LOAN_MAX {
        assert_eq!(remaining(desk.draw(&DIGEST, draw(START))), Some(1_000 - 32 - used));
    }
    assert_eq!(desk.draw(&DIGEST, draw(START)), None);
    ask(&mut account, &mut desk, 2, 0);
    assert_eq!(remaining(desk.draw(&DIGEST, draw(START))), Some(1_000 - 32 - LOAN_MAX - 1));
}

#[test]
fn nothing_is_lent_to_the_slow_nor_where_few_calls_are_left() {
    let mut slow = Account::new(Limits::per_minute(1_000), Durable::default());
    slow.charge(1, START);
    assert_eq!(slow.terms(asker(1, 7), START).loan, None);
    let mut narrow = Account::new(Limits::per_minute(LEND_FROM - 1), Durable::default());
    narrow.charge(0, START);
    assert_eq!(narrow.terms(asker(1, 32), START).loan, None);
    let mut enough = Account::new(Limits::per_minute(LEND_FROM), Durable::default());
    enough.charge(0, START);
    assert_eq!(enough.terms(asker(1, 32), START).loan.unwrap().permits, LEND_FROM / 8);
}

#[test]
fn a_loan_is_worth_nothing_once_its_minute_has_ended() {
    let (_, mut desk) = lent(1_000);
    let end = Timestamp(START.floor(MINUTE_MS).0 + MINUTE_MS);
    assert!(desk.draw(&DIGEST, draw(Timestamp(end.0 - 1))).is_some());
    assert_eq!(desk.draw(&DIGEST, draw(end)), None);
}

#[test]
fn what_an_ended_minute_left_unused_goes_back_to_the_day() {
    let limits = Limits {
        per_minute: Some(1_000),
        per_day: Some(500),
    };
    let mut account = Account::new(limits, Durable::default());
    while let Charge::Reserve(reservation) = account.charge(1, START) {
        account.leased(reservation);
    }
    let loan = account.terms(asker(1, 32), START).loan.unwrap();
    assert!(loan.permits <= 8, "more than a crash may cost");
    let next = Timestamp(loan.until().0);
    assert!(matches!(account.charge(0, next), Charge::Taken(_)));
    assert_eq!(account.settled().map(|day| day.reserved), Some(1 + loan.permits));
    let owed = Owed {
        account: KEY,
        number: 1,
        unused: loan.permits - 2,
        usage: None,
    };
    assert!(account.settle(1, &owed));
    assert!(!account.settle(1, &owed));
    assert_eq!(account.settled().map(|day| day.reserved), Some(3));
}

#[test]
fn a_full_window_recalls_before_it_refuses_and_then_denies_until_it_ends() {
    let (mut account, mut desk) = lent(100);
    desk.draw(&DIGEST, draw(START));
    while matches!(account.charge(1, START), Charge::Taken(_)) {}
    assert_eq!(account.charge(1, START), Charge::Recall);
    assert_eq!(account.terms(asker(2, 1), START).denial, None);
    let lent: Vec<_> = account.lent().collect();
    assert_eq!(lent, [(1, 1)]);
    let owed = desk.recall(KEY, 1);
    assert!(account.settle(1, &owed));
    for _ in 0..owed.unused {
        assert!(matches!(account.charge(1, START), Charge::Taken(_)));
    }
    assert!(matches!(account.charge(1, START), Charge::Refused(_)));
    ask(&mut account, &mut desk, 3, 1);
    let Some(Drawn::Refused(refused)) = desk.draw(&DIGEST, draw(START)) else {
        panic!()
    };
    let end = Timestamp(START.floor(MINUTE_MS).0 + MINUTE_MS);
    assert_eq!(refused.retry_after_s, end.seconds_from(START));
    assert_eq!(desk.draw(&DIGEST, draw(end)), None);
}

#[test]
fn a_recalled_loan_that_arrives_later_is_void() {
    let (mut account, _) = lent(100);
    let mut desk = Desk::default();
    desk.depart(7, [DIGEST].iter());
    account.hear(1, 7);
    let terms = account.terms(asker(7, 32), START);
    let owed = desk.recall(KEY, 7);
    assert!(account.settle(1, &owed));
    desk.arrive(
        7,
        Some(vec![Handout {
            digest: DIGEST,
            account: KEY,
            copy: (),
            terms,
        }]),
    );
    assert_eq!(desk.draw(&DIGEST, draw(START)), None);
}

#[test]
fn a_copy_on_its_way_while_its_key_is_forgotten_is_dropped() {
    let (mut account, mut desk) = lent(1_000);
    let owed = desk.depart(2, [DIGEST].iter());
    assert_eq!(owed.len(), 1);
    desk.forget(Some(&DIGEST));
    let terms = account.terms(asker(2, 1), START);
    desk.arrive(
        2,
        Some(vec![Handout {
            digest: DIGEST,
            account: KEY,
            copy: (),
            terms,
        }]),
    );
    assert!(desk.copy(&DIGEST).is_none());
    assert!(desk.owed().iter().all(|owed| owed.number == 2));
}

#[test]
fn calls_at_a_gate_are_told_when_the_loan_ends() {
    let (_, mut desk) = lent(1_000);
    for _ in 0..3 {
        desk.draw(&DIGEST, draw(START));
    }
    desk.sweep(START, |()| false);
    let [owed] = desk.owed() else { panic!("one loan is owed") };
    assert_eq!((owed.unused, owed.usage.unwrap().calls), (LOAN_MAX - 3, 3));
    let owed = *owed;
    desk.confirm(&[owed]);
    assert!(desk.is_empty());
}

fn taken(charge: Charge) -> Quota {
    match charge {
        Charge::Taken(quota) => quota,
        other => panic!("{other:?}"),
    }
}

fn charged(account: &mut Account, now: Timestamp) -> Option<u32> {
    taken(account.charge(1, now)).minute.map(|window| window.remaining)
}

#[test]
fn every_call_is_told_one_less_whoever_admits_it() {
    let (mut account, mut one) = lent(5_000);
    let mut other = Desk::default();
    ask_as(2, &mut account, &mut other, 2, 32);
    let mut left = 5_000 - 32;
    let mut next = || {
        left -= 1;
        Some(left)
    };
    for _ in 0..4 {
        assert_eq!(remaining(one.draw(&DIGEST, draw(START))), next());
        assert_eq!(charged(&mut account, START), next());
        assert_eq!(remaining(other.draw(&DIGEST, draw(START))), next());
    }
    // What comes back, what is lent anew and what costs nothing make no difference.
    one.forget(None);
    assert!(account.settle(1, &one.owed()[0]));
    ask(&mut account, &mut one, 3, 32);
    assert_eq!(taken(account.charge(0, START)).minute.unwrap().remaining, 5_000 - 32 - 12);
    assert_eq!(
        remaining(one.draw(&DIGEST, Draw { cost: 0, ..draw(START) })),
        Some(5_000 - 32 - 12)
    );
    assert_eq!(remaining(other.draw(&DIGEST, draw(START))), next());
    assert_eq!(remaining(one.draw(&DIGEST, draw(START))), next());
    // A dead gate takes its loan with it, and nothing that was not called.
    drop(other);
    assert_eq!(charged(&mut account, START), next());
}

#[test]
fn a_refused_call_changes_nothing_that_is_told() {
    let mut account = Account::new(limits(5, Some(50_000)), Durable::default());
    account.leased(Reservation {
        day: START.0.div_euclid(DAY_MS),
        reserved: 1_000,
    });
    for left in (0..5).rev() {
        assert_eq!(charged(&mut account, START), Some(left));
    }
    for _ in 0..3 {
        let Charge::Refused(refused) = account.charge(1, START) else {
            panic!("five were all")
        };
        let left = (refused.quota.minute.unwrap().remaining, refused.quota.day.unwrap().remaining);
        assert_eq!(left, (0, 49_995));
    }
    let next = taken(account.charge(1, Timestamp(START.0 + MINUTE_MS)));
    assert_eq!((next.minute.unwrap().remaining, next.day.unwrap().remaining), (4, 49_994));
}

#[test]
fn a_loan_of_the_last_minute_counts_there_and_in_the_same_day() {
    let (mut account, mut desk) = lent(5_000);
    account.set_limits(limits(5_000, Some(100_000)));
    let late = Timestamp(START.floor(MINUTE_MS).0 + MINUTE_MS - 1);
    let next = Timestamp(late.0 + 1);
    account.leased(Reservation {
        day: START.0.div_euclid(DAY_MS),
        reserved: 1_000,
    });
    let first = taken(account.charge(1, next));
    assert_eq!(
        (first.minute.unwrap().remaining, first.day.unwrap().remaining),
        (4_999, 100_000 - 33)
    );
    // Drawn by a call of the last minute, after the first of the new one.
    assert_eq!(remaining(desk.draw(&DIGEST, draw(late))), Some(5_000 - 33));
    let second = taken(account.charge(1, next));
    assert_eq!(
        (second.minute.unwrap().remaining, second.day.unwrap().remaining),
        (4_998, 100_000 - 35)
    );
}

#[test]
fn a_changed_limit_is_told_less_what_was_called_before() {
    let (mut account, mut desk) = lent(5_000);
    desk.draw(&DIGEST, draw(START));
    account.set_limits(Limits::per_minute(200));
    assert_eq!(charged(&mut account, START), Some(200 - 34));
    for owed in desk.forget(None) {
        account.settle(1, &owed);
    }
    ask(&mut account, &mut desk, 2, 32);
    assert_eq!(remaining(desk.draw(&DIGEST, draw(START))), Some(200 - 35));
    account.set_limits(Limits::per_minute(20));
    assert_eq!(account.charge(1, START), Charge::Recall);
    assert_eq!(taken(account.charge(0, START)).minute.unwrap().remaining, 0);
}

#[test]
fn a_minute_goes_on_where_it_was_written_down() {
    let (mut account, mut desk) = lent(1_000);
    desk.draw(&DIGEST, draw(START));
    let minute = MinuteCount {
        start_at: START.floor(MINUTE_MS),
        calls: 33,
    };
    assert_eq!(account.minute_to_note(START), Some(minute));
    assert_eq!(account.minute_to_note(START), None);
    assert_eq!(account.minute(START), Some(minute));
    assert_eq!(account.minute(Timestamp(minute.start_at.0 + MINUTE_MS)), None);
    let durable = Durable {
        day: None,
        minute: Some(minute),
    };
    let mut again = Account::new(Limits::per_minute(35), durable);
    assert_eq!(again.minute_to_note(START), None);
    assert_eq!(charged(&mut again, START), Some(1));
    assert_eq!(charged(&mut again, START), Some(0));
    assert!(matches!(again.charge(1, START), Charge::Refused(_)));
    assert_eq!(charged(&mut again, Timestamp(START.0 + MINUTE_MS)), Some(34));
}
