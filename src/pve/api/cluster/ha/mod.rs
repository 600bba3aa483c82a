//! `/cluster/ha/**`: guests that are kept alive, where they may be, and how that goes.
//!
//! What a client wants of a guest is kept at once; that the guest gets there is the work of its node's resource
//! manager, whose tasks belong to root. Words without a place in proxmox.md 4.6 are from memory of `PVE::API2::HA`
//! and `PVE::HA`.

mod groups;

mod properties;

mod resources;

mod rules;

mod status;

pub(in crate::pve::api) mod travel;

use std::collections::BTreeMap;

use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::UserId;
use crate::proxmox::work::{Job, Start};
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind, Status};
use crate::pve::world::ha::{Sid, Wanted};
use crate::pve::world::ids::{NodeName, Vmid};
use crate::pve::world::task::Effect;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = resources::routes();
    routes.extend(groups::routes());
    routes.extend(rules::routes());
    routes.extend(status::routes());
    routes.extend(travel::routes());
    routes
}

/// The resource that a text means: `vm:100`, `ct:101`, or the number of a guest.
fn sid(world: &World, text: &str) -> Result<Sid, Fault> {
    if let Ok(sid) = text.parse() {
        return Ok(sid);
    }
    let vmid: Option<Vmid> = text.parse().ok();
    let known = vmid.and_then(|vmid| Some((vmid, world.guests.get(&vmid)?)));
    let (vmid, guest) = known.ok_or_else(|| {
        let text = format!("unable to parse service id '{text}'");
        Fault::Failed(text)
    })?;
    let kind = guest.kind;
    Ok(Sid { kind, vmid })
}

/// Nodes with their priorities: `pve01:2,pve02`.
fn nodes(world: &World, text: &str) -> Result<BTreeMap<NodeName, u32>, Fault> {
    let mut nodes = BTreeMap::new();
    let mut unknown = Vec::new();
    for part in split_list(text) {
        let (name, priority) = part.split_once(':').unwrap_or((part, "0"));
        let node: Option<NodeName> = name.parse().ok();
        match node.filter(|node| world.nodes.contains_key(node)) {
            Some(node) => {
                nodes.insert(node, priority.parse().unwrap_or_default());
            }
            None => unknown.push(name),
        }
    }
    if unknown.is_empty() {
        return Ok(nodes);
    }
    let unknown = unknown.join(", ");
    Err(Fault::Failed(format!(
        "cannot use non-existent node(s) {unknown}."
    )))
}

/// The same as a text.
fn node_list(nodes: &BTreeMap<NodeName, u32>) -> String {
    let parts = nodes.iter().map(|(node, priority)| match priority {
        0 => node.to_string(),
        priority => format!("{node}:{priority}"),
    });
    parts.collect::<Vec<_>>().join(",")
}

/// Lets the resource managers bring guests to what is wanted of them. Nothing happens while high availability is
/// disarmed, on nodes that are away, and to guests that are locked or that somebody works on.
pub(in crate::pve::api) fn follow(world: &mut World, call: &Call<'_>) {
    if world.ha.disarmed.is_some() {
        return;
    }
    let mut jobs = Vec::new();
    for (sid, resource) in &world.ha.resources {
        let Some(guest) = world.resource_guest(sid) else {
            continue;
        };
        let there = world.nodes.get(&guest.node);
        let is_idle = guest.lock.is_none() && !guest.is_template();
        if !is_idle || !there.is_some_and(|node| node.is_online()) {
            continue;
        }
        let (vmid, runs) = (sid.vmid, guest.status.is_running());
        let id = vmid.to_string();
        let mut tasks = world.tasks.tasks().rev();
        if tasks.any(|task| task.upid.id == id && task.is_running(call.now)) {
            continue;
        }
        let job = match (resource.state, runs) {
            (Wanted::Started, false) => {
                Job::new(task(guest, "start"), vmid).doing(Effect::Power(vmid, Status::Running))
            }
            (Wanted::Stopped | Wanted::Disabled, true) => {
                Job::new(task(guest, "shutdown"), vmid).doing(Effect::Power(vmid, Status::Stopped))
            }
            _ => continue,
        };
        jobs.push((guest.node.clone(), job));
    }
    for (node, job) in jobs {
        by_manager(world, call, &node, job);
    }
}

/// The type of a task of a guest: `qmstart`, `vzstart`.
fn task(guest: &Guest, verb: &str) -> String {
    let prefix = match guest.kind {
        Kind::Qemu => "qm",
        Kind::Lxc => "vz",
    };
    format!("{prefix}{verb}")
}

/// Begins a task that the resource manager of a node starts.
fn by_manager(world: &mut World, call: &Call<'_>, node: &NodeName, job: Job<Effect>) {
    let start = Start {
        product: call.context.product,
        node: node.as_str(),
        user: UserId::root().into(),
        now: call.now,
        duration: call.context.task_time,
    };
    world.tasks.begin(start, job);
}

#[cfg(test)]
mod tests;
