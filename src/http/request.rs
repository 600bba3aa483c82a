//! One request, whole: nothing above `net` ever sees half of one.

use std::net::SocketAddr;

use bytes::Bytes;

use super::{FileFacts, Headers, Method};

/// Which of a personality's listeners a request came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListenerRole {
    /// The product's own port (`--listen`).
    Main,
    /// The second endpoint of plexd-central (`--local-listen`).
    Local,
}

impl ListenerRole {
    /// The word used in contracts (`x-listeners`) and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Local => "local",
        }
    }
}

/// Why a body that was declared as compressed could not be had as it was before compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFault {
    /// `Content-Encoding: gzip`, but the bytes are not a whole gzip stream.
    BadGzip,
}

/// One request as it reached the server.
#[derive(Debug)]
pub struct Request {
    /// The method as it was sent.
    pub method: Method,
    /// Path and query as they stood in the request line, percent-encoding included.
    pub target: Box<str>,
    /// All header fields; names in lower case when they came by HTTP/2 or through hyper.
    pub headers: Headers,
    /// The body, inflated when the dialect inflates; empty when there is none.
    pub body: Bytes,
    /// Set when the body could not be inflated; `body` then holds the bytes as they came.
    pub body_fault: Option<BodyFault>,
    /// What is known of a file that was dropped while it came in; `body` has an empty one in its place.
    pub upload: Option<FileFacts>,
    /// Who sent it.
    pub peer: SocketAddr,
    /// Which listener took it.
    pub listener: ListenerRole,
    /// Whether it came over TLS.
    pub secure: bool,
}

impl Request {
    /// The path without the query, still percent-encoded.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&*self.target, |(path, _)| path)
    }

    /// The query without its question mark; empty when there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// How many bytes keeping this request costs, for limits that count bytes.
    pub fn footprint(&self) -> usize {
        size_of::<Self>() + self.target.len() + self.headers.footprint() + self.body.len()
    }
}
