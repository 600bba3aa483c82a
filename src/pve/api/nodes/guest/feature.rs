//! What the storages of a guest can do with its volumes: snapshots, linked clones, copies.
//!
//! The table is that of `volume_has_feature` in the product's storage plugins, from memory.

use serde_json::json;

use super::{find, settings};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::disk::{Drive, Role, Source, drives};
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::VolumeId;
use crate::pve::world::node::Node;
use crate::pve::world::ordered::Ordered;
use crate::pve::world::storage::StorageKind;
use crate::pve::world::volume::Format;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/qemu/{vmid}/feature", Handler::Read(feature)),
        get("/nodes/{node}/lxc/{vmid}/feature", Handler::Read(feature)),
    ]
}

/// What a storage may be able to do with a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pve::api) enum Feature {
    /// Keep its state.
    Snapshot,
    /// Give a linked clone.
    Clone,
    /// Give a copy.
    Copy,
}

fn feature(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let wanted = match call.text("feature") {
        "snapshot" => Feature::Snapshot,
        "clone" => Feature::Clone,
        _ => Feature::Copy,
    };
    let config = match call.arguments.text("snapname") {
        Some(name) => &settings::snapshot(guest, name)?.config,
        None => &guest.config,
    };
    let has = of_guest(world, guest, config, wanted);
    if guest.kind == Kind::Lxc {
        return Ok(Answer::new(json!({ "hasFeature": has })));
    }
    let nodes = nodes(world, guest, config);
    Ok(Answer::new(json!({"hasFeature": has, "nodes": nodes})))
}

/// Whether all volumes of a configuration can do it.
pub(in crate::pve::api) fn of_guest(
    world: &World,
    guest: &Guest,
    config: &Ordered<String>,
    wanted: Feature,
) -> bool {
    volumes(guest, config).all(|(drive, id)| {
        let is_skipped = drive.role == Role::Cd && wanted != Feature::Snapshot;
        let Some(volume) = world.volume(&id, &guest.node) else {
            return is_skipped;
        };
        let Some(storage) = world.storages.get(&id.storage) else {
            return is_skipped;
        };
        // Images of CDs are only read.
        let is_image = drive.role == Role::Cd && !volume.is_disk();
        let file = id.name.rsplit('/').next().unwrap_or(&id.name);
        let is_base = file.starts_with("base-");
        is_skipped || is_image || can(storage.kind, volume.format, is_base, wanted)
    })
}

/// Drives with volumes that take part in snapshots and copies.
fn volumes(guest: &Guest, config: &Ordered<String>) -> impl Iterator<Item = (Drive, VolumeId)> {
    let drives = drives(guest.kind, config).filter_map(Result::ok);
    let drives = drives.filter(|drive| matches!(drive.role, Role::Disk | Role::Cd));
    drives.filter_map(|drive| match drive.source.clone() {
        Source::Volume(id) => Some((drive, id)),
        Source::Host(_) => None,
    })
}

fn can(kind: StorageKind, format: Format, is_base: bool, wanted: Feature) -> bool {
    use StorageKind::{Btrfs, Lvmthin, Rbd, Zfs, Zfspool};
    match wanted {
        Feature::Copy => format != Format::Subvol || !kind.keeps_files(),
        Feature::Snapshot => match kind {
            Lvmthin | Zfspool | Rbd | Zfs | Btrfs => true,
            kind => kind.keeps_files() && format == Format::Qcow2,
        },
        Feature::Clone => match kind {
            Lvmthin | Zfspool | Rbd | Zfs => is_base,
            kind => kind.keeps_files() && is_base && format != Format::Subvol,
        },
    }
}

/// The nodes that see all volumes of a configuration (`shared_nodes`).
fn nodes(world: &World, guest: &Guest, config: &Ordered<String>) -> Vec<String> {
    let ids: Vec<_> = volumes(guest, config).map(|(_, id)| id).collect();
    let sees = |name: &_, node: &Node| {
        let here = ids.iter().all(|id| {
            let storage = world.storages.get(&id.storage);
            storage.is_some_and(|storage| {
                storage.is_on(name) && (storage.is_shared() || *name == guest.node)
            })
        });
        here && node.is_online()
    };
    let nodes = world.nodes.iter().filter(|(name, node)| sees(*name, node));
    nodes.map(|(name, _)| name.to_string()).collect()
}

/// Why a storage does not go back to a snapshot: ZFS has to throw away what came after it.
pub(super) fn blocked_rollback(world: &World, guest: &Guest, name: &str) -> Option<String> {
    let snapshot = guest.snapshots.get(name)?;
    let later = guest.snapshots.values();
    let is_last = later.filter(|other| other.taken > snapshot.taken).count() == 0;
    let on_zfs = |(_, id): &(Drive, VolumeId)| {
        let storage = world.storages.get(&id.storage);
        storage.is_some_and(|storage| storage.kind == StorageKind::Zfspool)
    };
    let (_, id) = volumes(guest, &snapshot.config).find(on_zfs)?;
    (!is_last).then(|| format!("can't rollback, '{name}' is not most recent snapshot on '{id}'"))
}
