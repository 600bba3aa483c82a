//! Many guests at once: `startall` and its like on a node, and the bulk actions of a cluster.
//!
//! One task tells of all of them, and each guest gets a task of its own, as the product's workers do.

use std::collections::BTreeSet;

use super::power::{Way, asked, by_manager, started, task};
use super::{journey, migrate, shown, vmstate};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind, Lock, Status};
use crate::pve::world::ids::{NodeName, Vmid};
use crate::pve::world::node::Node;
use crate::pve::world::task::Effect;

/// What is done to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pve::api) enum Deed<'d> {
    /// Started.
    Start,
    /// Shut down; by force where it does not go otherwise.
    Stop(Force),
    /// Paused, or put on disk.
    Suspend(Depth<'d>),
    /// Sent to a node.
    Migrate(&'d NodeName, LocalDisks),
}

/// Whether a guest is stopped by force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pve::api) enum Force {
    /// When its time is up.
    InTheEnd,
    /// Never.
    Never,
}

/// How deep machines sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pve::api) enum Depth<'d> {
    /// In memory.
    Pause,
    /// On disk, on this storage where one is named.
    Disk(Option<&'d str>),
}

/// Whether disks of running machines go along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pve::api) enum LocalDisks {
    /// They do.
    GoAlong,
    /// They keep the machine where it is.
    Stay,
}

/// Which guests are meant.
#[derive(Debug, Clone, Default)]
pub(in crate::pve::api) struct Choice {
    /// Those of this node; of all nodes where none is named.
    pub(in crate::pve::api) node: Option<NodeName>,
    /// These only, where any are named.
    pub(in crate::pve::api) named: BTreeSet<Vmid>,
    /// Those that come up with their node only.
    pub(in crate::pve::api) on_boot: bool,
}

impl Choice {
    fn takes(&self, vmid: Vmid, guest: &Guest) -> bool {
        let here = self.node.as_ref().is_none_or(|node| guest.node == *node);
        let named = self.named.is_empty() || self.named.contains(&vmid);
        let on_boot = !self.on_boot || guest.config.text("onboot") == Some("1");
        here && named && on_boot && !guest.is_template()
    }
}

/// The guests of a list of numbers.
pub(in crate::pve::api) fn named(call: &Call<'_>) -> BTreeSet<Vmid> {
    let list = call.arguments.list("vms");
    list.iter().filter_map(|text| text.parse().ok()).collect()
}

/// Refuses who may not do it: without names one needs the right over everything, with names over each
/// (`PVE::API2::Nodes`, `check_vm_perms`).
///
/// # Errors
/// That of a permission that lacks.
pub(in crate::pve::api) fn permitted(
    world: &World,
    call: &Call<'_>,
    named: &BTreeSet<Vmid>,
    privilege: &str,
) -> Result<(), Fault> {
    if named.is_empty() {
        return call.demand(world, "/", &[privilege]);
    }
    for vmid in named {
        call.demand(world, &format!("/vms/{vmid}"), &[privilege])?;
    }
    Ok(())
}

/// Does it, and answers with the task that tells of it.
///
/// # Errors
/// Never; the type is that of handlers.
pub(in crate::pve::api) fn run(
    world: &mut World,
    call: &Call<'_>,
    kind: &str,
    choice: &Choice,
    deed: Deed<'_>,
) -> Result<Answer, Fault> {
    let mut chosen: Vec<(i64, Vmid)> = world
        .guests
        .iter()
        .filter(|(vmid, guest)| choice.takes(**vmid, guest) && wants(guest, deed))
        .filter(|(_, guest)| world.nodes.get(&guest.node).is_some_and(Node::is_online))
        .map(|(vmid, guest)| (order(guest), *vmid))
        .collect();
    chosen.sort_unstable();
    if matches!(deed, Deed::Stop(_) | Deed::Suspend(_)) {
        chosen.reverse();
    }
    let mut whole = Job::new(kind, "");
    let mut parts = Vec::new();
    for (_, vmid) in chosen {
        let Some((line, node, job)) = part(world, call, vmid, deed) else {
            continue;
        };
        whole = whole.saying(line);
        parts.push((node, job));
    }
    let answer = call.start(world, whole)?;
    for (node, job) in parts {
        by_manager(world, call, node.as_str(), job);
    }
    Ok(answer)
}

