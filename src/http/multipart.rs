//! `multipart/form-data` bodies (RFC 7578), whole and without copying a part.
//!
//! Strict where a client would otherwise be told nonsense (boundary, headers of a part, the closing
//! delimiter), lenient where the product is: a bare newline ends a line as well (proxmox.md 1.1).

use std::ops::Range;

use bytes::Bytes;

use super::checksum::Checksum;

/// The most parts of a body; uploads have four.
const MOST_PARTS: usize = 64;

/// The most bytes of the headers of one part.
const MOST_HEADER_BYTES: usize = 8 * 1024;

/// The longest boundary (RFC 2046, 5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// Why a body is no `multipart/form-data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MultipartFault {
    /// The content type is another one.
    #[error("the content type is not multipart/form-data")]
    OtherType,
    /// No boundary in the content type, or not a valid one.
    #[error("the content type has no valid boundary")]
    BadBoundary,
    /// The boundary is nowhere in the body.
    #[error("the body does not start with its boundary")]
    NoStart,
    /// The body ends before the closing delimiter.
    #[error("the body ends before its closing boundary")]
    NoEnd,
    /// Something other than a line end follows a delimiter.
    #[error("a boundary is not followed by the end of its line")]
    BadDelimiter,
    /// The headers of a part do not end, or are longer than 8 KiB, or are not text.
    #[error("the headers of a part are not readable")]
    BadHeaders,
    /// A part has no `Content-Disposition: form-data` with a name.
    #[error("a part has no form-data name")]
    NoName,
    /// More than 64 parts.
    #[error("more than {MOST_PARTS} parts")]
    TooManyParts,
}

/// One part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of the form field.
    pub name: String,
    /// The name of the file, for a part that is one.
    pub filename: Option<String>,
    /// The part's own content type.
    pub content_type: Option<String>,
    /// Where its content stands in the body.
    pub range: Range<usize>,
}

/// A body taken apart. It shares the request's bytes.
#[derive(Debug, Clone)]
pub struct Multipart {
    body: Bytes,
    parts: Vec<Part>,
}

impl Multipart {
    /// Takes a body apart by the boundary that its content type names.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn parse(content_type: &str, body: &Bytes) -> Result<Self, MultipartFault> {
        let delimiter = format!("--{}", boundary(content_type)?);
        let delimiter = delimiter.as_bytes();
        let mut at = find_line(body, 0, delimiter).ok_or(MultipartFault::NoStart)?;
        let mut parts = Vec::new();
        loop {
            at += delimiter.len();
            if body[at..].starts_with(b"--") {
                let body = body.clone();
                return Ok(Self { body, parts });
            }
            if parts.len() == MOST_PARTS {
                return Err(MultipartFault::TooManyParts);
            }
            let end_of_line = line_end(&body[at..]).ok_or(MultipartFault::BadDelimiter)?;
            let (mut part, start) = headers(body, at + end_of_line)?;
            // The line end before the delimiter belongs to the delimiter; an empty part has none of its own
            // besides the blank line, so the search starts at that one.
            at = find_line(body, start - 1, delimiter).ok_or(MultipartFault::NoEnd)?;
            part.range = start..content_end(body, start, at);
            parts.push(part);
        }
    }

    /// All parts in their order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The first part with this name.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// The content of a part of this body, sharing its bytes.
    pub fn content(&self, part: &Part) -> Bytes {
        self.body
            .get(part.range.clone())
            .map_or_else(Bytes::new, |content| self.body.slice_ref(content))
    }

    /// The content of a named part as text without blanks around it, as the product reads its form fields.
    pub fn text(&self, name: &str) -> Option<String> {
        let content = self.content(self.part(name)?);
        Some(String::from_utf8_lossy(&content).trim().to_owned())
    }

    /// The first part that is a file.
    pub fn file(&self) -> Option<&Part> {
        self.parts.iter().find(|part| part.filename.is_some())
    }

    /// The checksum of a part's content.
    pub fn checksum(&self, part: &Part, checksum: Checksum) -> String {
        checksum.hex(&self.content(part))
    }
}

