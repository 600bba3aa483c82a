//! `/pbs`: what is behind the remotes that are backup servers.

use serde_json::Value;

use super::curve;
use super::pass::{self, Passed, row};
use super::relay::{self, Ask, find, part};
use crate::pdm::world::World;
use crate::pdm::world::remote::Kind;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

/// What is passed on as it is.
pub(super) const PASSED: &[Passed] = &[
    row(
        "GET",
        "/pbs/remotes/{remote}/datastore",
        "/config/datastore",
    ),
    row(
        "GET",
        "/pbs/remotes/{remote}/datastore/{datastore}/namespaces",
        "/admin/datastore/{datastore}/namespace",
    ),
    row(
        "GET",
        "/pbs/remotes/{remote}/nodes/{node}/apt/changelog",
        "/nodes/{node}/apt/changelog",
    ),
    row(
        "GET",
        "/pbs/remotes/{remote}/nodes/{node}/apt/repositories",
        "/nodes/{node}/apt/repositories",
    ),
    row(
        "GET",
        "/pbs/remotes/{remote}/nodes/{node}/apt/update",
        "/nodes/{node}/apt/update",
    ),
    row(
        "POST",
        "/pbs/remotes/{remote}/nodes/{node}/apt/update",
        "/nodes/{node}/apt/update",
    ),
    row(
        "GET",
        "/pbs/remotes/{remote}/nodes/{node}/subscription",
        "/nodes/{node}/subscription",
    ),
    row(
        "POST",
        "/pbs/remotes/{remote}/nodes/{node}/termproxy",
        "/nodes/{node}/termproxy",
    ),
    row(
        "GET",
        "/pbs/remotes/{remote}/nodes/{node}/vncwebsocket",
        "/nodes/{node}/vncwebsocket",
    ),
    row(
        "GET",
        "/pbs/remotes/{remote}/status",
        "/nodes/localhost/status",
    ),
    row(
        "GET",
        "/pbs/remotes/{remote}/tasks",
        "/nodes/localhost/tasks",
    ),
];

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = pass::to_remotes(PASSED);
    routes.extend([
        get("/pbs/remotes", Handler::Read(remotes)),
        get(
            "/pbs/remotes/{remote}/rrddata",
            Handler::Read(curve_of_node),
        ),
        get(
            "/pbs/remotes/{remote}/datastore/{datastore}/snapshots",
            Handler::Read(snapshots),
        ),
        get(
            "/pbs/remotes/{remote}/datastore/{datastore}/rrddata",
            Handler::Read(curve_of_store),
        ),
    ]);
    routes
}

fn remotes(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(super::remotes::names(world, Kind::Pbs)))
}

fn curve_of_node(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pbs))?;
    let path = "/nodes/localhost/rrd".to_owned();
    curve::of(remote, call, path, curve::SERVER)
}

fn curve_of_store(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pbs))?;
    let path = format!("/admin/datastore/{}/rrd", part(call.text("datastore")));
    curve::of(remote, call, path, curve::SERVER)
}

/// The declared type has files as texts, by a slip of the contract: the product gives what Backup Server does.
fn snapshots(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pbs))?;
    let store = part(call.text("datastore"));
    let mut ask = Ask::get(format!("/admin/datastore/{store}/snapshots"));
    if let Some(space) = call.arguments.text("ns") {
        ask = ask.with("ns", space);
    }
    let found = relay::list(remote, call, ask)?;
    Ok(Answer::new(Value::Array(found)))
}
