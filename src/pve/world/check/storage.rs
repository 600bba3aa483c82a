//! Storages and the volumes on them.

use super::super::World;
use super::super::ids::Shelf;
use super::super::volume::Volume;
use super::Report;

pub(super) fn check(world: &World, report: &mut Report) {
    for (id, storage) in &world.storages {
        for node in &storage.nodes {
            let known = world.nodes.contains_key(node);
            report.expect(
                known,
                format!("storages.{id}.nodes"),
                format!("node {node}"),
            );
        }
        // A shelf without volumes can be too full as well.
        if storage.foreign > storage.size {
            let message = format!("{} is more than its size {}", storage.foreign, storage.size);
            report.add(format!("storages.{id}.foreign"), message);
        }
    }
    for (shelf, volumes) in &world.volumes {
        let path = format!("volumes[\"{shelf}\"]");
        if !is_shelf(world, shelf, &path, report) {
            continue;
        }
        for (name, volume) in volumes {
            check_volume(world, shelf, volume, &format!("{path}[{name:?}]"), report);
        }
        let used = world.used(shelf);
        let size = world
            .storages
            .get(&shelf.storage)
            .map(|storage| storage.size);
        let size = size.unwrap_or_default();
        if used > size {
            report.add(
                path,
                format!("{used} is used, more than the storage's size {size}"),
            );
        }
    }
}

fn is_shelf(world: &World, shelf: &Shelf, path: &str, report: &mut Report) -> bool {
    let Some(storage) = world.storages.get(&shelf.storage) else {
        report.add(path, format!("storage {} does not exist", shelf.storage));
        return false;
    };
    match &shelf.node {
        None if !storage.is_shared() => {
            let message = format!("{0} is not shared: say {0}@<node>", shelf.storage);
            report.add(path, message);
            false
        }
        Some(_) if storage.is_shared() => {
            let message = format!("{} is shared and belongs to no node", shelf.storage);
            report.add(path, message);
            false
        }
        Some(node) if !world.nodes.contains_key(node) || !storage.is_on(node) => {
            report.add(
                path,
                format!("storage {} is not on node {node}", shelf.storage),
            );
            false
        }
        _ => true,
    }
}

/// What may lie there, and where it comes from. Volumes of guests that are gone stay, as in the product: they
/// are unused, and their number may be given out again.
fn check_volume(world: &World, shelf: &Shelf, volume: &Volume, path: &str, report: &mut Report) {
    let allowed = world
        .storages
        .get(&shelf.storage)
        .map(|storage| &storage.content);
    if !allowed.is_some_and(|allowed| allowed.contains(&volume.content)) {
        let content = volume.content.as_str();
        report.add(
            path,
            format!("storage {} does not take {content}", shelf.storage),
        );
    }
    if volume.is_disk() && volume.owner.is_none() {
        report.add(path, "a disk belongs to a guest");
    }
    if let Some(parent) = &volume.parent {
        let beside = world.volumes.get(shelf);
        let known = beside.is_some_and(|volumes| volumes.contains_key(parent));
        report.expect(known, format!("{path}.parent"), format!("volume {parent}"));
        let file = parent.rsplit('/').next().unwrap_or(parent);
        if !["base-", "basevol-"]
            .iter()
            .any(|stem| file.starts_with(stem))
        {
            report.add(
                format!("{path}.parent"),
                format!("{parent} is no base of linked clones"),
            );
        }
    }
    if volume.used() > volume.size {
        let message = format!("{} is more than its size {}", volume.used(), volume.size);
        report.add(format!("{path}.used"), message);
    }
}
