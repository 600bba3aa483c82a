//! Volumes on shelves: which name is free, whether there is room, and what goes when one goes.
//!
//! The only place that adds volumes to a world or takes them away, so that what is used of a storage and who is a
//! clone of whom hold whatever endpoint was asked. Names are those of the product's storage plugins
//! (`PVE::Storage::Plugin` and its children).

use jiff::Timestamp;

use super::World;
use super::ids::{NodeName, Shelf, StorageId, Vmid, VolumeId};
use super::size::Size;
use super::storage::{Content, Storage, StorageKind};
use super::volume::{Format, Volume};

mod names;

pub use names::{disk_number, file_name};

/// How many disks of one guest a storage names (`MAX_VOLUMES_PER_GUEST`).
const MOST_DISKS: u32 = 1024;

/// Why a volume cannot be made, changed or removed. `Display` gives the product's words, some of them from memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VolumeFault {
    /// No such storage.
    #[error("storage '{0}' does not exist")]
    NoStorage(StorageId),
    /// A storage that is switched off.
    #[error("storage '{0}' is disabled")]
    Disabled(StorageId),
    /// A storage that the node does not have.
    #[error("storage '{0}' is not available on node '{1}'")]
    NotOnNode(StorageId, NodeName),
    /// A storage that does not take such volumes.
    #[error("storage '{0}' does not support content-type '{1}'")]
    WrongContent(StorageId, &'static str),
    /// A type of storage on which nobody makes volumes.
    #[error("can't allocate space in {0} storage")]
    NoSpaceToGive(&'static str),
    /// A format that the storage does not have.
    #[error("unsupported format '{0}'")]
    WrongFormat(&'static str),
    /// All numbers are given out.
    #[error("unable to allocate an image name for VM {0} in storage '{1}'")]
    NoName(Vmid, StorageId),
    /// A name that is taken.
    #[error("volume '{0}' already exists")]
    Exists(VolumeId),
    /// No such volume.
    #[error("volume '{0}' does not exist")]
    Missing(VolumeId),
    /// The storage is too full, in kibibytes as the product counts them.
    #[error("not enough free space ({free} < {wanted})")]
    Full {
        /// What is left.
        free: u64,
        /// What was asked for.
        wanted: u64,
    },
    /// Linked clones are made of it; the name without its storage.
    #[error("base volume '{0}' is still in use by linked clones")]
    InUse(Box<str>),
    /// A volume only grows.
    #[error("shrinking disks is not supported")]
    Shrinking,
}

/// A volume that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where.
    pub storage: StorageId,
    /// For which guest.
    pub owner: Vmid,
    /// What it will be: [`Content::Images`] or [`Content::Rootdir`].
    pub content: Content,
    /// Its format; the storage's own where nothing is said.
    pub format: Option<Format>,
    /// Its size.
    pub size: Size,
    /// What it takes at once; what [`Storage::taken_at_once`] says where nothing is said.
    pub used: Option<Size>,
    /// The part of its name after the guest's number, for what is no numbered disk: `cloudinit`, `state-base`.
    pub label: Option<String>,
}

impl World {
    /// The storage of that name, if this node can use it now.
    ///
    /// # Errors
    /// [`VolumeFault::NoStorage`], [`VolumeFault::Disabled`] or [`VolumeFault::NotOnNode`].
    pub fn usable_storage(&self, id: &StorageId, node: &NodeName) -> Result<&Storage, VolumeFault> {
        let storage = self.storages.get(id);
        let storage = storage.ok_or_else(|| VolumeFault::NoStorage(id.clone()))?;
        if storage.disabled {
            return Err(VolumeFault::Disabled(id.clone()));
        }
        if !storage.is_on(node) {
            return Err(VolumeFault::NotOnNode(id.clone(), node.clone()));
        }
        Ok(storage)
    }

    /// The name that the next disk of a guest gets on a storage: the lowest number that none of its disks there
    /// has, whatever the disks' format and whether they are bases.
    ///
    /// # Errors
    /// Those of [`Self::usable_storage`], and [`VolumeFault::NoName`].
    pub fn free_disk_name(
        &self,
        storage: &StorageId,
        node: &NodeName,
        owner: Vmid,
        format: Format,
    ) -> Result<Box<str>, VolumeFault> {
        let kind = self.usable_storage(storage, node)?.kind;
        let taken: std::collections::BTreeSet<u32> = self
            .volumes_on(storage, node)
            .filter_map(|(name, _)| disk_number(name, owner))
            .collect();
        let number = (0..MOST_DISKS).find(|number| !taken.contains(number));
        let number = number.ok_or_else(|| VolumeFault::NoName(owner, storage.clone()))?;
        Ok(names::of_disk(kind, owner, &format!("disk-{number}"), format).into())
    }

    /// Makes a volume for a guest under a free name, or under the name that its label asks for.
    ///
    /// # Errors
    /// All that is wrong with the storage, the format or the room left; nothing is changed then.
    pub fn allocate(
        &mut self,
        node: &NodeName,
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<VolumeId, VolumeFault> {
        let Wanted { storage: id, .. } = &wanted;
        let storage = self.usable_storage(id, node)?;
        let kind = storage.kind;
        if !storage.kind.has_disks() {
            return Err(VolumeFault::NoSpaceToGive(kind.as_str()));
        }
        let format = wanted.format.unwrap_or(kind.default_format(wanted.content));
        if !kind.formats().contains(&format) {
            return Err(VolumeFault::WrongFormat(format.as_str()));
        }
        let taken = storage.taken_at_once(format, wanted.size);
        let name = match &wanted.label {
            Some(label) => names::of_disk(kind, wanted.owner, label, format).into(),
            None => self.free_disk_name(id, node, wanted.owner, format)?,
        };
        let volume = Volume {
            content: wanted.content,
            format,
            size: wanted.size,
            used: Some(wanted.used.unwrap_or(taken)).filter(|used| *used != wanted.size),
            owner: Some(wanted.owner),
            created: now,
            notes: None,
            protected: false,
            parent: None,
            guest: None,
        };
        self.add_volume(node, wanted.storage, name, volume)
    }

    /// Puts a volume on a storage under a name that is free.
    ///
    /// # Errors
    /// Those of [`Self::usable_storage`], [`VolumeFault::WrongContent`], [`VolumeFault::Exists`] and
    /// [`VolumeFault::Full`]; nothing is changed then.
    pub fn add_volume(
        &mut self,
        node: &NodeName,
        storage: StorageId,
        name: Box<str>,
        volume: Volume,
    ) -> Result<VolumeId, VolumeFault> {
        let known = self.usable_storage(&storage, node)?;
        let content = volume.content;
        if !known.content.contains(&content) {
            return Err(VolumeFault::WrongContent(storage, content.as_str()));
        }
        let shelf = known.shelf(&storage, node);
        let id = VolumeId { storage, name };
        if self.volume(&id, node).is_some() {
            return Err(VolumeFault::Exists(id));
        }
        self.expect_room(&shelf, volume.used())?;
        let name = id.name.clone();
        self.volumes.entry(shelf).or_default().insert(name, volume);
        Ok(id)
    }

    /// Takes a volume off its storage.
    ///
    /// # Errors
    /// [`VolumeFault::NoStorage`], [`VolumeFault::Missing`], or [`VolumeFault::InUse`] while linked clones are
    /// made of it.
    pub fn remove_volume(&mut self, id: &VolumeId, node: &NodeName) -> Result<Volume, VolumeFault> {
        let shelf = self.shelf(&id.storage, node);
        let shelf = shelf.ok_or_else(|| VolumeFault::NoStorage(id.storage.clone()))?;
        if self.has_clones(id, node) {
            return Err(VolumeFault::InUse(file_name(&id.name).into()));
        }
        let missing = || VolumeFault::Missing(id.clone());
        let volumes = self.volumes.get_mut(&shelf).ok_or_else(missing)?;
        let volume = volumes.remove(&id.name).ok_or_else(missing)?;
        if volumes.is_empty() {
            self.volumes.remove(&shelf);
        }
        Ok(volume)
    }

    /// Whether linked clones are made of a volume.
    pub fn has_clones(&self, id: &VolumeId, node: &NodeName) -> bool {
        self.volumes_on(&id.storage, node)
            .any(|(_, volume)| volume.parent.as_deref() == Some(&*id.name))
    }

    /// Lets a volume grow. What a thin one takes stays as it is.
    ///
    /// # Errors
    /// [`VolumeFault::Missing`], [`VolumeFault::Shrinking`] or [`VolumeFault::Full`].
    pub fn resize_volume(
        &mut self,
        id: &VolumeId,
        node: &NodeName,
        size: Size,
    ) -> Result<(), VolumeFault> {
        if let Some(fault) = self.growth_refusal(id, node, size) {
            return Err(fault);
        }
        let missing = || VolumeFault::Missing(id.clone());
        let shelf = self.shelf(&id.storage, node).ok_or_else(missing)?;
        let volumes = self.volumes.get_mut(&shelf).ok_or_else(missing)?;
        let volume = volumes.get_mut(&id.name).ok_or_else(missing)?;
        volume.size = size;
        Ok(())
    }

    /// Why [`Self::resize_volume`] would fail.
    pub fn growth_refusal(
        &self,
        id: &VolumeId,
        node: &NodeName,
        size: Size,
    ) -> Option<VolumeFault> {
        let volume = self.volume(id, node).zip(self.shelf(&id.storage, node));
        let Some((volume, shelf)) = volume else {
            return Some(VolumeFault::Missing(id.clone()));
        };
        if size < volume.size {
            return Some(VolumeFault::Shrinking);
        }
        // What a thin one takes stays as it is.
        let more = Size(size.bytes().saturating_sub(volume.size.bytes()));
        let is_thick = volume.used.is_none();
        self.expect_room(&shelf, more).err().filter(|_| is_thick)
    }

    /// Gives a volume another name, and perhaps another owner; its clones know it by the new name.
    ///
    /// # Errors
    /// [`VolumeFault::Missing`] or [`VolumeFault::Exists`].
    pub fn rename_volume(
        &mut self,
        id: &VolumeId,
        node: &NodeName,
        name: Box<str>,
        owner: Vmid,
    ) -> Result<VolumeId, VolumeFault> {
        let missing = || VolumeFault::Missing(id.clone());
        let renamed = VolumeId {
            storage: id.storage.clone(),
            name,
        };
        if self.volume(&renamed, node).is_some() {
            return Err(VolumeFault::Exists(renamed));
        }
        let shelf = self.shelf(&id.storage, node).ok_or_else(missing)?;
        let volumes = self.volumes.get_mut(&shelf).ok_or_else(missing)?;
        let mut volume = volumes.remove(&id.name).ok_or_else(missing)?;
        volume.owner = Some(owner);
        for clone in volumes.values_mut() {
            if clone.parent.as_deref() == Some(&*id.name) {
                clone.parent = Some(renamed.name.clone());
            }
        }
        volumes.insert(renamed.name.clone(), volume);
        Ok(renamed)
    }

    fn expect_room(&self, shelf: &Shelf, wanted: Size) -> Result<(), VolumeFault> {
        let size = self.storages.get(&shelf.storage).map(|known| known.size);
        let free = size.unwrap_or_default().bytes();
        let free = free.saturating_sub(self.used(shelf).bytes());
        if wanted.bytes() > free {
            return Err(VolumeFault::Full {
                free: free >> 10,
                wanted: wanted.bytes() >> 10,
            });
        }
        Ok(())
    }
}

impl Storage {
    /// What a new volume takes before anybody writes to it: nothing where volumes are thin.
    pub fn taken_at_once(&self, format: Format, size: Size) -> Size {
        let sparse = self.options.0.get("sparse");
        let is_thick = match self.kind {
            StorageKind::Lvm | StorageKind::Zfs => true,
            // A subvolume has a quota, not a reservation.
            StorageKind::Zfspool => {
                let is_sparse = sparse.and_then(serde_json::Value::as_bool);
                format != Format::Subvol && is_sparse != Some(true)
            }
            _ => false,
        };
        if is_thick { size } else { Size::default() }
    }
}

#[cfg(test)]
mod tests;
