//! Certificates as an authority on the network would issue them: good to read and to check, from a key that
//! everybody can make, because nothing here is secret.

use jiff::{SignedDuration, Timestamp};
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::der::{nested, tag, value};
use super::read::pem;
use crate::pve::world::certificate::CustomCertificate;

/// How long they last: 90 days, as such authorities have it.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);

/// `1.3.101.112`: Ed25519, whose signatures depend on nothing but key and text.
const ED25519: [u8; 3] = [0x2B, 0x65, 0x70];

/// `2.5.4.3`: a common name.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// `2.5.29.17`: alternative names.
const ALTERNATIVE_NAMES: [u8; 3] = [0x55, 0x1D, 0x11];

/// A certificate for domains, with a key made of `seed`.
pub(super) fn certificate(domains: &[&str], now: Timestamp, seed: u64) -> CustomCertificate {
    let own = seed_of(seed);
    let key = key_of(&own);
    let authority = key_of(&seed_of(0));
    let kind = nested(tag::SEQUENCE, &[value(tag::OID, &ED25519)]);
    // Its first bit is not set, so that the number is not negative.
    let serial = (seed & (u64::MAX >> 2) | 1 << 61).to_be_bytes();
    let end = now.checked_add(LIFE).unwrap_or(now);
    let first = domains.first().copied().unwrap_or_default();
    let body = nested(
        tag::SEQUENCE,
        &[
            nested(0xA0, &[value(tag::INTEGER, &[2])]),
            value(tag::INTEGER, &serial),
            kind.clone(),
            name("ACME Stand-in Authority"),
            nested(tag::SEQUENCE, &[time(now), time(end)]),
            name(first),
            nested(
                tag::SEQUENCE,
                &[kind.clone(), bits(key.public_key().as_ref())],
            ),
            nested(0xA3, &[nested(tag::SEQUENCE, &[names(domains)])]),
        ],
    );
    let signature = authority.sign(&body);
    let whole = nested(
        tag::SEQUENCE,
        &[body, kind.clone(), bits(signature.as_ref())],
    );
    let private = nested(
        tag::SEQUENCE,
        &[
            value(tag::INTEGER, &[0]),
            kind,
            value(tag::OCTETS, &value(tag::OCTETS, &own)),
        ],
    );
    CustomCertificate {
        chain: pem(&whole, "CERTIFICATE"),
        key: pem(&private, "PRIVATE KEY"),
    }
}

/// The private half of a key from a number.
fn seed_of(number: u64) -> [u8; 32] {
    let text = format!("stand-in key {number}");
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let mut seed = [0; 32];
    seed.copy_from_slice(digest.as_ref());
    seed
}

fn key_of(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("every 32 octets are a seed")
}

fn bits(octets: &[u8]) -> Vec<u8> {
    value(tag::BITS, &[&[0], octets].concat())
}

fn name(text: &str) -> Vec<u8> {
    let pair = nested(
        tag::SEQUENCE,
        &[
            value(tag::OID, &COMMON_NAME),
            value(tag::TEXT, text.as_bytes()),
        ],
    );
    nested(tag::SEQUENCE, &[nested(tag::SET, &[pair])])
}

fn time(at: Timestamp) -> Vec<u8> {
    let text = at.strftime("%Y%m%d%H%M%SZ").to_string();
    value(tag::TIME, text.as_bytes())
}

fn names(domains: &[&str]) -> Vec<u8> {
    let names = domains.iter().map(|domain| value(0x82, domain.as_bytes()));
    let names = nested(tag::SEQUENCE, &names.collect::<Vec<_>>());
    nested(
        tag::SEQUENCE,
        &[
            value(tag::OID, &ALTERNATIVE_NAMES),
            value(tag::OCTETS, &names),
        ],
    )
}
