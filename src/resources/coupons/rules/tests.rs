//! What coupons are worth, in numbers.

use super::*;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

fn coupon(percent_ppm: Option<i64>, amount_minor: Option<i64>) -> Model {
    Model {
        id: Uuid::from_u128(1),
        tenant: Uuid::from_u128(2),
        mode: entities::Mode::Live,
        code: "SPRING".to_owned(),
        code_given: None,
        name: String::new(),
        percent_ppm,
        amount_minor,
        currency: amount_minor.map(|_| "USD".to_owned()),
        is_active: true,
        is_public: false,
        exclude_order_bumps: false,
        starts_at: 1_000,
        expires_at: Some(2_000),
        usage_limit_global: None,
        usage_limit_per_user: Some(1),
        allowed_emails: Vec::new().into(),
        allowed_products: Vec::new().into(),
        usage_count: 0,
        offer: None,
        offer_payment: None,
        created_at: 0,
        updated_at: 0,
        deleted_at: None,
    }
}

fn lines(amounts: &[(bool, i64)]) -> Vec<Line> {
    let line = |(is_bump, amount_minor): &(bool, i64)| Line {
        is_bump: *is_bump,
        amount_minor: *amount_minor,
    };
    amounts.iter().map(line).collect()
}

fn asked() -> Asked {
    Asked {
        code: "spring".to_owned(),
        email: Some("Ann@Example.com".to_owned()),
        product: Uuid::from_u128(7),
        currency: "USD".to_owned(),
        lines: lines(&[(false, 1995)]),
    }
}

fn change(value: serde_json::Value) -> UpdateCoupon {
    serde_json::from_value(value).unwrap()
}

#[test]
fn shares_are_rounded_half_up_once_and_split_without_loss() {
    let twenty = coupon(Some(200_000), None);
    assert_eq!(discounts(&twenty, &lines(&[(false, 1995)])), [399]);
    assert_eq!(discounts(&coupon(Some(500_000), None), &lines(&[(false, 1)])), [1]);
    assert_eq!(
        discounts(&coupon(Some(333_333), None), &lines(&[(false, 100), (true, 101)])),
        [33, 34]
    );
    assert_eq!(
        discounts(&coupon(Some(1_000_000), None), &lines(&[(false, 1995), (true, 5)])),
        [1995, 5]
    );
}

#[test]
fn an_amount_is_never_more_than_what_it_is_taken_from() {
    let ten = coupon(None, Some(1000));
    assert_eq!(discounts(&ten, &lines(&[(false, 700), (true, 200)])), [700, 200]);
    assert_eq!(discounts(&ten, &lines(&[(false, 3000), (true, 1000)])), [750, 250]);
    let main_only = Model {
        exclude_order_bumps: true,
        ..ten
    };
    assert_eq!(discounts(&main_only, &lines(&[(false, 700), (true, 200)])), [700, 0]);
    assert_eq!(discounts(&main_only, &[]), Vec::<i64>::new());
}

#[test]
fn every_reason_against_a_use_is_found() {
    let now = Timestamp(1_500);
    let base = coupon(None, Some(100));
    assert_eq!(usable(&base, &asked(), now), Ok(()));
    let with = |edit: &dyn Fn(&mut Model)| {
        let mut row = base.clone();
        edit(&mut row);
        usable(&row, &asked(), now)
    };
    assert_eq!(with(&|row| row.is_active = false), Err(Unusable::Inactive));
    assert_eq!(with(&|row| row.starts_at = 1_501), Err(Unusable::NotYet));
    assert_eq!(with(&|row| row.expires_at = Some(1_500)), Err(Unusable::Expired));
    assert_eq!(
        with(&|row| row.allowed_products = vec![Uuid::nil()].into()),
        Err(Unusable::NotForProduct)
    );
    assert_eq!(
        with(&|row| row.currency = Some("EUR".to_owned())),
        Err(Unusable::OtherCurrency)
    );
    let others = |row: &mut Model| row.allowed_emails = vec!["ben@example.com".to_owned()].into();
    assert_eq!(with(&others), Err(Unusable::NotForBuyer));
    assert_eq!(
        with(&|row| row.allowed_emails = vec!["ann@example.com".to_owned()].into()),
        Ok(())
    );
    let mut row = base.clone();
    others(&mut row);
    let nobody = Asked { email: None, ..asked() };
    assert_eq!(usable(&row, &nobody, now), Err(Unusable::BuyerUnknown));
}

