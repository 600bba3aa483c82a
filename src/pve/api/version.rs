//! `/version`: which release this is.

use serde_json::json;

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::get;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/version", Handler::Read(version))]
}

fn version(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    // `release` is what the package `pve-manager` says, `version` is the same with the point release.
    let release = &call.context.release;
    Ok(Answer::new(json!({
        "release": release,
        "version": format!("{release}.1"),
        "repoid": "6f3e8a1c2b7d4e90",
    })))
}
