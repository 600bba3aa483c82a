//! Backup Server and Datacenter Manager: plain text in refusals, usual reason phrases, real truth values
//! (proxmox-rest-server, `formatter.rs` and `rest.rs`).

use serde_json::{Map, Value, json};

use super::{Answer, Envelope, Format, JSON};
use crate::http::{Body, Reply};
use crate::proxmox::fault::{Fault, Unacceptable};
use crate::proxmox::problem::Problems;
use crate::proxmox::token::clear_cookie;
use crate::proxmox::written::Written;

pub(super) fn answer(envelope: &Envelope, answer: Answer) -> Reply {
    let mut body = Map::new();
    // None of them has lists so long that the detour would be felt.
    let written = answer.written.map(Written::data);
    let data = written.and_then(|text| serde_json::from_slice(&text).ok());
    let data = data.unwrap_or(answer.data);
    body.insert("data".to_owned(), data);
    if envelope.format == Format::Extjs {
        body.insert("success".to_owned(), json!(true));
        body.insert("status".to_owned(), json!(200));
    }
    body.extend(answer.attributes);
    let kind = answer.content_type.unwrap_or(JSON);
    let reply = Reply::new(200, kind, Value::Object(body).to_string());
    match answer.cookie {
        Some(cookie) => reply.with("set-cookie", cookie),
        None => reply,
    }
}

pub(super) fn refusal(envelope: &Envelope, fault: &Fault) -> Reply {
    let (status, text) = refused(fault);
    let reply = match (envelope.format, fault) {
        _ if is_before_format(fault) => {
            let mut reply = Reply::empty(status);
            reply.body = Body::Whole(text.into());
            reply
        }
        (Format::Json, _) => Reply::new(status, JSON, text),
        (Format::Extjs, Fault::Parameters(problems)) => {
            extjs(status, "parameter verification errors", problems)
        }
        (Format::Extjs, _) => extjs(status, &text, &Problems::default()),
    };
    if reply.status == 401 {
        // The browser cannot take back an `HttpOnly` cookie by itself.
        return reply.with("set-cookie", clear_cookie(envelope.edition.product()));
    }
    reply
}

fn extjs(status: u16, message: &str, problems: &Problems) -> Reply {
    let errors = problems
        .iter()
        .map(|(name, text)| (name.to_owned(), json!(text)));
    let errors: Map<_, _> = errors.collect();
    let body = json!({
        "message": message,
        "errors": errors,
        "success": false,
        "status": status,
    });
    Reply::new(200, JSON, body.to_string())
}

/// What is found before the format counts is bare text, without a content type and in both formats.
fn is_before_format(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::NoCredentials
            | Fault::BadCredentials(_)
            | Fault::BadCsrf
            | Fault::NoFormat { .. }
            | Fault::NoApiPath(_)
            | Fault::NoFile(_)
            | Fault::Unacceptable(Unacceptable::TargetTooLong | Unacceptable::Timeout)
    )
}

/// Status and text of everything that is refused (proxmox.md 1.2).
fn refused(fault: &Fault) -> (u16, String) {
    let text = str::to_owned;
    match fault {
        Fault::Parameters(problems) => (400, problems.rust_text()),
        Fault::NoCredentials | Fault::BadCredentials(_) | Fault::BadCsrf => {
            (401, text("authentication failed"))
        }
        Fault::LoginFailed => (401, text("permission check failed.")),
        Fault::NoTokens(_) => (400, text("API tokens cannot access this API endpoint")),
        Fault::Denied(_) | Fault::UploadDenied(_) => (403, text("permission check failed")),
        Fault::NoOperation { full_path, .. } => (404, format!("Path '{full_path}' not found.")),
        Fault::NoFormat { format, .. } => (400, format!("Unsupported output format '{format}'.")),
        Fault::NoApiPath(path) => (404, format!("invalid api path '{path}'")),
        Fault::NoFile(path) => (404, format!("no such file '{path}'")),
        Fault::NotFound(text) => (404, text.clone()),
        Fault::Conflict(text) => (409, text.clone()),
        Fault::Failed(text) | Fault::Invalid(text) | Fault::Unreachable(_, text) => {
            (400, text.clone())
        }
        Fault::Unacceptable(what) => unacceptable(what),
    }
}

fn unacceptable(what: &Unacceptable) -> (u16, String) {
    let text = str::to_owned;
    match what {
        Unacceptable::BodyTooLarge => (400, text("Request body too large")),
        Unacceptable::BrokenBody => (400, text("error reading a body from connection")),
        Unacceptable::Timeout => (408, String::new()),
        Unacceptable::TargetTooLong => (414, String::new()),
        // Neither is refused by the product: hyper takes both, and methods are looked up like paths.
        Unacceptable::BodyNotExpected(_) | Unacceptable::Chunked => (400, text("bad request")),
        Unacceptable::Method(_) => (400, text("invalid http method for path")),
        // The product prints a Rust value here.
        Unacceptable::ContentType(kind) => (400, format!("unsupported content type Ok({kind:?})")),
        Unacceptable::Json(why) => (400, why.clone()),
        Unacceptable::Upload => (400, text("upload failed")),
    }
}
