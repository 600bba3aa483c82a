//! Who may do what: the accounts, the realms that they come from, and the tree of permissions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::is_default;
use super::options::Options;
use crate::proxmox::account::{Directory, Group, User};
use crate::proxmox::acl::AccessList;
use crate::proxmox::identity::UserId;

/// Where accounts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the product's own")]
pub enum RealmKind {
    Pam,
    Pve,
    Ldap,
    Ad,
    Openid,
}

/// A realm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Realm {
    /// Where its accounts come from.
    pub kind: RealmKind,
    /// Everything else: `comment`, `default`, `server1`, `base_dn`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}

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
