//! `/nodes/{node}/sdn`: how the software-defined networks that run do on a node.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::Node;
use crate::pve::world::sdn::{cidr_of, is_on, text};
use crate::routes::Route;
use crate::routes::route::get;

mod fabrics;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/nodes/{node}/sdn/zones", Handler::Read(zones)),
        get(
            "/nodes/{node}/sdn/zones/{zone}/content",
            Handler::Read(content),
        ),
        get(
            "/nodes/{node}/sdn/zones/{zone}/bridges",
            Handler::Read(bridges),
        ),
        get(
            "/nodes/{node}/sdn/zones/{zone}/ip-vrf",
            Handler::Read(routes_of_zone),
        ),
        get(
            "/nodes/{node}/sdn/vnets/{vnet}/mac-vrf",
            Handler::Read(addresses_of_vnet),
        ),
    ];
    routes.extend(fabrics::routes());
    routes
}

/// The zone of everything that is not software-defined.
const LOCAL: &str = "localnetwork";

const LOOK: &[&str] = &["SDN.Audit", "SDN.Allocate"];

/// `pending` while a node has yet to load what was applied.
fn status(world: &World) -> &'static str {
    if world.sdn.is_loaded() {
        "available"
    } else {
        "pending"
    }
}

/// The node of a call; the gate has refused unknown ones.
fn node<'w>(world: &'w World, call: &Call<'_>) -> Result<(&'w NodeName, &'w Node), Fault> {
    let wanted = call.text("node");
    let mut nodes = world.nodes.iter();
    let found = nodes.find(|(name, _)| name.as_str() == wanted);
    found.ok_or_else(|| Fault::no_such_node(wanted))
}

fn zones(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, _) = node(world, call)?;
    let zones = world.sdn.running.zones.0.iter();
    let here = zones.filter(|(id, zone)| {
        is_on(zone, node) && call.may_any(world, &format!("/sdn/zones/{id}"), LOOK)
    });
    let status = status(world);
    let list: Value = here
        .map(|(id, _)| json!({"zone": id, "status": status}))
        .collect();
    Ok(Answer::new(list))
}

fn content(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, _) = node(world, call)?;
    let wanted = call.text("zone");
    let vnets = world
        .vnets_on(node)
        .filter(|(_, vnet)| text(vnet, "zone") == Some(wanted));
    let list: Value = vnets
        .map(|(id, _)| {
            let mut item = Map::new();
            item.insert("vnet".to_owned(), id.into());
            item.insert("status".to_owned(), status(world).into());
            if !world.sdn.is_loaded() {
                let text = "local sdn configuration is not yet generated, please reload";
                item.insert("statusmsg".to_owned(), text.into());
            }
            Value::Object(item)
        })
        .collect();
    Ok(Answer::new(list))
}

fn bridges(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = node(world, call)?;
    let zone = call.text("zone");
    let bridges: Vec<(&str, bool)> = if zone == LOCAL {
        let known = node
            .network
            .iter()
            .filter(|(_, known)| known.kind.is_bridge());
        let aware = known.map(|(id, bridge)| {
            let aware = bridge.options.0.get("bridge_vlan_aware");
            (id.as_str(), aware == Some(&Value::Bool(true)))
        });
        aware.collect()
    } else {
        if !world.sdn.written().zones.0.contains_key(zone) {
            return Err(Fault::parameter("zone", "zone does not exist"));
        }
        let vnets = world
            .vnets_on(name)
            .filter(|(_, vnet)| text(vnet, "zone") == Some(zone));
        let aware = vnets.map(|(id, vnet)| {
            let aware = vnet.properties.get("vlanaware");
            (id, aware == Some(&Value::Bool(true)))
        });
        aware.collect()
    };
    let seen = bridges
        .into_iter()
        .filter(|(bridge, _)| call.may_any(world, &format!("/sdn/zones/{zone}/{bridge}"), LOOK));
    let list: Value = seen
        .map(|(bridge, aware)| {
            json!({
                "name": bridge,
                "vlan_filtering": if aware { "1" } else { "0" },
                "ports": ports(world, name, node, bridge, aware),
            })
        })
        .collect();
    Ok(Answer::new(list))
}

