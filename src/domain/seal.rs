//! Sealing of what must be read back: signing secrets, tokens, replayed answers.
//!
//! AES-256-GCM with the master key. The context (an endpoint's id, say) is authenticated but not stored, so that a sealed
//! text moved to another row does not open there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What starts a sealed text; a further version will tell another cipher or key.
const VERSION: &str = "v1.";

/// Seals and opens with one master key.
#[derive(Clone)]
pub struct Sealer {
    key: Arc<LessSafeKey>,
}

/// Nothing was sealed; happens only for texts of many gigabytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text cannot be sealed")]
pub struct SealError;

impl Sealer {
    /// Takes up the master key; `None` only where the cipher refuses a 32-byte key, which it never does.
    pub fn new(key: [u8; 32]) -> Option<Self> {
        let key = Zeroizing::new(key);
        let unbound = UnboundKey::new(&AES_256_GCM, key.as_ref()).ok()?;
        Some(Self {
            key: Arc::new(LessSafeKey::new(unbound)),
        })
    }

    /// Seals a text for this context; a nonce is random and used once.
    pub fn seal(&self, plain: &[u8], nonce: [u8; NONCE_LEN], context: &str) -> Result<String, SealError> {
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut sealed[NONCE_LEN..],
            )
            .map_err(|_| SealError)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(format!("{VERSION}{}", STANDARD_NO_PAD.encode(sealed)))
    }

    /// Opens a sealed text; `None` where the key, the context or any character is another one.
    pub fn open(&self, sealed: &str, context: &str) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = STANDARD_NO_PAD.decode(sealed.strip_prefix(VERSION)?).ok()?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self
            .key
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut text)
            .ok()?
            .len();
        text.truncate(length);
        Some(text)
    }

    /// Opens a sealed text that is UTF-8.
    pub fn open_text(&self, sealed: &str, context: &str) -> Option<Zeroizing<String>> {
        let bytes = self.open(sealed, context)?;
        std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new([byte; 32]).unwrap()
    }

    #[test]
    fn only_the_same_key_and_context_open_it() {
        let sealed = sealer(1).seal(b"whsec_abc", [9; 12], "endpoint-1").unwrap();
        assert!(sealed.starts_with("v1."));
        assert_eq!(&*sealer(1).open_text(&sealed, "endpoint-1").unwrap(), "whsec_abc");
        assert!(sealer(2).open(&sealed, "endpoint-1").is_none());
        assert!(sealer(1).open(&sealed, "endpoint-2").is_none());
        for bad in ["", "v1.", "v2.AAAA", "v1.****", "v1.AAAA"] {
            assert!(sealer(1).open(bad, "endpoint-1").is_none(), "{bad}");
        }
        assert!(!format!("{:?}", sealer(0xab)).contains("ab"));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_and_no_change_goes_unnoticed(
            plain in prop::collection::vec(any::<u8>(), 0..200), nonce: [u8; 12], at: prop::sample::Index
        ) {
            let sealed = sealer(7).seal(&plain, nonce, "c").unwrap();
            let opened = sealer(7).open(&sealed, "c").unwrap();
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
            let mut bytes = STANDARD_NO_PAD.decode(&sealed[3..]).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= 1;
            let changed = format!("v1.{}", STANDARD_NO_PAD.encode(bytes));
            prop_assert!(sealer(7).open(&changed, "c").is_none());
        }
    }
}
