//! One-time codes that follow the clock (RFC 6238), and codes that never change, for tests.
//!
//! What a URI may say, and the words for what it may not, are those of proxmox-tfa's `totp.rs`, which all three
//! products use.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::proxmox::percent;

/// How an `otpauth` URI of this kind begins.
const SCHEME: &str = "otpauth://totp/";

/// What makes the codes of a factor. In a world file: an `otpauth://totp/...` URI, or a code that is always right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Totp {
    /// The same code at any time, any number of times.
    Constant(String),
    /// A secret that makes a new code every period.
    Secret(Secret),
}

/// A secret with everything that its URI says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    uri: String,
    key: Vec<u8>,
    algorithm: Algorithm,
    digits: u32,
    period: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

/// How a code fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It always does.
    Always,
    /// It is the code of this step of the clock, which is used up by it.
    Step(i64),
}

impl Totp {
    /// Reads the URI that a client sends.
    ///
    /// # Errors
    /// The library's words for what is wrong with it.
    pub fn from_uri(uri: &str) -> Result<Self, String> {
        let rest = uri.strip_prefix(SCHEME).ok_or("not an otpauth uri")?;
        let (_, query) = rest.split_once('?').ok_or("missing '?' in otp uri")?;
        let mut secret = Secret {
            uri: uri.to_owned(),
            key: Vec::new(),
            algorithm: Algorithm::Sha1,
            digits: 6,
            period: 30,
        };
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').ok_or("bad value in otpauth uri")?;
            secret.set(&percent::decode(key), &percent::decode(value))?;
        }
        if secret.key.is_empty() {
            return Err("missing secret in otpauth url".to_owned());
        }
        Ok(Self::Secret(secret))
    }

    /// Whether a code is right at a moment. Clocks may differ by one step.
    pub fn matches(&self, code: &str, now: Timestamp) -> Option<Match> {
        match self {
            Self::Constant(known) => (known == code).then_some(Match::Always),
            Self::Secret(secret) => {
                let present = secret.step(now)?;
                let mut near = [present - 1, present, present + 1].into_iter();
                let found = near.find(|step| secret.code(*step).as_deref() == Some(code));
                found.map(Match::Step)
            }
        }
    }

    /// The code of this moment, as the user's device shows it.
    pub fn code(&self, now: Timestamp) -> Option<String> {
        match self {
            Self::Constant(code) => Some(code.clone()),
            Self::Secret(secret) => secret.code(secret.step(now)?),
        }
    }
}

impl Secret {
    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let bad = || format!("failed to parse value '{key}'");
        match key {
            "secret" => {
                let text = "failed to decode otp secret in otpauth url";
                self.key = base32(value).ok_or(text)?;
            }
            // More digits than a number of 31 bits has make no sense, and overflow in the product.
            "digits" => {
                let digits = value.parse().ok();
                self.digits = digits.filter(|n| (1..=9).contains(n)).ok_or_else(bad)?;
            }
            "algorithm" => {
                self.algorithm = match &*value.to_ascii_lowercase() {
                    "sha1" => Algorithm::Sha1,
                    "sha256" => Algorithm::Sha256,
                    "sha512" => Algorithm::Sha512,
                    _ => return Err(bad()),
                };
            }
            "period" => {
                let period = value.parse::<u32>().ok().filter(|period| *period > 0);
                self.period = period.map(i64::from).ok_or_else(bad)?;
            }
            "issuer" => {}
            _ => return Err(format!("unknown otpauth uri parameter: '{key}'")),
        }
        Ok(())
    }

    /// The number of the period; none before 1970.
    fn step(&self, now: Timestamp) -> Option<i64> {
        let seconds = now.as_second();
        (seconds >= 0).then(|| seconds / self.period)
    }

    fn code(&self, step: i64) -> Option<String> {
        let step = u64::try_from(step).ok()?;
        let algorithm = match self.algorithm {
            Algorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Algorithm::Sha256 => hmac::HMAC_SHA256,
            Algorithm::Sha512 => hmac::HMAC_SHA512,
        };
        let tag = hmac::sign(&hmac::Key::new(algorithm, &self.key), &step.to_be_bytes());
        let bytes = tag.as_ref();
        let start = usize::from(bytes.last()? & 0xf);
        let four: [u8; 4] = bytes.get(start..start + 4)?.try_into().ok()?;
        let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u32.pow(self.digits);
        Some(format!(
            "{number:0width$}",
            width = usize::try_from(self.digits).ok()?
        ))
    }
}

