//! A client of an HTTP API in the fewest words: one request a connection, and event streams.

use std::net::SocketAddr;

use serde_json::Value;

use super::client::{Answer, Client, Head};

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.body)))
    }

    /// The first value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.field(name)
    }

    /// Fails unless the status is the wanted one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status(), status, "{body}");
        self
    }
}

/// Sends one request without TLS and reads the whole answer.
pub fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    fields: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    Client::plain(address).exchange(method, target, fields, body)
}

/// The same with TLS, as `localhost`, trusting `ca` alone.
pub fn send_tls(
    address: SocketAddr,
    ca: &str,
    target: &str,
    fields: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    Client::tls(address, ca, "localhost", &[]).exchange("POST", target, fields, body)
}

/// An open event stream, read chunk by chunk.
pub struct EventStream {
    /// The connection.
    pub client: Client,
    /// The status and fields with which the stream began.
    pub head: Head,
    /// What was read and not yet given out.
    pending: Vec<u8>,
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The `id:` line.
    pub id: String,
    /// The `event:` line.
    pub kind: String,
    /// The `data:` lines, joined.
    pub data: String,
}

impl Event {
    /// The data as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

impl EventStream {
    /// Opens a stream.
    pub fn open(address: SocketAddr, target: &str) -> Self {
        let mut client = Client::plain(address);
        let request =
            format!("GET {target} HTTP/1.1\r\nhost: test\r\naccept: text/event-stream\r\n\r\n");
        client.send(request);
        let head = client.head();
        Self {
            client,
            head,
            pending: Vec::new(),
        }
    }

    /// The next event; comments are passed over. `None` at the end.
    pub fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(at) = self.pending.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = self.pending.drain(..at + 2).collect();
                return Some(event(std::str::from_utf8(&frame).unwrap()));
            }
            let chunk = self.client.chunk()?;
            self.pending.extend(chunk);
        }
    }
}

fn event(frame: &str) -> Event {
    let field = |name: &str| {
        let values = frame
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        values.collect::<Vec<_>>().join("\n")
    };
    Event {
        id: field("id"),
        kind: field("event"),
        data: field("data"),
    }
}
