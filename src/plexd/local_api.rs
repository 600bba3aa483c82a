//! What the second listener answers: the endpoint on the node itself to which an agent may also report.
//!
//! Its bodies are captured without being read, so the three routes need no code but the check of the bearer,
//! which comes before anything is captured or counted (plexd-central.md 1.9).

use super::call::{Central, Fault};
use crate::http::{ListenerRole, Request};

/// Checks the bearer of `/local/...`. The token is the plaintext of the secret that agents fetch.
pub(super) fn admit(central: &Central, request: &Request, template: &str) -> Result<(), Fault> {
    if request.listener != ListenerRole::Local || !template.starts_with("/local/") {
        return Ok(());
    }
    let bearer = request.headers.text("authorization");
    let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
    if token == Some(central.secret.plaintext.as_str()) {
        Ok(())
    } else {
        Err(Fault::Unauthorized)
    }
}
