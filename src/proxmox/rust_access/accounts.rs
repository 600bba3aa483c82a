//! Users, tokens and permissions of a Rust product as its world keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::proxmox::account::{Directory, User};
use crate::proxmox::acl::AccessList;
use crate::proxmox::identity::UserId;

/// All of it. In a world file `{"users": {...}, "acl": [...]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "File", into = "File")]
pub struct Accounts {
    /// Users with their tokens. The products have neither groups nor roles of one's own.
    pub directory: Directory,
    /// Who has which role where.
    pub acl: AccessList,
}

/// The same as world files have it, all on one level.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct File {
    users: BTreeMap<UserId, User>,
    acl: AccessList,
}

impl From<File> for Accounts {
    fn from(file: File) -> Self {
        let directory = Directory {
            users: file.users,
            ..Directory::default()
        };
        Self {
            directory,
            acl: file.acl,
        }
    }
}

impl From<Accounts> for File {
    fn from(accounts: Accounts) -> Self {
        Self {
            users: accounts.directory.users,
            acl: accounts.acl,
        }
    }
}
