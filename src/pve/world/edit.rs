//! Changes of a guest's configuration: what is set and deleted, at once or at the next start.
//!
//! As in the product everything is pending first; then what a running guest can take, and all of it when the guest
//! does not run, becomes the configuration (`update_vm_api`, `vmconfig_hotplug_pending`, `vmconfig_apply_pending`).

use serde::{Deserialize, Serialize};

use super::World;
use super::disk::{Drive, Role, drives, is_drive};
use super::guest::{Guest, Kind, Lock, Pending};
use super::guest_file::as_written;
use super::ids::{Vmid, VolumeId};
use super::is_default;
use super::ordered::Ordered;

mod hotplug;

pub use hotplug::is_cloud_init_option;

/// What somebody wants changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Edit {
    /// The keys that get a value, as the configuration will have it: volumes exist already.
    #[serde(skip_serializing_if = "is_default")]
    pub set: Ordered<String>,
    /// The keys that go.
    #[serde(skip_serializing_if = "is_default")]
    pub delete: Vec<String>,
    /// The pending changes that are dropped.
    #[serde(skip_serializing_if = "is_default")]
    pub revert: Vec<String>,
    /// Whether the volumes of deleted drives go instead of staying as `unusedN`.
    #[serde(skip_serializing_if = "is_default")]
    pub force: bool,
    /// The volumes that were made for it, which go when it fails.
    #[serde(skip_serializing_if = "is_default")]
    pub made: Vec<VolumeId>,
}

impl World {
    /// Why a change would fail, with the key that it fails for.
    pub fn edit_refusal(&self, vmid: Vmid, edit: &Edit) -> Option<(String, String)> {
        let guest = self.guests.get(&vmid)?;
        for key in &edit.delete {
            let drive = guest.drive(key).or_else(|| guest.pending_drive(key));
            let Some(drive) = drive else {
                continue;
            };
            let goes = edit.force || drive.role == Role::Unused;
            let Some(id) = drive.volume().filter(|id| goes && self.owns(vmid, id)) else {
                continue;
            };
            if guest.uses_elsewhere(key, id) && drive.role != Role::Cd {
                let text = format!("unable to delete '{id}' - volume is still in use (snapshot?)");
                return Some((key.clone(), text));
            }
            if self.has_clones(id, &guest.node) {
                let file = super::allocate::file_name(&id.name);
                let text = format!("base volume '{file}' is still in use by linked clones");
                return Some((key.clone(), text));
            }
        }
        None
    }

    /// Changes a guest. One that is gone is left alone, and so is everything when [`Self::edit_refusal`] has
    /// something to say.
    pub fn edit(&mut self, vmid: Vmid, edit: &Edit) {
        if self.edit_refusal(vmid, edit).is_some() || !self.guests.contains_key(&vmid) {
            return;
        }
        let before = self.guests.get(&vmid).map(Guest::told).unwrap_or_default();
        self.revert(vmid, &edit.revert);
        for key in &edit.delete {
            self.delete_key(vmid, key, edit.force);
        }
        for (key, value) in edit.set.iter() {
            self.set_key(vmid, key, value);
        }
        let Some(guest) = self.guests.get_mut(&vmid) else {
            return;
        };
        guest.drop_needless();
        let runs = guest.status.is_running();
        let ready: Vec<String> = guest
            .pending
            .iter()
            .filter(|(key, pending)| !runs || guest.can_plug(key, pending))
            .map(|(key, _)| key.to_owned())
            .collect();
        self.apply_keys(vmid, &ready);
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.remember_drive(before);
        }
    }

    /// Makes everything that is pending the configuration: at the end of a run and before the next.
    pub fn apply_pending(&mut self, vmid: Vmid) {
        let Some(guest) = self.guests.get(&vmid) else {
            return;
        };
        if guest.pending.is_empty() {
            return;
        }
        let all: Vec<String> = guest
            .pending
            .iter()
            .map(|(key, _)| key.to_owned())
            .collect();
        self.apply_keys(vmid, &all);
    }

    fn revert(&mut self, vmid: Vmid, keys: &[String]) {
        for key in keys {
            let Some(guest) = self.guests.get_mut(&vmid) else {
                return;
            };
            let drive = guest.pending_drive(key);
            guest.pending.remove(key);
            let volume = drive.as_ref().and_then(Drive::volume);
            // A container's new volumes are made at the start; here they were made at once, so they go.
            if let Some(id) = volume
                && !guest.uses_elsewhere("", id)
            {
                self.free_owned(vmid, id);
            }
        }
    }

    fn delete_key(&mut self, vmid: Vmid, key: &str, force: bool) {
        let Some(guest) = self.guests.get_mut(&vmid) else {
            return;
        };
        if key == "lock" {
            guest.lock = None;
            return;
        }
        let waiting = guest.pending_drive(key);
        let was_set = matches!(guest.pending.remove(key), Some(Pending::Set(_)));
        guest.unlist_boot(key);
        if let (Some(drive), true) = (waiting, was_set) {
            self.retire(vmid, &drive);
        }
        let Some(guest) = self.guests.get_mut(&vmid) else {
            return;
        };
        if !guest.config.contains(key) {
            return;
        }
        let is_unused = key.starts_with("unused") || key == "vmstate";
        let gone = guest.drive(key).filter(|_| is_unused);
        if is_unused || key == "tags" {
            guest.config.remove(key);
        } else {
            let how = if force {
                Pending::ForceDelete
            } else {
                Pending::Delete
            };
            guest.pending.set(key, how);
        }
        if let Some(id) = gone.as_ref().and_then(Drive::volume) {
            self.free_owned(vmid, id);
        }
    }

    fn set_key(&mut self, vmid: Vmid, key: &str, value: &str) {
        let Some(guest) = self.guests.get_mut(&vmid) else {
            return;
        };
        let before = guest.pending_drive(key);
        guest.pending.set(key, Pending::Set(value.to_owned()));
        let now = guest.pending_drive(key);
        let replaced =
            before.filter(|before| now.as_ref().map(|now| &now.source) != Some(&before.source));
        let is_new_cd = now.is_some_and(|now| now.role == Role::Cd) && !guest.config.contains(key);
        if is_new_cd && guest.kind == Kind::Qemu {
            guest.list_boot(key);
        }
        if let Some(replaced) = replaced {
            self.retire(vmid, &replaced);
        }
    }

    /// Makes some of what is pending the configuration.
    fn apply_keys(&mut self, vmid: Vmid, keys: &[String]) {
        for key in keys {
            let Some(guest) = self.guests.get_mut(&vmid) else {
                return;
            };
            let old = guest.drive(key);
            let Some(pending) = guest.pending.remove(key) else {
                continue;
            };
            let force = pending == Pending::ForceDelete;
            match pending {
                Pending::Set(value) => {
                    guest.config.set(key, value);
                }
                Pending::Delete | Pending::ForceDelete => {
                    guest.config.remove(key);
                }
            }
            let new = guest.drive(key);
            let replaced =
                old.filter(|old| new.as_ref().map(|new| &new.source) != Some(&old.source));
            let Some(replaced) = replaced else {
                continue;
            };
            let snapshotted = replaced.volume().is_some_and(|id| guest.is_snapshotted(id));
            match replaced.volume() {
                Some(id) if force && !snapshotted => self.free_owned(vmid, id),
                _ => self.retire(vmid, &replaced),
            }
        }
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.forget_reused();
            guest.config = as_written(guest.kind, std::mem::take(&mut guest.config));
            guest.take_lock();
        }
    }
}

