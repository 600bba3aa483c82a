//! One reply: status, fields, and a body that is whole, or a stream of events, or still to come.

use std::borrow::Cow;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;

use super::Talk;
use super::compress::Compressed;

/// What a request leads to.
pub enum Outcome {
    /// An answer at hand.
    Reply(Reply),
    /// An answer that comes when something happens, or when `timeout` is over.
    Wait {
        /// What is waited for.
        wait: Box<dyn Wait>,
        /// How long at the most, in real time.
        timeout: Duration,
    },
}

/// Something that can be waited for without a loop that asks again and again.
pub trait Wait: Send {
    /// The reply once it is due. Otherwise the waker of `cx` is kept and woken when a second look pays.
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Reply>;

    /// After which time another look pays although nobody wakes the waker: something is known to happen then.
    fn next_look(&self) -> Option<Duration> {
        None
    }

    /// The reply when the time is up.
    fn timed_out(&mut self) -> Reply;
}

/// A header field of a reply.
pub type Field = (Cow<'static, str>, Cow<'static, str>);

/// One reply.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The reason phrase, where the product's differs from the usual one (HTTP/1.1 only).
    pub reason: Option<Cow<'static, str>>,
    /// Header fields besides those that `net` adds (`date`, `content-length`, `connection`).
    pub headers: Vec<Field>,
    /// The body.
    pub body: Body,
    /// Where the body is kept in other codings, for one that will be sent again.
    pub compressed: Option<Arc<Compressed>>,
    /// How long `net` waits before it writes the reply, outside every lock.
    pub delay: Option<Duration>,
}

/// The body of a reply.
pub enum Body {
    /// All of it; empty for none.
    Whole(Bytes),
    /// Events as they come, until either side ends it.
    Events(Box<dyn EventSource>),
    /// A WebSocket (HTTP/1.1 only); the reply's status is 101 then, whatever it says.
    Talk(Box<dyn Talk>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Events(_) => f.write_str("Events"),
            Self::Talk(_) => f.write_str("Talk"),
        }
    }
}

/// Bytes of an event stream that are written and flushed as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Write these bytes and flush them.
    Bytes(Bytes),
    /// End the stream in good order.
    End,
    /// Break the connection off where it stands.
    Cut,
}

/// Where the pieces of an event stream come from. Dropping it is how `net` says that the client is gone.
pub trait EventSource: Send {
    /// The next piece; the waker of `cx` is kept when there is none yet.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Piece>;

    /// Called after the last piece was handed to the operating system.
    fn written(&mut self);

    /// What to write when nothing was written for this long.
    fn keep_alive(&self) -> Option<(Duration, Bytes)>;
}

impl Reply {
    /// A reply with a body of the given type.
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            reason: None,
            headers: vec![(Cow::Borrowed("content-type"), Cow::Borrowed(content_type))],
            body: Body::Whole(body.into()),
            compressed: None,
            delay: None,
        }
    }

    /// A reply without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            reason: None,
            headers: Vec::new(),
            body: Body::Whole(Bytes::new()),
            compressed: None,
            delay: None,
        }
    }

    /// The same reply with one more header field.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The body's bytes; empty for a stream.
    pub fn bytes(&self) -> Bytes {
        match &self.body {
            Body::Whole(bytes) => bytes.clone(),
            Body::Events(_) | Body::Talk(_) => Bytes::new(),
        }
    }
}
