//! An RSA pair of 2048 bits, made here because ring makes none: primes of `crypto-primes`, and the few numbers that follow
//! from them. ring, which reads the pair back and signs with it, checks that they fit.

use crate::clock::Ids;
use crypto_bigint::rand_core::{TryCryptoRng, TryRng};
use crypto_bigint::{NonZero, Odd, U1024, U2048};
use crypto_primes::{Flavor, random_prime};
use ring::signature::RsaKeyPair;
use std::convert::Infallible;
use zeroize::Zeroizing;

/// The usual public exponent.
const EXPONENT: u32 = 65_537;
/// `rsaEncryption` with its empty parameters (RFC 8017).
const ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// Chance in the form that the primes' crate wants it.
struct Chance(Ids);

impl TryRng for Chance {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.0.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.0.bytes()))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for chunk in into.chunks_mut(32) {
            chunk.copy_from_slice(&self.0.bytes::<32>()[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Chance {}

/// Makes a pair and answers it as PKCS#8; takes a second or so, on a thread that may be held up.
pub(super) fn make(ids: &Ids) -> Zeroizing<Vec<u8>> {
    loop {
        // About every third product is a bit short; what fits is for ring to say.
        if let Some(pair) = attempt(ids).filter(|pair| RsaKeyPair::from_pkcs8(pair).is_ok()) {
            return pair;
        }
    }
}

fn attempt(ids: &Ids) -> Option<Zeroizing<Vec<u8>>> {
    let mut chance = Chance(ids.clone());
    let mut prime = || random_prime::<U1024, _>(&mut chance, Flavor::Any, 1024);
    let (one, other) = (prime(), prime());
    let (p, q) = if one > other { (one, other) } else { (other, one) };
    let n: U2048 = p.concatenating_mul(&q);
    if n.bits() < 2048 {
        return None;
    }
    let (p_less, q_less) = (p.wrapping_sub(&U1024::ONE), q.wrapping_sub(&U1024::ONE));
    let phi: U2048 = p_less.concatenating_mul(&q_less);
    let e = U2048::from(EXPONENT);
    let d = e.invert_mod(&Option::from(NonZero::new(phi))?).into_option()?;
    let d_p = d.rem(&Option::<NonZero<U1024>>::from(NonZero::new(p_less))?);
    let d_q = d.rem(&Option::<NonZero<U1024>>::from(NonZero::new(q_less))?);
    let q_inverse = q.invert_odd_mod(&Option::<Odd<U1024>>::from(Odd::new(p))?).into_option()?;
    let big = |number: &[u8]| integer(number);
    let private = [
        integer(&[0]),
        big(n.to_be_bytes().as_ref()),
        integer(&EXPONENT.to_be_bytes()),
        big(d.to_be_bytes().as_ref()),
        big(p.to_be_bytes().as_ref()),
        big(q.to_be_bytes().as_ref()),
        big(d_p.to_be_bytes().as_ref()),
        big(d_q.to_be_bytes().as_ref()),
        big(q_inverse.to_be_bytes().as_ref()),
    ];
    let private = Zeroizing::new(tagged(SEQUENCE, &private.concat()));
    let whole = [integer(&[0]), ALGORITHM.to_vec(), tagged(OCTET_STRING, &private)];
    Some(Zeroizing::new(tagged(SEQUENCE, &whole.concat())))
}

/// A public key as ring tells it, in the form that everybody else reads (SPKI).
pub(super) fn spki(public: &[u8]) -> Vec<u8> {
    let bits = tagged(BIT_STRING, &[&[0], public].concat());
    tagged(SEQUENCE, &[ALGORITHM.as_slice(), &bits].concat())
}

/// A number without leading zeros, but for the one that keeps it from being negative.
fn integer(number: &[u8]) -> Vec<u8> {
    let from = number
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(number.len().saturating_sub(1));
    let digits = &number[from..];
    if digits.first().is_some_and(|byte| *byte >= 0x80) {
        return tagged(INTEGER, &[&[0], digits].concat());
    }
    tagged(INTEGER, digits)
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let length = content.len().to_be_bytes();
    let from = length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1);
    let digits = &length[from..];
    if content.len() >= 0x80 {
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(0));
    }
    out.extend_from_slice(digits);
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};

    #[test]
    fn a_pair_is_one_that_ring_signs_and_checks_with() {
        let pair = RsaKeyPair::from_pkcs8(&make(&Ids::default())).unwrap();
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"text", &mut signature)
            .unwrap();
        let public = pair.public_key().as_ref().to_vec();
        let check = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public);
        assert!(check.verify(b"text", &signature).is_ok());
        assert!(check.verify(b"texts", &signature).is_err());
        assert_eq!(spki(&public).len(), public.len() + 24);
    }

    #[test]
    fn numbers_and_lengths_are_written_as_der_wants_them() {
        assert_eq!(integer(&[0, 0, 1, 0, 1]), [2, 3, 1, 0, 1]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[0, 0]), [2, 1, 0]);
        assert_eq!(tagged(4, &[7; 0x80])[..3], [4, 0x81, 0x80]);
        assert_eq!(tagged(4, &[7; 0x1234])[..4], [4, 0x82, 0x12, 0x34]);
    }
}