#[test]
fn limits_leave_a_use_or_say_which_does_not() {
    let row = Model {
        usage_limit_global: Some(3),
        ..coupon(Some(1), None)
    };
    assert_eq!(left(&row, Gone { all: 2, buyers: 0 }), Ok(()));
    assert_eq!(left(&row, Gone { all: 3, buyers: 0 }), Err(Unusable::UsedUp));
    assert_eq!(left(&row, Gone { all: 2, buyers: 1 }), Err(Unusable::UsedByBuyer));
}

#[test]
fn worth_is_judged_with_what_the_coupon_was() {
    let percent = |value: serde_json::Value| {
        worth(
            None,
            &change(json!({ "discount_type": "percentage", "discount_value": value })),
        )
    };
    assert_eq!(percent(json!(20)).unwrap(), Worth::Percent(200_000));
    assert_eq!(percent(json!(33.3333)).unwrap(), Worth::Percent(333_333));
    assert_eq!(percent(json!(100)).unwrap(), Worth::Percent(1_000_000));
    for bad in [json!(0), json!(100.01), json!(12.34567)] {
        assert_eq!(percent(bad).unwrap_err().fields[0].field, "discount_value");
    }
    let old = coupon(None, Some(500));
    let same = worth(Some(&old), &change(json!({ "is_active": false }))).unwrap();
    assert_eq!(
        same,
        Worth::Fixed {
            amount_minor: 500,
            currency: "USD".to_owned()
        }
    );
    let other = worth(Some(&old), &change(json!({ "discount_type": "percentage" })));
    assert_eq!(other.unwrap_err().fields[0].field, "discount_value");
    let none = worth(
        None,
        &change(json!({ "discount_type": "fixed", "discount_value": 5, "amount_minor": 500 })),
    );
    assert_eq!(none.unwrap_err().fields[0].field, "currency");
}

#[test]
fn percent_is_told_as_it_was_said() {
    for (ppm, text) in [
        (200_000, "20"),
        (125_000, "12.5"),
        (333_333, "33.3333"),
        (1, "0.0001"),
        (1_000_000, "100"),
    ] {
        assert_eq!(percent(ppm).unwrap().to_string(), text);
    }
}

#[test]
fn lists_are_ordered_by_either_spelling() {
    assert_eq!(order(None, None, None).unwrap(), ("created_at", true));
    assert_eq!(order(Some("code"), Some("name"), None).unwrap(), ("code", false));
    assert_eq!(order(Some("-name"), None, Some("asc")).unwrap(), ("name", true));
    assert_eq!(order(None, Some("name"), Some("asc")).unwrap(), ("name", false));
    assert!(order(Some("price"), None, None).is_err());
    assert!(order(None, Some("-name"), None).is_err());
}

proptest! {
    #[test]
    fn a_discount_is_never_negative_nor_more_than_its_line(
        ppm in proptest::option::of(1_i64..=1_000_000),
        amount in 1_i64..1_000_000,
        exclude in any::<bool>(),
        parts in proptest::collection::vec((any::<bool>(), 0_i64..500_000), 0..8),
    ) {
        let mut row = coupon(ppm, ppm.is_none().then_some(amount));
        row.exclude_order_bumps = exclude;
        let asked = lines(&parts);
        let given = discounts(&row, &asked);
        prop_assert_eq!(given.len(), asked.len());
        for (line, discount) in asked.iter().zip(&given) {
            prop_assert!((0..=line.amount_minor).contains(discount));
            prop_assert!(!(exclude && line.is_bump) || *discount == 0);
        }
        let eligible: i64 = asked.iter().filter(|line| !(exclude && line.is_bump)).map(|line| line.amount_minor).sum();
        let expected = match ppm {
            Some(ppm) => share(eligible, ppm, WHOLE_PPM),
            None => amount.min(eligible),
        };
        prop_assert_eq!(given.iter().sum::<i64>(), expected);
    }
}
