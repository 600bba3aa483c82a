//! What a backup brings back: the configuration that it remembers, with drives that have to be made anew.

use std::collections::BTreeMap;

use super::World;
use super::allocate::file_name;
use super::config::is_numbered;
use super::disk::{Role, drives};
use super::fresh::print_card;
use super::guest::Kind;
use super::ids::{NodeName, StorageId, Vmid, VolumeId};
use super::make::{default_key, read_drive};
use super::ordered::Ordered;
use super::storage::Content;
use super::volume::SavedGuest;
use crate::proxmox::property_string::{PropertyString, Spelling};

/// Keys that belong to a guest's past and do not come back.
const PAST: &[&str] = &[
    "lock",
    "parent",
    "snaptime",
    "vmstate",
    "runningmachine",
    "runningcpu",
    "running-nets-host-mtu",
    "digest",
];

/// A guest on its way back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Its options; the drives that need no volume of their own are among them.
    pub options: Ordered<String>,
    /// Its disks, as orders for [`World::make_drives`].
    pub disks: BTreeMap<String, PropertyString>,
}

impl World {
    /// What a backup remembers. One that remembers nothing is taken for one of the guest as it is, or else of a
    /// small guest with a disk of 8 GiB.
    ///
    /// # Errors
    /// A sentence for what is no backup of such a guest.
    pub fn recall(
        &self,
        archive: &VolumeId,
        node: &NodeName,
        kind: Kind,
    ) -> Result<SavedGuest, String> {
        let volume = self.volume(archive, node);
        let volume = volume.ok_or_else(|| format!("volume '{archive}' does not exist"))?;
        if volume.content != Content::Backup {
            let text = "content type needs to be 'backup'";
            return Err(format!("unable to use volume {archive} - {text}"));
        }
        let saved = match &volume.guest {
            Some(saved) => saved.clone(),
            None => self.guess(archive, volume.owner, volume.notes.as_deref()),
        };
        if saved.kind != kind {
            return Err(format!("'{archive}' is no backup of a {}", kind.word()));
        }
        Ok(saved)
    }

    fn guess(&self, archive: &VolumeId, owner: Option<Vmid>, notes: Option<&str>) -> SavedGuest {
        let file = file_name(&archive.name);
        let is_container = file.contains("-lxc-") || archive.name.starts_with("backup/ct/");
        let kind = if is_container { Kind::Lxc } else { Kind::Qemu };
        let guest = owner.and_then(|owner| self.guests.get(&owner));
        if let Some(guest) = guest.filter(|guest| guest.kind == kind) {
            return SavedGuest {
                kind,
                config: guest.config.clone(),
            };
        }
        let (name, disk) = match kind {
            Kind::Qemu => ("name", ("scsi0", "local-lvm:gone,size=8G")),
            Kind::Lxc => ("hostname", ("rootfs", "local-lvm:gone,size=8G")),
        };
        let is_name = |notes: &&str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
            !notes.is_empty() && notes.chars().all(fits)
        };
        let mut config: Ordered<String> = Ordered::default();
        config.set(disk.0, disk.1.to_owned());
        config.set("memory", "512".to_owned());
        if let Some(notes) = notes.filter(is_name) {
            config.set(name, notes.to_owned());
        }
        SavedGuest { kind, config }
    }

    /// Takes what a backup remembers apart. Disks go to `storage`, or back to where they were.
    pub fn recover(
        &self,
        saved: &SavedGuest,
        node: &NodeName,
        storage: Option<&StorageId>,
    ) -> Recovery {
        let mut recovery = Recovery::default();
        let drives: BTreeMap<_, _> = drives(saved.kind, &saved.config)
            .filter_map(Result::ok)
            .map(|drive| (drive.key.clone(), drive))
            .collect();
        for (key, value) in saved.config.iter() {
            let is_past = PAST.contains(&key) || is_numbered(key, "unused");
            let drive = drives.get(key);
            if is_past {
                continue;
            }
            let Some((drive, id)) = drive.and_then(|drive| Some((drive, drive.volume()?))) else {
                recovery.options.set(key, value.clone());
                continue;
            };
            let mut order = read_drive(saved.kind, value);
            if order.value("backup") == Some("0") && saved.kind == Kind::Qemu {
                continue;
            }
            let usable = |id: &&StorageId| self.usable_storage(id, node).is_ok();
            let place = storage.or(Some(&id.storage).filter(usable));
            let place = place.map_or("local", StorageId::as_str);
            match drive.role {
                Role::Cd if drive.is_cloud_init() => {
                    order.set(default_key(saved.kind), format!("{place}:cloudinit"));
                    recovery.disks.insert(key.to_owned(), order);
                }
                Role::Cd => {
                    recovery.options.set(key, value.clone());
                }
                _ => {
                    order.set(default_key(saved.kind), format!("{place}:0"));
                    if order.value("size").is_none() {
                        order.set("size", "8G");
                    }
                    recovery.disks.insert(key.to_owned(), order);
                }
            }
        }
        recovery
    }
}

impl Recovery {
    /// Gives every card a new address (`unique`).
    pub fn readdress(&mut self, kind: Kind, mut fresh: impl FnMut() -> String) {
        let address = match kind {
            Kind::Qemu => "macaddr",
            Kind::Lxc => "hwaddr",
        };
        let all = std::mem::take(&mut self.options);
        for (key, value) in all {
            let value = match is_numbered(&key, "net") {
                true => with_address(kind, &value, address, fresh()),
                false => value,
            };
            self.options.set(&key, value);
        }
    }
}

/// A card with another address.
pub fn with_address(kind: Kind, card: &str, key: &str, address: String) -> String {
    let read = PropertyString::parse(card, Some("model"), Spelling::Plain);
    let mut card = read.unwrap_or_default();
    // A machine's card has its address behind its model, which comes first.
    let head = card.iter().next().map(|(model, _)| model.to_owned());
    match (kind, head) {
        (Kind::Qemu, Some(model)) if model != "model" => card.set(&model, address),
        _ => card.set(key, address),
    }
    print_card(&card, kind, String::new)
}
