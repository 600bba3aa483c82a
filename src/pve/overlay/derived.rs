//! What a world must have because of what a file says: bridges of cards, storages and volumes of drives, room for
//! all of it (proxbox.md 2.8, rules 3 and 6).

use serde_json::json;

use crate::proxmox::overlay::Overlay;
use crate::proxmox::world_file;
use crate::pve::world::World;
use crate::pve::world::config::cards;
use crate::pve::world::disk::{Drive, Role, Source, drives};
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::{NodeName, StorageId, Vmid, VolumeId};
use crate::pve::world::ordered::Ordered;
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage};
use crate::pve::world::volume::Volume;

/// Completes a world; `before` is the one that the file was laid over.
pub(super) fn derive(world: &mut World, before: &World, overlay: &mut Overlay) {
    bridges(world);
    for vmid in world.guests.keys().copied().collect::<Vec<_>>() {
        unreadable(world, vmid, overlay);
        let Some(guest) = world.guests.get(&vmid) else {
            continue;
        };
        let (kind, node) = (guest.kind, guest.node.clone());
        let mut needed: Vec<Drive> = guest.drives();
        for snapshot in guest.snapshots.values() {
            let then = drives(kind, &snapshot.config).filter_map(Result::ok);
            // Sizes may have grown since.
            needed.extend(then.map(|drive| Drive {
                size: None,
                ..drive
            }));
            needed.extend(snapshot.memory.clone().map(memory));
        }
        for drive in needed {
            if let Source::Volume(id) = &drive.source {
                add_storage(world, before, &id.storage, &node, content(kind, &drive, id));
                add_volume(world, vmid, kind, &node, &drive, id);
            }
        }
    }
    make_room(world);
}

/// Cards are plugged into something.
fn bridges(world: &mut World) {
    let vnets = world.sections.get("cluster/sdn/vnets");
    let is_vnet = |name: &str| vnets.is_some_and(|vnets| vnets.0.contains_key(name));
    let mut missing = Vec::new();
    for guest in world.guests.values() {
        let bridges = cards(&guest.config)
            .into_iter()
            .filter_map(|card| card.bridge);
        let bridges = bridges.filter(|bridge| !is_vnet(bridge));
        missing.extend(bridges.map(|bridge| (guest.node.clone(), bridge)));
    }
    for (node, bridge) in missing {
        let Some(node) = world.nodes.get_mut(&node) else {
            continue;
        };
        let interface = node.network.get(&bridge);
        if interface.is_some_and(|known| known.kind.is_bridge()) {
            continue;
        }
        let file = json!({
            "kind": "bridge",
            "autostart": true,
            "options": { "bridge_stp": "off", "bridge_fd": "0" },
        });
        if let Ok(interface) = world_file::read(&file) {
            node.network.insert(bridge, interface);
        }
    }
}

/// Keys of drives that nobody can read are no keys of this world.
fn unreadable(world: &mut World, vmid: Vmid, overlay: &mut Overlay) {
    let Some(guest) = world.guests.get_mut(&vmid) else {
        return;
    };
    let kind = guest.kind;
    let snapshots = guest.snapshots.values_mut().map(|one| &mut one.config);
    let configs: Vec<&mut Ordered<String>> = snapshots.chain([&mut guest.config]).collect();
    for config in configs {
        let bad: Vec<_> = drives(kind, config).filter_map(Result::err).collect();
        for bad in bad {
            config.remove(&bad.key);
            let text = format!("{} is left out: it {}", bad.key, bad.message);
            overlay.remark(&format!("guest {vmid}"), text);
        }
    }
}

/// The saved memory of a machine as a drive of it.
fn memory(id: VolumeId) -> Drive {
    Drive {
        key: "vmstate".to_owned(),
        source: Source::Volume(id),
        role: Role::Memory,
        size: None,
    }
}

