//! A remote: how it is reached, and the world behind it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fixture::Fixtures;
use crate::proxmox::state::State;
use crate::proxmox::task::Task;
use crate::proxmox::world_file;
use crate::{pbs, pve};

/// What a remote is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Proxmox VE.
    Pve,
    /// Proxmox Backup Server.
    Pbs,
}

/// An address of a remote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NodeUrl {
    /// The host, with a port where it is not the product's own.
    pub hostname: String,
    /// The SHA-256 fingerprint of its certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// The whole world of a product.
#[derive(Debug, Clone, PartialEq)]
pub enum Behind {
    /// A cluster.
    Pve(Box<pve::world::World>),
    /// A backup server.
    Pbs(Box<pbs::world::World>),
}

/// A product that is managed.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote {
    /// Its addresses.
    pub nodes: Vec<NodeUrl>,
    /// The user or token by which it is asked.
    pub authid: String,
    /// The secret of the token; never shown.
    pub token: String,
    /// Where its web interface is, for links.
    pub web_url: Option<String>,
    /// Why it cannot be reached, when it cannot: `No route to host`.
    pub unreachable: Option<String>,
    /// When its figures were last collected on request; else they were collected within the last minute.
    pub collected: Option<Timestamp>,
    /// The world behind it.
    pub behind: Behind,
}

impl Kind {
    /// The product's name, which is also the folder of its worlds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pve => "pve",
            Self::Pbs => "pbs",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "pve" => Some(Self::Pve),
            "pbs" => Some(Self::Pbs),
            _ => None,
        }
    }
}

impl Behind {
    /// The world of that name that the product itself begins with.
    ///
    /// # Errors
    /// When there is none; a sentence.
    pub fn named(kind: Kind, name: &str) -> Result<Self, String> {
        let product = kind.name();
        let missing = || {
            format!(
                "{product} has no world {name:?}: it is \"default\", \"empty\" or a whole world"
            )
        };
        if !matches!(name, "default" | "empty") {
            return Err(missing());
        }
        let fixtures = Fixtures::load(product, None, minijinja::Value::UNDEFINED);
        let fixtures = fixtures.map_err(|error| error.to_string())?;
        let (text, _) = fixtures.text(name).map_err(|_| missing())?;
        let file = world_file::json(&text).map_err(|problems| world_file::sentences(&problems))?;
        Self::read(kind, &file).map_err(|problems| world_file::sentences(&problems))
    }

    /// The world that a file says.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(
        kind: Kind,
        file: &serde_json::Value,
    ) -> Result<Self, Vec<crate::contract::Problem>> {
        match kind {
            Kind::Pve => pve::world::World::read(file).map(|world| Self::Pve(Box::new(world))),
            Kind::Pbs => pbs::world::World::read(file).map(|world| Self::Pbs(Box::new(world))),
        }
    }

    /// The world as a file.
    pub fn export(&self) -> serde_json::Value {
        match self {
            Self::Pve(world) => world.export(),
            Self::Pbs(world) => world.export(),
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Pve(_) => Kind::Pve,
            Self::Pbs(_) => Kind::Pbs,
        }
    }
}

impl Remote {
    /// What it is.
    pub fn kind(&self) -> Kind {
        self.behind.kind()
    }

    /// Why it cannot be reached; `None` when it can. A cluster of which no node is there cannot.
    pub fn trouble(&self) -> Option<&str> {
        let is_dark = match &self.behind {
            Behind::Pve(world) => !world.nodes.values().any(pve::world::node::Node::is_online),
            Behind::Pbs(_) => false,
        };
        let trouble = self.unreachable.as_deref();
        trouble.or(is_dark.then_some("No route to host"))
    }

    /// Its tasks, the oldest first, by the ids that they have here when this is the remote's id.
    pub fn tasks<'r>(&'r self, id: &str) -> Vec<(String, &'r Task)> {
        let kind = self.kind().name();
        let named = |task: &'r Task| (format!("{kind}:{id}!{}", task.upid), task);
        match &self.behind {
            Behind::Pve(world) => world.tasks.tasks().map(named).collect(),
            Behind::Pbs(world) => world.tasks.tasks().map(named).collect(),
        }
    }

    /// Whether a task has ended whose effects are still to come.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        match &self.behind {
            Behind::Pve(world) => world.is_due(now),
            Behind::Pbs(world) => world.is_due(now),
        }
    }

    /// Does what its tasks that have ended were to do.
    pub(super) fn settle(&mut self, now: Timestamp) {
        match &mut self.behind {
            Behind::Pve(world) => world.settle(now),
            Behind::Pbs(world) => world.settle(now),
        }
    }

    /// The name of the node at one of its addresses: by name, by address, or the one that answers.
    pub fn has_host(&self, hostname: &str) -> bool {
        self.nodes.iter().any(|node| node.hostname == hostname)
    }
}
