//! Backup jobs: what is saved, where to and when.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::{NodeName, StorageId, Vmid};
use super::is_default;
use super::options::Options;

/// Which guests a job saves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// These (`vmid`).
    Guests(Vec<Vmid>),
    /// Those of a pool.
    Pool(String),
    /// All but these (`all` 1 with `exclude`).
    AllBut(BTreeSet<Vmid>),
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackupJob {
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
    /// When: a calendar event, `sun 02:00`.
    pub schedule: String,
    /// Where to; nothing said is the storage `local`, or a folder (`dumpdir`) that the options name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub storage: Option<StorageId>,
    /// Only on this node.
    #[serde(default, skip_serializing_if = "is_default")]
    pub node: Option<NodeName>,
    /// What.
    pub selection: Selection,
    /// Everything else: `mode`, `compress`, `comment`, `prune-backups`, `notes-template`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}
