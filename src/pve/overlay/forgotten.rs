//! What a world loses with the things that a file does not have any more.
//!
//! The file's own mistakes end here too (a job of a guest that it does not list), and those are told.

use std::collections::BTreeMap;

use crate::proxmox::overlay::Overlay;
use crate::pve::world::backup::Selection;
use crate::pve::world::ha::Affinity;
use crate::pve::world::ids::{NodeName, Vmid};
use crate::pve::world::{World, invariants};

pub(super) fn forget(world: &mut World, overlay: &mut Overlay) {
    let World { guests, nodes, .. } = world;
    guests.retain(|_, guest| nodes.contains_key(&guest.node));
    storages(world, overlay);
    volumes(world);
    pools(world);
    high_availability(world);
    jobs(world, overlay);
    sections(world);
}

/// Disks of guests that are gone, or that are other machines now. Backups of them stay, as in the product.
pub(super) fn disks(world: &mut World, is_gone: impl Fn(Vmid) -> bool) {
    for volumes in world.volumes.values_mut() {
        volumes.retain(|_, volume| !volume.is_disk() || !volume.owner.is_some_and(&is_gone));
    }
}

fn storages(world: &mut World, overlay: &mut Overlay) {
    let World {
        nodes, storages, ..
    } = world;
    for (id, storage) in storages {
        let before = storage.nodes.len();
        storage.nodes.retain(|node| nodes.contains_key(node));
        if storage.nodes.is_empty() && before > 0 && overlay.data("/storage").is_some() {
            overlay.remark(
                "/storage",
                format!("storage {id} names no node that is there: all have it"),
            );
        }
    }
}

fn volumes(world: &mut World) {
    let World {
        nodes,
        storages,
        volumes,
        ..
    } = world;
    volumes.retain(|shelf, volumes| {
        let Some(storage) = storages.get(&shelf.storage) else {
            return false;
        };
        volumes.retain(|_, volume| storage.content.contains(&volume.content));
        let names: Vec<Box<str>> = volumes.keys().cloned().collect();
        for volume in volumes.values_mut() {
            volume.parent = volume.parent.take().filter(|name| names.contains(name));
        }
        match &shelf.node {
            None => storage.is_shared(),
            Some(node) => !storage.is_shared() && nodes.contains_key(node) && storage.is_on(node),
        }
    });
}

fn pools(world: &mut World) {
    for pool in world.pools.values_mut() {
        pool.guests.retain(|vmid| world.guests.contains_key(vmid));
        pool.storages.retain(|id| world.storages.contains_key(id));
    }
}

fn high_availability(world: &mut World) {
    let World {
        guests, nodes, ha, ..
    } = world;
    ha.resources.retain(|sid, _| {
        let guest = guests.get(&sid.vmid);
        guest.is_some_and(|guest| guest.kind == sid.kind)
    });
    let there = |wanted: &mut BTreeMap<NodeName, u32>| {
        wanted.retain(|node, _| nodes.contains_key(node));
        !wanted.is_empty()
    };
    ha.groups.retain(|_, group| there(&mut group.nodes));
    for resource in ha.resources.values_mut() {
        let known = |name: &String| ha.groups.contains_key(name);
        resource.group = resource.group.take().filter(known);
    }
    ha.rules.retain(|_, rule| {
        rule.resources.retain(|sid| ha.resources.contains_key(sid));
        let holds = match &mut rule.affinity {
            Affinity::Nodes(wanted) => there(wanted),
            // Who is left alone is together with itself, and apart from nobody.
            Affinity::Together | Affinity::Apart => rule.resources.len() > 1,
        };
        holds && !rule.resources.is_empty()
    });
}

fn jobs(world: &mut World, overlay: &mut Overlay) {
    let World {
        guests,
        nodes,
        storages,
        pools,
        backup_jobs,
        replication,
        ..
    } = world;
    backup_jobs.retain(|id, job| {
        job.node = job.node.take().filter(|node| nodes.contains_key(node));
        let mut gone = Vec::new();
        let mut known = |vmid: &Vmid| {
            let known = guests.contains_key(vmid);
            if !known {
                gone.push(vmid.to_string());
            }
            known
        };
        let saves = match &mut job.selection {
            Selection::Guests(chosen) => {
                chosen.retain(&mut known);
                !chosen.is_empty()
            }
            Selection::AllBut(left_out) => {
                left_out.retain(&mut known);
                true
            }
            Selection::Pool(pool) => pools.contains_key(pool),
        };
        if !gone.is_empty() && overlay.data("/cluster/backup").is_some() {
            let gone = gone.join(", ");
            overlay.remark(
                "/cluster/backup",
                format!("job {id} loses guests that are not there: {gone}"),
            );
        }
        let storage = job.storage.as_ref();
        saves && storage.is_none_or(|id| storages.contains_key(id))
    });
    replication.retain(|id, job| {
        let source = guests.get(&id.guest).map(|guest| &guest.node);
        let holds = source.is_some_and(|source| *source != job.target);
        let holds = holds && nodes.contains_key(&job.target);
        if !holds && overlay.data("/cluster/replication").is_some() {
            overlay.remark(
                "/cluster/replication",
                format!("job {id} is left out: its guest or target is not there"),
            );
        }
        holds
    });
}

/// Sections that stand under something, or name something, that is gone.
fn sections(world: &mut World) {
    let World {
        guests,
        nodes,
        sections,
        lists,
        options,
        ..
    } = world;
    let there = |path: &str| match path.split('/').collect::<Vec<_>>()[..] {
        ["nodes", node, ..] => nodes.keys().any(|known| known.as_str() == node),
        ["guests", vmid, ..] => vmid.parse().is_ok_and(|vmid| guests.contains_key(&vmid)),
        _ => true,
    };
    sections.retain(|path, _| there(path));
    lists.retain(|path, _| there(path));
    options.retain(|path, _| there(path));
    let is_node = |name: &str| nodes.keys().any(|known| known.as_str() == name);
    for section in sections.values_mut().flat_map(|file| file.0.values_mut()) {
        let Some(serde_json::Value::String(named)) = section.properties.get_mut("nodes") else {
            continue;
        };
        let left: Vec<&str> = named.split(',').filter(|name| is_node(name)).collect();
        *named = left.join(",");
        if named.is_empty() {
            section.properties.shift_remove("nodes");
        }
    }
    named_in_faults(world);
}

/// What the rules of the world still find fault with in plain sections goes as a whole.
fn named_in_faults(world: &mut World) {
    for fault in invariants(world) {
        let Some(rest) = fault.strip_prefix("sections[") else {
            continue;
        };
        let mut keys = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let Some(Ok(file)) = keys.next() else {
            continue;
        };
        let rest = rest.get(keys.byte_offset() + 1..).unwrap_or_default();
        let quoted = rest.strip_prefix('[').and_then(|rest| {
            let mut keys = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            keys.next()?.ok()
        });
        let plain = || {
            let name = rest.strip_prefix('.')?.split(['.', ':', '[']).next()?;
            Some(name.to_owned())
        };
        match (quoted.or_else(plain), world.sections.get_mut(&file)) {
            (Some(id), Some(sections)) => drop(sections.0.remove(&id)),
            _ => drop(world.sections.remove(&file)),
        }
    }
}
