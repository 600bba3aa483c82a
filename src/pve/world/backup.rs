//! Backup jobs: what is saved, where to and when.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::World;
use super::disk::{Role, Source, drives};
use super::guest::{Guest, Kind};
use super::ids::{NodeName, StorageId, Vmid, VolumeId};
use super::is_default;
use super::options::Options;
use crate::proxmox::property_string::{PropertyString, Spelling};

/// Which guests a job saves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// These (`vmid`).
    Guests(Vec<Vmid>),
    /// Those of a pool.
    Pool(String),
    /// All but these (`all` 1 with `exclude`).
    AllBut(BTreeSet<Vmid>),
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackupJob {
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
    /// When: a calendar event, `sun 02:00`.
    pub schedule: String,
    /// Where to; nothing said is the storage `local`, or a folder (`dumpdir`) that the options name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub storage: Option<StorageId>,
    /// Only on this node.
    #[serde(default, skip_serializing_if = "is_default")]
    pub node: Option<NodeName>,
    /// What.
    pub selection: Selection,
    /// Everything else: `mode`, `compress`, `comment`, `prune-backups`, `notes-template`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}

impl World {
    /// The guests that a selection means, in the order of their numbers. Those that are named may not exist.
    pub fn selected(&self, selection: &Selection) -> Vec<Vmid> {
        match selection {
            Selection::Guests(guests) => {
                let mut guests = guests.clone();
                guests.sort_unstable();
                guests
            }
            Selection::Pool(pool) => {
                let pool = self.pools.get(pool);
                pool.map(|pool| pool.guests.iter().copied().collect())
                    .unwrap_or_default()
            }
            Selection::AllBut(others) => {
                let guests = self.guests.keys().copied();
                guests.filter(|vmid| !others.contains(vmid)).collect()
            }
        }
    }
}

impl World {
    /// Those of them that are on a node or nowhere, and those that are elsewhere.
    pub fn selected_on(&self, selection: &Selection, node: &NodeName) -> (Vec<Vmid>, Vec<Vmid>) {
        let is_here = |vmid: &Vmid| {
            let guest = self.guests.get(vmid);
            guest.is_none_or(|guest| guest.node == *node)
        };
        self.selected(selection).into_iter().partition(is_here)
    }

    /// Locks guests while they are saved.
    pub fn lock_for_backup(&mut self, guests: &[Vmid]) {
        for vmid in guests {
            if let Some(guest) = self.guests.get_mut(vmid) {
                guest.lock = Some(super::guest::Lock::Backup);
            }
        }
    }
}

/// A disk of a guest, and whether a backup has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDisk {
    /// Its key: `scsi0`, `rootfs`.
    pub key: String,
    /// What it is backed by, as the configuration says.
    pub file: String,
    /// The volume that it is, where it is one.
    pub id: Option<VolumeId>,
    /// Whether it is in the backup.
    pub is_included: bool,
    /// The product's word for why.
    pub reason: &'static str,
}

/// The disks of a guest as backups see them (`get_backup_volumes`): all of a virtual machine's but those with
/// `backup=0`, of a container's the root file system and those with `backup=1`.
pub fn saved_disks(guest: &Guest) -> Vec<SavedDisk> {
    let drives = drives(guest.kind, &guest.config).filter_map(Result::ok);
    let disks = drives.filter(|drive| drive.role == Role::Disk);
    disks
        .map(|drive| {
            let (file, id) = match drive.source {
                Source::Volume(id) => (id.to_string(), Some(id)),
                Source::Host(path) => (path, None),
            };
            let text = guest.config.text(&drive.key).unwrap_or_default();
            let read = PropertyString::parse(text, Some("file"), Spelling::Plain);
            let read = read.unwrap_or_default();
            let said = read.value("backup").map(|value| value != "0");
            let (is_included, reason) = match guest.kind {
                Kind::Qemu
                    if drive.key.starts_with("efidisk")
                        && guest.config.text("bios") != Some("ovmf") =>
                {
                    (false, "efidisk but no OMVF BIOS")
                }
                Kind::Qemu => match said.unwrap_or(true) {
                    true => (true, "enabled"),
                    false => (false, "disabled"),
                },
                Kind::Lxc if drive.key == "rootfs" => (true, "rootfs"),
                Kind::Lxc if id.is_none() => (false, "not a volume"),
                Kind::Lxc => match said.unwrap_or(false) {
                    true => (true, "enabled"),
                    false => (false, "disabled"),
                },
            };
            SavedDisk {
                key: drive.key,
                file,
                id,
                is_included,
                reason,
            }
        })
        .collect()
}
