//! The plan of a migration: which volumes go, what keeps them, and what the task says about it.

use jiff::Timestamp;

use super::migrate::kind_of_task;
use crate::proxmox::arguments::split_list;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::config::cards;
use crate::pve::world::disk::{Role, Source};
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::{NodeName, StorageId, Vmid};
use crate::pve::world::relocate::{Baggage, destination};
use crate::pve::world::storage::{Storage, StorageKind};
use crate::pve::world::task::Effect;
use crate::pve::world::volume::Format;

/// Which storage takes the place of which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct StoragePairs(pub(super) Vec<(Option<StorageId>, StorageId)>);

/// How a guest is to travel.
#[derive(Debug)]
pub(super) struct Plan<'p> {
    /// Where to.
    pub(super) target: &'p NodeName,
    /// Where its volumes go.
    pub(super) map: StoragePairs,
    /// Whether disks of a running machine may go along.
    pub(super) with_local_disks: bool,
    /// Whether devices of the old node are no hindrance.
    pub(super) force: bool,
    /// Whether it goes on running.
    pub(super) is_online: bool,
}

/// Reads `storage-pair-list`: `from:to`, or one storage for all, or `1` for no change.
///
/// # Errors
/// `failed to parse storage map: ...`, about the parameter.
pub(super) fn pairs(text: &str, parameter: &str) -> Result<StoragePairs, Fault> {
    let bad = |why: &str| {
        let text = format!("failed to parse storage map: {why}");
        Fault::parameter(parameter, text)
    };
    let mut pairs = Vec::new();
    for entry in split_list(text) {
        let id = |text: &str| {
            let read = text.parse::<StorageId>();
            read.map_err(|_| bad(&format!("storage ID '{text}' contains illegal characters")))
        };
        match entry.split_once(':') {
            _ if entry == "1" => {}
            Some((from, to)) => pairs.push((Some(id(from)?), id(to)?)),
            None => pairs.push((None, id(entry)?)),
        }
    }
    let sources: std::collections::BTreeSet<_> = pairs.iter().map(|(from, _)| from).collect();
    if sources.len() < pairs.len() {
        return Err(bad("duplicate mapping for source"));
    }
    Ok(StoragePairs(pairs))
}

/// Refuses a storage that a node cannot use.
///
/// # Errors
/// `storage 'x' does not exist`, `... is disabled`, `... is not available on node 'n'`.
pub(super) fn enabled(world: &World, id: &StorageId, node: &NodeName) -> Result<(), Fault> {
    let text = match world.storages.get(id) {
        None => format!("storage '{id}' does not exist"),
        Some(known) if known.disabled => format!("storage '{id}' is disabled"),
        Some(known) if !known.is_on(node) => {
            format!("storage '{id}' is not available on node '{node}'")
        }
        Some(_) => return Ok(()),
    };
    Err(Fault::Failed(text))
}

/// Refuses a journey to a node that lacks a storage of the guest's.
///
/// # Errors
/// Those of [`enabled`].
pub(super) fn available(world: &World, guest: &Guest, target: &NodeName) -> Result<(), Fault> {
    for drive in guest.drives() {
        if let Source::Volume(id) = &drive.source {
            enabled(world, &id.storage, target)?;
        }
    }
    Ok(())
}

/// The devices of its node that a machine uses: `hostpci0`, `usb1`, `serial0` (`check_local_resources`).
pub(super) fn local_devices(guest: &Guest) -> Vec<String> {
    let of_node = |(key, text): &(&str, &String)| {
        let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
        match stem {
            "hostpci" | "usb" if text.contains("mapping=") => false,
            "usb" => !text.contains("spice"),
            "serial" => text.as_str() != "socket",
            "hostpci" | "parallel" | "ivshmem" => true,
            _ => false,
        }
    };
    let found = guest.config.iter().filter(of_node);
    found.map(|(key, _)| key.to_owned()).collect()
}

/// Devices that all nodes know under one name.
pub(super) fn mapped_devices(guest: &Guest) -> Vec<String> {
    let found = guest
        .config
        .iter()
        .filter(|(key, text)| {
            (key.starts_with("hostpci") || key.starts_with("usb")) && text.contains("mapping=")
        })
        .map(|(key, _)| key.to_owned());
    found.collect()
}

/// The task of the journey; without effects where it comes to nothing.
pub(super) fn job(
    world: &World,
    vmid: Vmid,
    guest: &Guest,
    plan: &Plan<'_>,
    now: Timestamp,
) -> Job<Effect> {
    let stamp = now.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let say = |text: &str| format!("{stamp} {text}");
    let (word, address) = (guest.kind.word(), address(world, plan.target));
    let target = plan.target;
    let job = Job::new(kind_of_task(guest), vmid).saying(say(&format!(
        "starting migration of {word} {vmid} to node '{target}' ({address})"
    )));
    if let Err(text) = hindered(world, guest, plan) {
        return job
            .saying(say(&format!("ERROR: {text}")))
            .saying(say("aborting phase 1 - cleanup resources"))
            .saying(say(&format!(
                "ERROR: migration aborted (duration 00:00:00): {text}"
            )))
            .failing("migration aborted");
    }
    let map = plan.map.0.iter().cloned().collect();
    let mut job = job;
    for Baggage { id, drive, .. } in world.baggage(guest, &map) {
        let what = match (drive.role, drive.key.as_str()) {
            (Role::Unused, _) => "local disk (unused)".to_owned(),
            (_, key) => format!("local disk (attached as {key})"),
        };
        let to = destination(&map, &id.storage);
        job = job
            .saying(say(&format!("found {what} '{id}'")))
            .saying(say(&format!("copying '{id}' to storage '{to}'")));
    }
    let end = if plan.is_online {
        "migration finished successfully (duration 00:00:03)"
    } else {
        "migration finished successfully (duration 00:00:01)"
    };
    let pairs = plan.map.0.clone();
    job.saying(say(end))
        .doing(Effect::Relocate(vmid, target.clone(), pairs))
}

