//! What the end of a task does to a cluster.
//!
//! Nothing runs: a task keeps what it will do ([`crate::proxmox::work`]), and [`crate::proxmox::state::State::apply`] does it once
//! its time has come.

use serde::{Deserialize, Serialize};

use super::birth::Birth;
use super::destroy::Destruction;
use super::edit::Edit;
use super::guest::{Lock, Status};
use super::ids::{NodeName, Vmid};
use super::rework::{Gift, Growth, Relocation};

/// What the end of a task does to the world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The guest is in this state; only if the task ends well.
    Power(Vmid, Status),
    /// The guest loses this lock, however the task ends. Another lock stays.
    Unlock(Vmid, Lock),

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
}
