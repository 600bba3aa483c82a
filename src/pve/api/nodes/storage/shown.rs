//! Storages and volumes as clients see them.

use serde_json::{Map, Value, json};

use crate::proxmox::Edition;
use crate::pve::api::storage::contents;
use crate::pve::world::World;
use crate::pve::world::archive::Archive;
use crate::pve::world::ids::{NodeName, StorageId, VolumeId};
use crate::pve::world::node::Node;
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage, StorageKind};
use crate::pve::world::volname::disk_format;
use crate::pve::world::volume::{Format, Volume};

/// A storage's state on a node, without its name.
pub(super) fn status(world: &World, node: &NodeName, id: &StorageId, storage: &Storage) -> Value {
    let is_enabled = !storage.disabled && storage.is_on(node);
    let is_active = is_enabled && world.nodes.get(node).is_some_and(Node::is_online);
    let (total, used) = if is_active {
        (storage.size, world.used(&storage.shelf(id, node)))
    } else {
        (Size::default(), Size::default())
    };
    json!({
        "type": storage.kind.as_str(),
        "content": contents(storage),
        "active": is_active,
        "enabled": is_enabled,
        "shared": storage.is_shared(),
        "total": total.bytes(),
        "used": used.bytes(),
        "avail": total.bytes().saturating_sub(used.bytes()),
    })
}

/// A row of `/nodes/{node}/storage`.
pub(super) fn row(world: &World, node: &NodeName, id: &StorageId, storage: &Storage) -> Value {
    let mut row = status(world, node, id, storage);
    row["storage"] = json!(id.as_str());
    if let Some(fraction) = fraction(&row["used"], &row["total"]) {
        row["used_fraction"] = json!(fraction);
    }
    row
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of a storage needs no more than 52 bits"
)]
fn fraction(used: &Value, total: &Value) -> Option<f64> {
    let (used, total) = (used.as_u64()?, total.as_u64()?);
    (total > 0).then(|| used as f64 / total as f64)
}

/// What `format=1` adds to a row: the formats of disks.
pub(super) fn add_formats(row: &mut Value, storage: &Storage, edition: Edition) {
    let formats = formats(storage.kind, edition);
    let chosen = storage.options.0.get("format").and_then(Value::as_str);
    let chosen = chosen.and_then(disk_format).unwrap_or(Format::Raw).as_str();
    let valid: Map<String, Value> = formats
        .iter()
        .map(|format| (format.as_str().to_owned(), json!(1)))
        .collect();
    row["format"] = json!([valid, chosen]);
    if edition == Edition::Pve9 {
        let mut names: Vec<&str> = formats.iter().map(|format| format.as_str()).collect();
        names.sort_unstable();
        row["formats"] = json!({"supported": names, "default": chosen});
    }
    if storage.kind.is_select_existing() {
        row["select_existing"] = json!(true);
    }
}

/// The formats that disks may have, as the plugins list them.
fn formats(kind: StorageKind, edition: Edition) -> Vec<Format> {
    match kind {
        StorageKind::Nfs | StorageKind::Cifs | StorageKind::Glusterfs => {
            vec![Format::Raw, Format::Qcow2, Format::Vmdk]
        }
        StorageKind::Lvm if edition == Edition::Pve9 => vec![Format::Raw, Format::Qcow2],
        _ => kind.formats().to_vec(),
    }
}

/// A row of a content list.
pub(super) fn volume(kind: StorageKind, id: &VolumeId, volume: &Volume) -> Value {
    let mut row = json!({
        "volid": id.to_string(),
        "content": volume.content.as_str(),
        "format": volume.format.as_str(),
        "size": volume.size.bytes(),
        "ctime": volume.created.as_second(),
    });
    if volume.is_disk() && kind.has_files() {
        row["used"] = json!(volume.used().bytes());
    }
    if let Some(owner) = volume.owner {
        row["vmid"] = json!(owner.number());
    }
    if let Some(parent) = &volume.parent {
        row["parent"] = json!(match kind {
            _ if kind.has_files() => format!("../{parent}"),
            _ => format!("{parent}@__base__"),
        });
    }
    if let Some(archive) = Archive::of(&id.name, volume) {
        row["subtype"] = json!(archive.subtype());
    }
    if volume.content == Content::Backup {
        let first = volume
            .notes
            .as_deref()
            .and_then(|notes| notes.lines().next());
        if let Some(first) = first {
            row["notes"] = json!(first);
        }
        if volume.protected {
            row["protected"] = json!(true);
        }
    }
    row
}
