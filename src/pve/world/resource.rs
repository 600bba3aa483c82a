//! Everything the cluster has in one list: what `cluster/resources` tells, in the words of the world.

use std::collections::BTreeMap;

use super::World;
use super::gauge::{self, Gauge, Load, Moment};
use super::guest::Guest;
use super::ids::{NodeName, Shelf, StorageId, Vmid};
use super::node::Node;
use super::pool::Pool;
use super::sdn::is_on;
use super::size::Size;
use super::storage::Storage;

/// One thing of the cluster.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// A node.
    Node {
        /// Its name.
        name: &'a NodeName,
        /// What it is.
        node: &'a Node,
        /// How it does.
        gauge: Gauge,
    },
    /// A guest.
    Guest {
        /// Its number.
        vmid: Vmid,
        /// What it is.
        guest: &'a Guest,
        /// The pool that it is in.
        pool: Option<&'a str>,
        /// How it does.
        gauge: Gauge,
    },
    /// A storage, as one of its nodes sees it.
    Storage {
        /// Its name.
        id: &'a StorageId,
        /// The node.
        node: &'a NodeName,
        /// What it is.
        storage: &'a Storage,
        /// Whether the node is there and the storage is switched on.
        available: bool,
        /// What is used of it.
        used: Size,
    },
    /// A pool.
    Pool {
        /// Its name.
        name: &'a str,
        /// What is in it.
        pool: &'a Pool,
    },
    /// An SDN zone on one of its nodes.
    Zone {
        /// Its name.
        name: &'a str,
        /// The node.
        node: &'a NodeName,
        /// Whether the node is there.
        available: bool,
    },
}

impl Resource<'_> {
    /// The id that no other resource has, as the product makes it (proxmox.md 4.6).
    pub fn id(&self) -> String {
        match self {
            Self::Node { name, .. } => format!("node/{name}"),
            Self::Guest { vmid, guest, .. } => format!("{}/{vmid}", guest.kind.as_str()),
            Self::Storage { id, node, .. } => format!("storage/{node}/{id}"),
            Self::Pool { name, .. } => format!("/pool/{name}"),
            Self::Zone { name, node, .. } => format!("sdn/{node}/{name}"),
        }
    }
}

/// All of it at a moment: guests, nodes, storages, pools, zones, each in the order of its names.
pub fn resources(world: &World, moment: Moment) -> Vec<Resource<'_>> {
    let mut list = guests(world, moment);
    let nodes = nodes_with(world, &list, moment);
    list.extend(nodes);
    list.extend(storages(world));
    let pools = world.pools.iter();
    list.extend(pools.map(|(name, pool)| Resource::Pool { name, pool }));
    list.extend(zones(world));
    list
}

fn guests(world: &World, moment: Moment) -> Vec<Resource<'_>> {
    // Looked up once for all guests: a search through all pools for each would grow with the square.
    let members = world.pools.iter().flat_map(|(name, pool)| {
        let guests = pool.guests.iter();
        guests.map(move |vmid| (*vmid, name.as_str()))
    });
    let pools: BTreeMap<Vmid, &str> = members.collect();
    let guests = world.guests.iter().map(|(vmid, guest)| Resource::Guest {
        vmid: *vmid,
        guest,
        pool: pools.get(vmid).copied(),
        gauge: gauge::of_guest(world, *vmid, guest, moment),
    });
    guests.collect()
}

/// The nodes, with one look at each guest.
pub fn nodes(world: &World, moment: Moment) -> Vec<Resource<'_>> {
    nodes_with(world, &guests(world, moment), moment)
}

fn nodes_with<'a>(world: &'a World, guests: &[Resource<'a>], moment: Moment) -> Vec<Resource<'a>> {
    let mut loads: BTreeMap<&NodeName, Load> = BTreeMap::new();
    for resource in guests {
        if let Resource::Guest { guest, gauge, .. } = resource {
            loads.entry(&guest.node).or_default().add(gauge);
        }
    }
    let nodes = world.nodes.iter().map(|(name, node)| {
        let load = loads.get(name).copied().unwrap_or_default();
        let gauge = gauge::of_loaded_node(node, load, moment);
        Resource::Node { name, node, gauge }
    });
    nodes.collect()
}

/// The storages.
pub fn storages(world: &World) -> impl Iterator<Item = Resource<'_>> {
    // A shared storage is counted once, not once for each node.
    let mut counted: BTreeMap<Shelf, Size> = BTreeMap::new();
    world.nodes.iter().flat_map(move |(name, node)| {
        let here = world.storages_on(name).map(|(id, storage)| {
            let shelf = storage.shelf(id, name);
            let known = counted.get(&shelf).copied();
            let used = known.unwrap_or_else(|| world.used(&shelf));
            counted.insert(shelf, used);
            Resource::Storage {
                id,
                node: name,
                storage,
                available: node.is_online() && !storage.disabled,
                used,
            }
        });
        here.collect::<Vec<_>>()
    })
}

/// The zones that run, on each of their nodes.
fn zones(world: &World) -> impl Iterator<Item = Resource<'_>> {
    world.nodes.iter().flat_map(move |(name, node)| {
        let zones = world.sdn.running.zones.0.iter();
        let here = zones.filter(move |(_, zone)| is_on(zone, name));
        here.map(move |(zone, _)| Resource::Zone {
            name: zone,
            node: name,
            available: node.is_online(),
        })
    })
}
