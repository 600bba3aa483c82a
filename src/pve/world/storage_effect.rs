//! What the end of a task does to volumes and disks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::World;
use super::archive::Choice;
use super::guest::Kind;
use super::ids::{NodeName, StorageId, Vmid, VolumeId};
use super::is_default;
use super::volume::Volume;
use crate::proxmox::prune::Keep;
use crate::proxmox::task::Outcome;

/// What the end of a task does to volumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StorageEffect {
    /// The volume is there, in the place of one of the same name.
    Add {
        /// The node that sees it.
        node: NodeName,
        /// Its id.
        id: VolumeId,
        /// What it is.
        volume: Box<Volume>,
    },
    /// The volume is gone.
    Remove {
        /// The node that saw it.
        node: NodeName,
        /// Its id.
        id: VolumeId,
    },
    /// Retention has been applied to backups.
    Prune {
        /// The node that sees them.
        node: NodeName,
        /// Where they are.
        storage: StorageId,
        /// Those of this guest only.
        #[serde(default, skip_serializing_if = "is_default")]
        owner: Option<Vmid>,
        /// Those of this type of guest only.
        #[serde(default, skip_serializing_if = "is_default")]
        kind: Option<Kind>,
        /// The rules: `keep-last=3`.
        keep: String,
    },
}

/// How a backup of several guests ends when some of them could not be saved.
pub const JOB_ERRORS: &str = "job errors";

/// Whether a task has done what it could, although it failed.
pub(super) fn is_partial(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Error(text) if text == JOB_ERRORS)
}

impl World {
    /// Does it. What has been taken away in the meantime, storages among it, is left alone.
    pub(super) fn finish_storage(&mut self, effect: &StorageEffect, at: Timestamp) {
        match effect {
            StorageEffect::Add { node, id, volume } => {
                let old = self.remove_volume(id, node).ok();
                let mut volume = Volume::clone(volume);
                if volume.guest.is_none() && !volume.is_disk() {
                    volume.created = at;
                }
                let (storage, name) = (id.storage.clone(), id.name.clone());
                let added = self.add_volume(node, storage.clone(), name.clone(), volume);
                if let (Err(_), Some(old)) = (added, old) {
                    // There is no room for the new one: the old one stays, for which there was.
                    let _ = self.add_volume(node, storage, name, old);
                }
            }
            StorageEffect::Remove { node, id } => {
                let _ = self.remove_volume(id, node);
            }
            StorageEffect::Prune {
                node,
                storage,
                owner,
                kind,
                keep,
            } => {
                let choice = Choice {
                    owner: *owner,
                    kind: *kind,
                };
                self.prune(storage, node, choice, Keep::parse(keep));
            }
        }
    }
}
