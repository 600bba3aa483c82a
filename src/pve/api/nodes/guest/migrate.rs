//! Guests sent to another node: what stands in the way, and the journey.
//!
//! The order of checks and the words are those of `PVE::API2::Qemu`, `PVE::QemuMigrate` and their like for
//! containers, where proxmox.md 4.1 is silent from memory.

use super::find::{self, lock_text, only_root};
use super::journey::{self, StoragePairs};
use super::power::{by_manager, task};
use super::shown;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::work::Job;
use crate::pve::api::cluster::ha::travel;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind, Lock};
use crate::pve::world::ha::Cause;
use crate::pve::world::ids::{NodeName, Vmid};
use crate::pve::world::storage::Content;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/qemu/{vmid}/migrate", Handler::Write(machine)),
        post(
            "/nodes/{node}/lxc/{vmid}/migrate",
            Handler::Write(container),
        ),
    ]
}

/// The node that the guest shall go to.
///
/// # Errors
/// `target is local node.` about the parameter, or `no such cluster node 'x'`.
pub(super) fn target(world: &World, call: &Call<'_>) -> Result<NodeName, Fault> {
    let name = call.text("target");
    if name == call.text("node") {
        return Err(Fault::parameter("target", "target is local node."));
    }
    known_node(world, name)
}

/// The node of that name.
///
/// # Errors
/// `no such cluster node 'x'`.
pub(in crate::pve::api) fn known_node(world: &World, name: &str) -> Result<NodeName, Fault> {
    let known = world.nodes.keys().find(|node| node.as_str() == name);
    known
        .cloned()
        .ok_or_else(|| Fault::Failed(format!("no such cluster node '{name}'")))
}

fn machine(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let target = target(world, call)?;
    for option in ["force", "migration_type", "migration_network"] {
        only_root(call, option)?;
    }
    let (vmid, guest) = find::guest(world, call)?;
    find::not_locked(guest)?;
    if guest.status.is_running() {
        if !call.arguments.is_set("online") {
            let text = "can't migrate running VM without --online";
            return Err(Fault::Failed(text.to_owned()));
        }
        replicated(world, vmid, &target, call)?;
    }
    let map = match call.arguments.text("targetstorage") {
        Some(text) => journey::pairs(text, "targetstorage")?,
        None => StoragePairs::default(),
    };
    permitted(world, call, vmid, &map, &target)?;
    if !call.arguments.has("targetstorage") {
        journey::available(world, guest, &target)?;
    }
    let plan = journey::Plan {
        target: &target,
        map,
        with_local_disks: call.arguments.is_set("with-local-disks"),
        force: call.arguments.is_set("force"),
        is_online: guest.status.is_running(),
    };
    let job = journey::job(world, vmid, guest, &plan, call.now);
    depart(world, call, vmid, &target, job)
}

/// A machine with replicas does not go live where there is none of them.
fn replicated(world: &World, vmid: Vmid, target: &NodeName, call: &Call<'_>) -> Result<(), Fault> {
    let mut jobs = world.replication.iter().filter(|(id, _)| id.guest == vmid);
    let is_replicated = jobs.clone().next().is_some();
    let there = jobs.any(|(_, job)| job.target == *target);
    if !is_replicated || there || call.arguments.is_set("force") {
        return Ok(());
    }
    Err(Fault::Failed(format!(
        "Cannot live-migrate replicated VM to node '{target}' - not a replication target. Use 'force' to override."
    )))
}

/// The caller must be allowed to put disks where they go, and the storages must take them.
fn permitted(
    world: &World,
    call: &Call<'_>,
    vmid: Vmid,
    map: &StoragePairs,
    target: &NodeName,
) -> Result<(), Fault> {
    if !map.0.is_empty() {
        call.demand(world, &format!("/vms/{vmid}"), &["VM.Config.Disk"])?;
    }
    let wanted = match find::kind(call) {
        Kind::Qemu => (Content::Images, "vm images"),
        Kind::Lxc => (Content::Rootdir, "CT rootdirs"),
    };
    for (_, storage) in &map.0 {
        let path = format!("/storage/{storage}");
        call.demand(world, &path, &["Datastore.AllocateSpace"])?;
        journey::enabled(world, storage, target)?;
        let known = world.storages.get(storage);
        if !known.is_some_and(|known| known.content.contains(&wanted.0)) {
            let text = format!("storage '{storage}' does not support {}", wanted.1);
            return Err(Fault::Failed(text));
        }
    }
    Ok(())
}

