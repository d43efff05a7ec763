//! Each mistake of a receiver is told by its name.

use super::doctor::{Finding, Scheme, at, examine};
use super::{Base, Diagnosis, Suspicion, brand_hex, hmac_sha256, standard, standard_key, t_v1};
use crate::domain::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &[u8] = br#"{"id":"evt_1","data":{"price":19.95}}"#;
const AT_S: i64 = 1_790_000_000;
const NOW: Timestamp = Timestamp::from_seconds(AT_S);

fn brand(header: &str, secret: &str, body: &[u8]) -> Result<(), Finding> {
    examine(
        &Scheme::TV1 {
            id: Some("evt_1"),
            header: Some(header),
        },
        &at(secret, body, NOW),
    )
}

#[test]
fn what_is_right_is_right() {
    assert_eq!(brand(&t_v1(&[SECRET], AT_S, BODY), SECRET, BODY), Ok(()));
    let seconds = AT_S.to_string();
    let signature = standard(&[SECRET], "evt_1", AT_S, BODY);
    let scheme = Scheme::Standard {
        id: Some("evt_1"),
        timestamp: Some(&seconds),
        signature: signature.as_deref(),
    };
    assert_eq!(examine(&scheme, &at(SECRET, BODY, NOW)), Ok(()));
}

#[test]
fn each_mistake_has_its_name() {
    let header = t_v1(&[SECRET], AT_S, BODY);
    let pretty = b"{\n  \"id\": \"evt_1\",\n  \"data\": {\n    \"price\": 19.95\n  }\n}";
    assert_eq!(brand(&header, SECRET, pretty), Err(Finding::Reprinted));
    assert_eq!(brand(&header, &format!(" \"{SECRET}\"\n"), BODY), Err(Finding::PaddedSecret));
    assert_eq!(brand(&header, &SECRET["whsec_".len()..], BODY), Err(Finding::BareSecret));
    let digest = hmac_sha256(SECRET.as_bytes(), &[AT_S.to_string().as_bytes(), b".", BODY]);
    let base64 = format!("t={AT_S},v1={}", STANDARD.encode(digest));
    assert_eq!(brand(&base64, SECRET, BODY), Err(Finding::Base64ForHex));
    let millis = t_v1(&[SECRET], AT_S * 1000, BODY);
    assert_eq!(brand(&millis, SECRET, BODY), Err(Finding::TimeInMilliseconds));
    let other = brand(&t_v1(&["whsec_other"], AT_S, BODY), SECRET, BODY);
    assert_eq!(other, Err(Finding::Checked(Diagnosis::Mismatch(Suspicion::Unknown))));
    let alone = format!("t={AT_S},v1={}", hex::encode(hmac_sha256(SECRET.as_bytes(), &[BODY])));
    assert_eq!(
        brand(&alone, SECRET, BODY),
        Err(Finding::Checked(Diagnosis::Mismatch(Suspicion::BodyAlone)))
    );
    let old = t_v1(&[SECRET], AT_S - 301, BODY);
    assert_eq!(
        brand(&old, SECRET, BODY),
        Err(Finding::Checked(Diagnosis::TooOld { age_s: 301 }))
    );
}

#[test]
fn the_other_schemes_have_their_mistakes_too() {
    let seconds = AT_S.to_string();
    let digest = STANDARD.encode(hex::decode(brand_hex(SECRET, AT_S, BODY)).unwrap());
    let scheme = Scheme::Hex {
        id: None,
        signature: Some(&digest),
        timestamp: Some(&seconds),
    };
    assert_eq!(examine(&scheme, &at(SECRET, BODY, NOW)), Err(Finding::Base64ForHex));
    let entry = standard(&[SECRET], "evt_1", AT_S, BODY).unwrap();
    let hexed = format!("v1,{}", hex::encode(STANDARD.decode(&entry["v1,".len()..]).unwrap()));
    let scheme = Scheme::Standard {
        id: Some("evt_1"),
        timestamp: Some(&seconds),
        signature: Some(&hexed),
    };
    assert_eq!(examine(&scheme, &at(SECRET, BODY, NOW)), Err(Finding::HexForBase64));
    let scheme = Scheme::Standard {
        id: None,
        timestamp: Some(&seconds),
        signature: Some(&entry),
    };
    assert_eq!(
        examine(&scheme, &at(SECRET, BODY, NOW)),
        Err(Finding::Checked(Diagnosis::MissingId))
    );
}

#[test]
fn other_texts_that_were_signed_are_named() {
    let time = AT_S.to_string();
    let under_brand = |parts: &[&[u8]]| {
        let header = format!("t={AT_S},v1={}", hex::encode(hmac_sha256(SECRET.as_bytes(), parts)));
        brand(&header, SECRET, BODY)
    };
    let base = |base| Err(Finding::WrongBase(base));
    assert_eq!(under_brand(&[b"evt_1.", time.as_bytes(), b".", BODY]), base(Base::IdTimeBody));
    assert_eq!(under_brand(&[BODY, b".", time.as_bytes()]), base(Base::BodyTime));
    assert_eq!(under_brand(&[time.as_bytes(), BODY]), base(Base::TimeBodyJoined));
    let key = standard_key(SECRET).unwrap();
    let digest = STANDARD.encode(hmac_sha256(&key, &[time.as_bytes(), b".", BODY]));
    let signature = format!("v1,{digest}");
    let scheme = Scheme::Standard {
        id: Some("evt_1"),
        timestamp: Some(&time),
        signature: Some(&signature),
    };
    assert_eq!(examine(&scheme, &at(SECRET, BODY, NOW)), base(Base::TimeBody));
}

#[test]
fn bodies_that_were_handled_are_named() {
    let body = br#"{"id":"evt_1","data":{"price":5.0,"count":2}}"#;
    let header = t_v1(&[SECRET], AT_S, body);
    let found = |body: &[u8]| brand(&header, SECRET, body).unwrap_err();
    assert_eq!(
        found(br#"{"id":"evt_1","data":{"price":5,"count":2}}"#),
        Finding::WholeNumbers
    );
    assert_eq!(found(br#"{"data":{"count":2,"price":5.0},"id":"evt_1"}"#), Finding::Sorted);
    let text = std::str::from_utf8(body).unwrap();
    assert_eq!(found(serde_json::to_string(text).unwrap().as_bytes()), Finding::Quoted);
    assert_eq!(found(format!("\u{feff}{text}").as_bytes()), Finding::ByteOrderMark);
    assert_eq!(found(format!("{text}\r\n").as_bytes()), Finding::LineEnd);
}

#[test]
fn an_empty_secret_and_capitals_are_named() {
    let header = t_v1(&[SECRET], AT_S, BODY);
    assert_eq!(brand(&header, " ", BODY), Err(Finding::EmptySecret));
    let (time, digest) = header.split_once(",v1=").unwrap();
    let capitals = format!("{time},v1={}", digest.to_uppercase());
    assert_eq!(brand(&capitals, SECRET, BODY), Err(Finding::UpperCase));
}
