//! The fixed answers of the Central API: its refusals, in the words of upstream's mock and of Go's router.

use crate::http::{Refusal, Reply};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// JSON text as the Central API sends it: with a newline at its end.
pub fn json(status: u16, text: &str) -> Reply {
    let mut line = String::with_capacity(text.len() + 1);
    line.push_str(text);
    line.push('\n');
    Reply::new(status, JSON, line)
}

/// A body that does not decode, or could not be inflated.
pub fn invalid_body() -> Reply {
    json(400, r#"{"error":"invalid request body"}"#)
}

/// A last body was asked for before there was one.
pub fn nothing_captured() -> Reply {
    json(404, r#"{"error":"no captured request for endpoint"}"#)
}

/// More registrations than the mesh has addresses (`--nodes distinct` only; upstream knows one node).
pub fn mesh_full() -> Reply {
    json(503, r#"{"error":"mesh address pool exhausted"}"#)
}

/// The wrong method on a route whose handler looks at the method itself.
pub fn wrong_method() -> Reply {
    json(405, r#"{"error":"method not allowed"}"#)
}

/// The wrong method on a route that Go's router guards (Go 1.22 and later).
pub fn wrong_method_plain(allow: String) -> Reply {
    text(405, "Method Not Allowed\n").with("allow", allow)
}

/// No such path, as Go's router says it.
pub fn no_such_path() -> Reply {
    text(404, "404 page not found\n")
}

/// A path whose percent-encoding is broken, as Go's server says it.
pub fn bad_path() -> Reply {
    Reply::new(400, TEXT, "400 Bad Request").with("connection", "close")
}

/// A path with `//`, `.` or `..` in it: Go's router sends the client to the clean one.
pub fn cleaned_path(location: String) -> Reply {
    Reply::empty(301).with("location", location)
}

/// What `net` refuses by itself on the main listener. Upstream has no limits, so the words are ours.
pub fn refuse(refusal: Refusal) -> Reply {
    match refusal {
        Refusal::BodyTooLarge { .. } => json(413, r#"{"error":"request body too large"}"#),
        Refusal::Timeout => json(408, r#"{"error":"request timed out"}"#),
        Refusal::BrokenBody => invalid_body(),
    }
}

/// The same on the local endpoint, whose refusals have no body.
pub fn refuse_local(refusal: Refusal) -> Reply {
    Reply::empty(match refusal {
        Refusal::BodyTooLarge { .. } => 413,
        Refusal::Timeout => 408,
        Refusal::BrokenBody => 400,
    })
}

fn text(status: u16, text: &'static str) -> Reply {
    Reply::new(status, TEXT, text).with("x-content-type-options", "nosniff")
}
