//! `/cluster/bulk-action/guest`: something done to guests of all nodes.

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::nodes::guest::all::{depth, force, local_disks};
use crate::pve::api::nodes::guest::bulk::{self, Choice, Deed};
use crate::pve::api::nodes::guest::migrate::known_node;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/cluster/bulk-action/guest/start", Handler::Write(start)),
        post(
            "/cluster/bulk-action/guest/shutdown",
            Handler::Write(shutdown),
        ),
        post(
            "/cluster/bulk-action/guest/suspend",
            Handler::Write(suspend),
        ),
        post(
            "/cluster/bulk-action/guest/migrate",
            Handler::Write(migrate),
        ),
    ]
}

fn everywhere(world: &World, call: &Call<'_>, privilege: &str) -> Result<Choice, Fault> {
    let named = bulk::named(call);
    bulk::permitted(world, call, &named, privilege)?;
    Ok(Choice {
        named,
        ..Choice::default()
    })
}

fn start(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let choice = everywhere(world, call, "VM.PowerMgmt")?;
    bulk::run(world, call, "bulk-start", &choice, Deed::Start)
}

fn shutdown(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let choice = everywhere(world, call, "VM.PowerMgmt")?;
    let deed = Deed::Stop(force(call));
    bulk::run(world, call, "bulk-shutdown", &choice, deed)
}

fn suspend(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let choice = everywhere(world, call, "VM.PowerMgmt")?;
    let deed = Deed::Suspend(depth(call));
    bulk::run(world, call, "bulk-suspend", &choice, deed)
}

fn migrate(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let choice = everywhere(world, call, "VM.Migrate")?;
    let target = known_node(world, call.text("target"))?;
    let deed = Deed::Migrate(&target, local_disks(call));
    bulk::run(world, call, "bulk-migrate", &choice, deed)
}
