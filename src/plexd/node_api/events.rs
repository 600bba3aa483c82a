//! `GET /v1/nodes/{id}/events`: the stream of signed events.

use bytes::Bytes;
use serde_json::json;

use crate::http::{Method, Piece, Reply};
use crate::plexd::call::{Answer, Call, Fault, stream};
use crate::plexd::envelope::Event;
use crate::plexd::keys::Signer;
use crate::plexd::world::World;
use crate::record::Subscribe;

/// How many events wait for a client that reads slowly; more are dropped for it (plexd-central.md 1.7).
const BUFFER: usize = 16;

/// A comment without the blank line that would end an event, as upstream writes it.
const KEEP_ALIVE: &[u8] = b": keep-alive\n";

/// Opens a stream that begins with an event of its own. `Last-Event-ID` is ignored: nothing is replayed.
pub(super) fn events(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if call.request.method == Method::Head {
        return Ok(Reply::new(200, "text/event-stream", Bytes::new())
            .with("cache-control", "no-cache")
            .into());
    }
    let node = call.value("id");
    let nonce = format!("mock-nonce-{}", world.fresh_nonce(call.now));
    let payload = json!({ "node_id": node }).to_string();
    let first = Event::new(
        "node_state_updated",
        "evt-mock-001",
        call.now,
        &nonce,
        &payload,
    );
    let envelope = first.signed(&call.central.keys, Signer::Central);
    let source = call.record.subscribe(Subscribe {
        node,
        peer: call.request.peer,
        preamble: vec![Piece::Bytes(first.frame(&envelope))],
        buffer: BUFFER,
        keep_alive: Some((call.central.keep_alive, Bytes::from_static(KEEP_ALIVE))),
        last_event_id: call
            .request
            .headers
            .text("last-event-id")
            .map(str::to_owned),
        at: call.now,
    });
    Ok(stream(source).into())
}
