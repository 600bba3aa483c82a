//! What a certificate says, and whether a key is its own (`PVE::Certificate`).

use std::fmt::Write;
use std::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use super::der::{Reader, dotted, tag};
use crate::http::checksum::Checksum;

/// A certificate, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    der: Vec<u8>,
    pub(super) subject: String,
    pub(super) issuer: String,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    names: Vec<String>,
    algorithm: String,
    curve: String,
    /// The public key as its algorithm writes it.
    key: Vec<u8>,
}

/// The first block of a label in PEM, without what stands before it.
pub(super) fn block(pem: &str, label: &str) -> Option<Vec<u8>> {
    let begin = format!("-----BEGIN {label}-----");
    let (_, rest) = pem.split_once(&begin)?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(body).ok()
}

/// A block as PEM.
pub(super) fn pem(der: &[u8], label: &str) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (n, c) in text.chars().enumerate() {
        if n > 0 && n % 64 == 0 {
            pem.push('\n');
        }
        pem.push(c);
    }
    let _ = write!(pem, "\n-----END {label}-----\n");
    pem
}

impl Certificate {
    /// The first certificate of a chain; `None` for what is none.
    pub(super) fn read(chain: &str) -> Option<Self> {
        let der = block(chain, "CERTIFICATE")?;
        let mut whole = Reader::new(Reader::new(&der).expect(tag::SEQUENCE)?);
        let mut body = Reader::new(whole.expect(tag::SEQUENCE)?);
        body.optional(0xA0);
        body.expect(tag::INTEGER)?;
        body.expect(tag::SEQUENCE)?;
        let issuer = name(body.expect(tag::SEQUENCE)?)?;
        let mut validity = Reader::new(body.expect(tag::SEQUENCE)?);
        let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
        let subject = name(body.expect(tag::SEQUENCE)?)?;
        let mut public = Reader::new(body.expect(tag::SEQUENCE)?);
        let mut algorithm = Reader::new(public.expect(tag::SEQUENCE)?);
        let kind = dotted(algorithm.expect(tag::OID)?);
        let curve = algorithm.optional(tag::OID).map(dotted).unwrap_or_default();
        // Before the bits stands how many of the last octet do not count: none.
        let key = public.expect(tag::BITS)?.get(1..)?.to_vec();
        let extensions = body.items().find(|item| item.tag == 0xA3);
        let names = extensions
            .map(|item| names(item.content))
            .unwrap_or_default();
        Some(Self {
            subject,
            issuer,
            not_before,
            not_after,
            names,
            algorithm: kind,
            curve,
            key,
            der,
        })
    }

    /// The SHA-256 fingerprint.
    pub(super) fn fingerprint(&self) -> String {
        let digits = Checksum::Sha256.hex(&self.der).to_ascii_uppercase();
        let pairs = digits.as_bytes().chunks(2).map(String::from_utf8_lossy);
        pairs.collect::<Vec<_>>().join(":")
    }

    /// What the API tells of it.
    pub(super) fn shown(&self, file: &str) -> Value {
        let (kind, bits) = self.public_key();
        json!({
            "filename": file,
            "fingerprint": self.fingerprint(),
            "subject": self.subject,
            "issuer": self.issuer,
            "notbefore": self.not_before.as_second(),
            "notafter": self.not_after.as_second(),
            "san": self.names,
            "pem": pem(&self.der, "CERTIFICATE"),
            "public-key-type": kind,
            "public-key-bits": bits,
        })
    }

    fn public_key(&self) -> (&str, usize) {
        match (&*self.algorithm, &*self.curve) {
            ("1.2.840.113549.1.1.1", _) => {
                let bits = modulus(&self.key).map_or(0, |modulus| modulus.len() * 8);
                ("rsaEncryption", bits)
            }
            ("1.2.840.10045.2.1", "1.3.132.0.34") => ("id-ecPublicKey", 384),
            ("1.2.840.10045.2.1", "1.3.132.0.35") => ("id-ecPublicKey", 521),
            ("1.2.840.10045.2.1", _) => ("id-ecPublicKey", 256),
            ("1.3.101.112", _) => ("ED25519", 256),
            (other, _) => (other, self.key.len() * 8),
        }
    }

