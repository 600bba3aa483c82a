//! Software-defined networks: what nodes run, and what somebody wrote and has not applied yet.
//!
//! The product keeps its configuration in files and a copy of them from when they were last applied (proxmox.md
//! 4.9). Here the copy is the first thing and the files are there only while they differ from it, so that a world
//! file says nothing twice.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::World;
use super::cidr::Cidr;
use super::ids::{NodeName, Vmid};
use super::is_default;
use crate::proxmox::section::{Section, Sections};

mod configuration;

pub use configuration::Configuration;

/// The software-defined networks of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Sdn {
    /// What nodes run.
    #[serde(skip_serializing_if = "is_default")]
    pub running: Configuration,
    /// What they will run when it is applied, all of it; nothing when that is what they run already.
    #[serde(skip_serializing_if = "is_default")]
    pub pending: Option<Box<Configuration>>,
    /// Who hands out addresses, by id; `pve` is the cluster itself. They are in force as soon as they are written.
    #[serde(skip_serializing_if = "is_default")]
    pub ipams: Sections,
    /// Who is told names, by id; in force as soon as they are written.
    #[serde(skip_serializing_if = "is_default")]
    pub dns: Sections,
    /// The addresses that are taken, by the id of their subnet.
    #[serde(skip_serializing_if = "is_default")]
    pub addresses: BTreeMap<String, BTreeMap<IpAddr, Lease>>,
    /// The token without which nothing can be changed, while somebody holds the lock.
    #[serde(skip_serializing_if = "is_default")]
    pub lock: Option<String>,
    /// How often the configuration was applied.
    #[serde(skip_serializing_if = "is_default")]
    pub version: u32,
    /// The version that nodes have loaded; they are `pending` while it is behind.
    #[serde(skip_serializing_if = "is_default")]
    pub loaded: u32,
}

/// Whose an address is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Lease {
    /// It is that of the subnet's gateway.
    #[serde(skip_serializing_if = "is_default")]
    pub gateway: bool,
    /// The name of its owner.
    #[serde(skip_serializing_if = "is_default")]
    pub hostname: Option<String>,
    /// The address of its owner's card.
    #[serde(skip_serializing_if = "is_default")]
    pub mac: Option<String>,
    /// The guest that it belongs to.
    #[serde(skip_serializing_if = "is_default")]
    pub vmid: Option<Vmid>,
}

/// Which configuration is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The one that was written last.
    Written,
    /// The one that was applied last.
    Running,
}

impl Sdn {
    /// A configuration.
    pub fn view(&self, view: View) -> &Configuration {
        match (view, &self.pending) {
            (View::Written, Some(pending)) => pending,
            _ => &self.running,
        }
    }

    /// What was written last.
    pub fn written(&self) -> &Configuration {
        self.view(View::Written)
    }

    /// Changes what was written last.
    pub fn write(&mut self, change: impl FnOnce(&mut Configuration)) {
        let pending = self
            .pending
            .get_or_insert_with(|| Box::new(self.running.clone()));
        change(pending);
        if **pending == self.running {
            self.pending = None;
        }
    }

    /// Makes what was written what runs; gives the version, which nodes have yet to load.
    pub fn commit(&mut self) -> u32 {
        if let Some(pending) = self.pending.take() {
            self.running = *pending;
        }
        self.version = self.version.saturating_add(1);
        self.version
    }

    /// Nodes have loaded a version. One that is older than what they run changes nothing.
    pub fn load(&mut self, version: u32) {
        self.loaded = self.loaded.max(version.min(self.version));
    }

    /// Whether nodes run what was applied last.
    pub fn is_loaded(&self) -> bool {
        self.loaded == self.version
    }

    /// The sets of addresses that rules of firewalls may use for a network: their names, and what is in them.
    pub fn ip_sets_of(&self, vnet: &str) -> [(String, String); 4] {
        let set = |suffix: &str, what: &str| {
            (format!("{vnet}-{suffix}"), format!("{what} of VNet {vnet}"))
        };
        [
            set("all", "All subnets"),
            set("gateway", "All gateways"),
            set("no-gateway", "All subnets without gateways"),
            set("dhcp", "DHCP ranges"),
        ]
    }

    /// Whether there is a set of that name among those of running networks.
    pub fn has_ip_set(&self, name: &str) -> bool {
        let mut vnets = self.running.vnets.0.keys();
        vnets.any(|vnet| self.ip_sets_of(vnet).iter().any(|(known, _)| known == name))
    }

