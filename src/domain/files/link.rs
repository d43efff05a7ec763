//! Links to a file that end by themselves: path and moment, signed with HMAC-SHA256.

use crate::domain::signature::hmac_sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// How long a link is good, in seconds.
pub const GOOD_FOR_S: i64 = 900;
/// What the master key is turned into a key for links with, so that no other use of it can make one.
const PURPOSE: &[u8] = b"fondaco download links";

/// The key that links are signed with.
#[derive(Clone)]
pub struct LinkKey([u8; 32]);

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not what was signed.
    Forged,
    /// Its time is over.
    Expired,
}

impl LinkKey {
    /// The key for links under a master key.
    pub fn of(master: &[u8; 32]) -> Self {
        Self(hmac_sha256(master, &[PURPOSE]))
    }

    /// Path and query of a link to this file under this name, good until `expires_s`.
    pub fn write(&self, id: Uuid, name: &str, expires_s: i64) -> String {
        let expires = expires_s.to_string();
        let signature = self.signature(&id.to_string(), name, &expires);
        format!("/files/{id}/{name}?expires={expires}&signature={signature}")
    }

    /// Reads a link's parts, each as it came; answers the file.
    ///
    /// # Errors
    /// Says what is wrong with it; the signature is judged first, so that nobody learns anything from a moved moment.
    pub fn read(&self, id: &str, name: &str, query: &[(String, String)], now_s: i64) -> Result<Uuid, Refused> {
        let [(first, expires), (second, signature)] = query else {
            return Err(Refused::Forged);
        };
        if first != "expires" || second != "signature" {
            return Err(Refused::Forged);
        }
        let wanted = self.signature(id, name, expires);
        if !bool::from(wanted.as_bytes().ct_eq(signature.as_bytes())) {
            return Err(Refused::Forged);
        }
        let until: i64 = expires.parse().map_err(|_| Refused::Forged)?;
        if now_s >= until {
            return Err(Refused::Expired);
        }
        Uuid::try_parse(id).map_err(|_| Refused::Forged)
    }

    fn signature(&self, id: &str, name: &str, expires: &str) -> String {
        hex::encode(hmac_sha256(
            &self.0,
            &[id.as_bytes(), b"/", name.as_bytes(), b"?", expires.as_bytes()],
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_790_000_000;
    const ID: Uuid = Uuid::from_u128(0x0190_b2a4_5e6f_7a8b_9c0d_1e2f_3a4b_5c6d);

    fn read(link: &str, now_s: i64) -> Result<Uuid, Refused> {
        let (path, query) = link.split_once('?').ok_or(Refused::Forged)?;
        let mut parts = path.strip_prefix("/files/").ok_or(Refused::Forged)?.splitn(2, '/');
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let key = LinkKey::of(&[7; 32]);
        key.read(parts.next().unwrap(), parts.next().unwrap_or(""), &pairs, now_s)
    }

    #[test]
    fn a_link_is_good_for_its_time_and_not_a_second_longer() {
        let link = LinkKey::of(&[7; 32]).write(ID, "skill-1.0.zip", NOW + GOOD_FOR_S);
        assert_eq!(read(&link, NOW), Ok(ID));
        assert_eq!(read(&link, NOW + 899), Ok(ID));
        assert_eq!(read(&link, NOW + 900), Err(Refused::Expired));
        assert_eq!(
            read(&link.replace("expires=1790000900", "expires=1790009900"), NOW),
            Err(Refused::Forged)
        );
        assert_eq!(read(link.split('&').next().unwrap(), NOW), Err(Refused::Forged));
        assert_eq!(read(&format!("{link}&x=1"), NOW), Err(Refused::Forged));
        assert_eq!(
            read(&LinkKey::of(&[8; 32]).write(ID, "a", NOW + 1), NOW),
            Err(Refused::Forged)
        );
    }

    proptest! {
        #[test]
        fn no_character_may_change(at: prop::sample::Index, other in "[!-~]") {
            let link = LinkKey::of(&[7; 32]).write(ID, "skill-1.0.zip", NOW + GOOD_FOR_S);
            let place = at.index(link.len());
            let mut changed = link.clone();
            changed.replace_range(place..=place, &other);
            prop_assume!(changed != link);
            prop_assert_eq!(read(&changed, NOW), Err(Refused::Forged));
        }
    }
}
