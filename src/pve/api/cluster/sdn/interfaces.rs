//! The files that a configuration makes of itself on a node, for those who want to see them before.
//!
//! The real ones are longer; these have a line for everything that an object can change.

use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::pve::world::sdn::{Configuration, cidr_of, is_on, text};

/// What makes a file of a configuration, for a node.
pub(super) type File = fn(&World, &Configuration, &str) -> Vec<String>;

/// The interfaces of a node's networks.
pub(super) fn network(world: &World, state: &Configuration, node: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let Some((node, _)) = world.nodes.iter().find(|(name, _)| name.as_str() == node) else {
        return lines;
    };
    for (id, vnet) in &state.vnets.0 {
        let Some((_, zone)) = state.zone_of_vnet(id).filter(|(_, zone)| is_on(zone, node)) else {
            continue;
        };
        lines.push(format!("auto {id}"));
        lines.push(format!("iface {id}"));
        for (subnet, section) in state.subnets_of(id) {
            if let (Some(gateway), Some(cidr)) = (text(section, "gateway"), cidr_of(subnet)) {
                lines.push(format!("\taddress {gateway}/{}", cidr.prefix));
            }
        }
        lines.push(format!("\tbridge_ports {}", ports(zone, vnet)));
        lines.push("\tbridge_stp off".to_owned());
        lines.push("\tbridge_fd 0".to_owned());
        if let Some(mtu) = zone.properties.get("mtu") {
            lines.push(format!("\tmtu {mtu}"));
        }
        if let Some(alias) = text(vnet, "alias") {
            lines.push(format!("\talias {alias}"));
        }
        lines.push(String::new());
    }
    lines
}

/// What a network's bridge is connected to.
fn ports(zone: &Section, vnet: &Section) -> String {
    let tag = vnet
        .properties
        .get("tag")
        .map(ToString::to_string)
        .unwrap_or_default();
    let bridge = text(zone, "bridge").unwrap_or_default();
    match zone.kind.as_str() {
        "vlan" | "qinq" => format!("{bridge}.{tag}"),
        "vxlan" | "evpn" => format!("vxlan_{tag}"),
        _ => "none".to_owned(),
    }
}

/// The routing of a node.
pub(super) fn routing(_: &World, state: &Configuration, node: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, controller) in &state.controllers.0 {
        let elsewhere = text(controller, "node").is_some_and(|known| known != node);
        if !elsewhere {
            let asn = controller.properties.get("asn");
            let asn = asn.map(ToString::to_string).unwrap_or_default();
            lines.push(format!("router bgp {asn}"));
            for peer in text(controller, "peers")
                .unwrap_or_default()
                .split([',', ' '])
            {
                lines.push(format!(" neighbor {peer} peer-group {id}"));
            }
            lines.push("!".to_owned());
        }
    }
    for (id, fabric) in &state.fabrics.0 {
        if let Some((_, own)) = state.nodes_of(id).find(|(name, _)| *name == node) {
            lines.push(format!("router {} {id}", fabric.kind));
            lines.push(format!(
                " router-id {}",
                text(own, "ip").unwrap_or_default()
            ));
            lines.push("!".to_owned());
        }
    }
    for (id, map) in &state.route_maps.0 {
        let (name, order) = id.split_once('/').unwrap_or((id, "0"));
        lines.push(format!(
            "route-map {name} {} {order}",
            text(map, "action").unwrap_or("permit")
        ));
        lines.push("!".to_owned());
    }
    lines
}

/// The difference between two files in the form of `diff -u` with one piece; nothing when there is none.
pub(super) fn difference(path: &str, now: &[String], then: &[String]) -> Option<String> {
    if now == then {
        return None;
    }
    let same = now.iter().zip(then).take_while(|(a, b)| a == b).count();
    let rest = now.len().min(then.len()).saturating_sub(same);
    let tail = now.iter().rev().zip(then.iter().rev()).take(rest);
    let tail = tail.take_while(|(a, b)| a == b).count();
    let middle = |lines: &[String]| -> Vec<String> {
        let length = lines.len().saturating_sub(same + tail);
        lines.iter().skip(same).take(length).cloned().collect()
    };
    let (gone, new) = (middle(now), middle(then));
    let mut text = format!("--- {path}\n+++ {path}\n");
    let start = same.saturating_add(1);
    text.push_str(&format!(
        "@@ -{start},{} +{start},{} @@\n",
        gone.len(),
        new.len()
    ));
    for (sign, lines) in [('-', gone), ('+', new)] {
        for line in lines {
            text.push(sign);
            text.push_str(&line);
            text.push('\n');
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences() {
        let check = |now: &str, then: &str, want: Option<&str>| {
            let lines = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
            let found = difference("f", &lines(now), &lines(then));
            assert_eq!(found.as_deref(), want);
        };
        check("abc", "abc", None);
        check(
            "abc",
            "axc",
            Some("--- f\n+++ f\n@@ -2,1 +2,1 @@\n-b\n+x\n"),
        );
        check("", "a", Some("--- f\n+++ f\n@@ -1,0 +1,1 @@\n+a\n"));
        check("aa", "a", Some("--- f\n+++ f\n@@ -2,1 +2,0 @@\n-a\n"));
    }
}
