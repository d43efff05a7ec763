//! The form of licence keys: making and digesting.
//!
//! `PREFIX-XXXX-XXXX-XXXX-XXXX` of 32 symbols that nobody mistakes for one another: 80 bits. The license server's keys are
//! UUIDs. To everybody else a key is opaque text, read without regard to case and to blanks around it.

use super::api_key::Digest;
use uuid::Uuid;

/// Capital letters and digits without 0, 1, I and O.
const SYMBOLS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A key behind a prefix, of 16 random bytes.
pub fn mint(prefix: &str, random: [u8; 16]) -> String {
    let mut key = prefix.to_owned();
    for (place, byte) in random.into_iter().enumerate() {
        if place % 4 == 0 {
            key.push('-');
        }
        // 256 is a multiple of 32: every symbol is as likely as any other.
        key.push(char::from(SYMBOLS[usize::from(byte % 32)]));
    }
    key
}

/// A key in the form of a UUID of version 4.
pub fn mint_uuid(random: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(random).into_uuid().to_string()
}

/// What a key is found by.
pub fn digest(key: &str) -> Digest {
    Digest::of(&key.trim().to_uppercase())
}

/// SHA-256 of an order's id in hex: what lists of withdrawn licences show of it.
pub fn order_hash(order: Uuid) -> String {
    hex::encode(Digest::of(&order.to_string()).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_four_groups_of_four_plain_symbols() {
        let key = mint("DSK", std::array::from_fn(|n| u8::try_from(n * 17).unwrap()));
        let groups: Vec<_> = key.split('-').collect();
        assert_eq!((groups.len(), groups[0]), (5, "DSK"));
        assert!(groups[1..].iter().all(|group| group.len() == 4));
        assert!(!key[3..].contains(['0', '1', 'I', 'O']), "{key}");
        assert_eq!(mint_uuid([0xff; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn a_key_is_read_whatever_its_case() {
        assert_eq!(digest(" dsk-ab2c "), digest("DSK-AB2C"));
        assert_ne!(digest("DSK-AB2C"), digest("DSK-AB2D"));
    }
}
