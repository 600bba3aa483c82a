//! What the end of a task does to the disks of a node.

use serde::{Deserialize, Serialize};

use super::World;
use super::ids::{NodeName, StorageId};
use super::machine::{Making, groups, thin_pools};
use super::storage::Storage;
use crate::proxmox::section::Section;

/// What the end of a task does to disks; only if the task ends well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DiskEffect {
    /// The disk has an empty partition table.
    Init(NodeName, String),
    /// The disk is empty.
    Wipe(NodeName, String),
    /// Something has been made of disks.
    Make(Box<Made>),
    /// It is gone again.
    Unmake {
        /// Where.
        node: NodeName,
        /// What it was.
        what: Making,
        /// Its name.
        name: String,
        /// The disks that are empty now.
        wiped: Vec<String>,
        /// The storages that the node has no longer.
        storages: Vec<StorageId>,
    },
}

/// Something made of disks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Made {
    /// Where.
    pub node: NodeName,
    /// What it is.
    pub what: Making,
    /// Its name.
    pub name: String,
    /// Its disks.
    pub devices: Vec<String>,
    /// What lists of disks say of them.
    pub usage: String,
    /// What else is known of it, one section for each file that it stands in.
    pub sections: Vec<(Making, Section)>,
    /// The storage that has been defined on it, or widened to this node.
    pub storage: Option<(StorageId, Storage)>,
}

impl World {
    /// Does it.
    pub(super) fn finish_disks(&mut self, effect: &DiskEffect) {
        match effect {
            DiskEffect::Init(node, disk) => self.use_disk(node, disk, None, Table::Gpt),
            DiskEffect::Wipe(node, disk) => self.use_disk(node, disk, None, Table::None),
            DiskEffect::Make(made) => {
                let node = &made.node;
                for device in &made.devices {
                    self.use_disk(node, device, Some(made.usage.clone()), Table::Gpt);
                }
                for (what, section) in &made.sections {
                    let sections = self.sections.entry(what.file(node)).or_default();
                    sections.0.insert(made.name.clone(), section.clone());
                }
                if let Some((id, storage)) = &made.storage {
                    self.widen(id, storage, node);
                }
            }
            DiskEffect::Unmake {
                node,
                what,
                name,
                wiped,
                storages,
            } => {
                self.forget(*what, node, name);
                if *what == Making::Lvm {
                    self.forget_pools(node, name);
                }
                for disk in wiped {
                    self.use_disk(node, disk, None, Table::None);
                    self.forget_group(node, disk);
                }
                for id in storages {
                    self.narrow(id, node);
                }
            }
        }
    }

    fn forget(&mut self, what: Making, node: &NodeName, name: &str) {
        let file = what.file(node);
        if let Some(sections) = self.sections.get_mut(&file) {
            sections.0.remove(name);
            if sections.0.is_empty() {
                self.sections.remove(&file);
            }
        }
    }

    /// With a volume group go its thin pools.
    fn forget_pools(&mut self, node: &NodeName, group: &str) {
        let pools = thin_pools(self, node).into_iter();
        let names: Vec<String> = pools
            .filter(|pool| pool.group == group)
            .map(|pool| pool.name.to_owned())
            .collect();
        for name in names {
            self.forget(Making::Lvmthin, node, &name);
        }
    }

    /// With a disk goes the volume group that was on it.
    fn forget_group(&mut self, node: &NodeName, disk: &str) {
        let groups = groups(self, node).into_iter();
        let names: Vec<String> = groups
            .filter(|group| group.devices.iter().any(|(path, _)| *path == disk))
            .map(|group| group.name.to_owned())
            .collect();
        for name in names {
            self.forget(Making::Lvm, node, &name);
            self.forget_pools(node, &name);
        }
    }

    fn use_disk(&mut self, node: &NodeName, disk: &str, usage: Option<String>, table: Table) {
        let machine = self.nodes.get_mut(node);
        if let Some(disk) = machine.and_then(|machine| machine.disks.get_mut(disk)) {
            disk.usage = usage;
            disk.gpt = table == Table::Gpt;
        }
    }

    /// Defines a storage, or adds a node to those of the one that is there.
    fn widen(&mut self, id: &StorageId, storage: &Storage, node: &NodeName) {
        let Some(known) = self.storages.get(id) else {
            self.put_storage(id, storage.clone());
            return;
        };
        let mut known = known.clone();
        if !known.nodes.is_empty() {
            known.nodes.insert(node.clone());
            self.put_storage(id, known);
        }
    }

    /// Takes a node from those of a storage, and the storage away with the last one.
    fn narrow(&mut self, id: &StorageId, node: &NodeName) {
        let Some(known) = self.storages.get(id) else {
            return;
        };
        let mut known = known.clone();
        if known.nodes.is_empty() {
            known.nodes = self.nodes.keys().cloned().collect();
        }
        known.nodes.remove(node);
        if known.nodes.is_empty() {
            self.remove_storage(id);
        } else {
            self.put_storage(id, known);
        }
    }
}

/// Which partition table a disk has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Table {
    None,
    Gpt,
}
