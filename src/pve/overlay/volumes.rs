//! Volumes, from the contents of storages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::values::{Row, is_set, moment, number, text};
use crate::proxmox::overlay::Overlay;
use crate::proxmox::world_file;
use crate::pve::world::World;
use crate::pve::world::ids::{NodeName, StorageId, VolumeId};
use crate::pve::world::size::Size;
use crate::pve::world::volume::{Format, Volume};

/// Members that a volume of the world has, or that tell it again.
const KNOWN: &[&str] = &[
    "volid",
    "content",
    "format",
    "size",
    "used",
    "vmid",
    "ctime",
    "notes",
    "protected",
    "parent",
    "subtype",
];

pub(super) fn lay(world: &mut World, overlay: &mut Overlay) {
    let mut shelves = BTreeMap::new();
    for found in overlay.like("/nodes/{}/storage/{}/content") {
        let [node, storage] = &found.parts[..] else {
            continue;
        };
        let (Ok(node), Ok(id)) = (node.parse::<NodeName>(), storage.parse::<StorageId>()) else {
            overlay.remark(&found.path, "is served as it stands: its names are none");
            continue;
        };
        let Some(shelf) = world.shelf(&id, &node) else {
            overlay.remark(
                &found.path,
                format!("is served as it stands: there is no storage {id}"),
            );
            continue;
        };
        let Some(rows) = overlay.rows(&found.path) else {
            continue;
        };
        // A shared storage holds what it holds for each of its nodes, whichever of them the file shows it on.
        let volumes: &mut BTreeMap<Box<str>, Volume> = shelves.entry(shelf).or_default();
        for row in rows {
            match volume(&row, &id) {
                Ok((name, volume)) => drop(volumes.insert(name, volume)),
                Err(why) => {
                    overlay.remark(&found.path, format!("has a volume that is left out: {why}"))
                }
            }
            let mut unknown = row.keys().filter(|key| !KNOWN.contains(&key.as_str()));
            if let Some(key) = unknown.next() {
                overlay.remark(
                    &found.path,
                    format!("has {key} of a volume, which is left out"),
                );
            }
        }
    }
    for (shelf, volumes) in shelves {
        if let Some(storage) = world.storages.get_mut(&shelf.storage) {
            storage
                .content
                .extend(volumes.values().map(|volume| volume.content));
        }
        world.volumes.insert(shelf, volumes);
    }
}

fn volume(row: &Row, storage: &StorageId) -> Result<(Box<str>, Volume), String> {
    let id = text(row, "volid").unwrap_or_default();
    let id: VolumeId = id.parse().map_err(|bad| format!("{bad}"))?;
    if id.storage != *storage {
        return Err(format!("{id} is not of {storage}"));
    }
    let name = &id.name;
    let content = text(row, "content").unwrap_or_else(|| content(name).to_owned());
    let size = Size(number(row, "size").unwrap_or_default());
    let mut file = json!({
        "content": content,
        "format": format(text(row, "format"), name),
        "size": size,
        "created": created(row, name).to_string(),
        "protected": is_set(row, "protected"),
    });
    let used = number(row, "used").map(|used| Size(used.min(size.bytes())));
    let owner = text(row, "vmid").or_else(|| owner(name).map(str::to_owned));
    let members = [
        ("used", used.map(|used| json!(used))),
        ("owner", owner.map(Value::from)),
        ("notes", text(row, "notes").map(Value::from)),
    ];
    for (member, value) in members {
        if let Some(value) = value {
            file[member] = value;
        }
    }
    let volume = world_file::read(&file).map_err(|problem| world_file::sentence(&problem))?;
    Ok((id.name, volume))
}

/// What a volume is by its name, where nothing says it.
fn content(name: &str) -> &'static str {
    match name.split_once('/') {
        Some(("iso", _)) => "iso",
        Some(("vztmpl", _)) => "vztmpl",
        Some(("snippets", _)) => "snippets",
        _ if name.contains("vzdump-") => "backup",
        _ => "images",
    }
}

/// The format said, or else the one whose ending the name has.
fn format(said: Option<String>, name: &str) -> String {
    let is_known = |format: &String| serde_json::from_value::<Format>(json!(format)).is_ok();
    let ending = || {
        let file = name.rsplit('/').next().unwrap_or(name);
        let endings = file
            .match_indices('.')
            .map(|(at, _)| file[at + 1..].to_owned());
        endings.into_iter().find(is_known)
    };
    let format = said.filter(is_known).or_else(ending);
    format.unwrap_or_else(|| "raw".to_owned())
}

/// When it was made: as said, or as the name of a backup says.
fn created(row: &Row, name: &str) -> Timestamp {
    let in_name = || {
        let (day, time) = name
            .split_once("-20")
            .and_then(|(_, rest)| rest.get(..17)?.split_once('-'))?;
        let (day, time) = (day.replace('_', "-"), time.replace('_', ":"));
        format!("20{day}T{time}Z").parse().ok()
    };
    let moment = moment(row, "ctime").or_else(in_name);
    // Without either it is as old as the lab.
    moment.unwrap_or_else(|| Timestamp::from_second(1_764_547_200).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// The guest in the name of a disk or backup.
fn owner(name: &str) -> Option<&str> {
    let after = |mark: &str| name.split_once(mark).map(|(_, rest)| rest);
    let marks = ["vzdump-qemu-", "vzdump-lxc-", "vm-", "base-", "subvol-"];
    let rest = marks.iter().find_map(|mark| after(mark))?;
    let number = rest.split('-').next()?;
    number.parse::<crate::pve::world::ids::Vmid>().ok()?;
    Some(number)
}
