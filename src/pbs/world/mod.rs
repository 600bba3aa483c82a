//! A backup server: everything a client of Proxmox Backup Server can see or change, and nothing of how it is
//! told.
//!
//! Its types are the world file: [`World::read`] checks one and [`World::export`] writes one. Figures of a moment
//! (uptime, load, what a datastore uses) are derived and never stored, so that no two endpoints can disagree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub mod ids;

pub mod moment;

pub mod content;

pub mod datastore;

pub mod node;

pub mod tape;

pub mod task;

pub mod gauge;

pub mod check;

mod file;

mod settle;

mod state;

pub use check::invariants;

use content::Content;
use datastore::Datastore;
use node::Node;
use tape::Media;
use task::Effect;

use crate::proxmox::rust_access::Accounts;
use crate::proxmox::section::Sections;
use crate::proxmox::work::Work;

/// The state of one backup server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct World {
    /// The machine.
    pub node: Node,
    /// The datastores by name.
    #[serde(default)]
    pub datastores: BTreeMap<String, Datastore>,
    /// What lies under paths of this machine that no datastore has now: deleted ones whose data was kept.
    #[serde(default, skip_serializing_if = "is_default")]
    pub left_behind: BTreeMap<String, Datastore>,
    /// What the remotes hold, by the remote's name and the datastore's. A datastore of a remote shows to
    /// `config/remote/{name}/scan`, and pulls take from it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub remotes: BTreeMap<String, BTreeMap<String, Content>>,
    /// Tapes by their number.
    #[serde(default, skip_serializing_if = "is_default")]
    pub media: Media,
    /// Who may do what.
    pub access: Accounts,
    /// Plain collections of things with ids, that nothing but their own endpoints and a few references care
    /// about. They are kept under the path of their collection without slashes at its ends (`config/prune`).
    /// Collections that share one file of the product share one here: `config/access` (all realms),
    /// `config/metrics`, `config/notifications/endpoints`. Single things are kept likewise, each as a section of
    /// its own: `nodes/config` with `node`, `config/access/tfa` with `webauthn`. Network interfaces are
    /// `nodes/network`, and `nodes/network.new` while changes wait.
    #[serde(default)]
    pub sections: BTreeMap<String, Sections>,
    /// The last task of each job, by `prunejob/<id>`, `verificationjob/<id>`, `syncjob/<id>`,
    /// `tape-backup-job/<id>` and `garbage_collection/<store>`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_runs: BTreeMap<String, String>,
    /// All tasks, and what tests want of the next ones.
    #[serde(default)]
    pub tasks: Work<Effect>,
}

impl World {
    /// The sections of a collection; none when nothing is kept of it.
    pub fn section(&self, file: &str, id: &str) -> Option<&crate::proxmox::section::Section> {
        self.sections.get(file)?.0.get(id)
    }

    /// All sections of a collection.
    pub fn sections_of(
        &self,
        file: &str,
    ) -> impl Iterator<Item = (&str, &crate::proxmox::section::Section)> {
        let sections = self.sections.get(file).into_iter();
        sections
            .flat_map(|sections| &sections.0)
            .map(|(id, section)| (id.as_str(), section))
    }

    /// The drives and changers that go by this name.
    pub fn has_drive(&self, name: &str) -> bool {
        self.section("config/drive", name).is_some()
    }

    /// The number of the medium with this label.
    pub fn medium_labelled(&self, label: &str) -> Option<&str> {
        let mut media = self.media.iter();
        let found = media.find(|(_, medium)| medium.label == label);
        found.map(|(uuid, _)| uuid.as_str())
    }
}

/// Whether a field is as it would be if the file said nothing, so that an export leaves it out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests;
