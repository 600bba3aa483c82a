//! What a test moves in a product's world from outside: nodes, what is inside guests, locks.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{Answer, Ask, ok};
use crate::personality::{Lever, Pull, Stuck};

/// `GET /__admin/node/{node}/status`.
pub(super) fn node(ask: &Ask<'_>) -> Answer {
    show(ask, Lever::Node(ask.id))
}

/// `POST /__admin/node/{node}/status`.
pub(super) fn set_node(ask: &Ask<'_>) -> Answer {
    pull(
        ask,
        Lever::Node(ask.id),
        Pull::To(&fields(ask, &["status"])?),
    )
}

/// `GET /__admin/vm/{vmid}/agent`.
pub(super) fn agent(ask: &Ask<'_>) -> Answer {
    show(ask, Lever::Agent(ask.id))
}

/// `PUT /__admin/vm/{vmid}/agent`.
pub(super) fn set_agent(ask: &Ask<'_>) -> Answer {
    pull(ask, Lever::Agent(ask.id), Pull::To(&ask.body()?))
}

/// `PATCH /__admin/vm/{vmid}/agent`.
pub(super) fn patch_agent(ask: &Ask<'_>) -> Answer {
    pull(ask, Lever::Agent(ask.id), Pull::By(&ask.body()?))
}

/// `DELETE /__admin/vm/{vmid}/agent`.
pub(super) fn reset_agent(ask: &Ask<'_>) -> Answer {
    pull(ask, Lever::Agent(ask.id), Pull::Back)
}

/// `GET /__admin/vm/{vmid}/lock`.
pub(super) fn lock(ask: &Ask<'_>) -> Answer {
    show(ask, Lever::Lock(ask.id))
}

/// `PUT /__admin/vm/{vmid}/lock`.
pub(super) fn set_lock(ask: &Ask<'_>) -> Answer {
    pull(ask, Lever::Lock(ask.id), Pull::To(&fields(ask, &["lock"])?))
}

/// `DELETE /__admin/vm/{vmid}/lock`.
pub(super) fn clear_lock(ask: &Ask<'_>) -> Answer {
    pull(ask, Lever::Lock(ask.id), Pull::Back)
}

/// The body as an object that has no other fields than these.
fn fields(ask: &Ask<'_>, known: &[&str]) -> Result<Value, Refusal> {
    let body: Value = ask.body()?;
    let known = known.join(", ");
    let Some(members) = body.as_object() else {
        return Err(Refusal::bad_request(format!(
            "the body is an object with {known}"
        )));
    };
    match members.keys().find(|name| **name != known) {
        None => Ok(body),
        Some(name) => {
            let title = format!("there is no field `{name}` here, it takes {known}");
            Err(Refusal::bad_request(title).at(format!("/{name}")))
        }
    }
}

fn show(ask: &Ask<'_>, lever: Lever<'_>) -> Answer {
    ask.query(&[])?;
    let now = ask.instance.clock.now();
    let shown = ask.instance.personality.control().position(lever, now);
    said(shown.map_err(refused)?)
}

fn pull(ask: &Ask<'_>, lever: Lever<'_>, pull: Pull<'_>) -> Answer {
    ask.query(&[])?;
    let now = ask.instance.clock.now();
    let moved = ask.instance.personality.control().pull(lever, pull, now);
    said(moved.map_err(refused)?)
}

fn said(position: Value) -> Answer {
    let mut answer = json!({ "ok": true });
    if let (Some(answer), Value::Object(members)) = (answer.as_object_mut(), position) {
        answer.extend(members);
    }
    ok(&answer)
}

fn refused(stuck: Stuck) -> Refusal {
    match stuck {
        Stuck::Senseless(sentence) => Refusal::new(422, sentence),
        Stuck::Unknown(sentence, known) => Refusal::new(404, sentence).detail(known),
        Stuck::Field(sentence, pointer) if pointer.is_empty() => Refusal::bad_request(sentence),
        Stuck::Field(sentence, pointer) => Refusal::bad_request(sentence).at(pointer),
    }
}
