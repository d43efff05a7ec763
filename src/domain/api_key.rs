//! The form of API keys and session tokens: minting, reading, digesting.
//!
//! A key is the dialect's prefix and 64 lower-case hex digits, that is 32 bytes: 20 random, 8 for the tenant's route and
//! 4 of checksum, in this order, so that the shown prefix stays random. Secret scanners may look for
//! `[a-z]{2,8}_(live_|test_)?[0-9a-f]{64}`. The checksum stops typos and noise before any actor or row is touched; it is
//! no defence against attackers, who can compute it too. A session token is `fos_` and 32 random bytes in hex.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// What starts every session token.
pub const SESSION_PREFIX: &str = "fos_";

/// Hex digits after a key's or token's prefix.
const BODY_DIGITS: usize = 64;
const RANDOM_BYTES: usize = 20;
const ROUTE_BYTES: usize = 8;
const CHECKED_BYTES: usize = RANDOM_BYTES + ROUTE_BYTES;
/// Characters kept for display, as the published contracts print them.
const SHOWN_CHARS: usize = 12;
/// Longest prefix a key may carry, in bytes; keeps hostile input from being hashed at length.
const PREFIX_MAX: usize = 32;

/// Where a tenant's actor lives: random per tenant, the same for good, part of every key of his.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantRoute(pub [u8; ROUTE_BYTES]);

impl TenantRoute {
    /// Reads the column's 8 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The route as a number, for choosing a shard.
    pub const fn number(self) -> u64 {
        u64::from_be_bytes(self.0)
    }
}

impl fmt::Display for TenantRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// SHA-256 of a credential's whole text: the only form in which a credential is stored or looked up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Digests a credential's whole text.
    pub fn of(raw: &str) -> Self {
        Self(Sha256::digest(raw.as_bytes()).into())
    }

    /// Reads the column's 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads 64 hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0_u8; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Tells whether both are equal in time that does not depend on where they differ.
    pub fn ct_eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// The digest in lower-case hex.
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for Digest {
    /// Shows the first 4 bytes: enough to tell two apart in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({}..)", hex::encode(&self.0[..4]))
    }
}

/// A freshly made credential; its text leaves the server once.
#[derive(Clone, Debug)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// The whole text, for the one answer that shows it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is stored of it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.expose())
    }

    /// Its first 12 characters, for display.
    pub fn prefix(&self) -> String {
        key_prefix(self.expose())
    }
}

/// What a credential's text tells without a look at any row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The tenant it was made for; `None` where the form or the checksum is not ours, as with imported keys.
    pub route: Option<TenantRoute>,
    /// What to look it up by.
    pub digest: Digest,
}

/// Makes a key of this prefix for the tenant of this route; `random` comes from a generator fit for secrets.
pub fn mint(prefix: &str, random: [u8; RANDOM_BYTES], route: TenantRoute) -> ApiKey {
    let mut checked = [0_u8; CHECKED_BYTES];
    checked[..RANDOM_BYTES].copy_from_slice(&random);
    checked[RANDOM_BYTES..].copy_from_slice(&route.0);
    let text = format!("{prefix}{}{}", hex::encode(checked), hex::encode(checksum(prefix, &checked)));
    ApiKey(SecretString::from(text))
}

/// Makes a session token; `random` comes from a generator fit for secrets.
pub fn mint_session(random: [u8; 32]) -> ApiKey {
    ApiKey(SecretString::from(format!("{SESSION_PREFIX}{}", hex::encode(random))))
}

/// Reads a credential's text; never fails, since an imported key may have any form.
pub fn parse(raw: &str) -> Parsed {
    Parsed {
        route: route_of(raw),
        digest: Digest::of(raw),
    }
}

/// Tells whether the text has the form of a session token.
pub fn is_session(raw: &str) -> bool {
    raw.strip_prefix(SESSION_PREFIX)
        .is_some_and(|body| body.len() == BODY_DIGITS && body.bytes().all(is_lower_hex))
}

/// The first 12 characters of a key, kept for display; all of a shorter one.
pub fn key_prefix(raw: &str) -> String {
    raw.chars().take(SHOWN_CHARS).collect()
}