    /// The subnet of a network, as written, that an address is in, with its id.
    pub fn subnet_for(&self, vnet: &str, address: IpAddr) -> Option<(&str, Cidr)> {
        let mut subnets = self.written().subnets_of(vnet);
        subnets.find_map(|(id, _)| {
            let cidr = cidr_of(id)?;
            cidr.contains(address).then_some((id, cidr))
        })
    }

    /// Brings the list of addresses up to what is written of a subnet: its gateway, where the cluster itself keeps
    /// the list, or nothing when it is gone.
    pub fn register(&mut self, subnet: &str) {
        let written = self.written();
        let Some(known) = written.subnets.0.get(subnet) else {
            self.addresses.remove(subnet);
            return;
        };
        let gateway = text(known, "gateway").and_then(|gateway| gateway.parse().ok());
        // A gateway that lies elsewhere is nobody's here.
        let within = |address: &IpAddr| cidr_of(subnet).is_some_and(|cidr| cidr.contains(*address));
        let gateway: Option<IpAddr> = gateway.filter(within);
        if self.keeps(subnet) {
            let leases = self.addresses.entry(subnet.to_owned()).or_default();
            leases.retain(|_, lease| !lease.gateway);
            let lease = Lease {
                gateway: true,
                ..Lease::default()
            };
            leases.extend(gateway.map(|address| (address, lease)));
        }
    }

    /// Whether the cluster itself keeps the list of a subnet's addresses.
    pub fn keeps(&self, subnet: &str) -> bool {
        let zone = self.written().zones.0.get(zone_of(subnet));
        zone.is_some_and(|zone| text(zone, "ipam") == Some("pve"))
    }

    /// Whether an address of a subnet, other than its gateway's, is taken.
    pub fn is_used(&self, subnet: &str) -> bool {
        let leases = self.addresses.get(subnet).into_iter().flatten();
        leases.into_iter().any(|(_, lease)| !lease.gateway)
    }
}

impl World {
    /// The networks that run on a node, each with its zone.
    pub fn vnets_on<'a>(
        &'a self,
        node: &'a NodeName,
    ) -> impl Iterator<Item = (&'a str, &'a Section)> + 'a {
        let running = &self.sdn.running;
        let vnets = running.vnets.0.iter();
        let here = vnets.filter(move |(_, vnet)| {
            let zone = text(vnet, "zone").and_then(|zone| running.zones.0.get(zone));
            zone.is_some_and(|zone| is_on(zone, node))
        });
        here.map(|(id, vnet)| (id.as_str(), vnet))
    }

    /// Applies what was written, and forgets the firewalls of networks that are gone; gives the version.
    pub fn commit_sdn(&mut self) -> u32 {
        let before: Vec<String> = self.sdn.running.vnets.0.keys().cloned().collect();
        let version = self.sdn.commit();
        for vnet in before {
            if !self.sdn.running.vnets.0.contains_key(&vnet) {
                self.forget_below(&format!("cluster/sdn/vnets/{vnet}"));
            }
        }
        version
    }

    /// Forgets what was written and not applied. The list of addresses follows: gateways are those that run.
    pub fn roll_sdn_back(&mut self) {
        self.sdn.pending = None;
        let running = &self.sdn.running;
        self.sdn
            .addresses
            .retain(|subnet, _| running.subnets.0.contains_key(subnet));
        let subnets: Vec<String> = running.subnets.0.keys().cloned().collect();
        for subnet in subnets {
            self.sdn.register(&subnet);
        }
    }
}

/// Whether a zone is on a node: on those it names, or on all.
pub fn is_on(zone: &Section, node: &NodeName) -> bool {
    let nodes = text(zone, "nodes");
    nodes.is_none_or(|nodes| nodes.split(',').any(|known| known.trim() == node.as_str()))
}

/// A property that is a text.
pub fn text<'a>(section: &'a Section, name: &str) -> Option<&'a str> {
    section.properties.get(name).and_then(Value::as_str)
}

/// The zone in the id of a subnet, which is `<zone>-<network>-<length>`.
pub fn zone_of(subnet: &str) -> &str {
    subnet.split_once('-').map_or("", |(zone, _)| zone)
}

/// The network in the id of a subnet.
pub fn cidr_of(subnet: &str) -> Option<Cidr> {
    let (_, rest) = subnet.split_once('-')?;
    rest.replacen('-', "/", 1).parse().ok()
}

#[cfg(test)]
mod tests;
