//! Guests: virtual machines and containers in one type, because most of what happens to them is the same.
//!
//! Name, tags, memory and drives are keys of the configuration and are read from there ([`super::config`],
//! [`super::disk`]), so that no endpoint can show another truth.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::ids::NodeName;
use super::is_default;
use super::ordered::Ordered;
use super::snapshot::Snapshot;

/// What a guest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A virtual machine.
    Qemu,
    /// A container.
    Lxc,
}

impl Kind {
    /// As paths and lists write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Qemu => "qemu",
            Self::Lxc => "lxc",
        }
    }

    /// The word in messages and default names: `VM 100`, `CT101`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Qemu => "VM",
            Self::Lxc => "CT",
        }
    }
}

/// Whether it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It does.
    Running,
    /// A virtual machine that stands still in memory; lists say `running` (`qmpstatus` says `paused`).
    Paused,
    /// It does not.
    #[default]
    Stopped,
}

impl Status {
    /// Whether there is a process.
    pub fn is_running(self) -> bool {
        self != Self::Stopped
    }

    /// What it is.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
        }
    }

    /// The `status` of lists.
    pub fn as_str(self) -> &'static str {
        if self.is_running() {
            "running"
        } else {
            "stopped"
        }
    }
}

/// What keeps others from changing a guest (the enum of `lock` in the API's schema).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// A backup runs.
    Backup,
    /// A clone is made of it.
    Clone,
    /// It is being created.
    Create,
    /// It is being destroyed (containers).
    Destroyed,
    /// A drive is being changed (containers).
    Disk,
    /// Its file systems give back what they do not use (containers).
    Fstrim,
    /// Its file system is mounted by the host (containers).
    Mounted,
    /// It is on its way to another node.
    Migrate,
    /// It goes back to a snapshot.
    Rollback,
    /// A snapshot is taken.
    Snapshot,
    /// A snapshot is removed.
    SnapshotDelete,
    /// It is being suspended to disk.
    Suspending,
    /// It is suspended to disk.
    Suspended,
}

impl Lock {
    /// Those that a guest of a kind can have.
    pub fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Qemu => &[
                Self::Backup,
                Self::Clone,
                Self::Create,
                Self::Migrate,
                Self::Rollback,
                Self::Snapshot,
                Self::SnapshotDelete,
                Self::Suspending,
                Self::Suspended,
            ],
            Kind::Lxc => &[
                Self::Backup,
                Self::Create,
                Self::Destroyed,
                Self::Disk,
                Self::Fstrim,
                Self::Migrate,
                Self::Mounted,
                Self::Rollback,
                Self::Snapshot,
                Self::SnapshotDelete,
            ],
        }
    }

    /// The lock of that name.
    pub fn parse(text: &str) -> Option<Self> {
        let name: StrDeserializer<'_, ValueError> = text.into_deserializer();
        Self::deserialize(name).ok()
    }

    /// As configurations and messages write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Clone => "clone",
            Self::Create => "create",
            Self::Destroyed => "destroyed",
            Self::Disk => "disk",
            Self::Fstrim => "fstrim",
            Self::Mounted => "mounted",
            Self::Migrate => "migrate",
            Self::Rollback => "rollback",
            Self::Snapshot => "snapshot",
            Self::SnapshotDelete => "snapshot-delete",
            Self::Suspending => "suspending",
            Self::Suspended => "suspended",
        }
    }
}

/// What waits for the next start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pending {
    /// The key will have this value.
    Set(String),
    /// The key will be gone (`delete` 1).
    Delete,
    /// The key will be gone, its volume as well (`delete` 2).
    ForceDelete,
}

/// A virtual machine or container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Guest {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub node: NodeName,
    /// Whether it runs.
    #[serde(default)]
    pub status: Status,
    /// What keeps others from changing it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lock: Option<Lock>,
    /// Since when it runs. A running guest without it runs since its node does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub started: Option<Timestamp>,
    /// The snapshot that the present state comes from: `parent` of the configuration.
    #[serde(default, skip_serializing_if = "is_default")]
    pub parent: Option<String>,
    /// Its configuration, as the file of the product has it; `lock`, `parent` and `digest` are not among it.
    pub config: Ordered<String>,
    /// What waits for the next start, by key.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pending: Ordered<Pending>,
    /// Its snapshots by name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub snapshots: BTreeMap<String, Snapshot>,
    /// What its drive of cloud-init was written with, while its configuration says something else.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cloud_init: Option<Box<Ordered<String>>>,
    /// What is inside a virtual machine, where a test scripted it or a client changed it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub agent: Option<Box<Agent>>,
}
