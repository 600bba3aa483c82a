//! One state of all objects that are applied together.

use serde::{Deserialize, Serialize};

use super::text;
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::is_default;

/// The objects by their ids. Properties are the product's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Configuration {
    /// Zones; their types are `simple`, `vlan`, `qinq`, `vxlan`, `evpn` and `faucet`.
    #[serde(skip_serializing_if = "is_default")]
    pub zones: Sections,
    /// Virtual networks, each in a `zone`; their type is `vnet`.
    #[serde(skip_serializing_if = "is_default")]
    pub vnets: Sections,
    /// Subnets, each of a `vnet`; their ids are `<zone>-<network>-<length>`, their type is `subnet`.
    #[serde(skip_serializing_if = "is_default")]
    pub subnets: Sections,
    /// Controllers of routing; their types are `evpn`, `bgp`, `isis` and `faucet`.
    #[serde(skip_serializing_if = "is_default")]
    pub controllers: Sections,
    /// Fabrics; their types are the protocols `openfabric`, `ospf`, `wireguard` and `bgp`.
    #[serde(skip_serializing_if = "is_default")]
    pub fabrics: Sections,
    /// The nodes of fabrics, as `<fabric>/<node>`, with the fabric's type.
    #[serde(skip_serializing_if = "is_default")]
    pub fabric_nodes: Sections,
    /// Lists of prefixes; `entries` are property strings (`seq=10,action=permit,prefix=10.0.0.0/8`).
    #[serde(skip_serializing_if = "is_default")]
    pub prefix_lists: Sections,
    /// Entries of route maps, as `<map>/<order>`.
    #[serde(skip_serializing_if = "is_default")]
    pub route_maps: Sections,
}

impl Configuration {
    /// The networks with their zones.
    pub fn vnets_with_zones(&self) -> impl Iterator<Item = (&str, &str)> {
        let vnets = self.vnets.0.iter();
        vnets.map(|(id, vnet)| (id.as_str(), text(vnet, "zone").unwrap_or_default()))
    }

    /// The zone that a network is in.
    pub fn zone_of_vnet(&self, vnet: &str) -> Option<(&str, &Section)> {
        let id = text(self.vnets.0.get(vnet)?, "zone")?;
        let (id, zone) = self.zones.0.get_key_value(id)?;
        Some((id, zone))
    }

    /// The subnets of a network with their ids.
    pub fn subnets_of<'a, 'b>(
        &'a self,
        vnet: &'b str,
    ) -> impl Iterator<Item = (&'a str, &'a Section)> + use<'a, 'b> {
        let subnets = self.subnets.0.iter();
        let own = subnets.filter(move |(_, subnet)| text(subnet, "vnet") == Some(vnet));
        own.map(|(id, subnet)| (id.as_str(), subnet))
    }

    /// The nodes of a fabric by their names.
    pub fn nodes_of<'a, 'b>(
        &'a self,
        fabric: &'b str,
    ) -> impl Iterator<Item = (&'a str, &'a Section)> + use<'a, 'b> {
        let nodes = self.fabric_nodes.0.iter();
        nodes.filter_map(move |(id, node)| {
            let (known, name) = id.split_once('/')?;
            (known == fabric).then_some((name, node))
        })
    }
}
