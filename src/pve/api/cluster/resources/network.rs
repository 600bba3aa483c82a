//! Rows of virtual networks: zones and fabrics on each node.
//!
//! Releases before 9 call them `sdn`; 9 calls them `network` and tells zones from fabrics (proxmox.md 4.6).

use serde_json::{Value, json};

use crate::proxmox::call::Call;
use crate::proxmox::product::Edition;
use crate::proxmox::section::Section;
use crate::pve::world::World;

/// The privileges of which one is enough to see a zone.
const SEEING: [&str; 3] = ["SDN.Audit", "SDN.Use", "SDN.Allocate"];

/// Those that the caller may see.
pub(super) fn rows(world: &World, call: &Call<'_>) -> Vec<Value> {
    let mut rows = Vec::new();
    for (node, machine) in &world.nodes {
        let node = node.as_str();
        let status = if machine.is_online() { "ok" } else { "unknown" };
        for (zone, kind) in zones(world, call.context.edition, node) {
            if !call.may_any(world, &format!("/sdn/zones/{zone}"), &SEEING) {
                continue;
            }
            rows.push(match call.context.edition {
                Edition::Pve9 => json!({
                    "type": "network",
                    "id": format!("network/{node}/zone/{zone}"),
                    "network": zone,
                    "network-type": "zone",
                    "zone-type": kind,
                    "node": node,
                    "status": status,
                }),
                _ => json!({
                    "type": "sdn",
                    "id": format!("sdn/{node}/{zone}"),
                    "sdn": zone,
                    "node": node,
                    "status": status,
                }),
            });
        }
        if call.context.edition == Edition::Pve9 {
            rows.extend(fabrics(world, call, node, status));
        }
    }
    rows
}

/// The zones of a node with their types. Since 8.1 there is one that nobody made, with the node's own bridges.
fn zones<'a>(
    world: &'a World,
    edition: Edition,
    node: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let local = (edition != Edition::Pve7).then_some(("localnetwork", "localnetwork"));
    let made = world.sections.get("cluster/sdn/zones").into_iter();
    let here = move |zone: &Section| {
        let nodes = zone.properties.get("nodes").and_then(Value::as_str);
        nodes.is_none_or(|nodes| nodes.split(',').any(|known| known == node))
    };
    let made = made.flat_map(|zones| &zones.0);
    let made = made.filter(move |(_, zone)| here(zone));
    local
        .into_iter()
        .chain(made.map(|(name, zone)| (name.as_str(), zone.kind.as_str())))
}

/// The fabrics that a node takes part in.
fn fabrics(world: &World, call: &Call<'_>, node: &str, status: &str) -> Vec<Value> {
    let members = world.sections.get("cluster/sdn/fabrics/node").into_iter();
    let members = members.flat_map(|members| members.0.keys());
    let here = members.filter_map(|id| id.split_once('/').filter(|(_, name)| *name == node));
    let visible = here.filter(|(fabric, _)| {
        call.may_any(
            world,
            &format!("/sdn/fabrics/{fabric}"),
            &["SDN.Audit", "SDN.Allocate"],
        )
    });
    let fabrics = world.sections.get("cluster/sdn/fabrics/fabric");
    let rows = visible.map(|(fabric, _)| {
        let section = fabrics.and_then(|fabrics| fabrics.0.get(fabric));
        let protocol = section.and_then(|section| section.properties.get("protocol"));
        let mut row = json!({
            "type": "network",
            "id": format!("network/{node}/fabric/{fabric}"),
            "network": fabric,
            "network-type": "fabric",
            "node": node,
            "status": status,
        });
        let kind = section.map(|section| section.kind.as_str());
        let protocol = protocol.and_then(Value::as_str).or(kind);
        if let Some(protocol) = protocol.filter(|protocol| !protocol.is_empty()) {
            row["protocol"] = json!(protocol);
        }
        row
    });
    rows.collect()
}
