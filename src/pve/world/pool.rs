//! Pools: names for sets of guests and storages.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::World;
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

impl World {
    /// Puts a guest into a pool that is there, out of the one that it is in: somebody may have put it there while
    /// it was being made.
    pub(super) fn put_into_pool(&mut self, vmid: Vmid, pool: &str) {
        if !self.pools.contains_key(pool) {
            return;
        }
        for (name, members) in &mut self.pools {
            if name == pool {
                members.guests.insert(vmid);
            } else {
                members.guests.remove(&vmid);
            }
        }
    }
}
