//! How a product speaks HTTP: the limits it sets and what it says when they are crossed.

use std::time::Duration;

use super::compress::Coding;
use super::{Method, Reply};

/// What `net` refuses by itself, before there is a whole request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The body is larger than the limit, as sent or inflated.
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The client stopped sending in the middle of a request.
    Timeout,
    /// The body broke off or its framing is not HTTP.
    BrokenBody,
}

/// How one listener of a product speaks HTTP.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// Whether HTTP/2 is offered, by ALPN and by prior knowledge.
    pub http2: bool,
    /// The most bytes of request line and header fields together (HTTP/1.1; at least 8,192).
    pub header_bytes: usize,
    /// The most header fields.
    pub header_fields: usize,
    /// The most bytes of a body, as sent and after inflating.
    pub body_bytes: usize,
    /// Whether a body with `Content-Encoding: gzip` is inflated before anyone sees it.
    pub inflate: bool,
    /// How long a client may take for its header, and how long it may pause in a body or in reading.
    pub patience: Duration,
    /// How long a kept-alive connection may stay silent between two requests.
    pub idle: Duration,
    /// How many requests of HTTP/1 a connection serves; the reply to the last one says that it closes.
    pub requests: u32,
    /// How bodies are compressed for clients that accept it, the preferred coding first; empty for never.
    pub codings: &'static [Coding],
    /// Bodies of up to so many bytes are never compressed.
    pub compress_above: usize,
    /// Whether a body by this method on this path is an upload whose file is counted and dropped
    /// ([`super::sieve`]); its size has no limit then.
    pub drops_file: fn(&Method, &str) -> bool,
    /// The product's words for what `net` refuses.
    pub refuse: fn(Refusal) -> Reply,
}