fn content(kind: Kind, drive: &Drive, id: &VolumeId) -> Content {
    let is_image = id.name.starts_with("iso/") || id.name.ends_with(".iso");
    match (drive.role, kind) {
        (Role::Cd, _) if is_image => Content::Iso,
        (_, Kind::Qemu) => Content::Images,
        (_, Kind::Lxc) => Content::Rootdir,
    }
}

/// A storage of this name on that node which takes this: as it was before the file, or made up by its name.
pub(super) fn add_storage(
    world: &mut World,
    before: &World,
    id: &StorageId,
    node: &NodeName,
    content: Content,
) {
    let made = || before.storages.get(id).cloned().or_else(|| invented(id));
    let storage = world.storages.entry(id.clone());
    let storage = match storage {
        std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
        std::collections::btree_map::Entry::Vacant(entry) => match made() {
            Some(storage) => entry.insert(storage),
            None => return,
        },
    };
    storage.nodes.retain(|node| world.nodes.contains_key(node));
    storage.content.insert(content);
    if !storage.is_on(node) {
        storage.nodes.insert(node.clone());
    }
}

fn invented(id: &StorageId) -> Option<Storage> {
    let name = id.as_str();
    let (kind, options) = if name.contains("lvm") {
        ("lvmthin", json!({"thinpool": "data", "vgname": "pve"}))
    } else if name.contains("zfs") {
        ("zfspool", json!({"pool": name}))
    } else if name.contains("ceph") || name.contains("rbd") {
        ("rbd", json!({"pool": name}))
    } else {
        ("dir", json!({"path": format!("/mnt/{name}")}))
    };
    let file = json!({"kind": kind, "content": [], "size": "1T", "options": options});
    world_file::read(&file).ok()
}

/// The volume of a drive, of the size that the drive says.
fn add_volume(
    world: &mut World,
    vmid: Vmid,
    kind: Kind,
    node: &NodeName,
    drive: &Drive,
    id: &VolumeId,
) {
    let Some(shelf) = world.shelf(&id.storage, node) else {
        return;
    };
    let content = content(kind, drive, id);
    let volumes = world.volumes.entry(shelf).or_default();
    if let Some(volume) = volumes.get_mut(&id.name) {
        if let Some(size) = drive.size.filter(|_| drive.role == Role::Disk) {
            volume.size = size;
            volume.used = volume.used.map(|used| used.min(size));
        }
        if volume.is_disk() {
            volume.owner = volume.owner.or(Some(vmid));
        }
        return;
    }
    if let Some(volume) = volume(vmid, drive, id, content) {
        volumes.insert(id.name.clone(), volume);
    }
}

fn volume(vmid: Vmid, drive: &Drive, id: &VolumeId, content: Content) -> Option<Volume> {
    let format = match id.name.rsplit('.').next() {
        Some(ending @ ("qcow2" | "vmdk" | "iso")) => ending,
        _ if id.name.starts_with("subvol-") => "subvol",
        _ => "raw",
    };
    // A drive that says nothing of its size is a small one: cloud-init's, EFI's.
    let size = drive.size.unwrap_or(Size::mebibytes(4));
    let mut file = json!({
        "content": content.as_str(),
        "format": format,
        "size": size,
        "created": "2025-12-01T08:00:00Z",
    });
    if content != Content::Iso {
        file["owner"] = vmid.number().into();
    }
    world_file::read(&file).ok()
}

/// A storage is larger than what is on it.
fn make_room(world: &mut World) {
    let shelves: Vec<_> = world.volumes.keys().cloned().collect();
    for shelf in shelves {
        let used = world.used(&shelf);
        let Some(storage) = world.storages.get_mut(&shelf.storage) else {
            continue;
        };
        if used > storage.size {
            // The next whole quarter of a tebibyte, as disks are bought.
            let quarter = 1_u64 << 38;
            storage.size = Size(used.bytes().div_ceil(quarter).saturating_mul(quarter));
        }
        storage.foreign = storage.foreign.min(storage.size);
    }
}