    /// Whether a private key is that of the certificate; `None` for what is no key.
    pub(super) fn belongs_to(&self, key: &str) -> Option<bool> {
        if let Some(der) = block(key, "RSA PRIVATE KEY") {
            return self.is_rsa(&der);
        }
        if let Some(der) = block(key, "EC PRIVATE KEY") {
            return self.is_curve(&der);
        }
        let der = block(key, "PRIVATE KEY")?;
        let mut whole = Reader::new(Reader::new(&der).expect(tag::SEQUENCE)?);
        whole.expect(tag::INTEGER)?;
        let mut algorithm = Reader::new(whole.expect(tag::SEQUENCE)?);
        let kind = dotted(algorithm.expect(tag::OID)?);
        let inner = whole.expect(tag::OCTETS)?;
        if kind != self.algorithm {
            return Some(false);
        }
        match &*kind {
            "1.2.840.113549.1.1.1" => self.is_rsa(inner),
            "1.2.840.10045.2.1" => self.is_curve(inner),
            "1.3.101.112" => {
                let seed = Reader::new(inner).expect(tag::OCTETS)?;
                let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
                Some(pair.public_key().as_ref() == self.key)
            }
            _ => Some(true),
        }
    }

    /// A key of RSA has its modulus in it.
    fn is_rsa(&self, der: &[u8]) -> Option<bool> {
        let mut parts = Reader::new(Reader::new(der).expect(tag::SEQUENCE)?);
        parts.expect(tag::INTEGER)?;
        let own = parts.expect(tag::INTEGER)?;
        Some(modulus(&self.key) == Some(without_zero(own)))
    }

    /// A key of a curve mostly has its point in it; without, nothing speaks against it.
    fn is_curve(&self, der: &[u8]) -> Option<bool> {
        let parts = Reader::new(Reader::new(der).expect(tag::SEQUENCE)?);
        let point = parts.items().find(|item| item.tag == 0xA1);
        let Some(point) = point else {
            return Some(true);
        };
        let bits = Reader::new(point.content).expect(tag::BITS)?;
        Some(bits.get(1..) == Some(&*self.key))
    }
}

fn modulus(key: &[u8]) -> Option<&[u8]> {
    let mut parts = Reader::new(Reader::new(key).expect(tag::SEQUENCE)?);
    parts.expect(tag::INTEGER).map(without_zero)
}

/// A number whose first bit is set has a zero before it, so that it is not negative.
fn without_zero(number: &[u8]) -> &[u8] {
    number.strip_prefix(&[0]).unwrap_or(number)
}

/// A name in one line: `/O=Proxmox Virtual Environment/CN=pve01.e2e.example`.
fn name(content: &[u8]) -> Option<String> {
    let mut line = String::new();
    for part in Reader::new(content).items() {
        for pair in Reader::new(part.content).items() {
            let mut pair = Reader::new(pair.content);
            let kind = dotted(pair.expect(tag::OID)?);
            let text = String::from_utf8_lossy(pair.next()?.content);
            let key = match &*kind {
                "2.5.4.3" => "CN",
                "2.5.4.5" => "serialNumber",
                "2.5.4.6" => "C",
                "2.5.4.7" => "L",
                "2.5.4.8" => "ST",
                "2.5.4.10" => "O",
                "2.5.4.11" => "OU",
                "1.2.840.113549.1.9.1" => "emailAddress",
                "0.9.2342.19200300.100.1.25" => "DC",
                other => other,
            };
            let _ = write!(line, "/{key}={text}");
        }
    }
    Some(line)
}

fn time(reader: &mut Reader<'_>) -> Option<Timestamp> {
    let item = reader.next()?;
    let text = std::str::from_utf8(item.content).ok()?.strip_suffix('Z')?;
    let text = match item.tag {
        // Two digits of a year, which turn over in 2050.
        tag::UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        tag::UTC_TIME => format!("19{text}"),
        tag::TIME => text.to_owned(),
        _ => return None,
    };
    let at = DateTime::strptime("%Y%m%d%H%M%S", &text).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The names and addresses among the extensions.
fn names(content: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let Some(list) = Reader::new(content).expect(tag::SEQUENCE) else {
        return names;
    };
    for extension in Reader::new(list).items() {
        let mut parts = Reader::new(extension.content);
        let is_names = parts.expect(tag::OID).map(dotted).as_deref() == Some("2.5.29.17");
        let value = parts.items().find(|item| item.tag == tag::OCTETS);
        let value = value.filter(|_| is_names).map(|item| item.content);
        let value = value.and_then(|value| Reader::new(value).expect(tag::SEQUENCE));
        for item in value
            .into_iter()
            .flat_map(|value| Reader::new(value).items())
        {
            match (item.tag, item.content) {
                (0x82, text) => names.push(String::from_utf8_lossy(text).into_owned()),
                (0x87, &[a, b, c, d]) => names.push(Ipv4Addr::new(a, b, c, d).to_string()),
                (0x87, octets) => names.push(groups(octets)),
                _ => {}
            }
        }
    }
    names
}

/// An IPv6 address with all its digits, as the product writes it here.
fn groups(octets: &[u8]) -> String {
    let groups = octets.chunks(2).map(|pair| {
        let digits = pair.iter().map(|octet| format!("{octet:02x}"));
        digits.collect::<String>()
    });
    groups.collect::<Vec<_>>().join(":")
}
