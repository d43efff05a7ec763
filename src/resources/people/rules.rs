//! Pure decisions: what a mailed link may be used for, for how long, and what it looks like.

use crate::domain::api_key::Digest;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// What starts the token of every mailed link.
const TOKEN_PREFIX: &str = "fot_";

/// What a mailed link may be used for; one for one purpose is worthless for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Proves the address.
    Verify,
    /// Sets a new password.
    Reset,
    /// Signs in.
    Link,
}

impl Purpose {
    /// Every purpose there is.
    pub(super) const ALL: [Self; 3] = [Self::Verify, Self::Reset, Self::Link];

    /// Name in the token's row, and last part of the page's path.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Link => "link",
        }
    }

    /// Kind of the mail that carries it.
    pub(super) const fn mail_kind(self) -> &'static str {
        match self {
            Self::Verify => "address_verification",
            Self::Reset => "password_reset",
            Self::Link => "sign_in_link",
        }
    }

    /// How long it is good.
    pub(super) const fn life(self) -> Duration {
        match self {
            Self::Verify => Duration::from_secs(24 * 3600),
            Self::Reset => Duration::from_secs(3600),
            Self::Link => Duration::from_secs(15 * 60),
        }
    }
}

/// The token of a mailed link; the database keeps its digest alone.
pub(super) struct Token(SecretString);

impl Token {
    /// Makes a token; `random` comes from a generator fit for secrets.
    pub(super) fn mint(random: [u8; 32]) -> Self {
        Self(SecretString::from(format!("{TOKEN_PREFIX}{}", hex::encode(random))))
    }

    /// The text that the mail carries.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What the row keeps.
    pub(super) fn digest(&self) -> Vec<u8> {
        digest(self.expose())
    }
}

/// SHA-256 of a token's text.
pub(super) fn digest(token: &str) -> Vec<u8> {
    Digest::of(token).0.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_its_row_does_not_hold_it() {
        let token = Token::mint([0xa5; 32]);
        assert_eq!(token.expose(), format!("fot_{}", "a5".repeat(32)));
        assert_eq!(token.digest(), digest(token.expose()));
        assert_eq!(token.digest().len(), 32);
        assert!(
            Purpose::ALL
                .iter()
                .all(|purpose| purpose.life() <= Duration::from_secs(24 * 3600))
        );
    }
}
