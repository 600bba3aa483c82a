//! Proxmox VE: JSON in refusals, the message as reason phrase, 0 and 1 (`PVE::APIServer`).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Answer, Booleans, Envelope, Format, JSON};
use crate::http::Reply;
use crate::proxmox::fault::{Fault, Unacceptable, Unreachable};
use crate::proxmox::product::Edition;

/// A refusal: its status, its text, and what stands in the body.
struct Refusal {
    status: u16,
    message: String,
    body: Body,
}

enum Body {
    /// The envelope of the format.
    Formatted,
    /// The text, without a content type: what the server says before there is a format.
    Plain,
    /// Nothing: what it says while it looks at credentials.
    None,
}

pub(super) fn answer(envelope: &Envelope, mut answer: Answer) -> Reply {
    if answer.booleans == Booleans::OfTheProduct {
        numbers_for_booleans(&mut answer.data);
    }
    let mut body = Map::new();
    if answer.written.is_none() {
        body.insert("data".to_owned(), answer.data);
    }
    if envelope.format == Format::Extjs {
        body.insert("success".to_owned(), json!(1));
    }
    for name in ["total", "changes"] {
        if let Some(value) = answer.attributes.remove(name).filter(is_true) {
            body.insert(name.to_owned(), value);
        }
    }
    let rest = Value::Object(body).to_string();
    let text = match answer.written {
        None => rest.into(),
        Some(written) => written.body(&rest),
    };
    let mut reply = Reply::new(200, JSON, text);
    if let Some(cookie) = answer.cookie {
        reply = reply.with("set-cookie", cookie);
    }
    dress(reply, envelope.now).with("connection", "Keep-Alive")
}

pub(super) fn refusal(envelope: &Envelope, fault: &Fault) -> Reply {
    let Refusal {
        status,
        message,
        body,
    } = refused(envelope.edition, fault);
    let hidden = envelope.format == Format::Extjs && matches!(body, Body::Formatted);
    let mut reply = match body {
        Body::None => Reply::empty(status),
        Body::Plain => {
            let mut reply = Reply::empty(status);
            reply.body = crate::http::Body::Whole(message.clone().into());
            reply
        }
        Body::Formatted => {
            let shown = if hidden { 200 } else { status };
            Reply::new(shown, JSON, formatted(envelope, fault, status, &message))
        }
    };
    if hidden {
        return dress(reply, envelope.now).with("connection", "Keep-Alive");
    }
    reply.reason = Some(first_line(&message).into());
    dress(reply, envelope.now).with("connection", "close")
}

fn formatted(envelope: &Envelope, fault: &Fault, status: u16, message: &str) -> String {
    let mut body = Map::new();
    body.insert("data".to_owned(), Value::Null);
    if let Fault::Parameters(problems) = fault {
        let texts = problems
            .iter()
            .map(|(name, text)| (name.to_owned(), json!(text)));
        body.insert("errors".to_owned(), Value::Object(texts.collect()));
    }
    match envelope.format {
        // Since pve-http-server 5.2.0 of January 2025.
        Format::Json if envelope.edition == Edition::Pve7 => {}
        Format::Json => {
            body.insert("message".to_owned(), json!(message));
        }
        Format::Extjs => {
            body.insert("message".to_owned(), json!(message));
            body.insert("status".to_owned(), json!(status));
            body.insert("success".to_owned(), json!(0));
        }
    }
    Value::Object(body).to_string()
}

impl Fault {
    /// What becomes of a refusal of Proxmox VE that is thrown within a task: how the task ends. Exceptions have
    /// their status in front there and what is wrong with parameters behind, in one line.
    pub fn in_task(&self) -> String {
        let refusal = refused(Edition::Pve9, self);
        let text = refusal.message.trim_end();
        match self {
            Self::Parameters(problems) => {
                let wrong = problems
                    .iter()
                    .map(|(name, text)| format!(" {name}: {text}"));
                format!("{} {text}{}", refusal.status, wrong.collect::<String>())
            }
            Self::Denied(_) => format!("{} {text}", refusal.status),
            _ => text.to_owned(),
        }
    }
}

