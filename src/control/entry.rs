//! An exchange of the journal as JSON: `WireMock`'s serve event and logged request, and ours besides.
//!
//! Lists are written entry by entry: a journal may hold 32 MiB of bodies, and a tree of all of it would be
//! several times that.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::http::form::{self, Syntax};
use crate::http::{BodyFault, Request};
use crate::record::{Exchange, Labels};

/// How the entries of a list look.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Request and response side by side, as in `GET /__admin/requests`.
    Event,
    /// The request with everything else beside its fields, as in `POST /__admin/requests/find`.
    Logged,
}

/// A list of exchanges.
pub(super) struct Entries<'a> {
    pub(super) exchanges: &'a [Arc<Exchange>],
    pub(super) labels: &'a Labels,
    pub(super) shape: Shape,
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.exchanges.iter();
        serializer.collect_seq(entries.map(|exchange| match self.shape {
            Shape::Event => event(exchange, self.labels),
            Shape::Logged => logged(exchange, self.labels),
        }))
    }
}

/// The id under which an exchange can be asked for: a UUID made of its sequence number, so that the same run
/// gives the same ids.
pub(super) fn id(sequence: u64) -> String {
    format!("{ID_PREFIX}{sequence:012x}")
}

/// The sequence number in an id; a plain number will do as well.
pub(super) fn sequence(id: &str) -> Option<u64> {
    match id.strip_prefix(ID_PREFIX) {
        Some(digits) if digits.len() == 12 => u64::from_str_radix(digits, 16).ok(),
        _ => id.parse().ok(),
    }
}

const ID_PREFIX: &str = "00000000-0000-4000-8000-";

/// An exchange as `WireMock`'s serve event.
pub(super) fn event(exchange: &Exchange, labels: &Labels) -> Value {
    let mut entry = Map::new();
    entry.insert("id".into(), id(exchange.sequence).into());
    entry.insert("request".into(), Value::Object(request(exchange)));
    add_rest(&mut entry, exchange, labels);
    Value::Object(entry)
}

/// An exchange as `WireMock`'s logged request.
fn logged(exchange: &Exchange, labels: &Labels) -> Value {
    let mut entry = request(exchange);
    entry.insert("id".into(), id(exchange.sequence).into());
    entry.insert("status".into(), exchange.status.into());
    add_rest(&mut entry, exchange, labels);
    Value::Object(entry)
}

fn add_rest(entry: &mut Map<String, Value>, exchange: &Exchange, labels: &Labels) {
    let tally = &exchange.tally;
    let name = |names: &[String], at: Option<u16>| {
        at.and_then(|at| names.get(usize::from(at)))
            .map_or(Value::Null, |name| json!(name))
    };
    let operation = tally.operation.map(usize::from);
    let label = operation.and_then(|at| labels.operations.get(at));
    let took = u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX);
    let mut add = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    add("response", response(exchange));
    add("wasMatched", json!(label.is_some()));
    add(
        "timing",
        json!({
            "addedDelay": 0, "processTime": took, "responseSendTime": 0,
            "serveTime": took, "totalTime": took,
            "microseconds": u64::try_from(exchange.took.as_micros()).unwrap_or(u64::MAX),
        }),
    );
    add("sequence", exchange.sequence.into());
    add(
        "operation",
        label.map_or(Value::Null, |label| json!(label.name)),
    );
    add("node", json!(tally.node));
    add(
        "origin",
        match tally.origin {
            "" => Value::Null,
            origin => json!(origin),
        },
    );
    add("counter", name(&labels.counters, tally.counter));
    add("capture", name(&labels.captures, tally.capture));
    add("listener", json!(exchange.request.listener.name()));
    if let Ok(body) = serde_json::from_slice::<Value>(&exchange.request.body) {
        add("bodyJson", body);
    }
}

