//! What is wrong with a request before anybody asks what it wants: method, size, content type.
//!
//! The Perl product looks at these first (`PVE::APIServer::AnyEvent`, proxmox.md 1.1, "Connection"), the Rust
//! products after the permission, apart from the length of the target (proxmox.md 1.2).

use crate::http::{Method, Request};
use crate::proxmox::address::{LONGEST_TARGET, Target};
use crate::proxmox::fault::{Fault, Unacceptable};
use crate::proxmox::product::{Edition, Product};

/// The most bytes of a body that is no upload.
pub const LONGEST_BODY: usize = 512 * 1024;

/// The same before pve-http-server 5.2.1 of April 2025.
const LONGEST_BODY_OF_7: usize = 64 * 1024;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// What is looked at before the credentials are.
pub(super) fn before_all(
    edition: Edition,
    request: &Request,
    target: &Target,
) -> Result<(), Fault> {
    let longest = match edition {
        Edition::Pve7 => LONGEST_BODY_OF_7,
        _ => LONGEST_BODY,
    };
    let checked = match edition.product() {
        Product::Pve => perl(request, is_upload(&request.method, &target.path), longest),
        Product::Pbs | Product::Pdm => {
            let length = target.full.len() + request.query().len();
            (length <= LONGEST_TARGET)
                .then_some(())
                .ok_or(Unacceptable::TargetTooLong)
        }
    };
    checked.map_err(Fault::Unacceptable)
}

/// Whether a call is the one that takes a file (Proxmox VE): its size has no limit, its form is another, and no
/// CSRF token is asked for.
pub fn is_upload(method: &Method, path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    *method == Method::Post && matches!(parts[..], ["", "nodes", _, "storage", _, "upload"])
}

/// The storage of an upload.
pub(super) fn upload_storage(path: &str) -> Option<&str> {
    path.split('/').nth(4)
}

fn perl(request: &Request, is_upload: bool, longest: usize) -> Result<(), Unacceptable> {
    let method = &request.method;
    if !matches!(
        method,
        Method::Get | Method::Post | Method::Put | Method::Delete
    ) {
        return Err(Unacceptable::Method(method.to_string()));
    }
    let coding = request.headers.text("transfer-encoding");
    if coding.is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked")) {
        return Err(Unacceptable::Chunked);
    }
    if request.body_fault.is_some() {
        return Err(Unacceptable::BrokenBody);
    }
    if request.body.is_empty() {
        return Ok(());
    }
    if !matches!(method, Method::Post | Method::Put) {
        return Err(Unacceptable::BodyNotExpected(method.to_string()));
    }
    let sent = request.headers.text("content-type").unwrap_or_default();
    let fits = match (is_upload, media_type(sent)) {
        (true, kind) => kind == "multipart/form-data" && sent.contains("boundary="),
        (false, kind) => matches!(kind, "" | FORM | JSON),
    };
    if !is_upload && request.body.len() > longest {
        return Err(Unacceptable::BodyTooLarge);
    }
    fits.then_some(())
        .ok_or_else(|| Unacceptable::ContentType(sent.to_owned()))
}

/// What the Rust products check before they read parameters, for every method alike.
pub(super) fn rust_body(request: &Request) -> Result<(), Fault> {
    let unacceptable = |what| Err(Fault::Unacceptable(what));
    if let Some(sent) = request.headers.text("content-type")
        && !matches!(media_type(sent), FORM | JSON)
    {
        return unacceptable(Unacceptable::ContentType(sent.to_owned()));
    }
    if request.body_fault.is_some() {
        return unacceptable(Unacceptable::BrokenBody);
    }
    if request.body.len() > LONGEST_BODY {
        return unacceptable(Unacceptable::BodyTooLarge);
    }
    Ok(())
}

/// Whether the body is JSON by what the request says.
pub(super) fn is_json(request: &Request) -> bool {
    let sent = request.headers.text("content-type").unwrap_or_default();
    media_type(sent) == JSON
}

/// A content type without its parameters.
fn media_type(sent: &str) -> &str {
    sent.split(';').next().unwrap_or_default().trim()
}
