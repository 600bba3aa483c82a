//! Snapshots of guests: each with the configuration of its moment, together a tree.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::VolumeId;
use super::is_default;
use super::ordered::Ordered;

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
