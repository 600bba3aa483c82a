//! The state of the product: export, import, merge patch; and putting things back to the start.
//!
//! Answers to changes carry a token that is taken after the change: every call counted after it was
//! answered from the changed state.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{Answer, Ask, ok};
use crate::personality::Refused;

/// What a reset can be narrowed to.
const PARTS: [&str; 4] = ["counters", "captures", "journal", "world"];

/// `POST /__admin/reset`. Streams stay connected.
pub(super) fn reset_all(ask: &Ask<'_>) -> Answer {
    let query = ask.query(&["only"])?;
    let parts: Vec<&str> = query
        .iter()
        .flat_map(|(_, value)| value.split(','))
        .collect();
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        let title = format!("`only` cannot be `{unknown}`");
        let detail = format!("it is one or more of {}", PARTS.join(", "));
        return Err(Refusal::bad_request(title).detail(detail));
    }
    let record = &ask.instance.record;
    if parts.is_empty() {
        record.reset();
        ask.instance.personality.control().reset();
    }
    for part in parts {
        match part {
            "counters" => record.reset_counters(),
            "captures" => record.clear_captures(),
            "journal" => record.clear_journal(),
            _ => ask.instance.personality.control().reset(),
        }
    }
    changed(ask)
}

/// `GET /__admin/world`. World files are templates, and a world may have texts that would begin something in one
/// (`{{guestname}}` in the notes of backups); so they are written as JSON's escapes, and what is exported can be loaded.
pub(super) fn export(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    let world = ask.instance.personality.control().export();
    let mut text = format!("{world:#}");
    for begins in ["{{", "{%", "{#"] {
        text = text.replace(begins, &begins.replace('{', "\\u007b"));
    }
    let unwritten = |error: serde_json::Error| Refusal::new(500, error.to_string());
    ok(&RawValue::from_string(text).map_err(unwritten)?)
}

/// `PUT /__admin/world`.
pub(super) fn import(ask: &Ask<'_>) -> Answer {
    let world: Value = ask.body()?;
    let control = ask.instance.personality.control();
    control.import(&world).map_err(unprocessable)?;
    changed(ask)
}

/// `PATCH /__admin/world`.
pub(super) fn patch(ask: &Ask<'_>) -> Answer {
    let patch: Value = ask.body()?;
    let control = ask.instance.personality.control();
    control.patch(&patch).map_err(unprocessable)?;
    changed(ask)
}

/// `POST /__admin/world/reset`.
pub(super) fn reset(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    ask.instance.personality.control().reset();
    changed(ask)
}

/// What the product does not accept, in its own sentence.
pub(super) fn unprocessable(refused: Refused) -> Refusal {
    Refusal::new(422, refused.0)
}

fn changed(ask: &Ask<'_>) -> Answer {
    ok(&json!({ "ok": true, "token": ask.instance.record.token() }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::control::testing::{body, get, instance, record, send};

    #[test]
    fn the_world_is_read_replaced_patched_and_reset() {
        let instance = instance();
        let check = |method: &str, target: &str, sent: &str, status: u16, world: &str| {
            assert_eq!(
                send(&instance, method, target, sent).status,
                status,
                "{sent}"
            );
            assert_eq!(get(&instance, "/__admin/world").to_string(), world);
        };
        check("PUT", "/__admin/world", r#"{"a":1}"#, 200, r#"{"a":1}"#);
        check(
            "PATCH",
            "/__admin/world",
            r#"{"b":2}"#,
            200,
            r#"{"a":1,"b":2}"#,
        );
        check("PUT", "/__admin/world", "[]", 422, r#"{"a":1,"b":2}"#);
        check("PUT", "/__admin/world", "{", 400, r#"{"a":1,"b":2}"#);
        check("POST", "/__admin/world/reset", "", 200, r#"{"first":true}"#);
        let refused = body(&send(&instance, "PUT", "/__admin/world", "[]"));
        assert_eq!(refused["errors"][0]["title"], "a world is an object");
        let refused = body(&send(&instance, "PUT", "/__admin/world", "{\n\"a\" 1}"));
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert_eq!(detail, "expected `:` at line 2 column 5");
    }

    #[test]
    fn what_is_exported_begins_nothing_in_a_template() {
        let instance = instance();
        let world = r#"{"a":"{{b}} {% c %} {# d #} {{{%","e":{"f":{}}}"#;
        send(&instance, "PUT", "/__admin/world", world);
        let reply = send(&instance, "GET", "/__admin/world", "");
        let text = String::from_utf8(reply.bytes().to_vec()).unwrap();
        for begins in ["{{", "{%", "{#"] {
            assert!(!text.contains(begins), "{begins}: {text}");
        }
        assert_eq!(body(&reply).to_string(), world);
    }

    #[test]
    fn a_reset_does_all_or_what_it_is_narrowed_to() {
        let instance = instance();
        let check = |target: &str, counters: u64, journal: usize, world: &str| {
            record(&instance, "POST", "/v1/nodes/n-1/heartbeat", "{}", 200);
            send(&instance, "PUT", "/__admin/world", r#"{"a":1}"#);
            let reply = send(&instance, "POST", target, "");
            assert_eq!(reply.status, 200, "{target}");
            assert_eq!(body(&reply)["token"], json!(instance.record.token()));
            assert_eq!(instance.record.counters()[0], counters, "{target}");
            let size = instance.record.journal_size();
            assert_eq!(size.exchanges, journal, "{target}");
            assert_eq!(get(&instance, "/__admin/world").to_string(), world);
        };
        check("/__admin/reset", 0, 0, r#"{"first":true}"#);
        check("/__admin/reset?only=counters", 0, 1, r#"{"a":1}"#);
        check(
            "/__admin/reset?only=journal,world",
            1,
            0,
            r#"{"first":true}"#,
        );
        assert!(instance.record.capture(0).is_some());
        check(
            "/__admin/reset?only=captures&only=world",
            2,
            1,
            r#"{"first":true}"#,
        );
        assert!(instance.record.capture(0).is_none());
        assert_eq!(
            send(&instance, "POST", "/__admin/reset?only=x", "").status,
            400
        );
        assert_eq!(
            send(&instance, "POST", "/__admin/reset?x=1", "").status,
            400
        );
    }
}