/// Status and text of everything that Proxmox VE refuses (proxmox.md 1.1, "Status catalogue"). Texts that the
/// product throws end with a newline; the others do not.
fn refused(edition: Edition, fault: &Fault) -> Refusal {
    use Body::{Formatted, None, Plain};
    let thrown = |text: &str| format!("{}\n", text.trim_end_matches('\n'));
    let (status, message, body) = match fault {
        Fault::Parameters(_) => (400, thrown("Parameter verification failed."), Formatted),
        Fault::NoCredentials => (401, "No ticket".to_owned(), None),
        // Since pve-manager 9.1.5 of January 2026 all of these look alike.
        Fault::BadCredentials(_) if edition == Edition::Pve9 => {
            (401, "Authentication failed!".to_owned(), None)
        }
        Fault::BadCredentials(why) => (401, why.to_string(), None),
        Fault::BadCsrf => (
            401,
            "Permission denied - invalid csrf token".to_owned(),
            None,
        ),
        Fault::Invalid(text) => (400, thrown(text), Formatted),
        Fault::LoginFailed => (401, thrown("authentication failure"), Formatted),
        Fault::NoTokens(path) => (403, no_tokens(path), Formatted),
        Fault::Denied(denied) => (403, thrown(&denied.to_string()), Formatted),
        Fault::UploadDenied(denied) => (403, denied.to_string(), None),
        Fault::NoOperation { method, path, .. } => (
            501,
            format!("Method '{method} {path}' not implemented"),
            Formatted,
        ),
        Fault::NoFormat { path, format } => {
            (501, format!("no formatter for uri {path}, {format}"), Plain)
        }
        Fault::NoApiPath(_) => (501, "no such uri".to_owned(), Plain),
        Fault::NoFile(path) => (500, format!("no such file '{path}'"), Plain),
        Fault::NotFound(text) => (404, thrown(text), Formatted),
        Fault::Conflict(text) => (409, thrown(text), Formatted),
        Fault::Failed(text) => (500, thrown(text), Formatted),
        Fault::Unreachable(how, text) => (pseudo_status(*how), text.clone(), None),
        Fault::Unacceptable(what) => {
            let (status, text) = unacceptable(what);
            (status, text, Plain)
        }
    };
    Refusal {
        status,
        message,
        body,
    }
}

/// The closing bracket is behind a newline in the product, so it is not in the reason phrase.
fn no_tokens(path: &str) -> String {
    format!(
        "Permission check failed (URI '{path}' not available with API token, need proper ticket.\n)\n"
    )
}

/// The numbers of `AnyEvent::HTTP`, by which the product asks its other nodes.
fn pseudo_status(how: Unreachable) -> u16 {
    match how {
        Unreachable::Connect => 595,
        Unreachable::Closed => 596,
        Unreachable::Other => 599,
    }
}

fn unacceptable(what: &Unacceptable) -> (u16, String) {
    let text = str::to_owned;
    match what {
        Unacceptable::BodyTooLarge => (501, text("for data too large")),
        Unacceptable::BrokenBody => (400, text("bad request")),
        Unacceptable::Timeout => (408, text("Request Timeout")),
        Unacceptable::TargetTooLong => (414, text("URI Too Long")),
        Unacceptable::BodyNotExpected(method) => {
            (501, format!("Unexpected content for method '{method}'"))
        }
        Unacceptable::Chunked => (501, text("chunked transfer encoding not supported")),
        Unacceptable::Method(method) => (501, format!("method '{method}' not available")),
        Unacceptable::ContentType(kind) => (
            506,
            format!("upload 'Content-Type '{kind}' not implemented"),
        ),
        // Thrown on the way to the operation: `handle_api2_request` makes 501 of everything there.
        Unacceptable::Json(why) => (501, why.clone()),
        Unacceptable::Upload => (500, text("upload failed")),
    }
}

/// What the product takes as a reason phrase. Its check for carriage returns turns such replies into a bare 400;
/// here they are blanks, because none of our texts has them unless a client sent them.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.replace(char::is_control, " ")
}

/// The headers that every reply of pveproxy has. `Expires` is the same moment as the `Date` that `net` adds.
fn dress(reply: Reply, now: Timestamp) -> Reply {
    let expires = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    reply
        .with("cache-control", "max-age=0")
        .with("expires", expires)
        .with("pragma", "no-cache")
        .with("server", "pve-api-daemon/3.0")
}

fn numbers_for_booleans(value: &mut Value) {
    match value {
        Value::Bool(truth) => *value = json!(u8::from(*truth)),
        Value::Array(items) => items.iter_mut().for_each(numbers_for_booleans),
        Value::Object(members) => members.values_mut().for_each(numbers_for_booleans),
        _ => {}
    }
}

/// Truth as Perl sees it: attributes that are not true are not sent.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty() && text != "0",
        _ => true,
    }
}
