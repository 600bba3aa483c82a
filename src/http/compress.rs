//! Compression both ways: bodies of requests with a bound on what comes out, so that a small one cannot become
//! a large one, and bodies of replies in the codings that products offer.

use std::io::{Read, Write};
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::{GzEncoder, ZlibEncoder};

/// A coding for the body of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Gzip, which Proxmox VE prefers.
    Gzip,
    /// The zlib format, which HTTP calls deflate; the only one of Backup Server and Datacenter Manager.
    Deflate,
}

impl Coding {
    /// Its name in `accept-encoding` and `content-encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    /// The first of the offered codings that an `accept-encoding` field names. What it excludes by `q=0` is
    /// not named.
    pub fn chosen(offered: &[Self], accepted: &str) -> Option<Self> {
        let named = |coding: &&Self| {
            accepted.split(',').any(|part| {
                let (name, weight) = part.split_once(';').unwrap_or((part, ""));
                let excluded = weight
                    .trim()
                    .strip_prefix("q=")
                    .is_some_and(|q| q.parse() == Ok(0.0));
                name.trim().eq_ignore_ascii_case(coding.name()) && !excluded
            })
        };
        offered.iter().find(named).copied()
    }

    /// The body in this coding.
    pub fn compress(self, body: &[u8]) -> Vec<u8> {
        let out = Vec::with_capacity(body.len() / 2);
        let whole = match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(out, Compression::fast());
                encoder.write_all(body).and_then(|()| encoder.finish())
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(out, Compression::fast());
                encoder.write_all(body).and_then(|()| encoder.finish())
            }
        };
        whole.expect("writing to a Vec has no failure")
    }
}

/// A body in the codings that it was asked for in, each made once: for long bodies that are sent again and again,
/// and take longer to compress than to make.
#[derive(Debug, Default)]
pub struct Compressed {
    gzip: OnceLock<Bytes>,
    deflate: OnceLock<Bytes>,
}

impl Compressed {
    /// The body in a coding; it is the same body each time.
    pub fn of(&self, body: &[u8], coding: Coding) -> Bytes {
        let kept = match coding {
            Coding::Gzip => &self.gzip,
            Coding::Deflate => &self.deflate,
        };
        kept.get_or_init(|| coding.compress(body).into()).clone()
    }
}

/// Why a body could not be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InflateFault {
    /// Not a whole gzip stream.
    Broken,
    /// More than the limit would come out.
    TooLarge,
}

/// Inflates a gzip body of one or more members, up to `limit` bytes.
///
/// # Errors
/// [`InflateFault::Broken`] for bytes that are no gzip stream, or not all of one; `TooLarge` as soon as the
/// limit is crossed, without inflating further.
pub fn gunzip(body: &[u8], limit: usize) -> Result<Vec<u8>, InflateFault> {
    let mut inflated = Vec::with_capacity(body.len().saturating_mul(4).min(limit).min(1 << 20));
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body)
        .take(bound)
        .read_to_end(&mut inflated)
        .map_err(|_| InflateFault::Broken)?;
    if inflated.len() > limit {
        return Err(InflateFault::TooLarge);
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests {
    use flate2::read::{GzDecoder, ZlibDecoder};

    use super::*;

    #[test]
    fn the_coding_that_both_sides_take() {
        let both = [Coding::Gzip, Coding::Deflate];
        let check = |offered: &[Coding], accepted: &str, want: Option<Coding>| {
            assert_eq!(Coding::chosen(offered, accepted), want, "{accepted}");
        };
        check(&both, "deflate, gzip", Some(Coding::Gzip));
        check(&both, "gzip;q=0, Deflate;q=0.5", Some(Coding::Deflate));
        check(&both[1..], "gzip, br", None);
        check(&both, "", None);
        check(&both, "xgzip", None);
        check(&[], "gzip", None);
    }

    #[test]
    fn what_is_compressed_comes_back() {
        let body = b"{\"data\":[]}".repeat(1_000);
        let mut back = Vec::new();
        let gzip = Coding::Gzip.compress(&body);
        GzDecoder::new(&*gzip).read_to_end(&mut back).unwrap();
        assert_eq!(back, body);
        back.clear();
        let deflate = Coding::Deflate.compress(&body);
        ZlibDecoder::new(&*deflate).read_to_end(&mut back).unwrap();
        assert_eq!(back, body);
        assert!(gzip.len() < 500 && deflate.len() < gzip.len());
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn inflates_whole_streams_only() {
        let body = gzip(b"[1,2,3]");
        assert_eq!(gunzip(&body, 100).unwrap(), b"[1,2,3]");
        assert_eq!(
            gunzip(&body[..body.len() - 3], 100),
            Err(InflateFault::Broken)
        );
        assert_eq!(gunzip(b"[1,2,3]", 100), Err(InflateFault::Broken));
        assert_eq!(gunzip(b"", 100), Err(InflateFault::Broken));
    }

    #[test]
    fn stops_at_the_limit() {
        let bomb = gzip(&vec![0; 10_000_000]);
        assert!(bomb.len() < 20_000);
        assert_eq!(gunzip(&bomb, 1_000_000), Err(InflateFault::TooLarge));
        assert_eq!(gunzip(&gzip(b"12345"), 5).unwrap(), b"12345");
        assert_eq!(gunzip(&gzip(b"123456"), 5), Err(InflateFault::TooLarge));
    }
}
