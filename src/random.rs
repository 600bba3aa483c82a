//! Where ids and keys come from: a seeded source for what should look random, the operating system's for
//! what should be secret.

use std::sync::Mutex;

use ring::rand::{SecureRandom, SystemRandom};

/// A source of ids that gives the same ones again for the same seed (`--seed`).
#[derive(Debug)]
pub struct Random {
    source: Mutex<fastrand::Rng>,
}

impl Random {
    /// A source that starts from `seed`, or from the operating system's randomness.
    pub fn new(seed: Option<u64>) -> Self {
        let source = match seed {
            Some(seed) => fastrand::Rng::with_seed(seed),
            None => fastrand::Rng::with_seed(u64::from_le_bytes(secret())),
        };
        Self {
            source: Mutex::new(source),
        }
    }

    /// The next 64 bits.
    pub fn next(&self) -> u64 {
        // A generator that panicked half-way is still a generator.
        self.source
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .u64(..)
    }
}

/// A lower-case UUID of version 4 (RFC 9562) made of 128 bits, six of which it overwrites.
pub fn uuid(high: u64, low: u64) -> String {
    let high = (high & 0xffff_ffff_ffff_0fff) | 0x4000;
    let low = (low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// Bytes from the operating system's source, for keys.
pub fn secret<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect(
        "the operating system gives randomness (getrandom has no failure once it is seeded)",
    );
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let ids = |seed| {
            let random = Random::new(seed);
            [random.next(), random.next(), random.next()]
        };
        assert_eq!(ids(Some(7)), ids(Some(7)));
        assert_ne!(ids(Some(7)), ids(Some(8)));
        assert_ne!(ids(None), ids(None));
        assert_ne!(secret::<32>(), secret::<32>());
    }

    #[test]
    fn uuids_have_their_version_and_variant() {
        assert_eq!(uuid(0, 0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(
            uuid(u64::MAX, u64::MAX),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
    }
}
