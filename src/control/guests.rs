//! Guests of a product, turned on and off from outside: what testers of proxbox do (proxbox.md 1.6).

use serde::Deserialize;
use serde_json::json;

use super::world::unprocessable;
use super::{Answer, Ask, ok};

#[derive(Debug, Deserialize)]
struct Wanted {
    status: String,
}

/// `POST /__admin/vm/{vmid}/status`. A number that no guest has is an answer, not a refusal.
pub(super) fn set_status(ask: &Ask<'_>) -> Answer {
    let Wanted { status } = ask.body()?;
    let status = status.trim().to_lowercase();
    let control = ask.instance.personality.control();
    let now = ask.instance.clock.now();
    let found = control.set_guest_status(ask.id, &status, now);
    if !found.map_err(unprocessable)? {
        return ok(&json!({ "ok": false, "detail": "vmid not found" }));
    }
    let vmid: serde_json::Value = ask
        .id
        .parse::<u64>()
        .map_or_else(|_| ask.id.into(), Into::into);
    ok(&json!({ "ok": true, "vmid": vmid, "status": status }))
}
