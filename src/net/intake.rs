//! From hyper's request to [`Request`]: whole, copied, within the limits of the dialect.
//!
//! Everything is copied out of hyper's read buffer, because requests stay in the journal: a slice of eight
//! bytes would keep eight kilobytes alive.

use bytes::Bytes;
use http::{HeaderMap, Uri, request};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::exchange::{Rejected, Visit};
use crate::http::checksum::Checksum;
use crate::http::compress::{InflateFault, gunzip};
use crate::http::form::{self, Syntax};
use crate::http::sieve::Sieve;
use crate::http::{BodyFault, Dialect, FileFacts, Headers, Method, Refusal, Request};

/// The most that is set aside for a body because its length was announced; a body has to arrive before it
/// gets more.
const RESERVED_AT_ONCE: u64 = 1 << 20;

/// Reads a request to its end.
pub(super) async fn read(
    visit: &Visit,
    request: hyper::Request<Incoming>,
) -> Result<Request, Rejected> {
    let dialect = &*visit.context.dialect;
    let (head, body) = request.into_parts();
    if head.headers.len() > dialect.header_fields {
        return Err(Rejected::TooManyFields);
    }
    let method = Method::parse(head.method.as_str());
    let mut upload = None;
    let raw = if body.is_end_stream() {
        Bytes::new()
    } else if let Some(sieve) = sieve(&method, &head, dialect) {
        let sieved = sift(body, sieve, dialect).await;
        let (kept, facts) = sieved.map_err(Rejected::Refused)?;
        upload = facts;
        Bytes::from(kept.into_boxed_slice())
    } else {
        collect(body, dialect).await.map_err(Rejected::Refused)?
    };
    let (body, body_fault) = inflated(raw, &head.headers, dialect).map_err(Rejected::Refused)?;
    Ok(Request {
        method,
        target: target(&head.uri),
        headers: fields(&head),
        body,
        body_fault,
        upload,
        peer: visit.peer,
        listener: visit.context.role,
        secure: visit.secure,
    })
}

/// Copies a body together, and stops as soon as it is known to be too large or its client too slow.
async fn collect(mut body: Incoming, dialect: &Dialect) -> Result<Bytes, Refusal> {
    let too_large = Refusal::BodyTooLarge {
        limit: dialect.body_bytes,
    };
    let limit = u64::try_from(dialect.body_bytes).unwrap_or(u64::MAX);
    let announced = body.size_hint().lower();
    if announced > limit {
        return Err(too_large);
    }
    let mut bytes = Vec::with_capacity(announced.min(RESERVED_AT_ONCE).try_into().unwrap_or(0));
    loop {
        let frame = tokio::time::timeout(dialect.patience, body.frame())
            .await
            .map_err(|_| Refusal::Timeout)?;
        let Some(frame) = frame else { break };
        // Trailers say nothing that anybody here would listen to.
        let Ok(data) = frame.map_err(|_| Refusal::BrokenBody)?.into_data() else {
            continue;
        };
        if data.len() > dialect.body_bytes - bytes.len() {
            return Err(too_large);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Bytes::from(bytes.into_boxed_slice()))
}

/// What takes in the body of an upload; nothing for any other request.
fn sieve(method: &Method, head: &request::Parts, dialect: &Dialect) -> Option<Sieve> {
    if !(dialect.drops_file)(method, head.uri.path()) {
        return None;
    }
    let kind = head
        .headers
        .get(http::header::CONTENT_TYPE)?
        .to_str()
        .ok()?;
    let query = head.uri.query().unwrap_or_default();
    let mut pairs = form::pairs(query, Syntax::Standard);
    let wanted = pairs.find(|(name, _)| name == "checksum-algorithm");
    Sieve::new(kind, wanted.and_then(|(_, name)| Checksum::named(&name)))
}

/// Takes in an upload without its file, which may be as large as it likes but not slower than the patience.
async fn sift(
    mut body: Incoming,
    mut sieve: Sieve,
    dialect: &Dialect,
) -> Result<(Vec<u8>, Option<FileFacts>), Refusal> {
    loop {
        let frame = tokio::time::timeout(dialect.patience, body.frame())
            .await
            .map_err(|_| Refusal::Timeout)?;
        let Some(frame) = frame else {
            return Ok(sieve.finish());
        };
        if let Ok(data) = frame.map_err(|_| Refusal::BrokenBody)?.into_data() {
            sieve.feed(&data).map_err(|_| Refusal::BodyTooLarge {
                limit: dialect.body_bytes,
            })?;
        }
    }
}

/// The body as it was before compression, where the dialect wants that.
fn inflated(
    body: Bytes,
    headers: &HeaderMap,
    dialect: &Dialect,
) -> Result<(Bytes, Option<BodyFault>), Refusal> {
    let is_gzip = headers
        .get(http::header::CONTENT_ENCODING)
        .is_some_and(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"gzip"));
    if !dialect.inflate || !is_gzip {
        return Ok((body, None));
    }
    match gunzip(&body, dialect.body_bytes) {
        Ok(inflated) => Ok((Bytes::from(inflated.into_boxed_slice()), None)),
        Err(InflateFault::Broken) => Ok((body, Some(BodyFault::BadGzip))),
        Err(InflateFault::TooLarge) => Err(Refusal::BodyTooLarge {
            limit: dialect.body_bytes,
        }),
    }
}

