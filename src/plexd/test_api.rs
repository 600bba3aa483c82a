//! The `/test/...` routes that the scripts of plexd's own testers already know.

use std::fmt::Write as _;

use super::answers;
use super::call::Handler::{Read, Write};
use super::call::{Answer, Call, Fault, Handler};
use super::envelope::Event;
use super::keys::Signer;
use super::world::World;
use crate::contract::lenient;
use crate::http::{Piece, Reply};
use crate::record::Broadcast;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

/// The bindings.
pub(super) fn routes() -> Vec<Route<Handler>> {
    vec![
        put("/test/state", Write(configure_state)),
        post("/test/configure-state", Write(configure_state)),
        post("/test/configure-heartbeat", Write(configure_heartbeat)),
        post("/test/inject-event", Read(inject_event)),
        get("/test/assertions", Read(assertions)),
        get("/test/last-request/{name}", Read(last_request)),
    ]
}

/// Replaces the whole state document. What the document does not know is dropped, and missing lists are
/// served as `null`, because upstream decodes into a typed document and encodes it again.
fn configure_state(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let state = lenient::normalize(&call.central.state_schema, &call.request.body)?;
    world.replace_state(&state);
    Ok(Answer::no_content())
}

/// Sets the answer of all later heartbeats; what is missing is false.
fn configure_heartbeat(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let normal = lenient::normalize(&call.central.heartbeat_schema, &call.request.body)?;
    let heartbeat = serde_json::from_str(&normal).map_err(|_| Fault::InvalidBody)?;
    world.replace_heartbeat(heartbeat);
    Ok(Answer::no_content())
}

/// Signs an event and sends it to all streams. Its time and signature are replaced, the rest is kept as
/// given (plexd-central.md 1.6).
fn inject_event(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let schema = call.schema.ok_or(Fault::InvalidBody)?;
    let mut fields = lenient::fields(schema, &call.request.body)?.into_iter();
    let mut next = |missing: &str| {
        fields
            .next()
            .flatten()
            .unwrap_or_else(|| missing.to_owned())
    };
    let event_type = next("\"\"");
    let event_id = next("\"\"");
    let _ = next("");
    let event = Event {
        event_type,
        event_id,
        issued_at: call.now,
        nonce: next("\"\""),
        payload: next("null"),
    };
    let envelope = event.signed(&call.central.keys, Signer::Central);
    let mut answer = Answer::no_content();
    answer.broadcasts.push(Broadcast {
        pieces: vec![Piece::Bytes(event.frame(&envelope))],
        node: None,
        id: Some(event.id()),
    });
    Ok(answer)
}

/// The counters, in upstream's order.
fn assertions(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut text = String::with_capacity(1024);
    let counters = call.central.counters.iter().zip(call.record.counters());
    for (name, value) in counters {
        let separator = if text.is_empty() { '{' } else { ',' };
        // Writing to a String has no failure.
        let _ = write!(text, "{separator}\"{name}\":{value}");
    }
    text.push('}');
    Ok(answers::json(200, &text).into())
}

/// The last body that was captured under a name.
fn last_request(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.value("name");
    let captures = &call.central.captures;
    let body = captures
        .iter()
        .position(|capture| *capture == name)
        .and_then(|position| u16::try_from(position).ok())
        .and_then(|capture| call.record.capture(capture))
        .ok_or(Fault::NothingCaptured)?;
    Ok(Reply::new(200, "application/octet-stream", body).into())
}