fn request(exchange: &Exchange) -> Map<String, Value> {
    let request = &exchange.request;
    let scheme = if request.secure { "https" } else { "http" };
    let authority = request.headers.text("host").unwrap_or_default();
    let (host, port) = split_authority(authority, request.secure);
    let mut entry = Map::new();
    let mut add = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    add("url", json!(request.target));
    add(
        "absoluteUrl",
        json!(format!("{scheme}://{authority}{}", request.target)),
    );
    add("method", json!(request.method.as_str()));
    add(
        "clientIp",
        json!(request.peer.ip().to_canonical().to_string()),
    );
    add("headers", headers(request.headers.iter()));
    add("cookies", json!({}));
    add("browserProxyRequest", json!(false));
    add("loggedDate", json!(exchange.at.as_millisecond()));
    add("loggedDateString", json!(exchange.at.to_string()));
    add("scheme", json!(scheme));
    add("host", json!(host));
    add("port", json!(port));
    add("queryParams", query_params(request));
    add("body", json!(String::from_utf8_lossy(&request.body)));
    add("bodyAsBase64", json!(STANDARD.encode(&request.body)));
    if let Some(BodyFault::BadGzip) = request.body_fault {
        add("bodyFault", json!("not a whole gzip stream"));
    }
    entry
}

fn response(exchange: &Exchange) -> Value {
    let fields = exchange.reply_headers.iter();
    let mut response = json!({
        "status": exchange.status,
        "headers": headers(fields.map(|(name, value)| (&**name, value.as_bytes()))),
        "body": String::from_utf8_lossy(&exchange.reply_body),
        "bodyAsBase64": STANDARD.encode(&exchange.reply_body),
    });
    // As WireMock, which cuts what is too long as well, but saying so.
    if let Some(length) = exchange.reply_length {
        response["bodyLength"] = json!(length);
    }
    response
}

/// Header fields as `WireMock` has them: a text, or a list of texts where a field came several times.
fn headers<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in fields {
        let value = Value::String(String::from_utf8_lossy(value).into_owned());
        match map.get_mut(name) {
            None => {
                map.insert(name.to_owned(), value);
            }
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Value::Object(map)
}

fn query_params(request: &Request) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (key, value) in form::pairs(request.query(), Syntax::Standard) {
        match map
            .get_mut(&*key)
            .and_then(|known| known["values"].as_array_mut())
        {
            Some(values) => values.push(json!(value)),
            None => {
                map.insert(key.to_string(), json!({ "key": key, "values": [value] }));
            }
        }
    }
    Value::Object(map)
}

/// Host and port of a `Host` field; the scheme's port when it names none.
fn split_authority(authority: &str, secure: bool) -> (&str, u16) {
    let usual = if secure { 443 } else { 80 };
    let after_address = authority.rfind(']').map_or(0, |at| at + 1);
    let split = authority[after_address..].rsplit_once(':');
    match split.and_then(|(_, port)| Some((port.len(), port.parse().ok()?))) {
        Some((digits, port)) => (&authority[..authority.len() - digits - 1], port),
        None => (authority, usual),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_sequences_and_lead_back() {
        assert_eq!(id(255), "00000000-0000-4000-8000-0000000000ff");
        let check = |id: &str, want: Option<u64>| assert_eq!(sequence(id), want, "{id}");
        check("00000000-0000-4000-8000-0000000000ff", Some(255));
        check("17", Some(17));
        check("00000000-0000-4000-8000-ff", None);
        check("6ba7b810-9dad-11d1-80b4-00c04fd430c8", None);
        check("", None);
    }

    #[test]
    fn authorities() {
        let check = |authority: &str, secure: bool, want: (&str, u16)| {
            assert_eq!(split_authority(authority, secure), want);
        };
        check("localhost:8080", false, ("localhost", 8080));
        check("localhost", true, ("localhost", 443));
        check("[::1]:8443", true, ("[::1]", 8443));
        check("[::1]", false, ("[::1]", 80));
        check("a:b", false, ("a:b", 80));
        check("", false, ("", 80));
    }

    #[test]
    fn repeated_fields_become_lists() {
        let fields = [("a", &b"1"[..]), ("b", b"\xff"), ("a", b"2"), ("a", b"3")];
        let want = json!({ "a": ["1", "2", "3"], "b": "\u{fffd}" });
        assert_eq!(headers(fields.into_iter()), want);
    }
}
