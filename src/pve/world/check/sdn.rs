//! Software-defined networks: subnets lead to networks, networks to zones, zones to controllers.

use super::super::World;
use super::super::sdn::{Configuration, cidr_of, text, zone_of};
use super::Report;
use crate::proxmox::section::{Section, Sections};

pub(super) fn check(world: &World, report: &mut Report) {
    configuration(&world.sdn.running, "sdn.running", report);
    if let Some(pending) = &world.sdn.pending {
        configuration(pending, "sdn.pending", report);
    }
    for (subnet, leases) in &world.sdn.addresses {
        let states = [&world.sdn.running, world.sdn.written()];
        let known = states
            .iter()
            .any(|state| state.subnets.0.contains_key(subnet));
        let place = format!("sdn.addresses[{subnet:?}]");
        report.expect(known, &*place, format!("subnet {subnet}"));
        for address in leases.keys() {
            let fits = cidr_of(subnet).is_some_and(|cidr| cidr.contains(*address));
            if known && !fits {
                report.add(&*place, format!("{address} is not in this subnet"));
            }
        }
    }
}

fn configuration(state: &Configuration, path: &str, report: &mut Report) {
    for (id, zone) in &state.zones.0 {
        // Other types do not care whether theirs is there.
        if zone.kind == "evpn" {
            let place = format!("{path}.zones.{id}.controller");
            leads(zone, "controller", &state.controllers, place, report);
        }
    }
    for (id, vnet) in &state.vnets.0 {
        let place = format!("{path}.vnets.{id}.zone");
        match text(vnet, "zone") {
            Some(_) => leads(vnet, "zone", &state.zones, place, report),
            None => report.add(place, "a vnet is in a zone"),
        }
    }
    for (id, subnet) in &state.subnets.0 {
        let place = format!("{path}.subnets[{id:?}]");
        match text(subnet, "vnet") {
            Some(_) => leads(
                subnet,
                "vnet",
                &state.vnets,
                format!("{place}.vnet"),
                report,
            ),
            None => report.add(&*place, "a subnet belongs to a vnet"),
        }
        let zone = text(subnet, "vnet").and_then(|vnet| state.zone_of_vnet(vnet));
        if cidr_of(id).is_none() || zone.is_some_and(|(zone, _)| zone != zone_of(id)) {
            report.add(place, "the id of a subnet is <zone>-<network>-<length>");
        }
    }
    for id in state.fabric_nodes.0.keys() {
        let fabric = id.split_once('/').map_or("", |(fabric, _)| fabric);
        let place = format!("{path}.fabric-nodes[{id:?}]");
        let known = state.fabrics.0.contains_key(fabric);
        report.expect(known, place, format!("fabric {fabric}"));
    }
}

/// A property, where there is one, names one of these.
fn leads(section: &Section, property: &str, known: &Sections, place: String, report: &mut Report) {
    if let Some(id) = text(section, property) {
        report.expect(known.0.contains_key(id), place, format!("{property} {id}"));
    }
}
