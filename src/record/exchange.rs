//! One exchange: a request with its reply, what answered it, and what it counts for.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use crate::http::Request;
use crate::http::reply::Field;

/// What an exchange counts for, said by the personality that answered it.
///
/// The numbers are positions in [`super::Labels`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// The operation of the contract, when the path and method named one.
    pub operation: Option<u16>,
    /// The product's own counter that goes up by one.
    pub counter: Option<u16>,
    /// The name under which the body is kept as the last one.
    pub capture: Option<u16>,
    /// The node (plexd: the `{id}` of the path) that the exchange is about.
    pub node: Option<Box<str>>,
    /// Which of the sources answered: `handler`, `fixture`, ...; empty when nothing did.
    pub origin: &'static str,
}

/// One request with its reply, as the journal keeps it.
#[derive(Debug)]
pub struct Exchange {
    /// Position in the order of all exchanges since the start, from 1; given by the recorder.
    pub sequence: u64,
    /// When the request was answered, by the personality's clock.
    pub at: Timestamp,
    /// How long answering took, in real time.
    pub took: Duration,
    /// The request.
    pub request: Request,
    /// What it counts for.
    pub tally: Tally,
    /// The status of the reply.
    pub status: u16,
    /// The header fields of the reply.
    pub reply_headers: Vec<Field>,
    /// The body of the reply; empty for an event stream. Of a long one that is not new any more the journal keeps
    /// the beginning only.
    pub reply_body: Bytes,
    /// How many bytes the body of the reply had, where not all of them are kept.
    pub reply_length: Option<usize>,
}

impl Exchange {
    /// How many bytes keeping this exchange costs.
    pub fn footprint(&self) -> usize {
        let headers: usize = self
            .reply_headers
            .iter()
            .map(|(name, value)| name.len() + value.len() + size_of::<Field>())
            .sum();
        size_of::<Self>() + self.request.footprint() + headers + self.reply_body.len()
    }

    /// Leaves so much of the reply's body and hands back the whole.
    pub(super) fn cut(&mut self, left: usize) -> Bytes {
        let left = self.reply_body.len().min(left);
        // A copy, because a part would hold the whole.
        let beginning = Bytes::copy_from_slice(&self.reply_body[..left]);
        self.reply_length = Some(self.reply_body.len());
        std::mem::replace(&mut self.reply_body, beginning)
    }
}

/// An exchange for the tests of this folder.
#[cfg(test)]
pub(super) fn sample(sequence: u64, body: &[u8]) -> Exchange {
    use crate::http::{Headers, ListenerRole, Method};
    Exchange {
        sequence,
        at: Timestamp::UNIX_EPOCH,
        took: Duration::ZERO,
        request: Request {
            method: Method::Post,
            target: "/v1/nodes/n-1/heartbeat".into(),
            headers: Headers::default(),
            body: Bytes::copy_from_slice(body),
            body_fault: None,
            upload: None,
            peer: ([127, 0, 0, 1], 4711).into(),
            listener: ListenerRole::Main,
            secure: false,
        },
        tally: Tally::default(),
        status: 200,
        reply_headers: Vec::new(),
        reply_body: Bytes::new(),
        reply_length: None,
    }
}
