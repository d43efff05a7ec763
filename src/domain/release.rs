//! What a release feed announces, and whether to believe it.
//!
//! The feed is a JSON object: `version`, `notes?`, `published_at?`, `url?` and `assets`, a list of `{target, url, sha256,
//! signature}`. The signature is Ed25519, in base64, over `fondaco <version> <target> <sha256>`: it binds the bytes to the
//! version, so that an old release cannot be announced as a new one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;

/// What is announced.
#[derive(Clone, Debug, Deserialize)]
pub struct Release {
    /// Such as `1.2.0`.
    pub version: String,
    /// What is new.
    #[serde(default)]
    pub notes: Option<String>,
    /// When it was published, as the feed says it.
    #[serde(default)]
    pub published_at: Option<String>,
    /// Where people read about it.
    #[serde(default)]
    pub url: Option<String>,
    /// The programs.
    #[serde(default)]
    pub assets: Vec<Asset>,
}

/// One program.
#[derive(Clone, Debug, Deserialize)]
pub struct Asset {
    /// Such as `x86_64-linux`.
    pub target: String,
    /// Where it is, also relative to the feed.
    pub url: String,
    /// Of the file, in hex.
    pub sha256: String,
    /// In base64.
    pub signature: String,
}

impl Release {
    /// Reads a feed.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(bytes).ok()?;
        numbers(&read.version).is_some().then_some(read)
    }

    /// Whether it is newer than `running`.
    pub fn is_newer(&self, running: &str) -> bool {
        match (numbers(&self.version), numbers(running)) {
            (Some(announced), Some(running)) => announced > running,
            _ => false,
        }
    }

    /// The program for a target, if its signature is good.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn program(&self, target: &str, key: &[u8; 32]) -> Result<&Asset, String> {
        let asset = self.assets.iter().find(|asset| asset.target == target);
        let asset = asset.ok_or_else(|| format!("the release has no program for {target}"))?;
        let signature = STANDARD.decode(&asset.signature).unwrap_or_default();
        let signed = signed_text(&self.version, &asset.target, &asset.sha256);
        UnparsedPublicKey::new(&ED25519, key)
            .verify(signed.as_bytes(), &signature)
            .map_err(|_| "the release's signature is not by the key of this installation".to_owned())?;
        Ok(asset)
    }
}

/// What the key signs.
pub fn signed_text(version: &str, target: &str, sha256: &str) -> String {
    format!("fondaco {version} {target} {}", sha256.to_ascii_lowercase())
}

/// The three numbers of a version; what stands behind a hyphen or a plus does not count.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let plain = version.trim().trim_start_matches('v');
    let plain = plain.split(['-', '+']).next()?;
    let mut parts = plain.split('.').map(|part| part.parse().ok());
    let mut next = || parts.next().unwrap_or(Some(0));
    let read = [next()?, next()?, next()?];
    parts.next().is_none().then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};

    fn release(version: &str) -> Release {
        Release {
            version: version.to_owned(),
            notes: None,
            published_at: None,
            url: None,
            assets: Vec::new(),
        }
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert!(release("1.10.0").is_newer("1.9.9"));
        assert!(release("v2").is_newer("1.99"));
        for (announced, running) in [("1.0.0", "1.0.0"), ("0.9", "1.0.0"), ("1.0.0-rc1", "1.0.0"), ("x", "1.0.0")] {
            assert!(!release(announced).is_newer(running), "{announced}");
        }
        assert!(Release::read(br#"{"version": "newest"}"#).is_none());
    }

    #[test]
    fn a_signature_binds_version_target_and_bytes() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key: [u8; 32] = pair.public_key().as_ref().try_into().unwrap();
        let signature = STANDARD.encode(pair.sign(signed_text("1.1.0", "t", "AB").as_bytes()));
        let mut good = release("1.1.0");
        good.assets.push(Asset {
            target: "t".to_owned(),
            url: "p".to_owned(),
            sha256: "ab".to_owned(),
            signature,
        });
        assert!(good.program("t", &key).is_ok());
        assert!(good.program("other", &key).is_err());
        assert!(good.program("t", &[1; 32]).is_err());
        let mut newer = good.clone();
        newer.version = "1.2.0".to_owned();
        assert!(newer.program("t", &key).is_err());
        good.assets[0].sha256 = "ac".to_owned();
        assert!(good.program("t", &key).is_err());
    }
}
