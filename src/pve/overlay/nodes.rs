//! The cluster and its nodes: who is in it, where, and which interfaces they have.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::values::{Row, is_set, number, rest, text};
use crate::proxmox::overlay::Overlay;
use crate::proxmox::world_file;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::network::Interface;
use crate::pve::world::node::{Node, Presence};
use crate::pve::world::size::Size;

/// What the file says about one node.
#[derive(Debug, Default)]
struct Said {
    number: Option<u32>,
    address: Option<IpAddr>,
    presence: Option<Presence>,
    fingerprint: Option<String>,
    threads: Option<u32>,
    memory: Option<Size>,
    root: Option<Size>,
}

/// The lists that say which nodes there are. What a node does at the moment is not taken from them.
const LISTS: [&str; 5] = [
    "/cluster/status",
    "/cluster/config/nodes",
    "/nodes",
    "/cluster/resources",
    "/cluster/config/join",
];

pub(super) fn lay(world: &mut World, overlay: &mut Overlay) {
    let mut said: BTreeMap<NodeName, Said> = BTreeMap::new();
    for list in LISTS {
        for row in node_rows(list, world, overlay) {
            let name = ["node", "name"].iter().find_map(|key| text(&row, key));
            match name.unwrap_or_default().parse::<NodeName>() {
                Ok(name) => hear(said.entry(name).or_default(), &row),
                Err(bad) => overlay.remark(list, format!("has a node that is left out: {bad}")),
            }
        }
    }
    let says_all = !said.is_empty();
    for name in mentioned(overlay) {
        if says_all || !world.nodes.contains_key(&name) {
            said.entry(name).or_default();
        }
    }
    let before = std::mem::take(&mut world.nodes);
    if !says_all {
        world.nodes.clone_from(&before);
    }
    for (name, said) in said {
        if let Some(node) = made(&name, said, &before, &world.nodes) {
            world.nodes.insert(name, node);
        }
    }
    if world.nodes.len() > 1 && world.cluster.name.is_none() {
        world.cluster.name = Some("cluster".to_owned());
    }
    interfaces(world, overlay);
}

/// The rows about nodes in one of the lists. The row about the cluster is taken at the same time.
fn node_rows(list: &str, world: &mut World, overlay: &mut Overlay) -> Vec<Row> {
    if list == "/cluster/config/join" {
        let answer = overlay.object(list).unwrap_or_default();
        let nodes = answer.get("nodelist").and_then(Value::as_array);
        let nodes = nodes.into_iter().flatten().filter_map(Value::as_object);
        return nodes.cloned().collect();
    }
    if overlay.data(list).is_none() {
        return Vec::new();
    }
    let mut rows = overlay.rows(list).unwrap_or_default();
    let is = |row: &Row, kind: &str| text(row, "type").as_deref() == Some(kind);
    match list {
        "/cluster/status" => {
            let cluster = rows.iter().find(|row| is(row, "cluster"));
            world.cluster.name = cluster.and_then(|row| text(row, "name"));
            let version = cluster.and_then(|row| number(row, "version"));
            world.cluster.version = version
                .and_then(|version| version.try_into().ok())
                .unwrap_or_default();
            rows.retain(|row| is(row, "node"));
        }
        "/cluster/resources" => rows.retain(|row| is(row, "node")),
        _ => {}
    }
    rows
}

fn hear(said: &mut Said, row: &Row) {
    let mut addresses = ["ip", "pve_addr", "ring0_addr"]
        .iter()
        .filter_map(|key| text(row, key)?.parse().ok());
    said.address = said.address.or_else(|| addresses.next());
    let number32 = |key: &str| number(row, key).and_then(|number| u32::try_from(number).ok());
    said.number = said.number.or_else(|| number32("nodeid"));
    said.threads = said
        .threads
        .or_else(|| number32("maxcpu").filter(|n| *n > 0));
    let size = |key: &str| number(row, key).filter(|bytes| *bytes > 0).map(Size);
    said.memory = said.memory.or_else(|| size("maxmem"));
    said.root = said.root.or_else(|| size("maxdisk"));
    let fingerprints = ["pve_fp", "ssl_fingerprint"];
    let fingerprint = || fingerprints.iter().find_map(|key| text(row, key));
    said.fingerprint = said.fingerprint.take().or_else(fingerprint);
    let online = row.contains_key("online").then(|| is_set(row, "online"));
    let status = || match text(row, "status")?.as_str() {
        "online" => Some(true),
        "offline" => Some(false),
        _ => None,
    };
    let presence = online.or_else(status).map(|there| match there {
        true => Presence::Online,
        false => Presence::Offline,
    });
    said.presence = said.presence.or(presence);
}

/// Nodes that other entries name: in their paths, and where guests are.
fn mentioned(overlay: &Overlay) -> Vec<NodeName> {
    let mut found = Vec::new();
    for depth in 1..=8 {
        let form = format!("/nodes/{{}}{}", "/{}".repeat(depth));
        let entries = overlay.like(&form).into_iter();
        found.extend(entries.filter_map(|entry| entry.parts.first()?.parse().ok()));
    }
    let resources = overlay.data("/cluster/resources").and_then(Value::as_array);
    let nodes = resources.into_iter().flatten();
    let nodes = nodes.filter_map(|row| row.get("node")?.as_str()?.parse().ok());
    found.extend(nodes);
    found
}

