//! Snapshots of guests, from their lists.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::own;
use crate::proxmox::overlay::Overlay;
use crate::proxmox::world_file;
use crate::pve::overlay::values::{Row, is_set, moment, text};
use crate::pve::world::World;
use crate::pve::world::guest::Guest;
use crate::pve::world::ids::Vmid;
use crate::pve::world::snapshot::Snapshot;

/// The row that stands for the present.
const PRESENT: &str = "current";

pub(super) fn lay(world: &mut World, overlay: &mut Overlay) {
    for (path, _, _, vmid) in own(overlay, "snapshot") {
        let Some(guest) = world.guests.get_mut(&vmid) else {
            overlay.remark(&path, "is served as it stands: there is no such guest");
            continue;
        };
        let Some(rows) = overlay.rows(&path) else {
            continue;
        };
        let (present, rows): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|row| text(row, "name").as_deref() == Some(PRESENT));
        let mut snapshots = BTreeMap::new();
        for row in rows {
            let name = text(&row, "name").unwrap_or_default();
            match snapshot(vmid, guest, &name, &row) {
                Ok(snapshot) if !name.is_empty() => drop(snapshots.insert(name, snapshot)),
                Ok(_) => overlay.remark(&path, "has a snapshot without a name"),
                Err(why) => overlay.remark(&path, format!("snapshot {name} is left out: {why}")),
            }
        }
        let parent = present.iter().find_map(|row| text(row, "parent"));
        guest.snapshots = snapshots;
        guest.parent = parent.or(guest.parent.take());
    }
    for guest in world.guests.values_mut() {
        make_tree(guest);
    }
}

/// A snapshot with the configuration of today, because lists do not tell that of its day.
fn snapshot(vmid: Vmid, guest: &Guest, name: &str, row: &Row) -> Result<Snapshot, String> {
    // Younger than the lab's guests and older than its tests.
    let taken = moment(row, "snaptime").map_or_else(
        || "2026-01-01T00:00:00Z".to_owned(),
        |taken| taken.to_string(),
    );
    let memory = is_set(row, "vmstate").then(|| {
        let storage = guest.boot_disk().and_then(|disk| match disk.source {
            crate::pve::world::disk::Source::Volume(id) => Some(id.storage),
            crate::pve::world::disk::Source::Host(_) => None,
        });
        storage.map(|storage| format!("{storage}:vm-{vmid}-state-{name}"))
    });
    let mut file = json!({ "taken": taken, "config": guest.config });
    let members = [
        ("description", text(row, "description")),
        ("parent", text(row, "parent")),
        ("memory", memory.flatten()),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            file[name] = Value::from(value);
        }
    }
    world_file::read(&file).map_err(|problem| world_file::sentence(&problem))
}

/// Takes out parents that are not there. A guest with snapshots goes on from one: the youngest, if nothing else
/// was said.
fn make_tree(guest: &mut Guest) {
    let names: Vec<String> = guest.snapshots.keys().cloned().collect();
    for (name, snapshot) in &mut guest.snapshots {
        let known = |parent: &String| names.contains(parent) && parent != name;
        snapshot.parent = snapshot.parent.take().filter(known);
    }
    let parents: BTreeMap<String, String> = guest
        .snapshots
        .iter()
        .filter_map(|(name, snapshot)| Some((name.clone(), snapshot.parent.clone()?)))
        .collect();
    for (name, snapshot) in &mut guest.snapshots {
        let mut at = Some(name);
        let mut steps = 0;
        while let Some(next) = at.and_then(|at| parents.get(at)) {
            steps += 1;
            if steps > parents.len() {
                snapshot.parent = None;
                break;
            }
            at = Some(next);
        }
    }
    let known = guest.parent.take().filter(|parent| names.contains(parent));
    let youngest = || {
        let snapshots = guest.snapshots.iter();
        let youngest = snapshots.max_by_key(|(_, snapshot)| snapshot.taken);
        youngest.map(|(name, _)| name.clone())
    };
    guest.parent = known.or_else(youngest);
}