/// Path and query. Of `http://host/path` (a client that takes us for a proxy) only they count; `CONNECT`
/// has nothing but an authority.
fn target(uri: &Uri) -> Box<str> {
    match (uri.path_and_query(), uri.authority()) {
        (Some(target), _) => target.as_str().into(),
        (None, Some(authority)) => authority.as_str().into(),
        (None, None) => "/".into(),
    }
}

/// All header fields in one buffer. HTTP/2 has `:authority` where HTTP/1.1 has `Host`; above this folder it
/// is always `host`.
fn fields(head: &request::Parts) -> Headers {
    let host = head
        .uri
        .authority()
        .filter(|_| !head.headers.contains_key(http::header::HOST));
    let mut bytes = host.map_or(0, |host| "host".len() + host.as_str().len());
    for (name, value) in &head.headers {
        bytes += name.as_str().len() + value.len();
    }
    let count = head.headers.len() + usize::from(host.is_some());
    let mut headers = Headers::with_capacity(count, bytes);
    if let Some(host) = host {
        headers.push("host", host.as_str().as_bytes());
    }
    for (name, value) in &head.headers {
        headers.push(name.as_str(), value.as_bytes());
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(request: request::Builder) -> request::Parts {
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn targets() {
        let check = |uri: &str, want: &str| {
            assert_eq!(&*target(&uri.parse().unwrap()), want, "{uri}");
        };
        check("/v1/ping?a=%20b&c", "/v1/ping?a=%20b&c");
        check("http://mock-api:8080/v1/ping?x", "/v1/ping?x");
        check("http://mock-api", "/");
        check("*", "*");
        check("mock-api:443", "mock-api:443");
    }

    #[test]
    fn fields_are_copied_exactly_once() {
        let request = hyper::Request::get("/")
            .header("Accept", "a")
            .header("X-Node", &b"\xff\xfe"[..])
            .header("accept", "b");
        let headers = fields(&head(request));
        let found: Vec<_> = headers.iter().collect();
        let want: [(&str, &[u8]); 3] =
            [("accept", b"a"), ("accept", b"b"), ("x-node", b"\xff\xfe")];
        assert_eq!(found, want);
        let exact = Headers::with_capacity(3, "accept".len() * 2 + "x-node".len() + 4);
        assert_eq!(headers.footprint(), exact.footprint());
    }

    #[test]
    fn authority_becomes_host() {
        let headers = fields(&head(hyper::Request::get("http://mock-api:8080/")));
        assert_eq!(headers.text("host"), Some("mock-api:8080"));
        let request = hyper::Request::get("http://proxied/").header("host", "named");
        assert_eq!(fields(&head(request)).text("host"), Some("named"));
    }
}
