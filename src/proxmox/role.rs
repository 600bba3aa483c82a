//! Privileges and the roles that every installation has, for each release.
//!
//! Proxmox VE computes its roles from groups of privileges with four degrees each (pve-access-control,
//! `create_roles`, states of 7.4, 8.2 and 9.1); so does this file. The roles of the Rust products are lists
//! (pbs-api-types and pdm-api-types, `acl.rs`). Overview: proxmox.md 2.6 and 2.7.

use std::collections::BTreeMap;
use std::ops::{BitAnd, BitOr, BitOrAssign};

use super::product::Edition;

mod lists;

use lists::{Group, PBS, PBS_ROLES, PDM, PDM_ROLES};

/// A set of privileges; which bit is which is known to the [`Catalog`] that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Privileges(u64);

impl Privileges {
    /// No privilege.
    pub const NONE: Self = Self(0);

    /// Whether it is the empty set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `wanted` are in this set.
    pub fn has_all(self, wanted: Self) -> bool {
        self & wanted == wanted
    }

    /// Whether one of `wanted` is in this set.
    pub fn has_any(self, wanted: Self) -> bool {
        !(self & wanted).is_empty()
    }
}

impl BitAnd for Privileges {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Privileges {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Privileges {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// All privileges of a release, and its predefined roles.
#[derive(Debug, Clone)]
pub struct Catalog {
    names: Vec<&'static str>,
    roles: BTreeMap<String, Privileges>,
}

impl Catalog {
    /// The catalog of a release.
    pub fn new(edition: Edition) -> Self {
        match edition {
            Edition::Pbs => Self::listed(PBS, "Admin", PBS_ROLES),
            Edition::Pdm => Self::listed(PDM, "Administrator", PDM_ROLES),
            Edition::Pve7 | Edition::Pve8 | Edition::Pve9 => Self::computed(edition),
        }
    }

    /// One privilege as a set; `None` for a name that this release does not know.
    pub fn privilege(&self, name: &str) -> Option<Privileges> {
        let bit = self.names.iter().position(|known| *known == name)?;
        Some(Privileges(1 << bit))
    }

    /// A set from names. Unknown names are left out: nobody has them.
    pub fn set<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Privileges {
        let mut set = Privileges::NONE;
        for name in names {
            set |= self.privilege(name).unwrap_or_default();
        }
        set
    }

    /// Every privilege.
    pub fn all(&self) -> Privileges {
        self.set(self.names.iter().copied())
    }

    /// The names of the privileges in a set, in the order of the catalog.
    pub fn names(&self, set: Privileges) -> impl Iterator<Item = &'static str> {
        self.names
            .iter()
            .enumerate()
            .filter(move |(bit, _)| set.0 & (1 << bit) != 0)
            .map(|(_, name)| *name)
    }

    /// The privileges of a predefined role; `None` when there is none of this name.
    pub fn role(&self, name: &str) -> Option<Privileges> {
        self.roles.get(name).copied()
    }

    /// The predefined roles by name.
    pub fn roles(&self) -> impl Iterator<Item = (&str, Privileges)> {
        self.roles.iter().map(|(name, set)| (&**name, *set))
    }

