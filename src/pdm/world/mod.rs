//! A datacenter manager: the machine it runs on, what it keeps itself, and the products it manages.
//!
//! A remote has the whole world of its product behind it, of the same types as a server of that product has: what
//! this product shows of a remote is asked of that world and never stored, so that no two endpoints can disagree,
//! and what it does to a remote happens there. The machine is kept in the types of Backup Server: the two products
//! are built on the same crates and know a machine alike.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub mod remote;

pub mod view;

pub mod key;

pub mod check;

mod file;

mod state;

pub use check::invariants;

use key::PoolKey;
use remote::Remote;

use crate::pbs;

/// The state of one datacenter manager.
///
/// In a world file all of this is on one level: `node`, `access`, `sections` and `tasks` are those of the machine,
/// in the form of Backup Server's world files.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// The machine with its accounts, its tasks and its plain collections: `config/access` (realms),
    /// `config/views`, `config/acme/account`, `nodes/network` and so on, by the paths of Backup Server. It has no
    /// datastores, remotes or tapes.
    pub machine: pbs::world::World,
    /// The products it manages, by id.
    pub remotes: BTreeMap<String, Remote>,
    /// The notes of the whole.
    pub notes: String,
    /// The pool of subscription keys.
    pub subscription_keys: BTreeMap<String, PoolKey>,
    /// Installations that wait to be answered, and those that were.
    pub auto_install: AutoInstall,
}

/// Automated installations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct AutoInstall {
    /// Prepared answers by id, each as its endpoint gives it.
    #[serde(skip_serializing_if = "is_default")]
    pub prepared: BTreeMap<String, Map<String, Value>>,
    /// What installers prove themselves by, by id; `secret` is told once.
    #[serde(skip_serializing_if = "is_default")]
    pub tokens: BTreeMap<String, Map<String, Value>>,
    /// Installations by UUID, each as its endpoint gives it.
    #[serde(skip_serializing_if = "is_default")]
    pub installations: BTreeMap<String, Map<String, Value>>,
}

/// Whether a field is as it would be if the file said nothing, so that an export leaves it out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests;
