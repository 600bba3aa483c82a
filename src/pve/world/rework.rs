//! What the ends of tasks do to the drives of a guest that stays: moved, given away, grown, made bases.

use serde::{Deserialize, Serialize};

use super::World;
use super::disk::Role;
use super::fresh::print_drive;
use super::guest::Guest;
use super::guest_file::as_written;
use super::ids::{Vmid, VolumeId};
use super::is_default;
use super::make::{default_key, read_drive};
use super::size::Size;
use crate::proxmox::task::Outcome;

/// A drive whose volume was copied to another storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Relocation {
    /// The guest.
    pub vmid: Vmid,
    /// The drive.
    pub key: String,
    /// The volume that it had.
    pub from: VolumeId,
    /// The volume that it gets.
    pub to: VolumeId,
    /// Whether the old volume goes instead of staying as `unusedN`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub delete: bool,
}

/// A drive that goes to another guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Gift {
    /// The guest that has it.
    pub from: Vmid,
    /// Its key there.
    pub key: String,
    /// The guest that gets it.
    pub to: Vmid,
    /// Its key there.
    pub target_key: String,
}

/// A drive that grows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Growth {
    /// The guest.
    pub vmid: Vmid,
    /// The drive.
    pub key: String,
    /// Its new size.
    pub size: Size,
}

impl World {
    /// A drive has another volume from now on.
    pub(super) fn move_drive(&mut self, how: &Relocation, outcome: &Outcome) {
        let Some(guest) = self.guests.get(&how.vmid) else {
            return;
        };
        let node = guest.node.clone();
        let still = guest
            .drive(&how.key)
            .is_some_and(|drive| drive.names(&how.from));
        if matches!(outcome, Outcome::Error(_)) || !still {
            self.discard(&node, std::slice::from_ref(&how.to));
            return;
        }
        let is_template = guest.is_template();
        // It may have grown since it was copied. A copy without room for that keeps the size that it has.
        let grown = self.volume(&how.from, &node).map(|volume| volume.size);
        if let Some(size) = grown {
            let _ = self.resize_volume(&how.to, &node, size);
        }
        let to = match is_template {
            true => self
                .make_base(&how.to, &node)
                .unwrap_or_else(|_| how.to.clone()),
            false => how.to.clone(),
        };
        self.replace_volume(how.vmid, &how.key, &to);
        if how.delete {
            self.free_owned(how.vmid, &how.from);
        } else if let Some(guest) = self.guests.get_mut(&how.vmid) {
            guest.keep_unused(&how.from);
            guest.config = as_written(guest.kind, std::mem::take(&mut guest.config));
        }
    }

    /// A drive belongs to another guest from now on. Nothing happens where it is no longer there, or its place is
    /// taken.
    pub(super) fn give(&mut self, gift: &Gift) {
        let Some((drive, node)) = self.guests.get(&gift.from).and_then(|guest| {
            let drive = guest.drive(&gift.key)?;
            Some((drive, guest.node.clone()))
        }) else {
            return;
        };
        let is_free = self.guests.get(&gift.to);
        let is_free = is_free.is_some_and(|guest| !guest.config.contains(&gift.target_key));
        let Some(id) = drive.volume().filter(|_| is_free) else {
            return;
        };
        let Some(format) = self.volume(id, &node).map(|volume| volume.format) else {
            return;
        };
        let name = self.free_disk_name(&id.storage, &node, gift.to, format);
        let renamed = name.and_then(|name| self.rename_volume(id, &node, name, gift.to));
        let Ok(renamed) = renamed else {
            return;
        };
        let Some(guest) = self.guests.get_mut(&gift.from) else {
            return;
        };
        let text = guest.config.remove(&gift.key).unwrap_or_default();
        guest.drop_from_boot(&gift.key);
        let kind = guest.kind;
        let size = self.volume(&renamed, &node).map(|volume| volume.size);
        let Some(target) = self.guests.get_mut(&gift.to) else {
            return;
        };
        let mut drive = read_drive(kind, &text);
        drive.set(default_key(kind), renamed.to_string());
        if let Some(size) = size {
            drive.set("size", size.to_string());
        }
        let text = match gift.target_key.starts_with("unused") {
            true => renamed.to_string(),
            false => print_drive(&drive, kind),
        };
        target.config.set(&gift.target_key, text);
        target.config = as_written(target.kind, std::mem::take(&mut target.config));
    }

    /// A drive is larger from now on, in the configuration and on its storage.
    pub(super) fn grow(&mut self, growth: &Growth) {
        let Some(guest) = self.guests.get(&growth.vmid) else {
            return;
        };
        let (kind, node) = (guest.kind, guest.node.clone());
        let drive = guest.drive(&growth.key);
        let Some(id) = drive.as_ref().and_then(|drive| drive.volume()) else {
            return;
        };
        if self.resize_volume(id, &node, growth.size).is_err() {
            return;
        }
        let Some(guest) = self.guests.get_mut(&growth.vmid) else {
            return;
        };
        if let Some(text) = guest.config.get_mut(&growth.key) {
            let mut drive = read_drive(kind, text);
            drive.set("size", growth.size.to_string());
            *text = print_drive(&drive, kind);
        }
    }

    /// A guest is a template from now on, or one of its drives is a base.
    pub(super) fn make_template(&mut self, vmid: Vmid, only: Option<&str>) {
        // It may have been started since the task began, or a snapshot of it may have been.
        let guest = self.guests.get_mut(&vmid);
        let fits = |guest: &&mut Guest| !guest.status.is_running() && guest.snapshots.is_empty();
        let Some(guest) = guest.filter(fits) else {
            return;
        };
        guest.config.set("template", "1".to_owned());
        guest.config = as_written(guest.kind, std::mem::take(&mut guest.config));
        let node = guest.node.clone();
        for drive in guest.drives() {
            let wanted = only.is_none_or(|only| drive.key == only);
            let Some(id) = drive
                .volume()
                .filter(|_| wanted && drive.role == Role::Disk)
            else {
                continue;
            };
            if let Ok(base) = self.make_base(id, &node) {
                self.replace_volume(vmid, &drive.key, &base);
            }
        }
    }

    fn replace_volume(&mut self, vmid: Vmid, key: &str, id: &VolumeId) {
        let node = self.guests.get(&vmid).map(|guest| guest.node.clone());
        let size = node.and_then(|node| Some(self.volume(id, &node)?.size));
        let Some(guest) = self.guests.get_mut(&vmid) else {
            return;
        };
        let kind = guest.kind;
        if let Some(text) = guest.config.get_mut(key) {
            if key.starts_with("unused") {
                *text = id.to_string();
            } else {
                let mut drive = read_drive(kind, text);
                drive.set(default_key(kind), id.to_string());
                if let Some(size) = size {
                    drive.set("size", size.to_string());
                }
                *text = print_drive(&drive, kind);
            }
        }
    }
}
