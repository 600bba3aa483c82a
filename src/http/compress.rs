//! Gzip with a bound on what comes out, so that a small body cannot become a large one.

use std::io::Read;

use flate2::read::MultiGzDecoder;

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
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

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
