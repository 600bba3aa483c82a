//! What a product says through a WebSocket: the handshake's arithmetic, and the talk itself as a machine without
//! a socket.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ring::digest;

use super::Request;

/// The constant that a server adds to a client's key (RFC 6455, 1.3).
const SALT: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// One side of a talk by messages. Dropping it is how `net` says that the client is gone.
pub trait Talk: Send {
    /// What is said first.
    fn greeting(&mut self) -> Vec<Bytes>;
    /// What is said to a message.
    fn answer(&mut self, message: &[u8]) -> Vec<Bytes>;
    /// Whether all is said, so that the connection can be closed.
    fn is_over(&self) -> bool;
    /// Whether the connection just ends in place of the closing handshake (RFC 6455, 7.1.2).
    fn hangs_up(&self) -> bool {
        false
    }
}

/// What a request says that asks for a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// The answer to its key, for `Sec-WebSocket-Accept`.
    pub accept: String,
    /// The protocol it prefers.
    pub protocol: Option<String>,
}

impl Handshake {
    /// Reads a request; `None` when it asks for no WebSocket of version 13.
    pub fn read(request: &Request) -> Option<Self> {
        let field = |name: &str| request.headers.text(name);
        let names = |text: Option<&str>, wanted: &str| {
            let mut words = text.unwrap_or_default().split(',');
            words.any(|word| word.trim().eq_ignore_ascii_case(wanted))
        };
        let asks = names(field("upgrade"), "websocket") && names(field("connection"), "upgrade");
        if !asks || field("sec-websocket-version") != Some("13") {
            return None;
        }
        let key = field("sec-websocket-key")?.trim();
        let salted = format!("{key}{SALT}");
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, salted.as_bytes());
        let protocols = field("sec-websocket-protocol").unwrap_or_default();
        let protocol = protocols.split(',').map(str::trim).next();
        Some(Self {
            accept: STANDARD.encode(hash),
            protocol: protocol.filter(|name| !name.is_empty()).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Headers, ListenerRole, Method};

    fn read(fields: &[(&str, &str)]) -> Option<Handshake> {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.push(name, value.as_bytes());
        }
        Handshake::read(&Request {
            method: Method::Get,
            target: "/".into(),
            headers,
            body: Bytes::new(),
            body_fault: None,
            upload: None,
            peer: ([127, 0, 0, 1], 1).into(),
            listener: ListenerRole::Main,
            secure: false,
        })
    }

    /// The example of RFC 6455, 1.3.
    const FIELDS: [(&str, &str); 5] = [
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "chat, superchat"),
        ("sec-websocket-version", "13"),
    ];

    #[test]
    fn handshakes() {
        let found = read(&FIELDS).unwrap();
        assert_eq!(found.accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(found.protocol.as_deref(), Some("chat"));
        for missing in [0, 1, 2, 4] {
            let mut fields = FIELDS.to_vec();
            fields.remove(missing);
            assert_eq!(read(&fields), None, "without {}", FIELDS[missing].0);
        }
        assert_eq!(
            read(&[&FIELDS[..3], &FIELDS[4..]].concat())
                .unwrap()
                .protocol,
            None
        );
    }
}
