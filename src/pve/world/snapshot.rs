//! Snapshots of guests: each with the configuration of its moment, together a tree.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::World;
use super::disk::{Role, Source, drives};
use super::guest::{Kind, Lock, Status};
use super::ids::{NodeName, Vmid, VolumeId};
use super::is_default;
use super::ordered::Ordered;

/// What is being done to a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SnapshotState {
    /// It is being taken.
    Prepare,
    /// It is being removed.
    Delete,
}

impl SnapshotState {
    /// As lists write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Delete => "delete",
        }
    }
}

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Snapshot {
    /// When it was taken.
    pub taken: Timestamp,
    /// What somebody wrote about it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: Option<String>,
    /// The snapshot before it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parent: Option<String>,
    /// Whether somebody is still at it: `snapstate`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub state: Option<SnapshotState>,
    /// The memory that was saved with it (virtual machines).
    #[serde(default, skip_serializing_if = "is_default")]
    pub memory: Option<VolumeId>,
    /// The configuration of that moment.
    pub config: Ordered<String>,
}

/// Why snapshots are no tree: the name of the snapshot, and a clause about its `parent`.
pub(super) fn faults(snapshots: &BTreeMap<String, Snapshot>) -> Vec<(&str, String)> {
    let mut faults = Vec::new();
    for (name, snapshot) in snapshots {
        let Some(parent) = &snapshot.parent else {
            continue;
        };
        if !snapshots.contains_key(parent) {
            faults.push((&**name, format!("snapshot {parent} does not exist")));
        } else if is_own_ancestor(name, snapshots) {
            faults.push((&**name, "the snapshot is its own ancestor".to_owned()));
        }
    }
    faults
}

fn is_own_ancestor(name: &str, snapshots: &BTreeMap<String, Snapshot>) -> bool {
    let parent_of = |name: &str| snapshots.get(name)?.parent.as_deref();
    let mut seen = BTreeSet::new();
    let mut at = parent_of(name);
    while let Some(ancestor) = at {
        if ancestor == name {
            return true;
        }
        if !seen.insert(ancestor) {
            return false;
        }
        at = parent_of(ancestor);
    }
    false
}

impl World {
    /// Begins a snapshot of a guest as it is. Its memory, if it is kept, goes to a volume that exists.
    pub fn begin_snapshot(&mut self, vmid: Vmid, name: &str, snapshot: Snapshot) {
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.lock = Some(Lock::Snapshot);
            guest.snapshots.insert(name.to_owned(), snapshot);
        }
    }

    /// Ends a snapshot that was begun: it is what the present state comes from, or it is gone.
    pub(super) fn end_snapshot(&mut self, vmid: Vmid, name: &str, went_well: bool) {
        let guest = self.guests.get_mut(&vmid);
        let Some(snapshot) = guest.and_then(|guest| guest.snapshots.get_mut(name)) else {
            return;
        };
        snapshot.state = None;
        if !went_well {
            self.remove_snapshot(vmid, name);
        } else if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.parent = Some(name.to_owned());
        }
    }

    /// Removes a snapshot. What came from it comes from its parent then.
    pub fn remove_snapshot(&mut self, vmid: Vmid, name: &str) {
        let Some(guest) = self.guests.get_mut(&vmid) else {
            return;
        };
        let Some(gone) = guest.snapshots.remove(name) else {
            return;
        };
        let is_gone = |parent: &Option<String>| parent.as_deref() == Some(name);
        for child in guest.snapshots.values_mut() {
            if is_gone(&child.parent) {
                child.parent.clone_from(&gone.parent);
            }
        }
        if is_gone(&guest.parent) {
            guest.parent = gone.parent;
        }
        if let Some(memory) = gone.memory {
            self.drop_volume(vmid, &memory);
        }
    }

    /// Lets a snapshot stay whose removal failed.
    pub(super) fn keep_snapshot(&mut self, vmid: Vmid, name: &str) {
        let guest = self.guests.get_mut(&vmid);
        if let Some(snapshot) = guest.and_then(|guest| guest.snapshots.get_mut(name)) {
            snapshot.state = None;
        }
    }

    /// Brings a guest back to a snapshot. A machine whose memory was kept runs on from there.
    pub(super) fn roll_back(&mut self, vmid: Vmid, name: &str, status: Status, at: Timestamp) {
        let guest = self.guests.get(&vmid);
        let Some(snapshot) = guest.and_then(|guest| guest.snapshots.get(name)) else {
            return;
        };
        let has_memory = snapshot.memory.is_some();
        let mut config = snapshot.config.clone();
        for key in ["runningmachine", "runningcpu"] {
            config.remove(key);
        }
        self.power(vmid, Status::Stopped, at);
        self.shelve_new_disks(vmid, &mut config);
        let node = self.guests.get(&vmid).map(|guest| guest.node.clone());
        if let (Some(node), Some(guest)) = (node, self.guests.get(&vmid)) {
            resize_to_volumes(self, guest.kind, &node, &mut config);
        }
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.config = config;
            guest.parent = Some(name.to_owned());
            guest.pending = Ordered::default();
            guest.lock = None;
        }
        if has_memory || status.is_running() {
            self.power(vmid, Status::Running, at);
        }
    }

    /// Disks that the configuration of a snapshot does not know stay as unused ones.
    fn shelve_new_disks(&mut self, vmid: Vmid, config: &mut Ordered<String>) {
        let Some(guest) = self.guests.get(&vmid) else {
            return;
        };
        let volumes = |config: &Ordered<String>| -> Vec<VolumeId> {
            let drives = drives(guest.kind, config).filter_map(Result::ok);
            let disks = drives.filter(|drive| matches!(drive.role, Role::Disk | Role::Unused));
            disks
                .filter_map(|drive| match drive.source {
                    Source::Volume(id) => Some(id),
                    Source::Host(_) => None,
                })
                .collect()
        };
        let known = volumes(config);
        let new: Vec<VolumeId> = volumes(&guest.config)
            .into_iter()
            .filter(|id| !known.contains(id))
            .collect();
        for id in new {
            let mut keys = (0..256).map(|n| format!("unused{n}"));
            if let Some(key) = keys.find(|key| !config.contains(key)) {
                config.set(&key, id.to_string());
            }
        }
    }
}

/// Volumes that grew since a snapshot keep their size in this world, so the configuration says it.
fn resize_to_volumes(world: &World, kind: Kind, node: &NodeName, config: &mut Ordered<String>) {
    let sized: Vec<_> = drives(kind, config)
        .filter_map(Result::ok)
        .filter_map(|drive| {
            let Source::Volume(id) = &drive.source else {
                return None;
            };
            let (said, is) = (drive.size?, world.volume(id, node)?.size);
            (said != is).then(|| (drive.key, format!("size={said}"), format!("size={is}")))
        })
        .collect();
    for (key, said, is) in sized {
        if let Some(text) = config.get_mut(&key) {
            *text = text.replacen(&said, &is, 1);
        }
    }
}
