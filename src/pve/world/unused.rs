//! What becomes of a volume that a guest stops using: it stays as `unusedN`, or it goes.

use super::World;
use super::allocate::VolumeFault;
use super::disk::{Drive, Role, drives};
use super::guest::{Guest, Pending};
use super::ids::{Vmid, VolumeId};

/// How many volumes may be unused (`unused0` to `unused255`).
const MOST_UNUSED: u32 = 256;

impl Guest {
    /// Whether one of its snapshots has a volume among its drives.
    pub fn is_snapshotted(&self, id: &VolumeId) -> bool {
        let mut configs = self.snapshots.values().map(|snapshot| &snapshot.config);
        configs.any(|config| {
            let mut drives = drives(self.kind, config).filter_map(Result::ok);
            drives.any(|drive| drive.names(id))
        })
    }

    /// Whether a drive other than this one has a volume, now, pending or in a snapshot.
    pub fn uses_elsewhere(&self, key: &str, id: &VolumeId) -> bool {
        let now = self.drives().into_iter();
        let pending = self.pending_drives().into_iter();
        let mut others = now.chain(pending).filter(|drive| drive.key != key);
        others.any(|drive| drive.names(id)) || self.is_snapshotted(id)
    }

    /// The drives that wait for the next start.
    pub fn pending_drives(&self) -> Vec<Drive> {
        let set = self
            .pending
            .iter()
            .filter_map(|(key, pending)| match pending {
                Pending::Set(value) => Some((key.to_owned(), value.clone())),
                Pending::Delete | Pending::ForceDelete => None,
            });
        let config = set.collect();
        drives(self.kind, &config).filter_map(Result::ok).collect()
    }

    /// Keeps a volume under the lowest free `unusedN`, unless it has one; gives the key. Nothing is kept of it when
    /// all are taken.
    pub fn keep_unused(&mut self, id: &VolumeId) -> Option<String> {
        let mut drives = self.drives().into_iter();
        let known = drives.find(|drive| drive.role == Role::Unused && drive.names(id));
        if let Some(known) = known {
            return Some(known.key);
        }
        let mut keys = (0..MOST_UNUSED).map(|number| format!("unused{number}"));
        let key = keys.find(|key| !self.config.contains(key))?;
        self.config.set(&key, id.to_string());
        Some(key)
    }

    /// Forgets the `unusedN` of volumes that are drives again, as the product does with every write.
    pub fn forget_reused(&mut self) {
        let drives = self.drives();
        let is_reused = |unused: &&Drive| {
            let id = unused.volume();
            let used = |other: &Drive| other.role != Role::Unused && other.volume() == id;
            unused.role == Role::Unused && drives.iter().any(used)
        };
        let keys: Vec<_> = drives
            .iter()
            .filter(is_reused)
            .map(|drive| &drive.key)
            .collect();
        for key in keys {
            self.config.remove(key);
        }
    }
}

impl World {
    /// Takes a drive's volume out of use: cloud-init's goes, a disk stays as `unusedN`. What another drive has is
    /// left alone, and so is what no storage keeps.
    pub(super) fn retire(&mut self, vmid: Vmid, drive: &Drive) {
        let Some(id) = drive.volume() else {
            return;
        };
        if drive.is_cloud_init() {
            self.free_owned(vmid, id);
        } else if drive.role != Role::Cd && self.owns(vmid, id) {
            let guest = self.guests.get_mut(&vmid);
            if let Some(guest) = guest {
                guest.keep_unused(id);
            }
        }
    }

    /// Removes a volume that belongs to a guest, if it does and nothing hinders.
    pub(super) fn free_owned(&mut self, vmid: Vmid, id: &VolumeId) {
        let Some(node) = self.guests.get(&vmid).map(|guest| guest.node.clone()) else {
            return;
        };
        if self.owns(vmid, id) {
            // A base with clones stays where it is, as the product only warns then.
            let _ = self.remove_volume(id, &node);
        }
    }

    /// Whether a volume is a disk of this guest.
    pub fn owns(&self, vmid: Vmid, id: &VolumeId) -> bool {
        let Some(guest) = self.guests.get(&vmid) else {
            return false;
        };
        let volume = self.volume(id, &guest.node);
        volume.is_some_and(|volume| volume.is_disk() && volume.owner == Some(vmid))
    }

    /// Removes volumes that a task made and that nobody will use.
    pub fn discard(&mut self, node: &super::ids::NodeName, made: &[VolumeId]) {
        for id in made {
            // Somebody may have removed it in the meantime.
            let _: Result<_, VolumeFault> = self.remove_volume(id, node);
        }
    }
}