fn container(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let target = target(world, call)?;
    let (vmid, guest) = find::guest(world, call)?;
    let (online, restart) = (
        call.arguments.is_set("online"),
        call.arguments.is_set("restart"),
    );
    if guest.status.is_running() && !online && !restart {
        let text = "can't migrate running container without --online or --restart";
        return Err(Fault::Failed(text.to_owned()));
    }
    let map = match call.arguments.text("target-storage") {
        Some(text) => journey::pairs(text, "target-storage")?,
        None => StoragePairs::default(),
    };
    permitted(world, call, vmid, &map, &target)?;
    let plan = journey::Plan {
        target: &target,
        map,
        with_local_disks: true,
        force: false,
        is_online: guest.status.is_running() && !restart,
    };
    let job = match lock_text(guest) {
        Some(text) => Job::new("vzmigrate", vmid).failing(text),
        None => journey::job(world, vmid, guest, &plan, call.now),
    };
    depart(world, call, vmid, &target, job)
}

/// Locks the guest if the journey begins, and hands it to high availability where that is in charge.
fn depart(
    world: &mut World,
    call: &Call<'_>,
    vmid: Vmid,
    target: &NodeName,
    job: Job<Effect>,
) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let (word, sid) = (guest.kind.word(), shown::sid(vmid, guest));
    if !shown::is_managed(world, vmid, guest) {
        let job = begun(world, vmid, job);
        return call.start(world, job);
    }
    let asked = Job::new("hamigrate", vmid).saying(format!(
        "Requesting HA migration for {word} {vmid} to node {target}"
    ));
    let (blocking, along) = match call.context.edition {
        Edition::Pve9 => (world.in_the_way(&sid, target), world.taken_along(&sid)),
        _ => Default::default(),
    };
    if !blocking.is_empty() {
        let why = blocking.iter().map(|(other, cause)| {
            let why = match cause {
                Cause::Resource => format!(" in negative affinity with resource '{sid}'"),
                Cause::Node => String::new(),
            };
            format!(" - resource '{other}' on target node '{target}'{why}")
        });
        let why: String = why.collect();
        let text = format!("cannot migrate resource '{sid}' to node '{target}': {why}");
        let command = format!("command 'ha-manager migrate {sid} {target}' failed: exit code 255");
        return call.start(world, asked.saying(text).failing(command));
    }
    let asked = along.iter().fold(asked, |asked, other| {
        asked.saying(format!(
            "also migrate resource '{other}' in positive affinity with resource '{sid}' to target node '{target}'"
        ))
    });
    let job = begun(world, vmid, job);
    let answer = call.start(world, asked)?;
    by_manager(world, call, call.text("node"), job);
    for other in along {
        travel::send(world, call, &other, target, travel::Way::Migrate);
    }
    Ok(answer)
}

/// A journey that goes well holds the guest's lock until its end.
pub(super) fn begun(world: &mut World, vmid: Vmid, job: Job<Effect>) -> Job<Effect> {
    if job.effects.is_empty() {
        return job;
    }
    if let Some(guest) = world.guests.get_mut(&vmid) {
        guest.lock = Some(Lock::Migrate);
    }
    job.doing(Effect::Unlock(vmid, Lock::Migrate))
}

/// The type of a migration of a guest.
pub(super) fn kind_of_task(guest: &Guest) -> String {
    match guest.kind {
        Kind::Qemu => "qmigrate".to_owned(),
        Kind::Lxc => task(Kind::Lxc, "migrate"),
    }
}
