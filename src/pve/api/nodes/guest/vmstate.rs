//! Where the memory of a machine goes that is kept: with a snapshot, or for a suspension to disk.

use jiff::Timestamp;

use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::disk::{Role, Source};
use crate::pve::world::guest::Guest;
use crate::pve::world::ids::{StorageId, Vmid, VolumeId};
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage};
use crate::pve::world::volume::{Format, Volume};

/// The storage for it: the one asked for, the one that the configuration names (`vmstatestorage`), a shared one of
/// its disks, any of its disks, or else `local` (`PVE::QemuServer`, `find_vmstate_storage`).
///
/// # Errors
/// The words for a storage that does not exist or that the node does not have.
pub(super) fn storage(
    world: &World,
    guest: &Guest,
    asked: Option<&str>,
) -> Result<StorageId, Fault> {
    let named = asked.or_else(|| guest.config.text("vmstatestorage"));
    let id = match named {
        Some(name) => name.to_owned(),
        None => of_disks(world, guest).map_or_else(|| "local".to_owned(), |id| id.to_string()),
    };
    let missing = || Fault::Failed(format!("storage '{id}' does not exist"));
    let known: StorageId = id.parse().map_err(|_| missing())?;
    let storage = world.storages.get(&known).ok_or_else(missing)?;
    usable(&known, storage, guest).map(|()| known)
}

fn usable(id: &StorageId, storage: &Storage, guest: &Guest) -> Result<(), Fault> {
    let text = if storage.disabled {
        format!("storage '{id}' is disabled")
    } else if !storage.is_on(&guest.node) {
        format!("storage '{id}' is not available on node '{}'", guest.node)
    } else if !storage.content.contains(&Content::Images) {
        format!("storage '{id}' does not support vm images")
    } else {
        return Ok(());
    };
    Err(Fault::Failed(text))
}

fn of_disks(world: &World, guest: &Guest) -> Option<StorageId> {
    let drives = guest.drives().into_iter();
    let disks = drives.filter(|drive| drive.role == Role::Disk);
    let storages: Vec<StorageId> = disks
        .filter_map(|drive| match drive.source {
            Source::Volume(id) => Some(id.storage),
            Source::Host(_) => None,
        })
        .collect();
    let is_shared = |id: &&StorageId| world.storages.get(id).is_some_and(Storage::is_shared);
    let shared = storages.iter().find(is_shared);
    shared.or(storages.first()).cloned()
}

/// Makes the volume. The memory that changes while it is written is written again, so it may take twice its
/// room, and 500 MiB for the devices (`__snapshot_save_vmstate`).
///
/// # Errors
/// What the task says when there is no room.
pub(super) fn allocate(
    world: &mut World,
    vmid: Vmid,
    storage: &StorageId,
    label: &str,
    now: Timestamp,
) -> Result<VolumeId, String> {
    let missing = || format!("storage '{storage}' does not exist");
    let guest = world.guests.get(&vmid).ok_or_else(missing)?;
    let memory = guest.memory();
    let size = memory.plus(memory).plus(Size::mebibytes(500));
    let shelf = world.shelf(storage, &guest.node).ok_or_else(missing)?;
    let known = world.storages.get(storage).ok_or_else(missing)?;
    let free = known
        .size
        .bytes()
        .saturating_sub(world.used(&shelf).bytes());
    if memory.bytes() > free {
        let (free, wanted) = (free >> 10, memory.bytes() >> 10);
        return Err(format!("not enough free space ({free} < {wanted})"));
    }
    let name = format!("vm-{vmid}-state-{label}");
    let name: Box<str> = known.kind.name_of(vmid, &name, Format::Raw).into();
    let volume = Volume {
        content: Content::Images,
        format: Format::Raw,
        size,
        used: Some(memory),
        owner: Some(vmid),
        created: now,
        notes: None,
        protected: false,
        parent: None,
        guest: None,
    };
    let volumes = world.volumes.entry(shelf).or_default();
    if volumes.contains_key(&name) {
        return Err(format!("volume '{storage}:{name}' already exists"));
    }
    volumes.insert(name.clone(), volume);
    let storage = storage.clone();
    Ok(VolumeId { storage, name })
}
