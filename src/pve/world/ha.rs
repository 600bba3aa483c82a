//! High availability: which guests are kept alive, and where they may be.

mod fence;

mod motion;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::World;
use super::guest::Kind;
use super::ids::{BadName, NodeName, Vmid, text_in_files};
use super::is_default;
use super::options::Options;
pub use fence::{Away, Stage};
pub use motion::Cause;

text_in_files!(Sid);

/// The id of a resource: `vm:100`, `ct:101`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sid {
    /// What the guest is.
    pub kind: Kind,
    /// The guest.
    pub vmid: Vmid,
}

impl FromStr for Sid {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "id of an HA resource");
        let (kind, vmid) = text.split_once(':').ok_or_else(bad)?;
        let kind = match kind {
            "vm" => Kind::Qemu,
            "ct" => Kind::Lxc,
            _ => return Err(bad()),
        };
        let vmid = vmid.parse().map_err(|_| bad())?;
        Ok(Self { kind, vmid })
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.word().to_ascii_lowercase();
        write!(f, "{kind}:{}", self.vmid)
    }
}

/// What a resource shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// Running.
    #[default]
    Started,
    /// Stopped, but moved when its node dies.
    Stopped,
    /// Left alone.
    Ignored,
    /// Stopped and left alone.
    Disabled,
}

/// A guest under high availability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Resource {
    /// What it shall be.
    pub state: Wanted,
    /// Its group; releases with rules have none.
    #[serde(skip_serializing_if = "is_default")]
    pub group: Option<String>,
    /// Everything else: `comment`, `max_restart`, `max_relocate`, `failback`.
    #[serde(skip_serializing_if = "is_default")]
    pub options: Options,
}

/// A group, as releases before 9 have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// Its nodes with their priorities.
    pub nodes: BTreeMap<NodeName, u32>,
    /// Everything else: `comment`, `restricted`, `nofailback`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Affinity {
    /// The resources belong on these nodes, which have priorities.
    Nodes(BTreeMap<NodeName, u32>),
    /// The resources belong together.
    Together,
    /// The resources belong apart.
    Apart,
}

/// A rule, as releases since 9 have them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// What it says.
    pub affinity: Affinity,
    /// Of whom.
    pub resources: BTreeSet<Sid>,
    /// Everything else: `comment`, `disable`, `strict`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Ha {
    /// The guests.
    pub resources: BTreeMap<Sid, Resource>,
    /// The groups by name.
    pub groups: BTreeMap<String, Group>,
    /// The rules by name.
    pub rules: BTreeMap<String, Rule>,
    /// What becomes of the guests while it is disarmed; nothing while it is armed.
    #[serde(skip_serializing_if = "is_default")]
    pub disarmed: Option<Disarmed>,
    /// The nodes that are away, as its manager knows them.
    #[serde(skip_serializing_if = "is_default")]
    pub away: BTreeMap<NodeName, Away>,
}

/// What becomes of the guests while high availability is disarmed (release 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Disarmed {
    /// They stay as they are, and nobody starts or stops them.
    Freeze,
    /// They are as if they were no resources.
    Ignore,
}

impl World {
    /// The state of a guest under high availability, as the manager of it keeps it; `None` for others.
    pub fn service_state(&self, sid: &Sid) -> Option<&'static str> {
        let resource = self.ha.resources.get(sid)?;
        let fencing = self
            .resource_guest(sid)
            .and_then(|guest| self.fencing_state(guest));
        if let Some(state) = fencing.filter(|_| resource.state != Wanted::Ignored) {
            return Some(state);
        }
        Some(match resource.state {
            Wanted::Started => "started",
            // Whoever is disabled is stopped first.
            Wanted::Stopped | Wanted::Disabled => "stopped",
            Wanted::Ignored => "ignored",
        })
    }
}

impl Ha {
    /// Takes out what names a node that is gone, or guests that are.
    pub fn forget(&mut self, node: &NodeName, guests: &[Vmid]) {
        for vmid in guests {
            self.forget_guest(*vmid);
        }
        for group in self.groups.values_mut() {
            group.nodes.remove(node);
        }
        for rule in self.rules.values_mut() {
            if let Affinity::Nodes(nodes) = &mut rule.affinity {
                nodes.remove(node);
            }
        }
        self.forget_empty();
    }

    /// Takes out a guest that is gone, or that is to be left alone. Rules of nobody go as well.
    pub fn forget_guest(&mut self, vmid: Vmid) {
        self.resources.retain(|sid, _| sid.vmid != vmid);
        for rule in self.rules.values_mut() {
            rule.resources.retain(|sid| sid.vmid != vmid);
        }
        self.forget_empty();
    }

    fn forget_empty(&mut self) {
        self.groups.retain(|_, group| !group.nodes.is_empty());
        let groups = &self.groups;
        for resource in self.resources.values_mut() {
            let group = resource.group.take();
            resource.group = group.filter(|group| groups.contains_key(group));
        }
        self.rules.retain(|_, rule| {
            let has_nodes = match &rule.affinity {
                Affinity::Nodes(nodes) => !nodes.is_empty(),
                Affinity::Together | Affinity::Apart => true,
            };
            has_nodes && !rule.resources.is_empty()
        });
    }
}
