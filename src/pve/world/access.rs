//! Who may do what: the accounts, the realms that they come from, and the tree of permissions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::realm::Realm;
use crate::proxmox::account::{Directory, Group, User};
use crate::proxmox::acl::AccessList;
use crate::proxmox::identity::UserId;

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "File", into = "File")]
pub struct Access {
    /// The realms by name.
    pub realms: BTreeMap<String, Realm>,
    /// Users with their tokens, groups, and the roles that somebody made.
    pub directory: Directory,
    /// Who has which role where.
    pub acl: AccessList,
}

impl Access {
    /// The realm of a user, where there is one.
    pub fn realm_of(&self, user: &UserId) -> Option<&Realm> {
        self.realms.get(user.realm())
    }

    /// A user as it is spelled here: in realms in which case does not matter, as the first one who is called so.
    pub fn spelled(&self, user: UserId) -> UserId {
        let ignores_case = |realm: &Realm| realm.is_set("case-sensitive") == Some(false);
        if !self.realm_of(&user).is_some_and(ignores_case) {
            return user;
        }
        let wanted = user.as_str().to_lowercase();
        let mut known = self.directory.users.keys();
        let found = known.find(|known| known.as_str().to_lowercase() == wanted);
        found.cloned().unwrap_or(user)
    }
}

/// The same as world files have it, all on one level. Not by serde's `flatten`, which loses the path of what is
/// wrong inside.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct File {
    realms: BTreeMap<String, Realm>,
    users: BTreeMap<UserId, User>,
    groups: BTreeMap<String, Group>,
    roles: BTreeMap<String, BTreeSet<String>>,
    acl: AccessList,
}

impl From<File> for Access {
    fn from(file: File) -> Self {
        let directory = Directory {
            users: file.users,
            groups: file.groups,
            roles: file.roles,
        };
        Self {
            realms: file.realms,
            directory,
            acl: file.acl,
        }
    }
}

impl From<Access> for File {
    fn from(access: Access) -> Self {
        let Directory {
            users,
            groups,
            roles,
        } = access.directory;
        Self {
            realms: access.realms,
            users,
            groups,
            roles,
            acl: access.acl,
        }
    }
}
