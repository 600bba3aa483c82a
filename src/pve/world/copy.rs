//! Copies of volumes: whole ones, linked ones, and bases that linked ones are made of.

use jiff::Timestamp;

use super::World;
use super::allocate::{VolumeFault, Wanted, file_name};
use super::ids::{NodeName, StorageId, Vmid, VolumeId};
use super::size::Size;
use super::storage::{Storage, StorageKind};
use super::volume::{Format, Volume};

/// What a copy is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The disk as it is.
    Now,
    /// A snapshot of it.
    Snapshot,
}

/// Where a copy goes.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The node.
    pub node: &'a NodeName,
    /// The guest that it will belong to.
    pub owner: Vmid,
    /// The storage, if not that of the source.
    pub storage: Option<StorageId>,
    /// The format, if not that of the source.
    pub format: Option<Format>,
    /// When.
    pub now: Timestamp,
}

impl World {
    /// Whether whole copies can be made of a volume (`copy` of `volume_has_feature`).
    pub fn can_copy(&self, id: &VolumeId, node: &NodeName, moment: Moment) -> bool {
        let storage = self.storages.get(&id.storage);
        let volume = self.volume(id, node);
        let (Some(storage), Some(volume)) = (storage, volume) else {
            return false;
        };
        match (moment, storage.kind) {
            (Moment::Now, _) => true,
            (Moment::Snapshot, StorageKind::Lvmthin | StorageKind::Rbd) => true,
            (Moment::Snapshot, kind) => kind.has_files() && volume.format == Format::Qcow2,
        }
    }

    /// Whether linked clones can be made of a volume (`clone` of `volume_has_feature`).
    pub fn can_link(&self, id: &VolumeId, node: &NodeName, moment: Moment) -> bool {
        let storage = self.storages.get(&id.storage);
        let volume = self.volume(id, node);
        let (Some(storage), Some(volume)) = (storage, volume) else {
            return false;
        };
        match moment {
            Moment::Snapshot => matches!(storage.kind, StorageKind::Lvmthin | StorageKind::Rbd),
            Moment::Now => is_base(&id.name) && storage.has_bases(volume.format),
        }
    }

    /// Whether a volume can become a base (`template` of `volume_has_feature`).
    pub fn can_be_base(&self, id: &VolumeId, node: &NodeName) -> bool {
        let storage = self.storages.get(&id.storage);
        let format = self.volume(id, node).map(|volume| volume.format);
        let both = storage.zip(format);
        both.is_some_and(|(storage, format)| storage.has_bases(format))
    }

    /// Copies a volume as a whole. The format stays where the storage has it.
    ///
    /// # Errors
    /// Those of [`World::allocate`], and [`VolumeFault::Missing`].
    pub fn copy_volume(
        &mut self,
        source: &VolumeId,
        target: &Target<'_>,
    ) -> Result<VolumeId, VolumeFault> {
        let missing = || VolumeFault::Missing(source.clone());
        let volume = self.volume(source, target.node).ok_or_else(missing)?;
        let storage = target.storage.clone();
        let storage = storage.unwrap_or_else(|| source.storage.clone());
        let kind = self.usable_storage(&storage, target.node)?.kind;
        let kept = Some(volume.format).filter(|format| kind.formats().contains(format));
        let label = file_name(&source.name).contains("-cloudinit");
        let wanted = Wanted {
            storage,
            owner: target.owner,
            content: volume.content,
            format: target.format.or(kept),
            size: volume.size,
            used: Some(volume.used()),
            label: label.then(|| "cloudinit".to_owned()),
        };
        self.allocate(target.node, wanted, target.now)
    }

