//! Accounts for tests: a few users, a group, tokens of both kinds, a pool.

use super::*;
use crate::proxmox::acl::Subject;
use crate::proxmox::product::Edition;

/// The accounts, and the tree that goes with them.
pub(in crate::proxmox) struct Lab {
    pub(in crate::proxmox) product: Product,
    pub(in crate::proxmox) list: AccessList,
    pub(in crate::proxmox) catalog: Catalog,
}

impl Lab {
    pub(in crate::proxmox) fn new(product: Product) -> Self {
        let edition = match product {
            Product::Pve => Edition::Pve9,
            Product::Pbs => Edition::Pbs,
            Product::Pdm => Edition::Pdm,
        };
        Self {
            product,
            list: AccessList::default(),
            catalog: Catalog::new(edition),
        }
    }

    /// Grants from lines of `path who role`, where `@group` is a group and a `!` at the end means here only.
    pub(in crate::proxmox) fn granting(product: Product, lines: &[&str]) -> Self {
        let mut lab = Self::new(product);
        for line in lines {
            let parts: Vec<_> = line.split(' ').collect();
            let (role, reach) = match parts[2].strip_suffix('!') {
                Some(role) => (role, Reach::Here),
                None => (parts[2], Reach::Below),
            };
            let subject = match parts[1].strip_prefix('@') {
                Some(group) => Subject::Group(group.into()),
                None => Subject::from(Identity::parse(parts[1], product).unwrap()),
            };
            lab.list.grant(parts[0], subject, role, reach);
        }
        lab
    }

    pub(in crate::proxmox) fn rights(&self) -> Rights<'_> {
        Rights {
            product: self.product,
            list: &self.list,
            catalog: &self.catalog,
            accounts: self,
        }
    }
}

impl Accounts for Lab {
    fn has_user(&self, user: &UserId) -> bool {
        !user.name().starts_with("no")
    }

    fn separation(&self, token: &TokenId) -> Option<Separation> {
        match &*token.name {
            "shared" => Some(Separation::Shared),
            "own" => Some(Separation::Separated),
            _ => None,
        }
    }

    fn is_member(&self, user: &UserId, group: &str) -> bool {
        matches!(
            (user.name(), group),
            ("joe" | "ann", "ops") | ("ann", "dev")
        )
    }

    fn groups(&self) -> Vec<&str> {
        vec!["dev", "ops"]
    }

    fn custom_role(&self, name: &str) -> Option<Privileges> {
        (name == "Custom").then(|| self.catalog.set(["VM.Audit", "VM.Backup"]))
    }

    fn pools(&self) -> Vec<Pool<'_>> {
        vec![Pool {
            name: "prod/web",
            members: vec!["/vms/200".into(), "/storage/ceph".into()],
        }]
    }
}