/// What is plugged into a bridge: interfaces of the node, and cards of guests that run.
fn ports(world: &World, name: &NodeName, node: &Node, bridge: &str, aware: bool) -> Vec<Value> {
    let own = node.network.get(bridge).into_iter();
    let own = own
        .flat_map(|bridge| &bridge.ports)
        .map(|port| json!({"name": port}));
    let mut ports: Vec<Value> = own.collect();
    for (vmid, guest) in world
        .guests_on(name)
        .filter(|(_, guest)| guest.status.is_running())
    {
        let cards = guest.cards().into_iter();
        for card in cards.filter(|card| card.bridge.as_deref() == Some(bridge)) {
            let number = card.key.trim_start_matches("net");
            let kind = match guest.kind {
                Kind::Qemu => "tap",
                Kind::Lxc => "veth",
            };
            ports.push(json!({
                "name": format!("{kind}{vmid}i{number}"),
                "index": card.key,
                "vmid": vmid.number(),
            }));
        }
    }
    if aware {
        for port in &mut ports {
            port["primary_vlan"] = 1.into();
            port["vlans"] = json!(["2-4094"]);
        }
    }
    ports
}

/// A zone with routing of its own that is on the node.
fn routed<'w>(world: &'w World, node: &NodeName, id: &str) -> Result<&'w Section, Fault> {
    let refused = |text: String| Err(Fault::parameter("zone", text));
    match world.sdn.running.zones.0.get(id) {
        None => refused("zone does not exist".to_owned()),
        Some(zone) if zone.kind != "evpn" => refused(format!("zone {id} is not an EVPN zone.")),
        Some(zone) if !is_on(zone, node) => {
            refused(format!("zone {id} does not exist on node {node}"))
        }
        Some(zone) => Ok(zone),
    }
}

/// The networks that a zone's routing table leads to.
fn routes_of_zone(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, _) = node(world, call)?;
    let zone = call.text("zone");
    routed(world, name, zone)?;
    let running = &world.sdn.running;
    let vnets = running
        .vnets_with_zones()
        .filter(|(_, known)| *known == zone);
    let networks = vnets.flat_map(|(vnet, _)| {
        let subnets = running.subnets_of(vnet);
        subnets.filter_map(move |(subnet, _)| Some((cidr_of(subnet)?.network(), vnet)))
    });
    let list: Value = networks
        .map(|(network, vnet)| {
            json!({
                "ip": network.to_string(),
                "metric": 0,
                "nexthops": [vnet],
                "protocol": "connected",
            })
        })
        .collect();
    Ok(Answer::new(list))
}

/// The addresses that a network's nodes tell each other: those of its gateways, on every node that is there.
fn addresses_of_vnet(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, _) = node(world, call)?;
    let vnet = call.text("vnet");
    let running = &world.sdn.running;
    let Some((zone_id, _)) = running.zone_of_vnet(vnet) else {
        return Err(Fault::parameter("vnet", "vnet does not exist"));
    };
    let path = format!("/sdn/zones/{zone_id}/{vnet}");
    call.demand(world, &path, &["SDN.Audit"])?;
    let zone = routed(world, name, zone_id)?;
    let mac = text(zone, "mac").unwrap_or("BC:24:11:00:00:01");
    let gateways: Vec<&str> = running
        .subnets_of(vnet)
        .filter_map(|(_, subnet)| text(subnet, "gateway"))
        .collect();
    let there = world
        .nodes
        .iter()
        .filter(|(name, node)| node.is_online() && is_on(zone, name));
    let entries = there.flat_map(|(_, node)| {
        let gateways = gateways.iter();
        gateways.map(move |ip| json!({"ip": ip, "mac": mac, "nexthop": node.address.to_string()}))
    });
    Ok(Answer::new(entries.collect::<Value>()))
}

#[cfg(test)]
mod tests;
