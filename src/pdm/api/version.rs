//! `/version` and `/ping`: which release this is, and that it is there.

use serde_json::json;

use crate::pdm::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/version", Handler::Read(version)),
        get("/ping", Handler::Read(ping)),
    ]
}

fn version(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(json!({
        "version": "1.1.7",
        "release": "7",
        "repoid": "4d0c8b1f6a92e357",
    })))
}

fn ping(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new("pong"))
}
