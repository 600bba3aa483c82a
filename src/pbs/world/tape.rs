//! Tapes: media by their number, where they lie, and what is on them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::{Namespace, SnapshotId};
use super::is_default;

/// Where a medium lies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Location {
    /// Somewhere on a shelf.
    #[default]
    Offline,
    /// In a slot of a changer.
    Slot {
        /// The changer.
        changer: String,
        /// The number of the slot, from 1.
        slot: u32,
    },
    /// In a drive.
    Drive {
        /// The drive.
        drive: String,
        /// The slot of the changer that it came from.
        #[serde(default, skip_serializing_if = "is_default")]
        slot: Option<u32>,
    },
    /// In a vault.
    Vault(String),
}

/// How good a medium is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum Status {
    #[default]
    Writable,
    Full,
    Unknown,
    Damaged,
    Retired,
}

/// A set of media that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MediaSet {
    /// The pool.
    pub pool: String,
    /// Its number.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// When it was begun, in seconds since 1970.
    pub created: i64,
    /// The place of a medium in it, from 0.
    #[serde(default)]
    pub sequence: u32,
}

/// A snapshot on tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Archived {
    /// The datastore that it came from.
    pub store: String,
    /// Its namespace there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub namespace: Namespace,
    /// The snapshot.
    pub snapshot: SnapshotId,
}

/// A medium.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Medium {
    /// The text on its label; nothing for one that was never labelled.
    pub label: String,
    /// Whether a label was written on the tape itself.
    #[serde(default = "yes")]
    pub labelled: bool,
    /// When the label was written, in seconds since 1970.
    #[serde(default)]
    pub created: i64,
    /// Where it lies.
    #[serde(default, skip_serializing_if = "is_default")]
    pub location: Location,
    /// How good it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub status: Status,
    /// The pool that it was labelled for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pool: Option<String>,
    /// The set that it belongs to.
    #[serde(default, skip_serializing_if = "is_default")]
    pub set: Option<MediaSet>,
    /// What is on it, in bytes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub bytes_used: u64,
    /// The snapshots on it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub snapshots: Vec<Archived>,
}

fn yes() -> bool {
    true
}

/// All media, by their number.
pub type Media = BTreeMap<String, Medium>;
