//! Interfaces as answers: what is written about them, and what follows from it.

use serde_json::{Map, Value, json};

use super::file;
use super::given::{parts, ports_of};
use super::{Interfaces, LOOPBACK, diff, does_not_exist, rules, written};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::api::nodes::machine;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::network::{Interface, InterfaceKind, Method};
use crate::pve::world::node::Node;

/// What is written, with the difference to what is applied.
pub(super) fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let interfaces = written(node);
    let wanted = call.arguments.text("type");
    let mut rows = Vec::new();
    for (position, iface) in (2..).zip(file::order(interfaces)) {
        let Some(interface) = interfaces.get(iface) else {
            continue;
        };
        if wanted.is_none_or(|wanted| is_wanted(wanted, interface.kind))
            && may_see(world, call, iface, interface)
        {
            let mut row = row(node, iface, interface);
            row.insert("priority".to_owned(), json!(position));
            row.insert("iface".to_owned(), json!(iface));
            rows.push(Value::Object(row));
        }
    }
    if let Some(wanted) = wanted {
        rows.extend(virtual_networks(world, call, name, wanted));
    }
    let answer = Answer::new(rows);
    Ok(match changes(node) {
        Some(changes) => answer.with("changes", changes),
        None => answer,
    })
}

fn changes(node: &Node) -> Option<String> {
    let pending = node.pending_network.as_ref()?;
    let (old, new) = (file::text(&node.network), file::text(pending));
    diff::unified(&old, &new, node.started)
}

fn is_wanted(wanted: &str, kind: InterfaceKind) -> bool {
    match wanted {
        "include_sdn" => true,
        "any_bridge" | "any_local_bridge" => kind.is_bridge(),
        wanted => wanted == kind.as_str(),
    }
}

/// Since 8, bridges are for those who may use or audit them.
fn may_see(world: &World, call: &Call<'_>, name: &str, interface: &Interface) -> bool {
    let path = format!("/sdn/zones/localnetwork/{name}");
    !interface.kind.is_bridge()
        || call.context.edition == Edition::Pve7
        || call.may_any(world, &path, &["SDN.Audit", "SDN.Use"])
}

/// The networks and fabrics that a node has of the cluster.
fn virtual_networks(world: &World, call: &Call<'_>, node: &NodeName, wanted: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    if matches!(wanted, "any_bridge" | "include_sdn" | "vnet") {
        for (name, vnet) in world.vnets_on(node) {
            let zone = vnet.properties.get("zone").and_then(Value::as_str);
            let path = format!("/sdn/zones/{}/{name}", zone.unwrap_or_default());
            if !call.may_any(world, &path, &["SDN.Audit", "SDN.Use"]) {
                continue;
            }
            let mut row = json!({"iface": name, "type": "vnet", "active": true});
            if let Some(alias) = vnet.properties.get("alias") {
                row["comments"] = alias.clone();
            }
            rows.push(row);
        }
    }
    let knows_fabrics = call.context.edition == Edition::Pve9;
    if knows_fabrics && matches!(wanted, "include_sdn" | "fabric") {
        for id in world.sdn.running.fabric_nodes.0.keys() {
            let Some((fabric, of)) = id.split_once('/') else {
                continue;
            };
            let path = format!("/sdn/fabrics/{fabric}");
            let may = call.may_any(world, &path, &["SDN.Audit", "SDN.Use", "SDN.Allocate"]);
            if of == node.as_str() && may {
                rows.push(json!({"iface": fabric, "type": "fabric", "active": true}));
            }
        }
    }
    rows
}

/// One interface, as it is written.
pub(super) fn one(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let name = call.text("iface");
    if name == LOOPBACK {
        return Ok(Answer::new(json!({
            "type": "loopback",
            "method": "loopback",
            "method6": "manual",
            "families": ["inet"],
            "priority": 1,
            "autostart": true,
            "active": true,
        })));
    }
    let interfaces = written(node);
    let interface = interfaces.get(name).ok_or_else(does_not_exist)?;
    let mut row = row(node, name, interface);
    let position = (2..)
        .zip(file::order(interfaces))
        .find(|(_, known)| *known == name);
    if let Some((position, _)) = position {
        row.insert("priority".to_owned(), json!(position));
    }
    Ok(Answer::new(row))
}

