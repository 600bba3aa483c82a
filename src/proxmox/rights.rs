//! What the tree of permissions amounts to: the privileges of an identity on a path.
//!
//! The rules are those of pve-access-control's `RPCEnvironment` and proxmox-access-control's `AclTree`: a
//! separated token has what both it and its owner have; a role on a pool counts for the pool's guests and
//! storages; `root@pam` has everything (proxmox.md 2.6, 2.7).

use std::collections::{BTreeMap, BTreeSet};

use super::acl::{AccessList, NO_ACCESS, Reach};
use super::identity::{Identity, TokenId, UserId};
use super::product::Product;
use super::role::{Catalog, Privileges};

/// Whether a token has privileges of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separation {
    /// It has what its owner has (`privsep` 0).
    Shared,
    /// It has what it was given itself, as far as its owner has it too (`privsep` 1, the default). Always so in
    /// the Rust products.
    Separated,
}

/// What must be known about users, groups, roles and pools; a personality's world answers.
pub trait Accounts {
    /// Whether a user exists.
    fn has_user(&self, user: &UserId) -> bool;
    /// How a token relates to its owner; `None` when there is no such token.
    fn separation(&self, token: &TokenId) -> Option<Separation>;
    /// Whether a user is in a group.
    fn is_member(&self, user: &UserId, group: &str) -> bool;
    /// The names of all groups.
    fn groups(&self) -> Vec<&str>;
    /// The privileges of a role that somebody made; predefined ones are not asked for.
    fn custom_role(&self, name: &str) -> Option<Privileges>;
    /// Every pool with the permission paths of its members (`/vms/100`, `/storage/local`).
    fn pools(&self) -> Vec<Pool<'_>>;
    /// The names of the pools that have this path among them.
    fn pools_of(&self, path: &str) -> Vec<&str> {
        let holds = |pool: &Pool<'_>| pool.members.iter().any(|member| member == path);
        let pools = self.pools().into_iter();
        pools.filter(holds).map(|pool| pool.name).collect()
    }
}

/// One pool.
#[derive(Debug, Clone)]
pub struct Pool<'a> {
    /// Its name; nested ones have slashes.
    pub name: &'a str,
    /// The permission paths of its members.
    pub members: Vec<String>,
}

/// The privileges of somebody on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Granted {
    /// All of them.
    pub all: Privileges,
    /// Those that also count below the path: for display, the reach is already worked in.
    pub below: Privileges,
}

impl Granted {
    /// Only what `other` has as well.
    fn within(self, other: Self) -> Self {
        Self {
            all: self.all & other.all,
            below: self.below & other.below,
        }
    }
}

/// The privileges of one path, by name, each with whether it also counts below.
pub type Listed = BTreeMap<&'static str, Reach>;

/// The questions that can be asked about permissions.
#[derive(Clone, Copy)]
pub struct Rights<'a> {
    /// The product, whose rules are applied.
    pub product: Product,
    /// The tree.
    pub list: &'a AccessList,
    /// The release's privileges and roles.
    pub catalog: &'a Catalog,
    /// Users, groups, roles and pools.
    pub accounts: &'a dyn Accounts,
}

impl std::fmt::Debug for Rights<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rights")
            .field("product", &self.product)
            .finish_non_exhaustive()
    }
}

impl Rights<'_> {
    /// The privileges of somebody on a normalised path.
    pub fn on(&self, who: &Identity, path: &str) -> Granted {
        if who.is_root() {
            let all = self.catalog.all();
            return Granted { all, below: all };
        }
        let Some(token) = who.token_id() else {
            return self.direct(who, path);
        };
        let owner = || self.on(&Identity::from(token.user.clone()), path);
        match self.accounts.separation(&token) {
            None => Granted::default(),
            Some(Separation::Shared) if self.product.is_perl() => owner(),
            Some(_) => self.direct(who, path).within(owner()),
        }
    }

    /// The object of `GET /access/permissions`: for each path (one, or all that are known) the privileges there.
    /// Paths without any are left out.
    pub fn listing(&self, who: &Identity, path: Option<&str>) -> BTreeMap<String, Listed> {
        let paths = match path {
            Some(path) => BTreeSet::from([path.to_owned()]),
            None => self.known_paths(),
        };
        let listed = |path: String| {
            let granted = self.on(who, &path);
            let named = self.catalog.names(granted.all);
            let below: BTreeSet<_> = self.catalog.names(granted.below).collect();
            let reach = |name| match below.contains(name) {
                true => Reach::Below,
                false => Reach::Here,
            };
            let privileges: Listed = named.map(|name| (name, reach(name))).collect();
            (!privileges.is_empty()).then_some((path, privileges))
        };
        paths.into_iter().filter_map(listed).collect()
    }

    /// Every path that a listing shows: the fixed ones, those with entries (in Proxmox VE with all above them), and
    /// members of pools.
    fn known_paths(&self) -> BTreeSet<String> {
        let fixed: &[&str] = match self.product {
            Product::Pve => &[
                "/",
                "/access",
                "/access/groups",
                "/nodes",
                "/pool",
                "/sdn",
                "/storage",
                "/vms",
            ],
            Product::Pbs => &["/", "/access", "/datastore", "/remote", "/system"],
            Product::Pdm => &["/", "/access", "/resource", "/system"],
        };
        let mut paths: BTreeSet<String> = fixed.iter().map(|path| (*path).to_owned()).collect();
        paths.extend(self.list.paths().map(str::to_owned));
        if self.product.is_perl() {
            // That product walks its tree, which has every part of a path.
            let inner = |path: &str| -> Vec<String> {
                let ends = path.match_indices('/').map(|(at, _)| at);
                let ends = ends.filter(|at| *at > 0);
                ends.map(|at| path[..at].to_owned()).collect()
            };
            paths.extend(self.list.paths().flat_map(inner));
        }
        paths.extend(
            self.accounts
                .pools()
                .into_iter()
                .flat_map(|pool| pool.members),
        );
        paths
    }

    /// What the tree gives to exactly this user or token.
    fn direct(&self, who: &Identity, path: &str) -> Granted {
        let mut roles = self.roles(who, path);
        self.add_pools(who, path, &mut roles);
        let mut granted = Granted::default();
        for (role, reach) in roles {
            let role = self
                .catalog
                .role(role)
                .or_else(|| self.accounts.custom_role(role));
            let privileges = role.unwrap_or_default();
            granted.all |= privileges;
            if reach == Reach::Below {
                granted.below |= privileges;
            }
        }
        granted
    }

    /// Roles on a pool count for its members, on their own paths only. `NoAccess` wins on either side.
    fn add_pools<'a>(&'a self, who: &Identity, path: &str, roles: &mut BTreeMap<&'a str, Reach>) {
        let may_be_member = path.starts_with("/vms/") || path.starts_with("/storage/");
        if !may_be_member || roles.contains_key(NO_ACCESS) {
            return;
        }
        for pool in self.accounts.pools_of(path) {
            let of_pool = self.roles(who, &format!("/pool/{pool}"));
            if of_pool.contains_key(NO_ACCESS) {
                *roles = BTreeMap::from([(NO_ACCESS, Reach::Here)]);
                return;
            }
            for role in of_pool.into_keys() {
                roles.entry(role).or_insert(Reach::Here);
            }
        }
    }

    fn roles(&self, who: &Identity, path: &str) -> BTreeMap<&str, Reach> {
        let is_member = |group: &str| self.accounts.is_member(&who.user, group);
        self.list.roles(who, path, is_member)
    }
}

#[cfg(test)]
pub(super) mod testing;

#[cfg(test)]
mod tests;
