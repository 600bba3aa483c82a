//! Checksums of whole bodies, as lower-case hexadecimal digits.

use std::fmt::Write as _;

use ring::digest;

/// A checksum that can be computed here.
///
/// Proxmox's uploads also name `md5` and `sha224` (proxmox.md 1.1, `checksum-algorithm`); the cryptography
/// library linked here has neither, so a checksum of these kinds is taken as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// 40 digits; for the digests of configuration files.
    Sha1,
    /// 64 digits.
    Sha256,
    /// 96 digits.
    Sha384,
    /// 128 digits.
    Sha512,
}

impl Checksum {
    /// The checksum of this name (`sha1`, `sha256`, `sha384`, `sha512`), if it can be computed here.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// The checksum of some bytes.
    pub fn hex(self, bytes: &[u8]) -> String {
        let mut running = self.begin();
        running.update(bytes);
        running.finish()
    }

    /// A checksum of bytes that come piece by piece.
    pub fn begin(self) -> Running {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        Running(digest::Context::new(algorithm))
    }
}

/// A checksum that is not finished.
#[derive(Clone)]
pub struct Running(digest::Context);

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Running")
    }
}

impl Running {
    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes.
    pub fn finish(self) -> String {
        let digest = self.0.finish();
        digest.as_ref().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_checksums() {
        let check = |name: &str, length: usize, start: &str| {
            let hex = Checksum::named(name).unwrap().hex(b"abc");
            assert_eq!(hex.len(), length, "{name}");
            assert!(hex.starts_with(start), "{name}: {hex}");
        };
        check("sha1", 40, "a9993e364706816aba3e25717850c26c9cd0d89d");
        check("sha256", 64, "ba7816bf8f01cfea414140de5dae2223");
        check("sha384", 96, "cb00753f45a35e8bb5a03d699ac65007");
        check("sha512", 128, "ddaf35a193617abacc417349ae204131");
        assert_eq!(Checksum::named("md5"), None);
        assert_eq!(Checksum::named("sha224"), None);
    }
}
