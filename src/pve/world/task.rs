//! What the end of a task does to a cluster.
//!
//! Nothing runs: a task keeps what it will do ([`crate::proxmox::work`]), and the world does it once its time has
//! come ([`crate::proxmox::state::State::apply`]).

use serde::{Deserialize, Serialize};

use super::birth::Birth;
use super::destroy::Destruction;
use super::disk_effect::DiskEffect;
use super::edit::Edit;
use super::guest::{Lock, Status};
use super::ha::{Sid, Wanted};
use super::ids::{NodeName, StorageId, Vmid, VolumeId};
use super::rework::{Gift, Growth, Relocation};
use super::storage_effect::StorageEffect;
use super::sync::Sync;
use super::upkeep::Upkeep;

/// What the end of a task does to the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Something happens to a node; only if the task ends well.
    Node(super::ids::NodeName, super::node_effect::NodeEffect),
    /// The guest is in this state; only if the task ends well.
    Power(Vmid, Status),
    /// The guest loses this lock, however the task ends. Another lock stays.
    Unlock(Vmid, Lock),
    /// Users and groups of a realm are brought in, if the task ends well.
    SyncRealm(Sync),

    // Power, snapshots and journeys of guests. All but the ends of what was begun need a good end.
    /// The guest stops and starts again.
    Reboot(Vmid),
    /// The machine's memory is on disk and it is stopped; or else that memory is gone.
    EndSuspension(Vmid),
    /// The snapshot that was begun is there; or else it is gone.
    EndSnapshot(Vmid, String),
    /// The snapshot is gone; or else it is there as before.
    RemoveSnapshot(Vmid, String),
    /// The guest is as it was in the snapshot, and in this state if its memory was not kept.
    RollBack(Vmid, String, Status),
    /// The guest is on that node. Its volumes go where the pairs say: from a storage, or from all others, to
    /// another.
    Relocate(Vmid, NodeName, Vec<(Option<StorageId>, StorageId)>),
    /// This is what high availability wants of the guest.
    Want(Sid, Wanted),

    /// A guest is there, complete; not at all when the task fails.
    Birth(Box<Birth>),
    /// A guest's configuration changes; when the task fails, the volumes go that were made for it on this node.
    Edit(Vmid, NodeName, Box<Edit>),
    /// A guest is gone; only if the task ends well.
    Destroy(Destruction),
    /// A drive has the copy of its volume; when the task fails, the copy goes.
    MoveDrive(Box<Relocation>),
    /// A drive belongs to another guest; only if the task ends well.
    Give(Box<Gift>),
    /// A drive is larger; only if the task ends well.
    Grow(Growth),
    /// A guest is a template, or one drive of it a base; only if the task ends well.
    Template(Vmid, Option<String>),
    /// Something happens to volumes; only if the task ends well.
    Storage(StorageEffect),
    /// Something happens to disks of a node; only if the task ends well.
    Disk(DiskEffect),
    /// The cluster as a whole, its plain collections, replication and Ceph; only if the task ends well.
    Upkeep(Upkeep),
    /// Nodes have loaded this version of the software-defined networks; only if the task ends well.
    LoadNetworks(u32),
}

impl Effect {
    /// The guest whose volumes may have come to lie elsewhere by it.
    pub(super) fn guest(&self) -> Option<Vmid> {
        match self {
            Self::Power(vmid, _)
            | Self::Reboot(vmid)
            | Self::EndSnapshot(vmid, _)
            | Self::RollBack(vmid, ..)
            | Self::Relocate(vmid, ..)
            | Self::Edit(vmid, ..) => Some(*vmid),
            Self::Birth(birth) => Some(birth.vmid),
            Self::MoveDrive(relocation) => Some(relocation.vmid),
            Self::Give(gift) => Some(gift.to),
            _ => None,
        }
    }

    /// The volumes that were made when it began.
    pub(super) fn made(&self) -> &[VolumeId] {
        match self {
            Self::Birth(birth) => &birth.made,
            Self::Edit(_, _, edit) => &edit.made,
            Self::MoveDrive(relocation) => std::slice::from_ref(&relocation.to),
            _ => &[],
        }
    }
}
