//! Tasks of the product as a test wants them: held, released, failing, slow.

use serde::Deserialize;

use super::input::duration;
use super::refusal::Refusal;
use super::world::unprocessable;
use super::{Answer, Ask, ok};
use crate::personality::{TaskOrder, TaskVerb};

/// Which tasks, and what of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    upid: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<String>,
    times: Option<u32>,
    text: Option<String>,
    count: Option<u32>,
    time: Option<String>,
}

/// `GET /__admin/tasks`.
pub(super) fn list(ask: &Ask<'_>) -> Answer {
    ask.query(&[])?;
    let control = ask.instance.personality.control();
    let now = ask.instance.clock.now();
    ok(&control.tasks(now).map_err(unprocessable)?)
}

/// `POST /__admin/tasks/hold`.
pub(super) fn hold(ask: &Ask<'_>) -> Answer {
    order(ask, |_| Ok(TaskVerb::Hold))
}

/// `POST /__admin/tasks/release`.
pub(super) fn release(ask: &Ask<'_>) -> Answer {
    order(ask, |_| Ok(TaskVerb::Release))
}

/// `POST /__admin/tasks/fail`. Without a text the product's usual word for an end before its time.
pub(super) fn fail(ask: &Ask<'_>) -> Answer {
    order(ask, |wanted| {
        let text = wanted.text.take();
        Ok(TaskVerb::Fail(
            text.unwrap_or_else(|| "unexpected status".to_owned()),
        ))
    })
}

/// `POST /__admin/tasks/warn`.
pub(super) fn warn(ask: &Ask<'_>) -> Answer {
    order(ask, |wanted| {
        Ok(TaskVerb::Warn(wanted.count.take().unwrap_or(1)))
    })
}

/// `POST /__admin/tasks/take`.
pub(super) fn take(ask: &Ask<'_>) -> Answer {
    order(ask, |wanted| {
        let Some(text) = wanted.time.take() else {
            let title = "say how long: {\"type\": \"qmstart\", \"time\": \"5s\"}";
            return Err(Refusal::new(422, title).at("/time"));
        };
        Ok(TaskVerb::Take(duration("time", &text)?))
    })
}

/// `DELETE /__admin/tasks/plans`.
pub(super) fn forget(ask: &Ask<'_>) -> Answer {
    order(ask, |_| Ok(TaskVerb::Forget))
}

/// Reads the body, lets `verb` take out what belongs to it, and does what is wanted.
fn order(ask: &Ask<'_>, verb: impl FnOnce(&mut Wanted) -> Result<TaskVerb, Refusal>) -> Answer {
    ask.query(&[])?;
    let mut wanted: Wanted = ask.optional_body()?.unwrap_or_default();
    let verb = verb(&mut wanted)?;
    let strange = [
        ("text", wanted.text.is_some()),
        ("count", wanted.count.is_some()),
        ("time", wanted.time.is_some()),
    ];
    if let Some((name, _)) = strange.iter().find(|(_, given)| *given) {
        let title = format!("`{name}` says nothing here");
        return Err(Refusal::new(422, title).at(format!("/{name}")));
    }
    let order = TaskOrder {
        verb,
        upid: wanted.upid,
        kind: wanted.kind,
        id: wanted.id,
        times: wanted.times,
    };
    let control = ask.instance.personality.control();
    let now = ask.instance.clock.now();
    ok(&control.order_tasks(&order, now).map_err(unprocessable)?)
}
