//! The published vectors, rotation, and what each mistake is diagnosed as.

use super::*;
use crate::domain::time::Timestamp;
use proptest::prelude::*;

const AT: i64 = 1_790_000_000;
const NOW: Timestamp = Timestamp::from_seconds(AT);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn checked<'a>(secret: &'a str, body: &'a [u8]) -> Checked<'a> {
    Checked { secret, body, now: NOW }
}

#[test]
fn the_licentric_example_is_met() {
    let body = br#"{"id":"evt_00112233445566778899aabbccddeeff","type":"license.suspended","createdAt":"2026-09-21T14:13:20.000Z","data":{"id":"3f2b8a52-6c0e-4b1d-9a77-0d5e6f7a8b9c"}}"#;
    let expected = "67f8b25c4ba665e505426934e66bfe7eedf46dbe15d5cb8f90d3582c8de83cab";
    assert_eq!(brand_hex("whsec_green-heron-77", AT, body), expected);
    assert_eq!(
        verify_hex(Some(expected), Some("1790000000"), &checked("whsec_green-heron-77", body)),
        Ok(())
    );
}

#[test]
fn the_licentric_signed_answer_is_met() {
    let key = "00000000000000000000000000000000ffffffffffffffffffffffffffffffff";
    assert_eq!(
        brand_hex(key, AT, br#"{"data":{"valid":true,"code":"VALID"}}"#),
        "ff9acc49c0681633700457b2a6c9c9dd192470e35c5d2bbe01de68577ee370db"
    );
}

#[test]
fn the_openclaw_example_is_met() {
    let body = br#"{"id":"evt_7f3a","type":"purchase.completed","data":{"purchase_id":"pur_19"}}"#;
    let expected = "bc3469fbda714e72c5a2fef020fc34da9331be8baa642ed6f3cb63629671b97f";
    assert_eq!(brand_hex("ocbsec_blue-otter-42", AT, body), expected);
}

#[test]
fn the_bigclass_example_is_met() {
    let body = br#"{"id":"evt_42","type":"order.paid","created_at":"2026-09-21T14:13:20Z","workspace_id":"org_9","data":{"id":"ord_5"}}"#;
    let expected = "t=1790000000,v1=ec602f201d543b0a10400e2e63c26756d9cbb05b6db0eff66b37df24ebf6b95d";
    assert_eq!(t_v1(&["tbcsec_amber-fox-13"], AT, body), expected);
    assert_eq!(verify_t_v1(Some(expected), &checked("tbcsec_amber-fox-13", body)), Ok(()));
}

#[test]
fn the_standard_webhooks_example_is_met() {
    let body = br#"{"test": 2432232314}"#;
    let (id, at) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
    let signature = standard(&[SECRET], id, at, body).unwrap();
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    let then = Checked {
        now: Timestamp::from_seconds(at + 299),
        ..checked(SECRET, body)
    };
    assert_eq!(verify_standard(Some(id), Some("1614265330"), Some(&signature), &then), Ok(()));
}

#[test]
fn while_rotating_either_secret_verifies_and_the_old_one_is_last() {
    let (new, old) = (SECRET, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let header = t_v1(&[new, old], AT, b"{}");
    assert!(header.ends_with(&brand_hex(old, AT, b"{}")));
    let both = standard(&[new, old], "evt_1", AT, b"{}").unwrap();
    assert_eq!(both.split(' ').count(), 2);
    for secret in [new, old] {
        assert_eq!(verify_t_v1(Some(&header), &checked(secret, b"{}")), Ok(()));
        assert_eq!(
            verify_standard(Some("evt_1"), Some("1790000000"), Some(&both), &checked(secret, b"{}")),
            Ok(())
        );
    }
}

#[test]
fn parts_come_in_any_order_and_unknown_ones_are_ignored() {
    let hex = brand_hex(SECRET, AT, b"x");
    let header = format!("v0=aa, v1={hex} ,x,t={AT}");
    assert_eq!(verify_t_v1(Some(&header), &checked(SECRET, b"x")), Ok(()));
}

#[test]
fn missing_and_malformed_parts_are_told_apart() {
    let subject = checked(SECRET, b"x");
    let hex = brand_hex(SECRET, AT, b"x");
    assert_eq!(verify_t_v1(None, &subject), Err(Diagnosis::MissingSignature));
    assert_eq!(verify_t_v1(Some("  "), &subject), Err(Diagnosis::MissingSignature));
    assert_eq!(
        verify_t_v1(Some(&format!("v1={hex}")), &subject),
        Err(Diagnosis::MissingTimestamp)
    );
    assert_eq!(
        verify_t_v1(Some(&format!("t=now,v1={hex}")), &subject),
        Err(Diagnosis::MalformedTimestamp)
    );
    assert_eq!(
        verify_t_v1(Some("t=1790000000,v1=zz"), &subject),
        Err(Diagnosis::MalformedSignature)
    );
    assert_eq!(verify_hex(Some(&hex), None, &subject), Err(Diagnosis::MissingTimestamp));
    assert_eq!(
        verify_hex(Some("abc"), Some("1"), &subject),
        Err(Diagnosis::MalformedSignature)
    );
    assert_eq!(
        verify_standard(None, Some("1"), Some("v1,aa"), &subject),
        Err(Diagnosis::MissingId)
    );
    let odd = checked("whsec_green-heron-77", b"x");
    assert_eq!(
        verify_standard(Some("a"), Some("1"), Some("v1,aa"), &odd),
        Err(Diagnosis::UnusableSecret)
    );
    assert_eq!(standard(&["whsec_green-heron-77"], "a", AT, b"x"), None);
}

#[test]
fn the_tolerance_is_three_hundred_seconds_either_way() {
    for (age_s, expected) in [
        (300, Ok(())),
        (-300, Ok(())),
        (301, Err(Diagnosis::TooOld { age_s: 301 })),
        (-301, Err(Diagnosis::TooNew { ahead_s: 301 })),
    ] {
        let header = t_v1(&[SECRET], AT - age_s, b"x");
        assert_eq!(verify_t_v1(Some(&header), &checked(SECRET, b"x")), expected);
    }
}

#[test]
fn the_usual_mistakes_are_named() {
    let mac = |key: &[u8], parts: &[&[u8]]| hex::encode(hmac_sha256(key, parts));
    let decoded = standard_key(SECRET).unwrap();
    let whole = SECRET.as_bytes();
    let table = [
        (mac(whole, &[b"x"]), Suspicion::BodyAlone),
        (mac(&decoded, &[b"1790000000.x"]), Suspicion::DecodedKey),
        (mac(&whole[6..], &[b"1790000000.x"]), Suspicion::RemainderTextKey),
        (mac(whole, &[b"1790000000.x\n"]), Suspicion::LineEnd),
        (mac(whole, &[b"1790000000000.x"]), Suspicion::Milliseconds),
        (mac(b"other", &[b"1790000000.x"]), Suspicion::Unknown),
    ];
    for (hex, why) in table {
        let verdict = verify_hex(Some(&hex), Some("1790000000"), &checked(SECRET, b"x"));
        assert_eq!(verdict, Err(Diagnosis::Mismatch(why)));
    }
    let wrong = STANDARD.encode(hmac_sha256(whole, &[b"evt_1.1790000000.x"]));
    let header = format!("v1,{wrong}");
    assert_eq!(
        verify_standard(Some("evt_1"), Some("1790000000"), Some(&header), &checked(SECRET, b"x")),
        Err(Diagnosis::Mismatch(Suspicion::WholeTextKey))
    );
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_what_is_changed_does_not(
        key: [u8; 24], id in "[a-z0-9_]{1,40}", body in prop::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index
    ) {
        let secret = format!("whsec_{}", STANDARD.encode(key));
        let header = t_v1(&[&secret], AT, &body);
        let entry = standard(&[&secret], &id, AT, &body).unwrap();
        let time = AT.to_string();
        prop_assert_eq!(verify_t_v1(Some(&header), &checked(&secret, &body)), Ok(()));
        prop_assert_eq!(verify_standard(Some(&id), Some(&time), Some(&entry), &checked(&secret, &body)), Ok(()));
        let mut changed = body.clone();
        changed[at.index(body.len())] ^= 1;
        prop_assert!(verify_t_v1(Some(&header), &checked(&secret, &changed)).is_err());
        prop_assert!(verify_standard(Some(&id), Some(&time), Some(&entry), &checked(&secret, &changed)).is_err());
    }

    #[test]
    fn no_header_makes_it_panic(header in ".{0,120}", time in ".{0,20}") {
        let subject = checked(SECRET, b"x");
        let _ = verify_t_v1(Some(&header), &subject);
        let _ = verify_hex(Some(&header), Some(&time), &subject);
        let _ = verify_standard(Some(&header), Some(&time), Some(&header), &subject);
    }
}
