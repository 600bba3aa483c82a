//! `GET /v1/nodes/{id}/state`.

use crate::plexd::call::{Answer, Call, Fault};
use crate::plexd::world::World;

/// The state document, the same for every node.
pub(super) fn state(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::json(world.state()))
}
