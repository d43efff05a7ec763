//! The form of generated webhook signing secrets: `whsec_` and 32 characters.
//!
//! One secret serves two schemes. Its whole text keys the dialect's own signature header; the part after `whsec_`,
//! base64-decoded, keys Standard Webhooks. The hex form is valid base64 too, so it serves both as well.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What starts every generated secret.
pub const SECRET_PREFIX: &str = "whsec_";

/// How the 32 characters are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretForm {
    /// Base64 of 24 random bytes.
    #[default]
    Base64,
    /// Lower-case hex of 16 random bytes, as the Sellf contract prints it.
    Hex,
}

/// An endpoint's signing secret; its text is shown in the creation answer and nowhere else.
#[derive(Clone, Debug)]
pub struct WebhookSecret(SecretString);

impl WebhookSecret {
    /// Makes a secret of this form; `random` comes from a generator fit for secrets (hex uses its first 16 bytes).
    pub fn mint(form: SecretForm, random: [u8; 24]) -> Self {
        let body = match form {
            SecretForm::Base64 => STANDARD.encode(random),
            SecretForm::Hex => hex::encode(&random[..16]),
        };
        Self(SecretString::from(format!("{SECRET_PREFIX}{body}")))
    }

    /// Takes up a stored secret's text.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The whole text.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::standard_key;

    #[test]
    fn both_forms_are_thirty_two_characters_that_key_both_schemes() {
        for form in [SecretForm::Base64, SecretForm::Hex] {
            let secret = WebhookSecret::mint(form, [0xfb; 24]);
            let body = secret.expose().strip_prefix(SECRET_PREFIX).unwrap();
            assert_eq!(body.len(), 32, "{form:?}");
            assert_eq!(standard_key(secret.expose()).unwrap().len(), 24);
            assert!(!format!("{secret:?}").contains(body));
        }
        let hex = WebhookSecret::mint(SecretForm::Hex, [0xfb; 24]);
        assert_eq!(hex.expose(), "whsec_fbfbfbfbfbfbfbfbfbfbfbfbfbfbfbfb");
    }
}
