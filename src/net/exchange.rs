//! One request of a connection: read whole, answered, and turned into what goes back.

use std::convert::Infallible;
use std::future::{Future, pending, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, Version};
use hyper::body::Incoming;
use hyper::{Request, Response};
use tracing::debug;

use super::outlet::{self, Shape};
use super::pulse::{InFlight, Pulse};
use super::serve::Context;
use super::stream_body::OutBody;
use super::takeover::{Handover, Slot};
use super::{Stop, intake};
use crate::http::{Body, Outcome, Refusal, Reply, Wait};

/// What all requests of a connection share.
pub(super) struct Visit {
    /// The port it came in by.
    pub(super) context: Arc<Context>,
    /// What the connection is doing.
    pub(super) pulse: Arc<Pulse>,
    /// Who is at the other end.
    pub(super) peer: SocketAddr,
    /// Whether it is TLS.
    pub(super) secure: bool,
    /// Where a stream is put that is to leave hyper.
    pub(super) slot: Slot,
    /// How many requests it had so far.
    pub(super) served: AtomicU32,
}

/// Why a request never reached the answerer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejected {
    /// For the product to put into words.
    Refused(Refusal),
    /// More header fields than the dialect allows. Only with HTTP/2: hyper counts those of HTTP/1.1.
    TooManyFields,
}

/// Answers one request. The future stays pending when the reply is a stream that leaves hyper.
pub(super) fn answer(
    visit: Arc<Visit>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<OutBody>, Infallible>> + Send {
    let in_flight = visit.pulse.begin();
    async move {
        let shape = Shape::of(&request, &visit.context.dialect);
        let reply = match intake::read(&visit, request).await {
            Ok(request) => match visit.context.answerer.answer(request) {
                Outcome::Reply(reply) => reply,
                // Boxed: this is rare, and its state would make every other exchange larger.
                Outcome::Wait { wait, timeout } => {
                    Box::pin(waited_for(wait, timeout, visit.context.stop.clone())).await
                }
            },
            Err(rejected) => refused(&visit, rejected, shape),
        };
        if let Some(delay) = reply.delay {
            Box::pin(tokio::time::sleep(delay)).await;
        }
        let reply = goodbye(&visit, shape.compressed(reply), shape);
        Ok(respond(&visit, reply, shape, in_flight).await)
    }
}

/// The last reply that the dialect has for a connection says so.
fn goodbye(visit: &Visit, mut reply: Reply, shape: Shape) -> Reply {
    let before = visit.served.fetch_add(1, Relaxed);
    if shape.version > Version::HTTP_11 || before.saturating_add(1) < visit.context.dialect.requests
    {
        return reply;
    }
    reply
        .headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("connection"));
    reply.with("connection", "close")
}

/// Hands the reply to hyper, or a stream of HTTP/1 to the connection's task, which takes it out of hyper.
async fn respond(
    visit: &Visit,
    reply: Reply,
    shape: Shape,
    in_flight: InFlight,
) -> Response<OutBody> {
    let has_body = !shape.is_head && !outlet::is_bodiless(outlet::status(reply.status));
    let is_stream = has_body && matches!(reply.body, Body::Events(_));
    let is_talk = matches!(reply.body, Body::Talk(_));
    if (is_stream || is_talk) && shape.version <= Version::HTTP_11 {
        visit.slot.put(Handover {
            reply,
            version: shape.version,
        });
        // The connection is taken apart while this is pending, which drops it.
        return pending().await;
    }
    outlet::response(
        reply_for_hyper(reply, &visit.context.stop, in_flight),
        shape,
    )
}

fn reply_for_hyper(reply: Reply, stop: &Stop, in_flight: InFlight) -> (Reply, OutBody) {
    let (body, reply) = outlet::take_body(reply);
    let body = match body {
        Body::Whole(bytes) => OutBody::whole(bytes),
        Body::Events(source) => OutBody::events(source, stop.clone(), in_flight),
        // There is no such way to begin a WebSocket in HTTP/2.
        Body::Talk(_) => OutBody::whole(Bytes::new()),
    };
    (reply, body)
}

/// The reply when it is due, when its time is up, or when the server stops.
async fn waited_for(mut wait: Box<dyn Wait>, timeout: Duration, stop: Stop) -> Reply {
    let mut alarm = pin!(tokio::time::sleep(timeout));
    let looked = poll_fn(|cx| {
        loop {
            if let Poll::Ready(reply) = wait.poll_reply(cx) {
                return Poll::Ready(Some(reply));
            }
            // Asked for after the look, so that nothing can begin between the two unseen.
            let Some(next_look) = wait.next_look() else {
                return Poll::Pending;
            };
            alarm.set(tokio::time::sleep(next_look));
            ready!(alarm.as_mut().poll(cx));
        }
    });
    let reply = tokio::select! {
        biased;
        reply = looked => reply,
        () = tokio::time::sleep(timeout) => None,
        () = stop.draining() => None,
    };
    reply.unwrap_or_else(|| wait.timed_out())
}

/// What a client is told whose request is not read any further, and the notes that are taken of it.
fn refused(visit: &Visit, rejected: Rejected, shape: Shape) -> Reply {
    let traffic = &visit.context.traffic;
    debug!(peer = %visit.peer, ?rejected, "request refused");
    let reply = match rejected {
        Rejected::TooManyFields => {
            traffic.broken_requests.fetch_add(1, Relaxed);
            Reply::empty(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.as_u16())
        }
        Rejected::Refused(refusal) => {
            let counter = match refusal {
                Refusal::BodyTooLarge { .. } => &traffic.body_too_large,
                Refusal::Timeout => &traffic.timeouts,
                Refusal::BrokenBody => &traffic.broken_requests,
            };
            counter.fetch_add(1, Relaxed);
            (visit.context.dialect.refuse)(refusal)
        }
    };
    if shape.version > Version::HTTP_11 {
        return reply;
    }
    visit.pulse.linger();
    reply.with("connection", "close")
}
