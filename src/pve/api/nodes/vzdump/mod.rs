//! `/nodes/{node}/vzdump`: backups of guests.
//!
//! `PVE::API2::VZDump` of pve-manager. Who and what is settled here; what the task does is in [`crate::pve::world::dump`].

use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::dump::Dump;
use crate::pve::world::ids::{NodeName, Vmid};
use crate::routes::Route;
use crate::routes::route::{get, post};

mod parameters;

mod defaults;

mod extract;

#[cfg(test)]
mod tests;

pub(in crate::pve::api) use parameters::{Selecting, permitted, selection, storage, verify};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/vzdump", Handler::Write(backup)),
        get(
            "/nodes/{node}/vzdump/defaults",
            Handler::Read(defaults::defaults),
        ),
        get(
            "/nodes/{node}/vzdump/extractconfig",
            Handler::Read(extract::extract),
        ),
    ]
}

fn backup(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let node = super::storage::node(call)?;
    let given = call.arguments.given();
    if call.arguments.is_set("stdout") {
        let text = "option is only allowed on the command line interface.";
        return Err(Fault::parameter("stdout", text));
    }
    parameters::permitted(world, call, given)?;
    if let Some(storage) = parameters::storage(given)
        && given.contains_key("prune-backups")
        && !call.is_root()
    {
        call.demand(
            world,
            &format!("/storage/{storage}"),
            &["Datastore.Allocate"],
        )?;
    }
    parameters::verify(given, parameters::Selecting::Needed)?;
    let selection = parameters::selection(given);
    let (local, elsewhere) = match &selection {
        Some(selection) => world.selected_on(selection, &node),
        None => Default::default(),
    };
    let is_stop = call.arguments.is_set("stop");
    if is_stop {
        call.demand(world, &format!("/nodes/{node}"), &["Sys.Modify"])?;
        stop_running(world, call, &node);
    }
    let is_all = given.contains_key("exclude") || call.arguments.is_set("all");
    if local.is_empty() && (is_stop || !is_all || given.contains_key("pool")) {
        return Ok(Answer::new("OK"));
    }
    if let Some(storage) = parameters::storage(given) {
        let path = format!("/storage/{storage}");
        call.demand(world, &path, &["Datastore.AllocateSpace"])?;
    }
    let may = |path: &str, privilege: &str| call.may(world, path, &[privilege]);
    let dump = Dump {
        node,
        options: given,
        local: &local,
        elsewhere: &elsewhere,
        is_all,
        now: call.now,
        may: &may,
    };
    let (job, locked) = dump.job(world);
    world.lock_for_backup(&locked);
    call.start(world, job)
}

/// Ends the backups that run on a node.
fn stop_running(world: &mut World, call: &Call<'_>, node: &NodeName) {
    let running: Vec<_> = world
        .tasks
        .tasks()
        .filter(|task| task.upid.kind == "vzdump" && task.upid.node == node.as_str())
        .filter(|task| task.is_running(call.now))
        .map(|task| task.upid.clone())
        .collect();
    for upid in running {
        if let Some(task) = world.tasks.find_mut(&upid) {
            task.stop(call.now, "interrupted by signal");
        }
    }
}

/// The numbers in a list of guests, each once, in the order given; what is no number was refused at the gate.
fn numbers(list: &str) -> Vec<Vmid> {
    let mut all: Vec<Vmid> = Vec::new();
    for vmid in split_list(list).filter_map(|item| Vmid::new(item.parse().ok()?)) {
        if !all.contains(&vmid) {
            all.push(vmid);
        }
    }
    all
}