/// What the product reads from its file stays the text that it is there (`PVE::Network::Interfaces`): numbers too,
/// whatever is declared.
fn row(node: &Node, name: &str, interface: &Interface) -> Map<String, Value> {
    let mut row = interface.options.0.clone();
    for value in row.values_mut().filter(|value| value.is_number()) {
        *value = value.to_string().into();
    }
    let mut set = |key: &str, value: Value| {
        row.insert(key.to_owned(), value);
    };
    set("type", json!(interface.kind.as_str()));
    set("method", json!(interface.method.as_str()));
    set("method6", json!(interface.method6.as_str()));
    set("families", json!(families(interface)));
    if interface.autostart {
        set("autostart", json!(true));
    }
    if is_active(&node.network, name) {
        set("active", json!(true));
    }
    if is_card(interface.kind) {
        set("exists", json!(true));
    }
    if let Some((address, bits)) = interface.cidr.as_deref().and_then(parts) {
        set("cidr", json!(interface.cidr));
        set("address", json!(address.to_string()));
        set("netmask", json!(bits));
    }
    if let Some((address, bits)) = interface.cidr6.as_deref().and_then(parts) {
        set("cidr6", json!(interface.cidr6));
        set("address6", json!(address.to_string()));
        set("netmask6", json!(bits));
    }
    for (key, way) in [
        ("gateway", &interface.gateway),
        ("gateway6", &interface.gateway6),
    ] {
        if let Some(way) = way {
            set(key, json!(way));
        }
    }
    if let Some(key) = ports_of(interface.kind).filter(|_| interface.kind != InterfaceKind::Vlan) {
        set(key, json!(interface.ports.join(" ")));
    }
    by_kind(&mut row, name, interface);
    row
}

/// What is written of itself for an interface of a kind, and so comes back when the file is read.
fn by_kind(row: &mut Map<String, Value>, name: &str, interface: &Interface) {
    let mut default = |key: &str, value: Value| {
        row.entry(key.to_owned()).or_insert(value);
    };
    match interface.kind {
        InterfaceKind::Bridge => {
            default("bridge_stp", json!("off"));
            default("bridge_fd", json!("0"));
            if file::is_vlan_aware(interface) {
                default("bridge_vids", json!("2-4094"));
            }
        }
        InterfaceKind::Bond => {
            default("bond_miimon", json!("100"));
            default("bond_mode", json!("balance-rr"));
        }
        InterfaceKind::Vlan => {
            let (device, number) = rules::tagged(name, interface);
            row.insert("vlan-raw-device".to_owned(), json!(device));
            let number = number.map(|number| number.to_string());
            row.insert("vlan-id".to_owned(), json!(number));
        }
        InterfaceKind::OvsBridge
        | InterfaceKind::OvsBond
        | InterfaceKind::OvsPort
        | InterfaceKind::OvsIntPort => {
            default("ovs_type", json!(interface.kind.as_str()));
        }
        _ => {}
    }
}

/// The families that are written about.
pub(super) fn families(interface: &Interface) -> Vec<&'static str> {
    let mut families = Vec::new();
    if interface.cidr.is_some() || interface.method != Method::Manual {
        families.push("inet");
    }
    if interface.cidr6.is_some() || interface.method6 != Method::Manual {
        families.push("inet6");
    }
    if families.is_empty() {
        families.push("inet");
    }
    families
}

fn is_card(kind: InterfaceKind) -> bool {
    matches!(kind, InterfaceKind::Eth | InterfaceKind::OvsPort)
}

/// Whether it is up: what is applied and comes up by itself, or is part of what does.
fn is_active(applied: &Interfaces, name: &str) -> bool {
    let Some(interface) = applied.get(name) else {
        return false;
    };
    let is_part = || {
        applied
            .values()
            .any(|other| other.ports.iter().any(|port| port == name))
    };
    interface.autostart || is_part()
}
