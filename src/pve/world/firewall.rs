//! Firewalls: where each level keeps its rules, aliases, sets and options.
//!
//! They are among the plain collections of [`World`], because nothing but the firewall's own endpoints cares about
//! them; all levels have the same parts, so a part of any level is a path below the level's base.

use super::World;
use super::ids::Vmid;
use super::options::{List, Options};
use crate::proxmox::section::Sections;

/// Whose firewall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level {
    /// The cluster's.
    Cluster,
    /// The rules of a security group, by its name.
    Group(String),
    /// A node's.
    Node(String),
    /// A guest's.
    Guest(Vmid),
    /// A virtual network's.
    Vnet(String),
}

impl Level {
    /// Where its parts are kept. A group has nothing but rules.
    pub fn base(&self) -> String {
        match self {
            Self::Cluster | Self::Group(_) => "cluster/firewall".to_owned(),
            Self::Node(node) => format!("nodes/{node}/firewall"),
            Self::Guest(vmid) => format!("guests/{vmid}/firewall"),
            Self::Vnet(vnet) => format!("cluster/sdn/vnets/{vnet}/firewall"),
        }
    }

    fn part(&self, part: &str) -> String {
        format!("{}/{part}", self.base())
    }

    fn rules(&self) -> String {
        match self {
            Self::Group(group) => format!("{}/{group}", Self::GROUPS),
            _ => self.part("rules"),
        }
    }

    /// Where the security groups are.
    pub const GROUPS: &str = "cluster/firewall/groups";
}

impl World {
    /// The rules of a level, the first one first.
    pub fn rules(&self, level: &Level) -> &[Options] {
        self.lists.get(&level.rules()).map_or(&[], Vec::as_slice)
    }

    /// The same to change them.
    pub fn rules_mut(&mut self, level: &Level) -> &mut List {
        self.lists.entry(level.rules()).or_default()
    }

    /// The security groups, each with its `comment`.
    pub fn groups(&self) -> Option<&Sections> {
        self.sections.get(Level::GROUPS)
    }

    /// The same to change them.
    pub fn groups_mut(&mut self) -> &mut Sections {
        self.sections.entry(Level::GROUPS.to_owned()).or_default()
    }

    /// Takes a security group's rules away.
    pub fn drop_group(&mut self, group: &str) -> List {
        let path = Level::Group(group.to_owned()).rules();
        self.groups_mut().0.remove(group);
        self.lists.remove(&path).unwrap_or_default()
    }

    /// The aliases of a level: `cidr` and `comment`.
    pub fn aliases(&self, level: &Level) -> Option<&Sections> {
        self.sections.get(&level.part("aliases"))
    }

    /// The same to change them.
    pub fn aliases_mut(&mut self, level: &Level) -> &mut Sections {
        self.sections.entry(level.part("aliases")).or_default()
    }

    /// The sets of addresses of a level, each with its `comment`.
    pub fn ip_sets(&self, level: &Level) -> Option<&Sections> {
        self.sections.get(&level.part("ipset"))
    }

    /// The same to change them.
    pub fn ip_sets_mut(&mut self, level: &Level) -> &mut Sections {
        self.sections.entry(level.part("ipset")).or_default()
    }

    /// What is in a set, by address: `nomatch` and `comment`.
    pub fn addresses(&self, level: &Level, set: &str) -> Option<&Sections> {
        self.sections.get(&level.part(&format!("ipset/{set}")))
    }

    /// The same to change it.
    pub fn addresses_mut(&mut self, level: &Level, set: &str) -> &mut Sections {
        let path = level.part(&format!("ipset/{set}"));
        self.sections.entry(path).or_default()
    }

    /// Takes a set away with all that is in it, and gives that.
    pub fn drop_ip_set(&mut self, level: &Level, set: &str) -> Sections {
        self.ip_sets_mut(level).0.remove(set);
        let path = level.part(&format!("ipset/{set}"));
        self.sections.remove(&path).unwrap_or_default()
    }

    /// The options of a level that were set.
    pub fn firewall_options(&self, level: &Level) -> Options {
        let options = self.options.get(&level.part("options"));
        options.cloned().unwrap_or_default()
    }

    /// The same to change them.
    pub fn firewall_options_mut(&mut self, level: &Level) -> &mut Options {
        self.options.entry(level.part("options")).or_default()
    }

    /// Whether a level's firewall filters at all.
    pub fn is_firewalled(&self, level: &Level) -> bool {
        let options = self.firewall_options(level);
        options.0.get("enable").is_some_and(|enable| {
            enable.as_bool() == Some(true) || enable.as_u64().is_some_and(|one| one > 0)
        })
    }

    /// Takes away all that is kept below a path: `guests/101` when that guest goes.
    pub fn forget_below(&mut self, path: &str) {
        let stays = |kept: &str| {
            let rest = kept.strip_prefix(path);
            !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.sections.retain(|kept, _| stays(kept));
        self.lists.retain(|kept, _| stays(kept));
        self.options.retain(|kept, _| stays(kept));
    }
}