fn address(world: &World, node: &NodeName) -> String {
    let known = world.nodes.get(node);
    known.map_or_else(String::new, |node| node.address.to_string())
}

/// What ends the journey before it begins.
fn hindered(world: &World, guest: &Guest, plan: &Plan<'_>) -> Result<(), String> {
    let target = world.nodes.get(plan.target);
    if !target.is_some_and(|node| node.is_online()) {
        let (node, address) = (plan.target, address(world, plan.target));
        return Err(format!(
            "Can't connect to destination address using public key: {node} ({address})"
        ));
    }
    if guest.kind == Kind::Lxc && plan.is_online {
        return Err("lxc live migration is currently not implemented".to_owned());
    }
    let devices = local_devices(guest);
    if !devices.is_empty() && (guest.status.is_running() || !plan.force) {
        let devices = devices.join(", ");
        return Err(format!(
            "can't migrate VM which uses local devices: {devices}"
        ));
    }
    if let Some(bridge) = missing_bridge(world, guest, plan.target)
        && guest.status.is_running()
    {
        return Err(format!("bridge '{bridge}' does not exist"));
    }
    let map = plan.map.0.iter().cloned().collect();
    for baggage in world.baggage(guest, &map) {
        if let Err(why) = movable(world, guest, plan, &baggage) {
            let id = &baggage.id;
            let text = format!("can't migrate local disk '{id}': {why}");
            return Err(format!("Problem found while scanning volumes - {text}"));
        }
    }
    mounts(guest)
}

/// A bridge of the guest's that the other node does not have.
fn missing_bridge(world: &World, guest: &Guest, target: &NodeName) -> Option<String> {
    let network = world.nodes.get(target).map(|node| &node.network);
    let vnets = world.sections.get("cluster/sdn/vnets");
    let is_there = |bridge: &str| {
        let interface = network.and_then(|network| network.get(bridge));
        interface.is_some_and(|interface| interface.kind.is_bridge())
            || vnets.is_some_and(|vnets| vnets.0.contains_key(bridge))
    };
    let mut bridges = cards(&guest.config)
        .into_iter()
        .filter_map(|card| card.bridge);
    bridges.find(|bridge| !is_there(bridge))
}

/// Whether a volume can go (`PVE::QemuMigrate`, `scan_local_volumes`).
fn movable(world: &World, guest: &Guest, plan: &Plan<'_>, baggage: &Baggage) -> Result<(), String> {
    let Baggage {
        id,
        drive,
        is_current,
    } = baggage;
    let storage = world.storages.get(&id.storage);
    let storage = storage.ok_or_else(|| format!("storage '{}' does not exist", id.storage))?;
    let is_cloudinit = id.name.contains("cloudinit");
    if drive.role == Role::Cd && !is_cloudinit {
        return Err("local cdrom image".to_owned());
    }
    let to = destination(&plan.map.0.iter().cloned().collect(), &id.storage);
    if let Err(Fault::Failed(text)) = enabled(world, &to, plan.target) {
        return Err(text);
    }
    let is_live = guest.kind == Kind::Qemu && plan.is_online;
    if is_live && *is_current && drive.role == Role::Disk && !plan.with_local_disks {
        let text = "can't live migrate attached local disks without with-local-disks option";
        return Err(text.to_owned());
    }
    let Some(volume) = world.volume(id, &guest.node) else {
        return Err(format!("no such volume '{id}'"));
    };
    if let Some(base) = &volume.parent {
        return Err(format!("clone of '{base}'"));
    }
    with_snapshots(guest, storage, volume.format, is_live, is_cloudinit)
}

/// Snapshots on local storages go along where the storage can send them, and not while the machine runs.
fn with_snapshots(
    guest: &Guest,
    storage: &Storage,
    format: Format,
    is_live: bool,
    is_cloudinit: bool,
) -> Result<(), String> {
    if guest.snapshots.is_empty() || is_cloudinit || storage.is_shared() {
        return Ok(());
    }
    if is_live {
        return Err("online storage migration not possible if snapshot exists".to_owned());
    }
    let sends = match storage.kind {
        StorageKind::Zfspool | StorageKind::Btrfs => true,
        _ => format == Format::Qcow2,
    };
    if sends {
        return Ok(());
    }
    Err("non-migratable snapshot exists".to_owned())
}

/// Folders of the node that a container mounts stay where they are.
fn mounts(guest: &Guest) -> Result<(), String> {
    if guest.kind != Kind::Lxc {
        return Ok(());
    }
    for drive in guest.drives() {
        let text = guest.config.text(&drive.key).unwrap_or_default();
        if let Source::Host(_) = drive.source
            && !text.contains("shared=1")
        {
            let key = &drive.key;
            return Err(format!("cannot migrate local bind mount point '{key}'"));
        }
    }
    Ok(())
}
