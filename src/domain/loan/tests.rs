//! Loans by example; by property in `model`.

use super::*;
use crate::domain::api_key::Digest;
use crate::domain::rate_limit::{LEND_FROM, LOAN_MAX, Limits};
use crate::domain::time::MINUTE_MS;

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
    let mut account = Account::new(Limits::per_minute(per_minute), None);
    for _ in 0..32 {
        assert!(matches!(account.charge(1, START), Charge::Taken(_)));
    }
    let mut desk = Desk::default();
    ask(&mut account, &mut desk, 1, 32);
    (account, desk)
}

fn ask(account: &mut Account, desk: &mut Desk<()>, number: u64, calls: u32) {
    for owed in desk.depart(number, [DIGEST].iter()) {
        account.settle(1, &owed);
    }
    account.hear(1, number);
    let terms = account.terms(asker(number, calls), START);
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
    let mut slow = Account::new(Limits::per_minute(1_000), None);
    slow.charge(1, START);
    assert_eq!(slow.terms(asker(1, 7), START).loan, None);
    let mut narrow = Account::new(Limits::per_minute(LEND_FROM - 1), None);
    narrow.charge(0, START);
    assert_eq!(narrow.terms(asker(1, 32), START).loan, None);
    let mut enough = Account::new(Limits::per_minute(LEND_FROM), None);
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
    let mut account = Account::new(limits, None);
    while let Charge::Reserve(reservation) = account.charge(1, START) {
        account.leased(reservation);
    }
    let loan = account.terms(asker(1, 32), START).loan.unwrap();
    assert!(loan.permits <= 8, "more than a crash may cost");
    let next = Timestamp(loan.until().0);
    let Charge::Taken(quota) = account.charge(0, next) else {
        panic!()
    };
    assert_eq!(quota.day.unwrap().remaining, 500 - 1 - loan.permits);
    let owed = Owed {
        account: KEY,
        number: 1,
        unused: loan.permits - 2,
        usage: None,
    };
    assert!(account.settle(1, &owed));
    assert!(!account.settle(1, &owed));
    let Charge::Taken(quota) = account.charge(0, next) else {
        panic!()
    };
    assert_eq!((quota.day.unwrap().remaining, quota.minute.unwrap().remaining), (497, 1_000));
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
