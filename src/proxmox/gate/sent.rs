//! From a request to what a client sent besides the path, taken apart.
//!
//! The Perl product does this once it knows the sender and before it looks for an operation (`extract_params` of
//! pve-http-server), the Rust products once the sender is permitted (`get_request_parameters` of
//! proxmox-rest-server). Types and sizes of bodies are looked at in [`super::form`].

use serde_json::{Map, Value};

use super::form::{self, is_json, is_upload};
use crate::http::form::{Form, Syntax};
use crate::http::multipart::Multipart;
use crate::http::{Method, Request};
use crate::proxmox::address::Target;
use crate::proxmox::arguments::{Body, Sent};
use crate::proxmox::fault::{Fault, Unacceptable};

/// What a client of Proxmox VE sent.
pub(super) fn perl(request: &Request, target: &Target) -> Result<Sent, Fault> {
    let body = if !matches!(request.method, Method::Post | Method::Put) {
        Body::None
    } else if is_upload(&request.method, &target.path) {
        upload(request)?
    } else if is_json(request) {
        Body::Json(perl_object(&request.body)?)
    } else {
        Body::Form(form(&request.body, Syntax::Perl)?)
    };
    let query = form(request.query().as_bytes(), Syntax::Perl)?;
    Ok(Sent { query, body })
}

/// What a client of the Rust products sent, for every method alike.
pub(super) fn rust(request: &Request) -> Result<Sent, Fault> {
    form::rust_body(request)?;
    let text = std::str::from_utf8(&request.body)
        .map_err(|error| Fault::Failed(format!("Request body not uft8: {error}")))?;
    let body = if is_json(request) {
        Body::Json(rust_object(text)?)
    } else {
        Body::Form(form(text.as_bytes(), Syntax::Standard)?)
    };
    let query = form(request.query().as_bytes(), Syntax::Standard)?;
    Ok(Sent { query, body })
}

/// The product has no bound for the number of pairs; ours is so high that its text is nobody's to search.
fn form(bytes: &[u8], syntax: Syntax) -> Result<Form, Fault> {
    Form::parse(bytes, syntax).map_err(|fault| Fault::Failed(fault.to_string()))
}

/// The fields of an upload, the file by its name. Its content stays in the request, for the handler.
fn upload(request: &Request) -> Result<Body, Fault> {
    let broken = |_| Fault::Unacceptable(Unacceptable::Upload);
    if request.body.is_empty() {
        return Ok(Body::None);
    }
    let kind = request.headers.text("content-type").unwrap_or_default();
    let parts = Multipart::parse(kind, &request.body).map_err(broken)?;
    let mut fields = Map::new();
    for part in parts.parts() {
        let value = match &part.filename {
            Some(name) => name.clone(),
            None => String::from_utf8_lossy(&parts.content(part)).into_owned(),
        };
        fields.insert(part.name.clone(), Value::String(value));
    }
    Ok(Body::Json(fields))
}

/// An object as `decode_json` of Perl's JSON reads it. Its many sentences are one here, the one that clients get
/// when they send something other than JSON, with the place where our parser stops. No body is not JSON either.
fn perl_object(body: &[u8]) -> Result<Map<String, Value>, Fault> {
    let says = |text: String| Err(Fault::Unacceptable(Unacceptable::Json(text)));
    match serde_json::from_slice(body) {
        Ok(Value::Object(values)) => Ok(values),
        // Perl takes what is not there for an empty hash; go-proxmox sends this where it has no options.
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => says("Not a HASH reference\n".to_owned()),
        Err(error) => {
            let lines = body.split_inclusive(|byte| *byte == b'\n');
            let above: usize = lines
                .take(error.line().saturating_sub(1))
                .map(<[u8]>::len)
                .sum();
            let at = (above + error.column().saturating_sub(1)).min(body.len());
            let rest = String::from_utf8_lossy(&body[at..]);
            let rest: String = match rest.chars().take(30).collect::<String>() {
                none if none.is_empty() => "(end of string)".to_owned(),
                some => some,
            };
            says(format!(
                "malformed JSON string, neither tag, array, object, number, string or atom, \
                 at character offset {at} (before \"{rest}\")\n"
            ))
        }
    }
}

/// An object as the Rust products read it; no body is an empty one.
fn rust_object(text: &str) -> Result<Map<String, Value>, Fault> {
    let says = |text: String| Err(Fault::Unacceptable(Unacceptable::Json(text)));
    if text.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(values)) => Ok(values),
        Ok(Value::Array(_)) => says("Expected object - got array.".to_owned()),
        Ok(_) => says("Expected object - got scalar value.".to_owned()),
        Err(error) => says(error.to_string()),
    }
}
