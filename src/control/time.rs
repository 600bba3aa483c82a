//! The clock of the instance: read, freeze, step, resume.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::input::duration;
use super::refusal::Refusal;
use super::{Answer, Ask, ok};

/// What may be done to the clock; exactly one of the three.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    freeze: Option<Value>,
    step: Option<Value>,
    resume: Option<bool>,
}

/// `GET /__admin/clock`.
pub(super) fn show(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    let clock = &ask.instance.clock;
    let frozen = clock.frozen_at();
    let now = frozen.unwrap_or_else(|| clock.now());
    ok(&json!({ "now": now.to_string(), "frozen": frozen.is_some() }))
}

/// `POST /__admin/clock`.
pub(super) fn set(ask: &Ask<'_>) -> Answer {
    let clock = &ask.instance.clock;
    match ask.body()? {
        Change {
            freeze: Some(at),
            step: None,
            resume: None,
        } => clock.freeze(Some(freeze_at(ask, &at)?)),
        Change {
            freeze: None,
            step: Some(by),
            resume: None,
        } => step(ask, &by)?,
        Change {
            freeze: None,
            step: None,
            resume: Some(true),
        } => clock.resume(),
        _ => {
            let title = "the clock takes one of `freeze`, `step` and `resume`";
            let detail = r#"{"freeze": true}, {"freeze": "2026-01-01T00:00:00Z"}, {"step": "5m"} or {"resume": true}"#;
            return Err(Refusal::new(422, title).detail(detail));
        }
    }
    show(ask)
}

fn freeze_at(ask: &Ask<'_>, at: &Value) -> Result<Timestamp, Refusal> {
    let time = match at {
        Value::Bool(true) => Some(ask.instance.clock.now()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    time.ok_or_else(|| {
        let title = format!("`freeze` is true or a time such as 2026-01-01T00:00:00Z, not {at}");
        Refusal::new(422, title).at("/freeze")
    })
}

fn step(ask: &Ask<'_>, by: &Value) -> Result<(), Refusal> {
    let text = match by {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let by = duration("step", &text)?;
    let clock = &ask.instance.clock;
    match (clock.step(by), clock.frozen_at()) {
        (Some(_), _) => Ok(()),
        (None, None) => {
            let title = "a running clock cannot be stepped: freeze it first";
            Err(Refusal::new(409, title).at("/step"))
        }
        (None, Some(_)) => Err(Refusal::new(422, "the step leads past the year 9999").at("/step")),
    }
}

#[cfg(test)]
mod tests {
    use crate::control::testing::{get, instance, send};

    #[test]
    fn the_clock_does_one_thing_at_a_time() {
        let instance = instance();
        let check = |sent: &str, status: u16, now: Option<&str>| {
            assert_eq!(
                send(&instance, "POST", "/__admin/clock", sent).status,
                status,
                "{sent}"
            );
            let clock = get(&instance, "/__admin/clock");
            assert_eq!(clock["frozen"], now.is_some());
            if let Some(now) = now {
                assert_eq!(clock["now"], now);
            }
        };
        check(r#"{"step":"5m"}"#, 200, Some("2026-01-01T00:05:00Z"));
        check(r#"{"step":30}"#, 200, Some("2026-01-01T00:05:30Z"));
        check(
            r#"{"step":"300000000h"}"#,
            422,
            Some("2026-01-01T00:05:30Z"),
        );
        check(r#"{"step":"soon"}"#, 400, Some("2026-01-01T00:05:30Z"));
        check(r#"{"freeze":true}"#, 200, Some("2026-01-01T00:05:30Z"));
        check(
            r#"{"freeze":"2027-01-01T00:00:00+01:00"}"#,
            200,
            Some("2026-12-31T23:00:00Z"),
        );
        check(
            r#"{"freeze":true,"step":"1s"}"#,
            422,
            Some("2026-12-31T23:00:00Z"),
        );
        check(r#"{"freeze":"noon"}"#, 422, Some("2026-12-31T23:00:00Z"));
        check(r#"{"resume":true}"#, 200, None);
        check(r#"{"step":"5m"}"#, 409, None);
        check("{}", 422, None);
        check(r#"{"stop":true}"#, 400, None);
    }
}
