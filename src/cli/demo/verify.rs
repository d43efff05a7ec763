//! What a subscriber does with a delivery, step by step, in its own few lines: nothing of the server's signing code.
//!
//! Two signatures travel with each delivery: the dialect's own header, keyed with the secret's whole text, and the
//! Standard Webhooks headers, keyed with the decoded part after `whsec_`.

use super::receiver::Delivery;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA256, Key, sign, verify};

/// Oldest and newest time stamp a receiver should take, in seconds.
const TOLERANCE_S: i64 = 300;

/// The steps of the verification in words, or what is wrong.
pub(super) fn explain(delivery: &Delivery, secret: &str, now_s: i64) -> Result<Vec<String>, String> {
    let mut steps = Vec::new();
    if let Some(brand) = Brand::of(delivery) {
        steps.extend(brand_steps(&brand, delivery, secret, now_s)?);
    }
    steps.extend(standard_steps(delivery, secret, now_s)?);
    Ok(steps)
}

/// A dialect's own signature.
struct Brand {
    header: String,
    time: String,
    digests: Vec<String>,
}

impl Brand {
    /// Finds it by its form: `t=…,v1=…` in one header, or hex in one and the time in its neighbour.
    fn of(delivery: &Delivery) -> Option<Self> {
        let own = |name: &str| name.starts_with("x-") && name.ends_with("-signature");
        let (header, value) = delivery.headers.iter().find(|(name, _)| own(name))?;
        let pairs: Vec<_> = value.split(',').filter_map(|part| part.trim().split_once('=')).collect();
        let parts = |wanted: &str| {
            let found = pairs.iter().filter(|(key, _)| *key == wanted);
            found.map(|(_, text)| (*text).to_owned()).collect::<Vec<_>>()
        };
        let neighbour = || {
            delivery
                .header(&header.replace("-signature", "-timestamp"))
                .map(ToOwned::to_owned)
        };
        let (time, digests) = match parts("t").into_iter().next() {
            Some(time) => (time, parts("v1")),
            None => (neighbour()?, vec![value.clone()]),
        };
        Some(Self {
            header: header.clone(),
            time,
            digests,
        })
    }
}

fn brand_steps(brand: &Brand, delivery: &Delivery, secret: &str, now_s: i64) -> Result<Vec<String>, String> {
    fresh(&brand.time, now_s)?;
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    let signed = [brand.time.as_bytes(), b".", &delivery.body].concat();
    let right = brand
        .digests
        .iter()
        .filter_map(|digest| hex::decode(digest).ok())
        .any(|digest| verify(&key, &signed, &digest).is_ok());
    if !right {
        return Err(format!("{} does not sign this body with this secret", brand.header));
    }
    Ok(vec![
        format!("{}: the time {} is within {TOLERANCE_S} s of now", brand.header, brand.time),
        format!("  signed text  {}.<body of {} bytes>", brand.time, delivery.body.len()),
        "  key          the secret's whole text, whsec_ included".to_owned(),
        format!("  HMAC-SHA256  {}  equals the header", hex::encode(sign(&key, &signed))),
    ])
}

fn standard_steps(delivery: &Delivery, secret: &str, now_s: i64) -> Result<Vec<String>, String> {
    let header = |name: &str| delivery.header(name).ok_or_else(|| format!("the header {name} is missing"));
    let (id, time, signatures) = (
        header("webhook-id")?,
        header("webhook-timestamp")?,
        header("webhook-signature")?,
    );
    fresh(time, now_s)?;
    let encoded = secret.strip_prefix("whsec_").ok_or("the secret does not begin with whsec_")?;
    let bytes = STANDARD
        .decode(encoded)
        .map_err(|error| format!("the secret is no base64: {error}"))?;
    let key = Key::new(HMAC_SHA256, &bytes);
    let signed = [id.as_bytes(), b".", time.as_bytes(), b".", &delivery.body].concat();
    let right = signatures
        .split(' ')
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .any(|digest| verify(&key, &signed, &digest).is_ok());
    if !right {
        return Err("webhook-signature does not sign this body with this secret".to_owned());
    }
    Ok(vec![
        format!("webhook-signature (Standard Webhooks): the time {time} is within {TOLERANCE_S} s of now"),
        format!("  signed text  {id}.{time}.<body of {} bytes>", delivery.body.len()),
        format!("  key          {} bytes, base64 after whsec_", bytes.len()),
        format!(
            "  HMAC-SHA256  v1,{}  equals the header",
            STANDARD.encode(sign(&key, &signed))
        ),
    ])
}

fn fresh(time: &str, now_s: i64) -> Result<(), String> {
    match time.parse::<i64>() {
        Ok(at) if (now_s - at).abs() <= TOLERANCE_S => Ok(()),
        Ok(at) => Err(format!("the time stamp {at} is more than {TOLERANCE_S} s from {now_s}")),
        Err(_) => Err(format!("the time stamp {time:?} is no number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn delivery(headers: &[(&str, &str)], body: &'static [u8]) -> Delivery {
        Delivery {
            headers: headers.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
            body: Bytes::from_static(body),
        }
    }

    /// The published vector of Standard Webhooks.
    fn standard(body: &'static [u8]) -> Delivery {
        delivery(
            &[
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ],
            body,
        )
    }

    #[test]
    fn the_published_vector_is_accepted_and_a_changed_byte_is_not() {
        assert!(explain(&standard(BODY), SECRET, 1_614_265_330).is_ok());
        let forged = explain(&standard(br#"{"test": 2432232315}"#), SECRET, 1_614_265_330);
        assert!(forged.unwrap_err().contains("webhook-signature"));
        let late = explain(&standard(BODY), SECRET, 1_614_265_631);
        assert!(late.unwrap_err().contains("time stamp"));
    }

    #[test]
    fn both_forms_of_a_brand_header_are_read_and_checked() {
        let joined = (
            "x-tbc-signature",
            "t=1790000000,v1=ec602f201d543b0a10400e2e63c26756d9cbb05b6db0eff66b37df24ebf6b95d",
        );
        let body = br#"{"id":"evt_42","type":"order.paid","created_at":"2026-09-21T14:13:20Z","workspace_id":"org_9","data":{"id":"ord_5"}}"#;
        let apart = [
            (
                "x-ocb-signature",
                "bc3469fbda714e72c5a2fef020fc34da9331be8baa642ed6f3cb63629671b97f",
            ),
            ("x-ocb-timestamp", "1790000000"),
        ];
        let other = br#"{"id":"evt_7f3a","type":"purchase.completed","data":{"purchase_id":"pur_19"}}"#;
        for (delivery, secret) in [
            (delivery(&[joined], body), "tbcsec_amber-fox-13"),
            (delivery(&apart, other), "ocbsec_blue-otter-42"),
        ] {
            let brand = Brand::of(&delivery).unwrap();
            assert!(brand_steps(&brand, &delivery, secret, 1_790_000_000).is_ok());
            assert!(brand_steps(&brand, &delivery, "another", 1_790_000_000).is_err());
        }
    }
}