    /// Makes a linked clone of a base on the base's own storage.
    ///
    /// # Errors
    /// Those of [`World::free_disk_name`] and [`World::add_volume`], and [`VolumeFault::Missing`].
    pub fn link_volume(
        &mut self,
        base: &VolumeId,
        target: &Target<'_>,
    ) -> Result<VolumeId, VolumeFault> {
        let missing = || VolumeFault::Missing(base.clone());
        let source = self.volume(base, target.node).ok_or_else(missing)?.clone();
        let kind = self.usable_storage(&base.storage, target.node)?.kind;
        let format = if kind.has_files() {
            Format::Qcow2
        } else {
            source.format
        };
        let own = self.free_disk_name(&base.storage, target.node, target.owner, format)?;
        let name = linked_name(kind, &base.name, &own);
        let volume = Volume {
            format,
            used: Some(Size::default()),
            owner: Some(target.owner),
            created: target.now,
            notes: None,
            protected: false,
            parent: Some(base.name.clone()),
            ..source
        };
        self.add_volume(target.node, base.storage.clone(), name.into(), volume)
    }

    /// Turns a volume into a base, under a name that says so; one that is a base stays as it is.
    ///
    /// # Errors
    /// Those of [`World::rename_volume`].
    pub fn make_base(&mut self, id: &VolumeId, node: &NodeName) -> Result<VolumeId, VolumeFault> {
        let owner = self.volume(id, node).and_then(|volume| volume.owner);
        match (is_base(&id.name), owner) {
            (false, Some(owner)) => self.rename_volume(id, node, base_name(&id.name).into(), owner),
            _ => Ok(id.clone()),
        }
    }
}

impl Storage {
    /// Whether volumes of a format can be bases here. A thick logical volume cannot: it has no snapshots.
    fn has_bases(&self, format: Format) -> bool {
        match self.kind {
            StorageKind::Lvmthin | StorageKind::Zfs | StorageKind::Zfspool | StorageKind::Rbd => {
                true
            }
            StorageKind::Btrfs => true,
            kind => kind.has_files() && format != Format::Subvol,
        }
    }
}

/// Whether a volume's name is that of a base.
pub fn is_base(name: &str) -> bool {
    let file = file_name(name);
    file.starts_with("base-") || file.starts_with("basevol-")
}

/// `100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2` where there are files, `base-100-disk-0/vm-101-disk-0`
/// elsewhere (proxmox.md 4.1).
fn linked_name(kind: StorageKind, base: &str, own: &str) -> String {
    let parts: Vec<&str> = base.rsplitn(3, '/').collect();
    match (kind.has_files(), &parts[..]) {
        (true, [file, folder, ..]) => format!("{folder}/{file}/{own}"),
        _ => format!("{}/{own}", file_name(base)),
    }
}

/// `base-` in the place of `vm-`, `basevol-` in that of `subvol-`.
fn base_name(name: &str) -> String {
    let file = file_name(name);
    let folder = name.strip_suffix(file).unwrap_or_default();
    let renamed = match file.strip_prefix("subvol-") {
        Some(rest) => format!("basevol-{rest}"),
        None => format!("base-{}", file.strip_prefix("vm-").unwrap_or(file)),
    };
    format!("{folder}{renamed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_bases_and_of_their_clones() {
        let check = |kind: StorageKind, name: &str, base: &str, own: &str, linked: &str| {
            assert_eq!(base_name(name), base);
            assert!(is_base(base) && !is_base(name));
            assert_eq!(linked_name(kind, base, own), linked);
        };
        check(
            StorageKind::Dir,
            "100/vm-100-disk-0.qcow2",
            "100/base-100-disk-0.qcow2",
            "101/vm-101-disk-0.qcow2",
            "100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2",
        );
        check(
            StorageKind::Dir,
            "100/base-100-disk-0.qcow2/101/vm-101-disk-0.qcow2",
            "100/base-100-disk-0.qcow2/101/base-101-disk-0.qcow2",
            "102/vm-102-disk-0.qcow2",
            "101/base-101-disk-0.qcow2/102/vm-102-disk-0.qcow2",
        );
        check(
            StorageKind::Zfspool,
            "subvol-100-disk-0",
            "basevol-100-disk-0",
            "subvol-101-disk-0",
            "basevol-100-disk-0/subvol-101-disk-0",
        );
        check(
            StorageKind::Rbd,
            "base-100-disk-0/vm-101-disk-0",
            "base-100-disk-0/base-101-disk-0",
            "vm-102-disk-0",
            "base-101-disk-0/vm-102-disk-0",
        );
    }
}
