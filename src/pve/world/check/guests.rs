//! Guests: their nodes, drives and snapshots.
//!
//! The bridges of their cards are not looked at: the product takes any name, and fails when the guest starts.

use std::collections::BTreeMap;

use super::super::World;
use super::super::disk::{BadDrive, Drive, Role, Source, drives};
use super::super::guest::Guest;
use super::super::ids::{Shelf, Vmid, VolumeId};
use super::super::ordered::Ordered;
use super::super::snapshot;
use super::Report;

pub(super) fn check(world: &World, report: &mut Report) {
    let mut owners = BTreeMap::new();
    for (vmid, guest) in &world.guests {
        let path = format!("guests.{vmid}");
        if !world.nodes.contains_key(&guest.node) {
            report.add(
                format!("{path}.node"),
                format!("node {} does not exist", guest.node),
            );
            // Nothing that is local to a node can be judged without it.
            continue;
        }
        state(guest, &path, report);
        let config = format!("{path}.config");
        for drive in readable(guest, &guest.config, &config, report) {
            let place = format!("{config}.{}", drive.key);
            present(world, guest, &drive, &place, report);
            claim(world, *vmid, guest, &drive, &place, &mut owners, report);
        }
        pending(world, guest, &path, report);
        snapshots(world, guest, &path, report);
    }
}

fn state(guest: &Guest, path: &str, report: &mut Report) {
    if guest.is_template() && guest.status.is_running() {
        report.add(format!("{path}.status"), "a template cannot run");
    }
    if guest.started.is_some() && !guest.status.is_running() {
        report.add(format!("{path}.started"), "the guest does not run");
    }
    let script = guest.agent.as_deref();
    if let Some((field, fault)) = script.and_then(|agent| super::agent::fault(agent, guest.kind)) {
        report.add(format!("{path}.agent.{field}"), fault);
    }
    if let Some(parent) = &guest.parent {
        let known = guest.snapshots.contains_key(parent);
        report.expect(
            known,
            format!("{path}.parent"),
            format!("snapshot {parent}"),
        );
    }
}

/// What waits for the next start has its volumes already.
fn pending(world: &World, guest: &Guest, path: &str, report: &mut Report) {
    for (key, _) in guest.pending.iter() {
        if let Some(drive) = guest.pending_drive(key) {
            let place = format!("{path}.pending.{key}");
            present(world, guest, &drive, &place, report);
        }
    }
}

fn readable(
    guest: &Guest,
    config: &Ordered<String>,
    path: &str,
    report: &mut Report,
) -> Vec<Drive> {
    let mut read = Vec::new();
    for drive in drives(guest.kind, config) {
        match drive {
            Ok(drive) => read.push(drive),
            Err(BadDrive { key, message }) => report.add(format!("{path}.{key}"), message),
        }
    }
    read
}

/// The drive's storage is on the guest's node, its volume is there, and its size is what the drive says.
fn present(world: &World, guest: &Guest, drive: &Drive, place: &str, report: &mut Report) {
    let Source::Volume(id) = &drive.source else {
        return;
    };
    // The image in a CD drive may be deleted, and a storage may be taken away with all that guests have on it.
    let may_be_gone = drive.role == Role::Cd || world.hidden.contains_key(&id.storage);
    let known = world.storages.get(&id.storage);
    let is_here = known.is_some_and(|storage| storage.is_on(&guest.node));
    if may_be_gone && (!is_here || world.volume(id, &guest.node).is_none()) {
        return;
    }
    if !reachable(world, guest, id, place, report) {
        return;
    }
    let Some(volume) = world.volume(id, &guest.node) else {
        report.add(place, format!("volume {id} does not exist"));
        return;
    };
    if drive.role == Role::Disk && drive.size.is_some_and(|size| size != volume.size) {
        let size = drive.size.unwrap_or_default();
        let message = format!("says size={size}, but volume {id} has {}", volume.size);
        report.add(place, message);
    }
}

fn reachable(
    world: &World,
    guest: &Guest,
    id: &VolumeId,
    place: &str,
    report: &mut Report,
) -> bool {
    let Some(storage) = world.storages.get(&id.storage) else {
        report.add(place, format!("storage {} does not exist", id.storage));
        return false;
    };
    if !storage.is_on(&guest.node) {
        let message = format!("storage {} is not on node {}", id.storage, guest.node);
        report.add(place, message);
        return false;
    }
    true
}

/// A disk belongs to one guest, and that one names it.
fn claim(
    world: &World,
    vmid: Vmid,
    guest: &Guest,
    drive: &Drive,
    place: &str,
    owners: &mut BTreeMap<(Shelf, Box<str>), Vmid>,
    report: &mut Report,
) {
    let Source::Volume(id) = &drive.source else {
        return;
    };
    let Some(volume) = world
        .volume(id, &guest.node)
        .filter(|volume| volume.is_disk())
    else {
        return;
    };
    if volume.owner != Some(vmid) {
        let owner = volume
            .owner
            .map_or("nobody".to_owned(), |owner| owner.to_string());
        report.add(place, format!("volume {id} belongs to {owner}"));
    }
    let Some(shelf) = world.shelf(&id.storage, &guest.node) else {
        return;
    };
    if let Some(other) = owners.insert((shelf, id.name.clone()), vmid) {
        report.add(
            place,
            format!("volume {id} is a drive of guest {other} already"),
        );
    }
}

fn snapshots(world: &World, guest: &Guest, path: &str, report: &mut Report) {
    for (name, message) in snapshot::faults(&guest.snapshots) {
        report.add(format!("{path}.snapshots.{name}.parent"), message);
    }
    for (name, snapshot) in &guest.snapshots {
        let config = format!("{path}.snapshots.{name}.config");
        // Sizes may have grown since, so only the volumes must be there.
        for drive in readable(guest, &snapshot.config, &config, report) {
            let sizeless = Drive {
                size: None,
                ..drive
            };
            let place = format!("{config}.{}", sizeless.key);
            present(world, guest, &sizeless, &place, report);
        }
        if let Some(id) = &snapshot.memory {
            let known = world.volume(id, &guest.node).is_some();
            let known = known || world.hidden.contains_key(&id.storage);
            let place = format!("{path}.snapshots.{name}.memory");
            report.expect(known, place, format!("volume {id}"));
        }
    }
}