impl Guest {
    /// Makes its lock of what somebody wrote into the configuration.
    pub(super) fn take_lock(&mut self) {
        if let Some(text) = self.config.remove("lock") {
            self.lock = Lock::parse(&text);
        }
    }

    /// The drive of that key.
    pub fn drive(&self, key: &str) -> Option<Drive> {
        self.drives().into_iter().find(|drive| drive.key == key)
    }

    /// The drive that waits under that key.
    pub fn pending_drive(&self, key: &str) -> Option<Drive> {
        if !is_drive(self.kind, key) {
            return None;
        }
        let Some(Pending::Set(value)) = self.pending.get(key) else {
            return None;
        };
        let one = [(key, value.clone())].into_iter().collect();
        drives(self.kind, &one).find_map(Result::ok)
    }

    /// Takes a device out of the order of booting, which waits like everything else.
    fn unlist_boot(&mut self, key: &str) {
        let Some(mut order) = self.boot_devices() else {
            return;
        };
        if order.iter().any(|device| device == key) {
            order.retain(|device| device != key);
            let order = format!("order={}", order.join(";"));
            self.pending.set("boot", Pending::Set(order));
        }
    }

    /// Takes a device out of the order of booting at once.
    pub(super) fn drop_from_boot(&mut self, key: &str) {
        if let Some(text) = self.config.text("boot")
            && let Some(order) = text.strip_prefix("order=")
        {
            let rest: Vec<_> = order.split(';').filter(|device| *device != key).collect();
            let text = format!("order={}", rest.join(";"));
            self.config.set("boot", text);
        }
    }

    /// Appends a CD drive to the order of booting, where there is one.
    fn list_boot(&mut self, key: &str) {
        let Some(mut order) = self.boot_devices() else {
            return;
        };
        if !order.is_empty() && !order.iter().any(|device| device == key) {
            order.push(key.to_owned());
            let order = format!("order={}", order.join(";"));
            self.pending.set("boot", Pending::Set(order));
        }
    }

    /// The devices that it boots from, in their order, as they will be; nothing without an `order=`.
    fn boot_devices(&self) -> Option<Vec<String>> {
        let text = match self.pending.get("boot") {
            Some(Pending::Set(text)) => text.as_str(),
            Some(_) => return None,
            None => self.config.text("boot")?,
        };
        let order = text.strip_prefix("order=")?;
        let devices = order.split(';').filter(|device| !device.is_empty());
        Some(devices.map(str::to_owned).collect())
    }

    /// Forgets pending changes that would change nothing.
    fn drop_needless(&mut self) {
        let config = &self.config;
        let pending = std::mem::take(&mut self.pending);
        let needed = pending.into_iter().filter(|(key, pending)| match pending {
            Pending::Set(value) => config.text(key) != Some(value),
            Pending::Delete | Pending::ForceDelete => config.contains(key),
        });
        self.pending = needed.collect();
    }
}

#[cfg(test)]
mod tests;
