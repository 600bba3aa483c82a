//! `POST /v1/nodes/{id}/heartbeat`.

use bytes::Bytes;

use crate::plexd::call::{Answer, Call, Fault};
use crate::plexd::world::{Heartbeat, World};

/// Answers what tests configured. The four possible answers are constants: this is the busiest route.
pub(super) fn heartbeat(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let Heartbeat {
        reconcile,
        rotate_keys,
    } = world.heartbeat();
    let line: &'static str = match (reconcile, rotate_keys) {
        (true, true) => "{\"reconcile\":true,\"rotate_keys\":true}\n",
        (true, false) => "{\"reconcile\":true,\"rotate_keys\":false}\n",
        (false, true) => "{\"reconcile\":false,\"rotate_keys\":true}\n",
        (false, false) => "{\"reconcile\":false,\"rotate_keys\":false}\n",
    };
    Ok(Answer::json(Bytes::from_static(line.as_bytes())))
}
