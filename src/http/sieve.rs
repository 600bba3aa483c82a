//! Uploads without their files: a `multipart/form-data` body taken in piece by piece, of which everything is kept
//! but the contents of files. These are counted, and hashed where the body says how, so that an image of four
//! gigabytes costs no memory.
//!
//! What remains is a multipart body again, with empty files, so that whoever reads it needs to know nothing of
//! this.

use super::checksum::{Checksum, Running};
use super::multipart::boundary;

/// The most that is kept of a body: fields, and headers of parts.
const MOST_KEPT: usize = 256 * 1024;

/// What is known of a file that was not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// Its size in bytes.
    pub bytes: u64,
    /// The checksum that was asked for before the file came; none for kinds that cannot be computed here.
    pub checksum: Option<(Checksum, String)>,
}

/// Why a body is not taken in any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MOST_KEPT} bytes besides the contents of files")]
pub struct TooMuch;

/// A body on its way through.
#[derive(Debug)]
pub struct Sieve {
    /// `\n--boundary`.
    delimiter: Vec<u8>,
    kept: Vec<u8>,
    /// Where the present line begins in `kept`.
    line: usize,
    place: Place,
    wanted: Option<Checksum>,
    file: Option<FileFacts>,
}

/// Where in the body the next byte stands.
#[derive(Debug)]
enum Place {
    /// Before the first part, or in the content of a field; `Some` in the first line of the one that names a
    /// checksum.
    Content(Option<Algorithm>),
    /// In the headers of a part.
    Headers {
        is_file: bool,
        algorithm: Option<Algorithm>,
    },
    /// In a file.
    File(Box<Passing>),
}

/// The field whose content names the checksum.
#[derive(Debug, Clone, Copy)]
struct Algorithm;

/// A file passing by.
#[derive(Debug)]
struct Passing {
    /// Bytes that may be the beginning of the delimiter.
    held: Vec<u8>,
    running: Option<(Checksum, Running)>,
    bytes: u64,
}

impl Sieve {
    /// A sieve for a body of this content type; `None` for other types. `wanted` is the checksum that was asked
    /// for outside of the body.
    pub fn new(content_type: &str, wanted: Option<Checksum>) -> Option<Self> {
        let boundary = boundary(content_type).ok()?;
        Some(Self {
            delimiter: format!("\n--{boundary}").into_bytes(),
            kept: Vec::new(),
            line: 0,
            place: Place::Content(None),
            wanted,
            file: None,
        })
    }

    /// Takes in the next bytes.
    ///
    /// # Errors
    /// When what is to be kept grows too large.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), TooMuch> {
        while !bytes.is_empty() {
            let used = match &mut self.place {
                Place::File(passing) => match passing.take(bytes, &self.delimiter) {
                    Some(used) => {
                        self.end_file();
                        used
                    }
                    None => bytes.len(),
                },
                _ => self.keep(bytes)?,
            };
            bytes = &bytes[used..];
        }
        Ok(())
    }

    /// The body without the contents of files, and what is known of its last file. A file that does not end is
    /// none, and leaves the body without an end.
    pub fn finish(self) -> (Vec<u8>, Option<FileFacts>) {
        (self.kept, self.file)
    }

    /// Keeps the bytes up to the end of a line; says how many.
    fn keep(&mut self, bytes: &[u8]) -> Result<usize, TooMuch> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(bytes.len(), |end| end + 1);
        if self.kept.len() + taken > MOST_KEPT {
            return Err(TooMuch);
        }
        self.kept.extend_from_slice(&bytes[..taken]);
        if end.is_some() {
            self.end_line();
        }
        Ok(taken)
    }

    /// Sees what the line that was just kept leads to.
    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.kept[self.line..]).into_owned();
        let line = line.trim_end();
        self.line = self.kept.len();
        self.place = match self.place {
            _ if line.as_bytes().starts_with(&self.delimiter[1..]) => Place::Headers {
                is_file: false,
                algorithm: None,
            },
            Place::Content(Some(Algorithm)) => {
                self.wanted = Checksum::named(line);
                Place::Content(None)
            }
            Place::Headers { is_file: true, .. } if line.is_empty() => {
                Place::File(Box::new(Passing {
                    held: Vec::new(),
                    running: self.wanted.map(|checksum| (checksum, checksum.begin())),
                    bytes: 0,
                }))
            }
            Place::Headers { algorithm, .. } if line.is_empty() => Place::Content(algorithm),
            Place::Headers { is_file, algorithm } => {
                let lower = line.to_ascii_lowercase();
                let disposes = lower.starts_with("content-disposition:");
                let names = lower.contains("name=\"checksum-algorithm\"");
                Place::Headers {
                    is_file: is_file || (disposes && lower.contains("filename=")),
                    algorithm: algorithm.or((disposes && names).then_some(Algorithm)),
                }
            }
            Place::Content(None) | Place::File(_) => Place::Content(None),
        };
    }

    /// Puts an empty file in the place of the one that passed by.
    fn end_file(&mut self) {
        let place = std::mem::replace(&mut self.place, Place::Content(None));
        let Place::File(passing) = place else {
            return;
        };
        let hex = |(checksum, running): (Checksum, Running)| (checksum, running.finish());
        self.file = Some(FileFacts {
            bytes: passing.bytes,
            checksum: passing.running.map(hex),
        });
        self.kept.push(b'\r');
        self.kept.push(b'\n');
        self.line = self.kept.len();
        self.kept.extend_from_slice(&self.delimiter[1..]);
    }
}

