//! `startall`, `stopall`, `suspendall` and `migrateall` of a node.

use super::bulk::{self, Choice, Deed, Depth, Force, LocalDisks};
use super::migrate;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/startall", Handler::Write(start)),
        post("/nodes/{node}/stopall", Handler::Write(stop)),
        post("/nodes/{node}/suspendall", Handler::Write(suspend)),
        post("/nodes/{node}/migrateall", Handler::Write(away)),
    ]
}

fn here(world: &World, call: &Call<'_>, privilege: &str) -> Result<Choice, Fault> {
    let named = bulk::named(call);
    bulk::permitted(world, call, &named, privilege)?;
    let node = migrate::known_node(world, call.text("node"))?;
    Ok(Choice {
        node: Some(node),
        named,
        on_boot: false,
    })
}

/// Without names and `force` those that come up with the node.
fn start(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut choice = here(world, call, "VM.PowerMgmt")?;
    choice.on_boot = choice.named.is_empty() && !call.arguments.is_set("force");
    bulk::run(world, call, "startall", &choice, Deed::Start)
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let choice = here(world, call, "VM.PowerMgmt")?;
    let force = force(call);
    bulk::run(world, call, "stopall", &choice, Deed::Stop(force))
}

/// By force in the end, unless somebody says otherwise.
pub(in crate::pve::api) fn force(call: &Call<'_>) -> Force {
    match call.arguments.boolean("force-stop") {
        Some(false) => Force::Never,
        _ => Force::InTheEnd,
    }
}

fn suspend(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let choice = here(world, call, "VM.PowerMgmt")?;
    let deed = Deed::Suspend(Depth::Pause);
    bulk::run(world, call, "suspendall", &choice, deed)
}

fn away(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let choice = here(world, call, "VM.Migrate")?;
    let target = migrate::target(world, call)?;
    let disks = local_disks(call);
    let deed = Deed::Migrate(&target, disks);
    bulk::run(world, call, "migrateall", &choice, deed)
}

/// Whether the caller lets disks of running machines go along.
pub(in crate::pve::api) fn local_disks(call: &Call<'_>) -> LocalDisks {
    match call.arguments.is_set("with-local-disks") {
        true => LocalDisks::GoAlong,
        false => LocalDisks::Stay,
    }
}

/// The depth of sleep that a bulk action asks for.
pub(in crate::pve::api) fn depth<'c>(call: &'c Call<'_>) -> Depth<'c> {
    match call.arguments.is_set("to-disk") {
        true => Depth::Disk(call.arguments.text("statestorage")),
        false => Depth::Pause,
    }
}