    fn listed(
        names: &[&'static str],
        administrator: &str,
        roles: &[(&str, &[&'static str])],
    ) -> Self {
        let mut catalog = Self {
            names: names.to_vec(),
            roles: BTreeMap::new(),
        };
        for (role, privileges) in roles {
            let set = catalog.set(privileges.iter().copied());
            catalog.roles.insert((*role).to_owned(), set);
        }
        let all = catalog.all();
        catalog.roles.insert(administrator.to_owned(), all);
        catalog
    }

    /// Each group gives `PVE<group>Admin` (all but the degree root) and, when it has privileges for users,
    /// `PVE<group>User` (those, and what auditors have); together they give `PVEAdmin` and `PVEAuditor`.
    fn computed(edition: Edition) -> Self {
        let groups = lists::pve(edition);
        let mut catalog = Self {
            names: lists::names(edition, &groups),
            roles: BTreeMap::new(),
        };
        let mut admin = Privileges::NONE;
        let mut auditor = Privileges::NONE;
        for Group { name, degrees } in &groups {
            let degree = |n: usize| catalog.set(degrees[n].iter().copied());
            let (own, user, audit) = (degree(1), degree(2), degree(3));
            admin |= own | user | audit;
            auditor |= audit;
            let roles = &mut catalog.roles;
            roles.insert(format!("PVE{name}Admin"), own | user | audit);
            if !user.is_empty() {
                roles.insert(format!("PVE{name}User"), user | audit);
            }
        }
        // Mappings reach into the hosts: only their own role and the administrator may change them.
        let modify = catalog.set(["Mapping.Modify"]);
        let template_user = catalog.set(["VM.Clone", "VM.Audit"]);
        let all = catalog.all();
        let special = [
            ("PVEAdmin", Privileges(admin.0 & !modify.0)),
            ("PVEAuditor", auditor),
            ("PVETemplateUser", template_user),
            ("NoAccess", Privileges::NONE),
            ("Administrator", all),
        ];
        let special = special.map(|(name, set)| (name.to_owned(), set));
        catalog.roles.extend(special);
        catalog
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(edition: Edition, role: &str) -> Vec<&'static str> {
        let catalog = Catalog::new(edition);
        let mut names: Vec<_> = catalog.names(catalog.role(role).unwrap()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn counts_of_privileges_and_roles() {
        let check = |edition: Edition, privileges: usize, roles: usize| {
            let catalog = Catalog::new(edition);
            let known = catalog.names(catalog.all()).count();
            assert_eq!(known, privileges, "{edition:?}");
            let found: Vec<_> = catalog.roles().map(|(name, _)| name).collect();
            assert_eq!(found.len(), roles, "{edition:?}: {found:?}");
        };
        check(Edition::Pve7, 37, 14);
        check(Edition::Pve8, 42, 17);
        check(Edition::Pve9, 47, 17);
        check(Edition::Pbs, 23, 18);
        check(Edition::Pdm, 13, 3);
    }

    #[test]
    fn some_roles() {
        let check = |edition: Edition, role: &str, want: &[&str]| {
            assert_eq!(names(edition, role), want, "{role} of {edition:?}");
        };
        for edition in [Edition::Pve7, Edition::Pve8, Edition::Pve9] {
            check(edition, "NoAccess", &[]);
            check(edition, "PVETemplateUser", &["VM.Audit", "VM.Clone"]);
            check(edition, "PVEPoolUser", &["Pool.Audit"]);
            let users = ["Group.Allocate", "Realm.AllocateUser", "User.Modify"];
            check(edition, "PVEUserAdmin", &users);
            let all = Catalog::new(edition).all();
            assert_eq!(Catalog::new(edition).role("Administrator"), Some(all));
        }
        let auditor = [
            "Datastore.Audit",
            "Mapping.Audit",
            "Pool.Audit",
            "SDN.Audit",
            "Sys.Audit",
            "VM.Audit",
            "VM.GuestAgent.Audit",
        ];
        check(Edition::Pve9, "PVEAuditor", &auditor);
        let system = ["Sys.Audit", "Sys.Console", "Sys.Syslog"];
        check(Edition::Pve8, "PVESysAdmin", &system);
        let system = [
            "Permissions.Modify",
            "Sys.Audit",
            "Sys.Console",
            "Sys.Syslog",
        ];
        check(Edition::Pve7, "PVESysAdmin", &system);
        let mapping = ["Mapping.Audit", "Mapping.Modify"];
        check(
            Edition::Pve9,
            "PVEMappingAdmin",
            &["Mapping.Audit", "Mapping.Modify", "Mapping.Use"],
        );
        assert!(!names(Edition::Pve9, "PVEAdmin").contains(&mapping[1]));
        assert!(names(Edition::Pve8, "PVEVMAdmin").contains(&"VM.Monitor"));
        assert!(!names(Edition::Pve9, "PVEVMAdmin").contains(&"VM.Monitor"));
        check(Edition::Pbs, "Audit", &["Datastore.Audit", "Sys.Audit"]);
        check(Edition::Pbs, "TapeReader", &["Tape.Audit", "Tape.Read"]);
        check(
            Edition::Pdm,
            "Auditor",
            &["Access.Audit", "Resource.Audit", "System.Audit"],
        );
    }

    #[test]
    fn sets() {
        let catalog = Catalog::new(Edition::Pve9);
        let two = catalog.set(["VM.Audit", "VM.Clone", "VM.Nonsense"]);
        let one = catalog.privilege("VM.Audit").unwrap();
        assert!(two.has_all(one) && two.has_any(one) && !one.has_all(two));
        assert_eq!(catalog.names(two).count(), 2);
        assert!(catalog.privilege("VM.Nonsense").is_none());
        assert!(!Privileges::NONE.has_any(two) && Privileges::NONE.is_empty());
    }
}
