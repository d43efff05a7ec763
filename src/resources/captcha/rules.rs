//! Pure decisions about proofs.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The largest number a browser has to try: a blink for one, and a cost for who asks thousands of times.
pub(super) const NUMBER_MAX: u64 = 50_000;

/// Who gives a shop's puzzles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    /// Nobody: no proof is asked for.
    None,
    /// Cloudflare.
    Turnstile,
    /// This server.
    Altcha,
}

impl Provider {
    /// The one a shop has chosen; Turnstile without its keys is none.
    pub(super) fn of(set: &Map<String, Value>) -> Self {
        let text = |name: &str| set.get(name).and_then(Value::as_str);
        let has_keys = text("turnstile_site_key").is_some() && text("turnstile_secret_key_sealed").is_some();
        match text("captcha_provider") {
            Some("turnstile") if has_keys => Self::Turnstile,
            Some("altcha") => Self::Altcha,
            _ => Self::None,
        }
    }
}

/// What a page needs to show a puzzle.
pub(super) fn shown(provider: Provider, site_key: Option<&str>, public_url: &str) -> Value {
    match provider {
        Provider::None => {
            json!({"provider": "none", "siteKey": null, "scriptUrl": null, "widgetTag": null, "challengeUrl": null})
        }
        Provider::Turnstile => json!({
            "provider": "turnstile",
            "siteKey": site_key,
            "scriptUrl": "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit",
            "widgetTag": null,
            "challengeUrl": null,
        }),
        Provider::Altcha => json!({
            "provider": "altcha",
            "siteKey": null,
            "scriptUrl": "https://cdn.jsdelivr.net/npm/altcha/dist/altcha.min.js",
            "widgetTag": "altcha-widget",
            "challengeUrl": format!("{public_url}/api/captcha/challenge"),
        }),
    }
}

/// The digest a number has to be found for.
pub(super) fn digest(salt: &str, number: u64) -> String {
    hex::encode(Sha256::digest(format!("{salt}{number}")))
}

/// What a browser found.
#[derive(Debug, Deserialize)]
pub(super) struct Solution {
    pub algorithm: String,
    pub challenge: String,
    pub number: u64,
    pub salt: String,
    pub signature: String,
}

impl Solution {
    /// Reads the widget's token.
    pub(super) fn read(token: &str) -> Option<Self> {
        let token = token.trim();
        let bytes = STANDARD.decode(token).or_else(|_| URL_SAFE_NO_PAD.decode(token)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Whether the number is the one that was asked for; whether we asked is told by the signature.
    pub(super) fn is_right(&self) -> bool {
        let is_known = self.algorithm.eq_ignore_ascii_case("SHA-256") && self.number <= NUMBER_MAX;
        is_known && digest(&self.salt, self.number) == self.challenge
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_right_or_wrong() {
        let token = |number: u64| {
            let told = json!({
                "algorithm": "SHA-256", "challenge": digest("salt", 42), "number": number, "salt": "salt", "signature": "x",
            });
            STANDARD.encode(told.to_string())
        };
        assert!(Solution::read(&token(42)).unwrap().is_right());
        assert!(!Solution::read(&token(41)).unwrap().is_right());
        for nonsense in ["", "x", "e30="] {
            assert!(Solution::read(nonsense).is_none(), "{nonsense}");
        }
    }

    #[test]
    fn what_is_not_set_up_asks_for_nothing() {
        let of = |set: Value| Provider::of(set.as_object().unwrap());
        assert_eq!(of(json!({})), Provider::None);
        assert_eq!(of(json!({"captcha_provider": "turnstile"})), Provider::None);
        assert_eq!(of(json!({"captcha_provider": "altcha"})), Provider::Altcha);
        let keys = json!({"captcha_provider": "turnstile", "turnstile_site_key": "1x", "turnstile_secret_key_sealed": "s"});
        assert_eq!(of(keys), Provider::Turnstile);
    }
}
