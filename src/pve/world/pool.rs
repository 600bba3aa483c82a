//! Pools: names for sets of guests and storages.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::{StorageId, Vmid};
use super::is_default;

/// A pool. A guest is in one pool at most; a storage may be in several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Pool {
    /// What somebody wrote about it.
    #[serde(skip_serializing_if = "is_default")]
    pub comment: Option<String>,
    /// Its guests.
    #[serde(skip_serializing_if = "is_default")]
    pub guests: BTreeSet<Vmid>,
    /// Its storages.
    #[serde(skip_serializing_if = "is_default")]
    pub storages: BTreeSet<StorageId>,
}
