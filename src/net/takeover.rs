//! How an event stream or a WebSocket over HTTP/1.1 leaves hyper, which keeps 13 KB of buffers for each
//! connection.
//!
//! The service puts the reply into a slot and stays pending; the connection's task finds it there, takes
//! the socket out of hyper and gives it to a small task of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{StatusCode, Version};
use jiff::fmt::rfc2822::DateTimePrinter;

use super::exchange::Visit;
use super::outgoing::Framing;
use super::outlet::{fields, status, take_body};
use super::serve::Seat;
use super::socket::Socket;
use super::stream::EventStream;
use super::upgrade::{self, Line};
use crate::clock::Clock;
use crate::http::{Body, Reply};

/// A stream that is to leave hyper.
#[derive(Debug)]
pub(super) struct Handover {
    /// The whole reply; its body is the stream.
    pub(super) reply: Reply,
    /// What the client speaks: HTTP/1.0 has no chunks.
    pub(super) version: Version,
}

/// Where a handover waits for the connection's task.
#[derive(Debug, Default)]
pub(super) struct Slot {
    filled: AtomicBool,
    handover: Mutex<Option<Handover>>,
}

impl Slot {
    /// Fills the slot.
    pub(super) fn put(&self, handover: Handover) {
        *self.handover.lock().unwrap_or_else(PoisonError::into_inner) = Some(handover);
        self.filled.store(true, Ordering::Release);
    }

    /// Whether there is something to take.
    pub(super) fn is_filled(&self) -> bool {
        self.filled.load(Ordering::Acquire)
    }

    fn take(&self) -> Option<Handover> {
        self.handover
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// Starts the stream that waits in the slot, on a socket to which hyper owes nothing any more.
/// `unread` is what the client sent before it was answered.
pub(super) fn launch(mut socket: Socket, unread: Bytes, visit: &Visit, seat: Seat) {
    let Some(Handover { reply, version }) = visit.slot.take() else {
        return;
    };
    socket.wire_mut().forget_pulse();
    let context = &visit.context;
    let traffic = Arc::clone(&context.traffic);
    let (source, reply) = match take_body(reply) {
        (Body::Events(source), reply) => (source, reply),
        (Body::Talk(talk), reply) => {
            let line = Line {
                socket,
                unread,
                head: head(reply, None),
                stop: context.stop.clone(),
                traffic,
            };
            tokio::spawn(upgrade::run(line, talk, seat));
            return;
        }
        (Body::Whole(_), _) => return,
    };
    let framing = if version == Version::HTTP_11 {
        Framing::Chunked
    } else {
        Framing::UntilClose
    };
    let stream = EventStream::new(
        socket,
        source,
        head(reply, Some(framing)),
        framing,
        context.limits.stream_stall,
    );
    tokio::spawn(stream.run(context.stop.clone(), traffic, seat));
}

/// The status line and the fields, as hyper would write them; without framing those of a switch to another
/// protocol.
fn head(reply: Reply, framing: Option<Framing>) -> Vec<u8> {
    let status = match framing {
        None => StatusCode::SWITCHING_PROTOCOLS,
        Some(_) => status(reply.status),
    };
    let phrase = reply.reason.as_deref().filter(|phrase| is_text(phrase));
    let phrase = phrase.or(status.canonical_reason()).unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {phrase}\r\n", status.as_str()).into_bytes();
    let mut push = |name: &str, value: &[u8]| {
        head.extend_from_slice(name.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value);
        head.extend_from_slice(b"\r\n");
    };
    let mut dated = false;
    for (name, value) in fields(reply.headers) {
        dated |= name == http::header::DATE;
        // Without chunks the end of the connection is the end of the stream.
        if name != http::header::CONNECTION || framing != Some(Framing::UntilClose) {
            push(name.as_str(), value.as_bytes());
        }
    }
    match framing {
        Some(Framing::Chunked) => push("transfer-encoding", b"chunked"),
        Some(Framing::UntilClose) => push("connection", b"close"),
        None => {}
    }
    let now = Clock::real().now();
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let (false, Ok(date)) = (dated, date) {
        push("date", date.as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Whether a phrase can stand in a status line.
fn is_text(phrase: &str) -> bool {
    phrase
        .bytes()
        .all(|byte| byte == b'\t' || byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(reply: Reply, framing: Framing) -> String {
        String::from_utf8(head(reply, Some(framing))).unwrap()
    }

    #[test]
    fn heads_as_hyper_writes_them() {
        let reply = || {
            Reply::new(200, "text/event-stream", "")
                .with("connection", "keep-alive")
                .with("date", "today")
                .with("content-length", "7")
                .with("x-split", "a\r\nb: c")
        };
        assert_eq!(
            written(reply(), Framing::Chunked),
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: keep-alive\r\n\
             date: today\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        assert_eq!(
            written(reply(), Framing::UntilClose),
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ndate: today\r\n\
             connection: close\r\n\r\n"
        );
    }

    #[test]
    fn phrases_of_the_product_and_dates() {
        let with = |phrase: &'static str| {
            let mut reply = Reply::empty(595);
            reply.reason = Some(phrase.into());
            written(reply, Framing::Chunked)
        };
        assert!(with("no such node").starts_with("HTTP/1.1 595 no such node\r\n"));
        let split = with("a\r\nb: c");
        assert!(split.starts_with("HTTP/1.1 595 \r\n"));
        let (_, date) = split.split_once("date: ").unwrap();
        assert!(date.ends_with(" GMT\r\n\r\n") && date.len() == 33, "{date}");
    }
}