impl Passing {
    /// Counts bytes up to the delimiter; says how many of `bytes` it took to its end, or nothing when it is not
    /// there.
    fn take(&mut self, bytes: &[u8], delimiter: &[u8]) -> Option<usize> {
        let before = self.held.len();
        self.held.extend_from_slice(bytes);
        // A file without any content may have the delimiter right after its headers.
        let (end, after) = if self.bytes == 0 && self.held.starts_with(&delimiter[1..]) {
            (0, delimiter.len() - 1)
        } else if let Some(at) = find(&self.held, delimiter) {
            let is_long = at > 0 && self.held[at - 1] == b'\r';
            (at - usize::from(is_long), at + delimiter.len())
        } else {
            // What may still become a delimiter, with a carriage return before it, stays.
            let passed = self.held.len().saturating_sub(delimiter.len());
            self.count(passed);
            self.held.drain(..passed);
            return None;
        };
        self.count(end);
        Some(after - before)
    }

    /// The first bytes that are held are content.
    fn count(&mut self, end: usize) {
        self.bytes += end as u64;
        if let Some((_, running)) = &mut self.running {
            running.update(&self.held[..end]);
        }
    }
}

/// Where a delimiter begins.
fn find(bytes: &[u8], delimiter: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += bytes[at..].iter().position(|byte| *byte == b'\n')?;
        if bytes[at..].starts_with(delimiter) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http::multipart::Multipart;

    const KIND: &str = "multipart/form-data; boundary=XbX";

    fn body(algorithm: &str, content: &[u8]) -> Vec<u8> {
        let field = |name: &str, value: &str| {
            format!("--XbX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let mut body = field("content", "iso").into_bytes();
        body.extend(field("checksum-algorithm", algorithm).into_bytes());
        body.extend_from_slice(
            b"--XbX\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"a.iso\"\r\nContent-Type: x/y\r\n\r\n",
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--XbX--\r\n");
        body
    }

    /// What comes out when the body is fed in pieces of this size.
    fn sieved(body: &[u8], piece: usize) -> (Vec<u8>, Option<FileFacts>) {
        let mut sieve = Sieve::new(KIND, None).unwrap();
        for piece in body.chunks(piece.max(1)) {
            sieve.feed(piece).unwrap();
        }
        sieve.finish()
    }

    proptest! {
        #[test]
        fn files_are_counted_and_dropped(
            content in prop::collection::vec(
                prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'X'), any::<u8>()], 0..200),
            piece in 1_usize..40,
        ) {
            // What looks like a delimiter in the content would be one.
            let text = String::from_utf8_lossy(&content).into_owned();
            prop_assume!(!text.contains("\n--XbX") && !text.starts_with("--XbX"));
            let (kept, facts) = sieved(&body("sha256", &content), piece);
            let facts = facts.unwrap();
            prop_assert_eq!(facts.bytes, content.len() as u64);
            prop_assert_eq!(facts.checksum, Some((Checksum::Sha256, Checksum::Sha256.hex(&content))));
            let kept = Multipart::parse(KIND, &kept.into()).unwrap();
            let text = |name| kept.text(name);
            prop_assert_eq!(text("content"), Some("iso".to_owned()));
            prop_assert_eq!(text("checksum-algorithm"), Some("sha256".to_owned()));
            let file = kept.file().unwrap();
            prop_assert_eq!((file.filename.as_deref(), file.size()), (Some("a.iso"), 0));
        }
    }

    #[test]
    fn odd_bodies() {
        let (_, facts) = sieved(&body("md5", b"abc"), 7);
        let want = FileFacts {
            bytes: 3,
            checksum: None,
        };
        assert_eq!(facts, Some(want));
        // Broken off in the file: no file, and a body that does not end.
        let whole = body("sha1", b"abcdefghijklmnop");
        let (kept, facts) = sieved(&whole[..whole.len() - 14], 3);
        assert_eq!(facts, None);
        assert!(Multipart::parse(KIND, &kept.into()).is_err());
        // Right after the headers.
        let bare =
            b"--XbX\nContent-Disposition: form-data; name=\"f\"; filename=\"e\"\n\n--XbX--\n";
        let (kept, facts) = sieved(bare, 4);
        assert_eq!(facts.unwrap().bytes, 0);
        assert!(Multipart::parse(KIND, &kept.into()).is_ok());
        assert!(Sieve::new("text/plain", None).is_none());
        let mut sieve = Sieve::new(KIND, None).unwrap();
        assert_eq!(sieve.feed(&vec![b'x'; MOST_KEPT + 1]), Err(TooMuch));
    }
}
