//! Events made by a test through the control plane: well-formed, or broken on purpose.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Central;
use super::envelope::Event;
use super::keys::Signer;
use crate::http::Piece;
use crate::personality::{Injection, Refused};
use crate::record::Broadcast;

/// What a test says of its event; everything has a default.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Description {
    #[serde(alias = "type")]
    event_type: Option<String>,
    #[serde(alias = "id")]
    event_id: Option<String>,
    nonce: Option<String>,
    payload: Option<Value>,
    issued_at: Option<Timestamp>,
    /// Only to the streams of this node.
    node: Option<String>,
    damage: Damage,
}

/// How an event is broken on purpose.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Damage {
    /// It is not.
    #[default]
    None,
    /// The envelope has no signature.
    Unsigned,
    /// Signed by a key that no agent knows.
    WrongKey,
    /// Issued ten minutes ago; agents refuse what is older than five.
    Stale,
    /// Issued in ten minutes; agents refuse what is more than five ahead.
    Future,
    /// Sent twice with the same nonce, under two ids: the second must be refused.
    RepeatedNonce,
    /// The envelope breaks off in its middle; the frame is whole.
    Malformed,
    /// The data line is longer than an agent's line buffer of 64 KiB.
    Oversize,
    /// Well-formed, but written to the wire in many small pieces.
    Split,
    /// The connection is cut in the middle of the frame.
    Cut,
}

/// Ten minutes: twice what agents accept in either direction (plexd-central.md 3.5).
const OUT_OF_TIME: SignedDuration = SignedDuration::from_mins(10);

/// One byte more than an agent's line buffer holds.
const OVERSIZE: usize = 64 * 1024 + 1;

/// Makes an event of a description.
///
/// # Errors
/// When the description has a field or a damage that is not known.
pub(super) fn event(
    description: &Value,
    central: &Central,
    now: Timestamp,
) -> Result<Injection, Refused> {
    let description: Description = match description {
        Value::Null => Description::default(),
        value => serde_json::from_value(value.clone())
            .map_err(|error| Refused(format!("not an event: {error}")))?,
    };
    let damage = description.damage;
    let event = undamaged(&description, central, now);
    let signer = match damage {
        Damage::WrongKey => Signer::Stranger,
        _ => Signer::Central,
    };
    let mut envelope = event.signed(&central.keys, signer);
    if damage == Damage::Unsigned {
        envelope = event.canonical();
    }
    // Read back before it may be truncated: a test sees the event as it was meant.
    let mut shown = serde_json::from_str(&envelope).unwrap_or(Value::Null);
    let frame = match damage {
        Damage::Malformed => event.frame(first_half(&envelope)),
        _ => event.frame(&envelope),
    };
    let mut pieces = pieces(frame, damage);
    if damage == Damage::RepeatedNonce {
        let again = again(&event, central);
        let envelope = again.signed(&central.keys, Signer::Central);
        pieces.push(Piece::Bytes(again.frame(&envelope)));
        shown = json!([
            shown,
            serde_json::from_str::<Value>(&envelope).unwrap_or(Value::Null)
        ]);
    }
    Ok(Injection {
        broadcast: Broadcast {
            pieces,
            node: description.node,
            id: Some(event.id()),
        },
        event: shown,
    })
}

fn undamaged(description: &Description, central: &Central, now: Timestamp) -> Event {
    let given = |text: &Option<String>, otherwise: &str| {
        text.clone()
            .unwrap_or_else(|| format!("{otherwise}-{:016x}", central.random.next()))
    };
    let issued_at = match description.damage {
        Damage::Stale => now.saturating_sub(OUT_OF_TIME),
        Damage::Future => now.saturating_add(OUT_OF_TIME),
        _ => Ok(description.issued_at.unwrap_or(now)),
    };
    let payload = match (&description.payload, description.damage) {
        (payload, Damage::Oversize) => {
            json!({ "payload": payload, "padding": "x".repeat(OVERSIZE) })
        }
        (Some(payload), _) => payload.clone(),
        (None, _) => json!({}),
    };
    let event_type = description.event_type.as_deref();
    Event::new(
        event_type.unwrap_or("node_state_updated"),
        &given(&description.event_id, "evt-admin"),
        issued_at.unwrap_or(now),
        &given(&description.nonce, "nonce"),
        &payload.to_string(),
    )
}

/// The same event under another id, with the same nonce.
fn again(event: &Event, central: &Central) -> Event {
    let id = format!("evt-admin-{:016x}", central.random.next());
    Event {
        event_id: crate::contract::lenient::render_string(&id),
        ..event.clone()
    }
}

fn pieces(frame: Bytes, damage: Damage) -> Vec<Piece> {
    match damage {
        Damage::Split => {
            // Prime, so that the cuts fall in the middle of names, escapes and line ends.
            const STEP: usize = 37;
            let cuts = (0..frame.len()).step_by(STEP);
            cuts.map(|from| Piece::Bytes(frame.slice(from..frame.len().min(from + STEP))))
                .collect()
        }
        Damage::Cut => vec![Piece::Bytes(frame.slice(..frame.len() / 2)), Piece::Cut],
        _ => vec![Piece::Bytes(frame)],
    }
}

fn first_half(text: &str) -> &str {
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle -= 1;
    }
    &text[..middle]
}
