//! `/version` and `/ping`: which release this is, and that it is there.

use serde_json::json;

use crate::pbs::world::World;
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
    // Backup Server says `4.1` as its version and the point release as `release`.
    Ok(Answer::new(json!({
        "version": "4.1",
        "release": "1",
        "repoid": "9a2f4c7e1b6d8053",
    })))
}

fn ping(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(json!({"pong": true})))
}
