//! From [`Reply`] to hyper's response: status, reason phrase, fields, and bodies only where HTTP has them.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version};
use hyper::ext::ReasonPhrase;
use hyper::{Request, Response};
use tracing::warn;

use super::stream_body::OutBody;
use crate::http::compress::Coding;
use crate::http::{Body, Dialect, Reply, reply::Field};

/// What of a request shapes the form of its reply.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Whether only the head of the reply is wanted.
    pub(super) is_head: bool,
    /// The protocol.
    pub(super) version: Version,
    /// How a body of more than `compress_above` bytes is compressed.
    pub(super) coding: Option<Coding>,
    /// The size of the largest body that is not.
    pub(super) compress_above: usize,
}

impl Shape {
    /// The shape of the reply to a request.
    pub(super) fn of<B>(request: &Request<B>, dialect: &Dialect) -> Self {
        let coding = match dialect.codings {
            [] => None,
            offered => {
                let accepted = request.headers().get(ACCEPT_ENCODING);
                let accepted = accepted.and_then(|value| value.to_str().ok());
                accepted.and_then(|accepted| Coding::chosen(offered, accepted))
            }
        };
        Self {
            is_head: request.method() == Method::HEAD,
            version: request.version(),
            coding,
            compress_above: dialect.compress_above,
        }
    }

    /// The reply with its body compressed, where both sides want that.
    pub(super) fn compressed(self, mut reply: Reply) -> Reply {
        let (Some(coding), Body::Whole(bytes)) = (self.coding, &reply.body) else {
            return reply;
        };
        let encoded = |(name, _): &Field| name.eq_ignore_ascii_case(CONTENT_ENCODING.as_str());
        if bytes.len() > self.compress_above && !reply.headers.iter().any(encoded) {
            reply.body = Body::Whole(match &reply.compressed {
                Some(kept) => kept.of(bytes, coding),
                None => coding.compress(bytes).into(),
            });
            return reply.with(CONTENT_ENCODING.as_str(), coding.name());
        }
        reply
    }
}

/// Separates a reply from its body.
pub(super) fn take_body(mut reply: Reply) -> (Body, Reply) {
    let body = std::mem::replace(&mut reply.body, Body::Whole(Bytes::new()));
    (body, reply)
}

/// The response for hyper, which adds `date`, `content-length` and the framing.
pub(super) fn response((reply, body): (Reply, OutBody), shape: Shape) -> Response<OutBody> {
    let status = status(reply.status);
    let mut headers = HeaderMap::with_capacity(reply.headers.len() + 2);
    for (name, value) in fields(reply.headers) {
        headers.append(name, value);
    }
    let bodiless = is_bodiless(status);
    let body = if shape.is_head && !bodiless {
        if let Some(length) = body.length() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        OutBody::whole(Bytes::new())
    } else if bodiless {
        OutBody::whole(Bytes::new())
    } else {
        body
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    if let Some(phrase) = reply.reason.and_then(reason) {
        response.extensions_mut().insert(phrase);
    }
    response
}

/// Whether replies with this status never have a body.
pub(super) fn is_bodiless(status: StatusCode) -> bool {
    status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

/// The status code, or 500 for what cannot be the code of a reply: three digits are needed, and 1xx are
/// not replies but announcements of one, which hyper sends by itself.
pub(super) fn status(code: u16) -> StatusCode {
    match StatusCode::from_u16(code) {
        Ok(status) if !status.is_informational() => status,
        _ => {
            warn!(code, "no status code for a reply, sending 500");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// The fields that can be sent. Framing is not the product's business: a length that is not the body's
/// would make the connection useless for what follows.
pub(super) fn fields(fields: Vec<Field>) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    fields.into_iter().filter_map(|(name, value)| {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .ok()
            .zip(header_value(value));
        if parsed.is_none() {
            warn!(field = %name, "header field left out: not valid in HTTP");
        }
        parsed.filter(|(name, _)| name != CONTENT_LENGTH && name != TRANSFER_ENCODING)
    })
}

/// A value without copying its bytes.
fn header_value(value: Cow<'static, str>) -> Option<HeaderValue> {
    let bytes = match value {
        Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        Cow::Owned(text) => Bytes::from(text),
    };
    HeaderValue::from_maybe_shared(bytes).ok()
}

/// The product's own reason phrase; `None` when it could not stand in a status line.
fn reason(phrase: Cow<'static, str>) -> Option<ReasonPhrase> {
    let bytes = Bytes::from(phrase.into_owned());
    let parsed = ReasonPhrase::try_from(bytes).ok();
    if parsed.is_none() {
        warn!("reason phrase left out: not valid in HTTP");
    }
    parsed
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: Shape = Shape {
        is_head: false,
        version: Version::HTTP_11,
        coding: None,
        compress_above: 0,
    };
    const HEAD: Shape = Shape {
        is_head: true,
        version: Version::HTTP_11,
        coding: None,
        compress_above: 0,
    };

    fn sent(reply: Reply, shape: Shape) -> Response<OutBody> {
        let body = OutBody::whole(reply.bytes());
        response((reply, body), shape)
    }

    #[test]
    fn statuses() {
        let check = |code: u16, want: u16| assert_eq!(status(code).as_u16(), want, "{code}");
        check(200, 200);
        check(595, 595);
        check(999, 999);
        check(99, 500);
        check(0, 500);
        check(1000, 500);
        check(100, 500);
    }

    #[test]
    fn fields_that_cannot_be_sent_are_left_out() {
        let reply = Reply::new(200, "text/plain", "x")
            .with("X-Good", "1")
            .with("x bad", "1")
            .with("", "1")
            .with("x-split", "a\r\nb: c")
            .with("x-owned", String::from("o"))
            .with("content-length", "99")
            .with("transfer-encoding", "chunked")
            .with("x-good", "2");
        let response = sent(reply, GET);
        let fields: Vec<_> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        let want = [
            ("content-type", "text/plain"),
            ("x-good", "1"),
            ("x-good", "2"),
            ("x-owned", "o"),
        ];
        assert_eq!(fields, want);
    }

    #[test]
    fn head_replies_tell_the_length_they_would_have() {
        let response = sent(Reply::new(200, "text/plain", "hello"), HEAD);
        assert_eq!(response.headers()["content-length"], "5");
        assert_eq!(response.body().length(), Some(0));
    }

    #[test]
    fn some_statuses_have_no_body() {
        for status in [204, 304] {
            for shape in [GET, HEAD] {
                let response = sent(Reply::new(status, "text/plain", "hello"), shape);
                assert_eq!(response.body().length(), Some(0));
                assert!(!response.headers().contains_key("content-length"));
            }
        }
    }

    #[test]
    fn reason_phrases() {
        let with = |phrase: &'static str| {
            let mut reply = Reply::empty(500);
            reply.reason = Some(phrase.into());
            let response = sent(reply, GET);
            response
                .extensions()
                .get::<ReasonPhrase>()
                .map(|phrase| phrase.as_bytes().to_vec())
        };
        assert_eq!(with("no such node"), Some(b"no such node".to_vec()));
        assert_eq!(with("bad\r\nphrase"), None);
    }
}