/// Whether there is anything to do for it.
fn wants(guest: &Guest, deed: Deed<'_>) -> bool {
    match deed {
        Deed::Start => !guest.status.is_running(),
        Deed::Stop(_) => guest.status.is_running(),
        Deed::Suspend(_) => guest.status == Status::Running && guest.kind == Kind::Qemu,
        Deed::Migrate(target, _) => guest.node != *target,
    }
}

/// Its place in `startup`; guests without one come last.
fn order(guest: &Guest) -> i64 {
    let startup = guest.config.text("startup").unwrap_or_default();
    let order = startup
        .split(',')
        .find_map(|part| part.strip_prefix("order=").unwrap_or(part).parse().ok());
    order.unwrap_or(i64::MAX)
}

/// The task of one guest, and the line that tells of it.
fn part(
    world: &mut World,
    call: &Call<'_>,
    vmid: Vmid,
    deed: Deed<'_>,
) -> Option<(String, NodeName, Job<Effect>)> {
    let guest = world.guests.get(&vmid)?;
    let (word, node) = (guest.kind.word(), guest.node.clone());
    let is_managed = shown::is_managed(world, vmid, guest);
    let (line, job) = match deed {
        Deed::Start if is_managed => return None,
        Deed::Start => {
            let job = Job::new(task(guest.kind, "start"), vmid);
            let job = started(vmid, guest, job, false);
            (format!("Starting {word} {vmid}"), job)
        }
        Deed::Stop(force) => {
            let way = Way {
                skiplock: false,
                force: force == Force::InTheEnd,
                is_paused: guest.status == Status::Paused,
                timeout: call.arguments.integer("timeout"),
            };
            let seconds = way.timeout.unwrap_or(180);
            let job = Job::new(task(guest.kind, "shutdown"), vmid);
            let line = format!("Stopping {word} {vmid} (timeout = {seconds} seconds)");
            (line, asked(vmid, guest, job, way))
        }
        Deed::Suspend(depth) => {
            let line = format!("Suspending {word} {vmid}");
            (line, asleep(world, call, vmid, depth)?)
        }
        Deed::Migrate(target, disks) => {
            let line = format!("Migrating {word} {vmid}");
            (line, away(world, call, vmid, target, disks)?)
        }
    };
    Some((line, node, job))
}

fn asleep(world: &mut World, call: &Call<'_>, vmid: Vmid, depth: Depth<'_>) -> Option<Job<Effect>> {
    let guest = world.guests.get(&vmid)?;
    let Depth::Disk(storage) = depth else {
        let job = Job::new("qmpause", vmid);
        return Some(match super::find::lock_text(guest) {
            Some(text) if guest.lock != Some(Lock::Backup) => job.failing(text),
            _ => job.doing(Effect::Power(vmid, Status::Paused)),
        });
    };
    let job = Job::new("qmsuspend", vmid);
    if let Some(text) = super::find::lock_text(guest) {
        return Some(job.failing(text));
    }
    let machine = super::status::machine(guest, call.context.edition);
    let storage = match vmstate::storage(world, guest, storage) {
        Ok(storage) => storage,
        Err(Fault::Failed(text)) => return Some(job.failing(text)),
        Err(_) => return None,
    };
    let label = format!("suspend-{}", call.now.strftime("%Y-%m-%d"));
    match vmstate::allocate(world, vmid, &storage, &label, call.now) {
        Err(text) => Some(job.failing(text)),
        Ok(memory) => {
            world.begin_suspension(vmid, &memory, &machine);
            Some(job.doing(Effect::EndSuspension(vmid)))
        }
    }
}

fn away(
    world: &mut World,
    call: &Call<'_>,
    vmid: Vmid,
    target: &NodeName,
    disks: LocalDisks,
) -> Option<Job<Effect>> {
    let guest = world.guests.get(&vmid)?;
    let plan = journey::Plan {
        target,
        map: journey::StoragePairs::default(),
        with_local_disks: disks == LocalDisks::GoAlong || guest.kind == Kind::Lxc,
        force: false,
        // Containers are stopped for the journey.
        is_online: guest.status.is_running() && guest.kind == Kind::Qemu,
    };
    if let Some(text) = super::find::lock_text(guest) {
        return Some(Job::new(migrate::kind_of_task(guest), vmid).failing(text));
    }
    let job = journey::job(world, vmid, guest, &plan, call.now);
    Some(migrate::begun(world, vmid, job))
}