/// A node: the one of that name, or one like the first, with what was said of it.
fn made(
    name: &NodeName,
    said: Said,
    before: &BTreeMap<NodeName, Node>,
    now: &BTreeMap<NodeName, Node>,
) -> Option<Node> {
    let known = before.get(name);
    let template = known.or_else(|| before.values().next())?;
    let mut node = template.clone();
    let is_free = |number: &u32| now.values().all(|node| node.id != *number);
    let numbers = said.number.into_iter().chain(known.map(|node| node.id));
    node.id = numbers.chain(1..).find(is_free)?;
    if let Some(address) = said
        .address
        .or_else(|| known.is_none().then(|| next(now)).flatten())
    {
        readdress(&mut node, address);
    }
    if known.is_none() {
        node.hosts = format!("127.0.0.1 localhost\n{} {name}\n", node.address);
        node.fingerprint = fingerprint(name);
    }
    node.fingerprint = said.fingerprint.unwrap_or(node.fingerprint);
    node.presence = said.presence.unwrap_or_default();
    if let Some(threads) = said.threads {
        node.processors.threads = threads;
        node.processors.cores = (threads / 2).max(1);
    }
    for (room, size) in [(&mut node.memory, said.memory), (&mut node.root, said.root)] {
        room.size = size.unwrap_or(room.size);
        // What nobody said stays a small part.
        room.used = room.used.min(Size(room.size.bytes() / 4));
    }
    Some(node)
}

/// The address after the highest there is.
fn next(nodes: &BTreeMap<NodeName, Node>) -> Option<IpAddr> {
    let highest = nodes.values().filter_map(|node| match node.address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    });
    let number = u32::from(highest.max()?).checked_add(1)?;
    Some(IpAddr::V4(number.into()))
}

/// Moves a node to an address, with the interface that had the old one.
fn readdress(node: &mut Node, address: IpAddr) {
    let old = std::mem::replace(&mut node.address, address).to_string();
    for interface in node.network.values_mut() {
        let cidr = interface
            .cidr
            .as_deref()
            .and_then(|cidr| cidr.split_once('/'));
        if let Some((_, length)) = cidr.filter(|(host, _)| *host == old) {
            interface.cidr = Some(format!("{address}/{length}"));
        }
    }
}

/// A fingerprint that a name always has.
fn fingerprint(name: &NodeName) -> String {
    let seed = name
        .as_str()
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
    let mut random = fastrand::Rng::with_seed(seed);
    let octets: Vec<String> = (0..32).map(|_| format!("{:02X}", random.u8(..))).collect();
    octets.join(":")
}

/// Interfaces of nodes, where the file lists them.
fn interfaces(world: &mut World, overlay: &mut Overlay) {
    for found in overlay.like("/nodes/{}/network") {
        let Some(rows) = overlay.rows(&found.path) else {
            continue;
        };
        let mut network = BTreeMap::new();
        for row in rows {
            let name = text(&row, "iface").unwrap_or_default();
            match interface(&row) {
                Ok(interface) if !name.is_empty() => drop(network.insert(name, interface)),
                Ok(_) => overlay.remark(&found.path, "has an interface without a name"),
                Err(why) => overlay.remark(&found.path, format!("interface {name}: {why}")),
            }
        }
        let node = world.nodes.iter_mut();
        let mut node =
            node.filter(|(name, _)| found.parts.iter().any(|part| part == name.as_str()));
        if let Some((_, node)) = node.next() {
            node.network = network;
            node.pending_network = None;
        }
    }
}

/// The members that have their own fields, or that the product makes from others.
const OWN: &[&str] = &[
    "iface",
    "type",
    "method",
    "method6",
    "cidr",
    "cidr6",
    "address",
    "address6",
    "netmask",
    "netmask6",
    "gateway",
    "gateway6",
    "autostart",
    "active",
    "exists",
    "families",
    "priority",
    "bridge_ports",
    "slaves",
    "vlan-raw-device",
    "vlan-id",
    "ovs_ports",
    "ovs_bonds",
    "altnames",
];

fn interface(row: &Row) -> Result<Interface, String> {
    let length = |key: &str| {
        let netmask = text(row, key)?;
        let address = netmask.parse::<std::net::Ipv4Addr>();
        Some(address.map_or(netmask, |mask| u32::from(mask).count_ones().to_string()))
    };
    let joined = |address: &str, netmask: &str| {
        Some(format!("{}/{}", text(row, address)?, length(netmask)?))
    };
    let ports = [
        "bridge_ports",
        "slaves",
        "vlan-raw-device",
        "ovs_ports",
        "ovs_bonds",
    ];
    let ports: Vec<String> = ports.iter().filter_map(|key| text(row, key)).collect();
    let ports: Vec<&str> = ports
        .iter()
        .flat_map(|list| list.split_whitespace())
        .collect();
    let mut file = json!({
        "kind": text(row, "type").unwrap_or_else(|| "unknown".to_owned()),
        "autostart": is_set(row, "autostart"),
        "ports": ports,
        "options": rest(row, OWN),
    });
    let members = [
        ("method", text(row, "method")),
        ("method6", text(row, "method6")),
        (
            "cidr",
            text(row, "cidr").or_else(|| joined("address", "netmask")),
        ),
        (
            "cidr6",
            text(row, "cidr6").or_else(|| joined("address6", "netmask6")),
        ),
        ("gateway", text(row, "gateway")),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            file[name] = value.into();
        }
    }
    world_file::read(&file).map_err(|problem| world_file::sentence(&problem))
}