impl FromStr for Totp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("otpauth:") {
            return Self::from_uri(text);
        }
        let is_code = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let code = is_code.then(|| Self::Constant(text.to_owned()));
        code.ok_or_else(|| format!("`{text}` is neither a code of digits nor an otpauth URI"))
    }
}

impl TryFrom<String> for Totp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Totp> for String {
    fn from(totp: Totp) -> Self {
        totp.to_string()
    }
}

impl fmt::Display for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Constant(code) => code,
            Self::Secret(secret) => &secret.uri,
        })
    }
}

/// The bytes of a text in the alphabet of RFC 4648; padding may be left out.
fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        buffer = (buffer << 5 | u32::from(value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Appendix B of RFC 6238; the keys are the texts `12345678901234567890...` of the hash's length.
    #[test]
    fn codes_of_the_standard() {
        let sha1 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let sha256 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";
        let sha512 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA";
        let check = |algorithm: &str, secret: &str, second: i64, want: &str| {
            let uri = format!(
                "otpauth://totp/x:y?secret={secret}&algorithm={algorithm}&digits=8&period=30"
            );
            let totp = Totp::from_uri(&uri).unwrap();
            let code = totp.code(at(second)).unwrap();
            assert_eq!(code, want, "{algorithm} {second}");
        };
        check("SHA1", sha1, 59, "94287082");
        check("SHA1", sha1, 1_111_111_109, "07081804");
        check("sha1", sha1, 20_000_000_000, "65353130");
        check("SHA256", sha256, 59, "46119246");
        check("SHA512", sha512, 59, "90693936");
    }

    #[test]
    fn clocks_may_differ_by_one_step() {
        let totp = Totp::from_uri("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ").unwrap();
        let code = totp.code(at(3_000)).unwrap();
        let check = |second: i64, want: Option<Match>| {
            assert_eq!(totp.matches(&code, at(second)), want, "{second}");
        };
        check(3_000, Some(Match::Step(100)));
        check(2_970, Some(Match::Step(100)));
        check(3_059, Some(Match::Step(100)));
        check(3_060, None);
        check(-1, None);
        let constant: Totp = "123456".parse().unwrap();
        assert_eq!(constant.matches("123456", at(0)), Some(Match::Always));
        assert_eq!(constant.matches("12345", at(0)), None);
    }

    #[test]
    fn uris_that_are_none() {
        let check = |uri: &str, want: &str| {
            assert_eq!(Totp::from_uri(uri).unwrap_err(), want, "{uri}");
        };
        check("https://x", "not an otpauth uri");
        check("otpauth://totp/x", "missing '?' in otp uri");
        check("otpauth://totp/x?issuer=y", "missing secret in otpauth url");
        let bad_secret = "failed to decode otp secret in otpauth url";
        check("otpauth://totp/x?secret=1", bad_secret);
        let start = "otpauth://totp/x?secret=AA&";
        for (end, want) in [
            ("digits=40", "failed to parse value 'digits'"),
            ("period=0", "failed to parse value 'period'"),
            ("algorithm=md5", "failed to parse value 'algorithm'"),
            ("colour=red", "unknown otpauth uri parameter: 'colour'"),
            ("x", "bad value in otpauth uri"),
        ] {
            check(&format!("{start}{end}"), want);
        }
    }
}