fn route_of(raw: &str) -> Option<TenantRoute> {
    let cut = raw.len().checked_sub(BODY_DIGITS)?;
    let (prefix, body) = raw.split_at_checked(cut)?;
    // Upper-case hex is refused: its text has another digest, so no row could match.
    if prefix.len() > PREFIX_MAX || !body.bytes().all(is_lower_hex) {
        return None;
    }
    let mut bytes = [0_u8; BODY_DIGITS / 2];
    hex::decode_to_slice(body, &mut bytes).ok()?;
    let (checked, sum) = bytes.split_at(CHECKED_BYTES);
    if sum != checksum(prefix, checked) {
        return None;
    }
    TenantRoute::from_slice(&checked[RANDOM_BYTES..])
}

fn checksum(prefix: &str, checked: &[u8]) -> [u8; 4] {
    let sum = Sha256::new()
        .chain_update(b"fondaco-key")
        .chain_update(prefix.as_bytes())
        .chain_update(checked)
        .finalize();
    [sum[0], sum[1], sum[2], sum[3]]
}

const fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROUTE: TenantRoute = TenantRoute([1, 2, 3, 4, 5, 6, 7, 8]);

    #[test]
    fn a_key_is_its_prefix_and_sixty_four_hex_digits() {
        let key = mint("fo_live_", [0xab; 20], ROUTE);
        assert!(key.expose().starts_with("fo_live_abababab"));
        assert_eq!(key.expose().len(), 8 + 64);
        assert_eq!(key.prefix(), "fo_live_abab");
        assert_eq!(parse(key.expose()).route, Some(ROUTE));
        assert_eq!(parse(key.expose()).digest, key.digest());
    }

    #[test]
    fn another_prefix_or_upper_case_breaks_the_checksum() {
        let key = mint("sf_live_", [7; 20], ROUTE);
        let renamed = key.expose().replacen("sf_live_", "sf_test_", 1);
        assert_eq!(parse(&renamed).route, None);
        let (prefix, body) = key.expose().split_at(8);
        assert_eq!(parse(&format!("{prefix}{}", body.to_uppercase())).route, None);
    }

    #[test]
    fn the_published_key_hash_is_met() {
        let digest = Digest::of("cgls_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
        assert_eq!(
            digest.hex(),
            "a794eb915b805a0c80eca0c759093a3c9caf0630a82ce7b6a794542d7ebb0460"
        );
        assert!(digest.ct_eq(&Digest::from_hex(&digest.hex()).unwrap()));
        assert!(!digest.ct_eq(&Digest::of("x")));
    }

    #[test]
    fn session_tokens_are_known_by_their_form() {
        let token = mint_session([0x5a; 32]);
        assert!(is_session(token.expose()));
        assert!(!is_session("fos_5a"));
        assert!(!is_session(mint("fo_live_", [1; 20], ROUTE).expose()));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let key = mint("fo_live_", [0xab; 20], ROUTE);
        assert!(!format!("{key:?}").contains("abab"));
        assert!(format!("{:?}", key.digest()).len() < 24);
    }

    #[test]
    fn odd_texts_are_read_without_harm() {
        for raw in ["", "x", "é", &"é".repeat(40), &"0".repeat(64), &"a".repeat(5000)] {
            assert_eq!(parse(raw).route, None, "{raw}");
            let _ = key_prefix(raw);
        }
    }

    proptest! {
        #[test]
        fn any_minted_key_leads_back_to_its_tenant(random: [u8; 20], route: [u8; 8], prefix in "[a-z]{2,4}_(live_|test_)?") {
            let key = mint(&prefix, random, TenantRoute(route));
            prop_assert_eq!(parse(key.expose()).route, Some(TenantRoute(route)));
        }

        #[test]
        fn one_wrong_digit_is_noticed(random: [u8; 20], at in 0_usize..64, step in 1_u8..16) {
            let key = mint("fo_live_", random, ROUTE);
            let mut bytes = key.expose().as_bytes().to_vec();
            let digit = char::from(bytes[8 + at]).to_digit(16).unwrap() as u8;
            bytes[8 + at] = b"0123456789abcdef"[usize::from((digit + step) % 16)];
            prop_assert_eq!(parse(std::str::from_utf8(&bytes).unwrap()).route, None);
        }

        #[test]
        fn reading_never_panics(raw in ".{0,120}") {
            let _ = parse(&raw);
        }
    }
}
