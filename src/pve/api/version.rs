//! `/version`: which release this is.

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::release;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::get;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/version", Handler::Read(version))]
}

fn version(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(release::shown(call.context.edition)))
}