impl Part {
    /// How many bytes its content has.
    pub fn size(&self) -> usize {
        self.range.len()
    }
}

/// The boundary that a `Content-Type` names.
///
/// # Errors
/// [`MultipartFault::OtherType`] for another type; `BadBoundary` when it has none or not a valid one.
pub fn boundary(content_type: &str) -> Result<&str, MultipartFault> {
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(MultipartFault::OtherType);
    }
    let boundary = parameter(parameters, "boundary").ok_or(MultipartFault::BadBoundary)?;
    let fits = (1..=LONGEST_BOUNDARY).contains(&boundary.len())
        && boundary.bytes().all(|byte| (b' '..0x7f).contains(&byte))
        && !boundary.ends_with(' ');
    fits.then_some(boundary).ok_or(MultipartFault::BadBoundary)
}

/// The value of a parameter in `; name=value; name="value"`.
fn parameter<'a>(mut rest: &'a str, name: &str) -> Option<&'a str> {
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t']);
        let (key, tail) = rest.split_once('=')?;
        let value;
        (value, rest) = match tail.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => tail.split_once(';').unwrap_or((tail, "")),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(if tail.trim_start().starts_with('"') {
                value
            } else {
                value.trim()
            });
        }
    }
}

/// Reads the headers of a part that start at `at`; says where its content starts.
fn headers(body: &[u8], at: usize) -> Result<(Part, usize), MultipartFault> {
    let mut name = None;
    let mut filename = None;
    let mut content_type = None;
    let mut line_start = at;
    loop {
        let limit = body.len().min(at + MOST_HEADER_BYTES);
        let window = body.get(line_start..limit).unwrap_or_default();
        let length = window.iter().position(|byte| *byte == b'\n');
        let length = length.ok_or(MultipartFault::BadHeaders)?;
        let line = std::str::from_utf8(&window[..length]);
        let line = line.map_err(|_| MultipartFault::BadHeaders)?.trim_end();
        line_start += length + 1;
        if line.is_empty() {
            break;
        }
        let (field, value) = line.split_once(':').ok_or(MultipartFault::BadHeaders)?;
        if field.eq_ignore_ascii_case("content-disposition") {
            let (kind, parameters) = value.split_once(';').unwrap_or((value, ""));
            if kind.trim().eq_ignore_ascii_case("form-data") {
                name = parameter(parameters, "name").map(str::to_owned);
                filename = parameter(parameters, "filename").map(str::to_owned);
            }
        } else if field.eq_ignore_ascii_case("content-type") {
            content_type = Some(value.trim().to_owned());
        }
    }
    let part = Part {
        name: name.ok_or(MultipartFault::NoName)?,
        filename,
        content_type,
        range: line_start..line_start,
    };
    Ok((part, line_start))
}

/// Where `delimiter` stands at the start of a line, at or after the line that `from` is in the end of.
fn find_line(body: &[u8], from: usize, delimiter: &[u8]) -> Option<usize> {
    let mut at = from;
    if at == 0 && body.starts_with(delimiter) {
        return Some(0);
    }
    loop {
        at += body.get(at..)?.iter().position(|byte| *byte == b'\n')? + 1;
        if body[at..].starts_with(delimiter) {
            return Some(at);
        }
    }
}

/// The length of the line end that `rest` starts with, blanks before it included (RFC 2046 allows them).
fn line_end(rest: &[u8]) -> Option<usize> {
    let blanks = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    match &rest[blanks..] {
        [b'\r', b'\n', ..] => Some(blanks + 2),
        [b'\n', ..] => Some(blanks + 1),
        _ => None,
    }
}

/// Where the content before the delimiter at `at` ends: its line end, `\r\n` or `\n`, is not content.
fn content_end(body: &[u8], start: usize, at: usize) -> usize {
    let end = match &body[start.min(at)..at] {
        [.., b'\r', b'\n'] => at - 2,
        [.., b'\n'] => at - 1,
        _ => at,
    };
    end.max(start)
}

#[cfg(test)]
mod tests;
