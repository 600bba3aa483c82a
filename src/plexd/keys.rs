//! Keys of the Central API: the one that signs events, one that does not belong, and the nodes' own.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::random;

/// The keys of one server. Random per start as upstream's, or made from a seed (`--keys seed:<hex>`).
pub struct Keys {
    signing: Ed25519KeyPair,
    /// A key that no client was told of, for events that must be refused.
    stranger: Ed25519KeyPair,
    /// What node keys are derived from.
    nodes: hmac::Key,
}

/// Whose key signs an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The key that clients got at registration.
    Central,
    /// Another one.
    Stranger,
}

impl Keys {
    /// Keys made from `seed`, which is the Ed25519 secret seed itself; from the system's randomness without.
    pub fn new(seed: Option<[u8; 32]>) -> Self {
        let seed = seed.unwrap_or_else(random::secret);
        let derive = hmac::Key::new(hmac::HMAC_SHA256, &seed);
        Self {
            signing: key_pair(&seed),
            stranger: key_pair(hmac::sign(&derive, b"stranger").as_ref()),
            nodes: hmac::Key::new(
                hmac::HMAC_SHA256,
                hmac::sign(&derive, b"node keys").as_ref(),
            ),
        }
    }

    /// The public key that clients get: standard padded base64 of 32 bytes.
    pub fn signing_public_key(&self) -> String {
        STANDARD.encode(self.signing.public_key())
    }

    /// An Ed25519 signature (RFC 8032, no prehash): standard padded base64 of 64 bytes.
    pub fn sign(&self, signer: Signer, message: &[u8]) -> String {
        let pair = match signer {
            Signer::Central => &self.signing,
            Signer::Stranger => &self.stranger,
        };
        STANDARD.encode(pair.sign(message))
    }

    /// The secret key of the n-th node: 32 characters that are legal in a header, used as they are as an
    /// AES-256 key (plexd-central.md 1.5: raw text, no base64).
    pub fn node_secret_key(&self, n: usize) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
        let tag = hmac::sign(&self.nodes, format!("node {n}").as_bytes());
        let letter = |&byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
        tag.as_ref().iter().map(letter).collect()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.signing_public_key())
    }
}

/// A secret as a node receives it.
#[derive(Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Standard padded base64 of the ciphertext with its 16-byte tag.
    pub ciphertext: String,
    /// Standard padded base64 of the 12-byte nonce.
    pub nonce: String,
}

/// Seals a secret with AES-256-GCM under a node's key, with no associated data and a nonce of twelve zero
/// bytes: upstream's mock never varies it, so the answer is a constant that scripts compare
/// (plexd-central.md 1.5). `None` when the key is not 32 bytes.
pub fn seal(node_secret_key: &str, plaintext: &str) -> Option<Sealed> {
    let key = UnboundKey::new(&AES_256_GCM, node_secret_key.as_bytes()).ok()?;
    let nonce = [0; NONCE_LEN];
    let mut sealed = plaintext.as_bytes().to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut sealed,
        )
        .ok()?;
    Some(Sealed {
        ciphertext: STANDARD.encode(sealed),
        nonce: STANDARD.encode(nonce),
    })
}

fn key_pair(seed: &[u8]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("an Ed25519 seed is any 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_the_secret_key_itself() {
        let seed = std::array::from_fn(|n| u8::try_from(n).unwrap());
        let keys = Keys::new(Some(seed));
        let public = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
        assert_eq!(keys.signing_public_key(), public);
        assert_eq!(
            Keys::new(Some(seed)).node_secret_key(3),
            keys.node_secret_key(3)
        );
        assert_ne!(
            keys.sign(Signer::Central, b"x"),
            keys.sign(Signer::Stranger, b"x")
        );
        assert_ne!(
            Keys::new(None).signing_public_key(),
            Keys::new(None).signing_public_key()
        );
    }

    #[test]
    fn node_keys_are_header_safe_and_differ() {
        let keys = Keys::new(None);
        let (first, second) = (keys.node_secret_key(1), keys.node_secret_key(2));
        assert_ne!(first, second);
        assert!(first.len() == 32 && first.bytes().all(|b| b.is_ascii_alphanumeric()));
    }

    #[test]
    fn the_vector_of_the_contract_comes_out_of_encryption() {
        let sealed = seal("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "e2e-local-bearer-token").unwrap();
        assert_eq!(sealed.nonce, "AAAAAAAAAAAAAAAA");
        let ciphertext = "l/T2Pmeub3tfdM3TNH1QgWaoferB10sP0XA3w2iTgk4puIt5RWM=";
        assert_eq!(sealed.ciphertext, ciphertext);
        assert_eq!(seal("too short", "x"), None);
    }
}
