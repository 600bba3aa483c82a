//! What the end of a task does to a backup server. It is data, so that an export of the world is complete.

use serde::{Deserialize, Serialize};

use super::datastore::Datastore;
use super::ids::{Namespace, SnapshotId};
use super::node::{Certificate, ServiceState};
use super::tape::{Archived, Location, MediaSet, Medium};
use crate::proxmox::identity::Identity;
use crate::proxmox::section::Section;

/// A snapshot in a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Place {
    /// The namespace.
    pub namespace: Namespace,
    /// The snapshot.
    pub snapshot: SnapshotId,
}

/// Where pulled snapshots come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Source {
    /// The remote; without one, another datastore of this server.
    pub remote: Option<String>,
    /// Its datastore.
    pub store: String,
}

/// Snapshots that a task copies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Copy {
    /// From where.
    pub from: Source,
    /// To where.
    pub to: Source,
    /// What, as it is at the source, and the namespace it comes to.
    pub snapshots: Vec<(Place, Namespace)>,
    /// Whose they are from then on.
    pub owner: Identity,
}

/// What the end of a task does to the world. What is gone by then is left alone; nothing but verification and
/// deletion of what was done half happens when a task fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// A datastore is there; what lay under its path comes with it.
    CreateDatastore(String, Box<Datastore>),
    /// A datastore is gone; its data stay under its path.
    DropDatastore(String),
    /// A datastore is gone with its data.
    DestroyDatastore(String),
    /// Snapshots of a datastore are gone, unless they were protected meanwhile.
    Forget(String, Vec<Place>),
    /// Snapshots of a datastore were verified by this task.
    Verify(String, Vec<Place>, String),
    /// What was left behind in a datastore is collected by this task.
    Collect(String, String),
    /// Snapshots are copied.
    Copy(Box<Copy>),
    /// The device of a datastore is there.
    Mount(String),
    /// The device of a datastore is gone.
    Unmount(String),
    /// A service is in this state.
    Service(String, ServiceState),
    /// A section is there: in this file, with this id.
    Put(String, String, Section),
    /// A section is gone.
    Drop(String, String),
    /// The interfaces that wait are those that are.
    ApplyNetwork,
    /// The server has this certificate.
    Certify(Box<Certificate>),
    /// A disk has a partition table and nothing else.
    InitGpt(String),
    /// A disk is empty.
    Wipe(String),
    /// Disks are in use by a file system or pool.
    Occupy(Vec<String>, String),
    /// A tape is there, or is otherwise.
    PutMedium(String, Box<Medium>),
    /// A tape lies elsewhere.
    MoveMedium(String, Location),
    /// A tape has no label any more.
    EraseMedium(String),
    /// Snapshots are on a tape.
    Archive(String, MediaSet, Vec<Archived>),
}
