//! What the rules of permissions ask of a world: its accounts answer, and its pools.

use super::World;
use crate::proxmox::identity::{TokenId, UserId};
use crate::proxmox::rights::{Accounts, Pool, Separation};
use crate::proxmox::role::{Catalog, Privileges};

/// A world's accounts under the privileges of one release.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The world.
    pub world: &'a World,
    /// The release's privileges; a role that names others has them for nothing.
    pub catalog: &'a Catalog,
}

impl Accounts for Standing<'_> {
    fn has_user(&self, user: &UserId) -> bool {
        self.world.access.directory.has_user(user)
    }

    fn separation(&self, token: &TokenId) -> Option<Separation> {
        self.world.access.directory.separation(token)
    }

    fn is_member(&self, user: &UserId, group: &str) -> bool {
        self.world.access.directory.is_member(user, group)
    }

    fn groups(&self) -> Vec<&str> {
        self.world.access.directory.group_names()
    }

    fn custom_role(&self, name: &str) -> Option<Privileges> {
        let directory = &self.world.access.directory;
        directory.custom_role(self.catalog, name)
    }

    fn pools(&self) -> Vec<Pool<'_>> {
        let pools = self.world.pools.iter().map(|(name, pool)| {
            let guests = pool.guests.iter().map(|vmid| format!("/vms/{vmid}"));
            let storages = pool.storages.iter().map(|id| format!("/storage/{id}"));
            Pool {
                name,
                members: guests.chain(storages).collect(),
            }
        });
        pools.collect()
    }
}
