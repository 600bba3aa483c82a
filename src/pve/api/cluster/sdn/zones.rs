//! Zones.

use serde_json::Value;

use super::object::Need::{Optional, Required};
use super::object::{Object, Options};
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::World;
use crate::pve::world::sdn::{Sdn, View, text, zone_of};

/// The kind of objects that zones are.
pub(super) struct Zone;

impl Object for Zone {
    const WHAT: &'static str = "zone";
    const ID: &'static str = "zone";

    fn of(sdn: &Sdn, view: View) -> &Sections {
        &sdn.view(view).zones
    }

    fn write(sdn: &mut Sdn, change: impl FnOnce(&mut Sections)) {
        sdn.write(|written| change(&mut written.zones));
    }

    fn options(kind: &str) -> Options {
        match kind {
            "simple" => SIMPLE,
            "vlan" => VLAN,
            "qinq" => QINQ,
            "vxlan" => VXLAN,
            "evpn" => EVPN,
            "faucet" => FAUCET,
            _ => &[],
        }
    }

    fn missing(id: &str) -> String {
        format!("sdn '{id}' does not exist")
    }

    fn path(_: &World, id: &str, _: &Section) -> String {
        format!("/sdn/zones/{id}")
    }

    fn settle(
        world: &World,
        call: &Call<'_>,
        id: &str,
        zone: &mut Section,
        before: Option<&Section>,
    ) -> Result<(), Fault> {
        helpers(world, zone)?;
        let ipam = |zone: &Section| text(zone, "ipam").map(str::to_owned);
        let has_subnets = || {
            world
                .sdn
                .written()
                .subnets
                .0
                .keys()
                .any(|subnet| zone_of(subnet) == id)
        };
        if before.is_some_and(|before| ipam(before) != ipam(zone)) && has_subnets() {
            let text = "can't change ipam if a subnet is already defined in this zone";
            return Err(Fault::parameter("ipam", text));
        }
        match zone.kind.as_str() {
            "vxlan" if text(zone, "peers").is_some() == text(zone, "fabric").is_some() => {
                let text = "must have exactly one of peers / fabric defined";
                Err(Fault::parameter("peers", text))
            }
            "evpn" => routed(world, call, id, zone),
            _ => Ok(()),
        }
    }

    fn release(world: &World, id: &str) -> Result<(), Fault> {
        let mut vnets = world.sdn.written().vnets_with_zones();
        match vnets.find(|(_, zone)| *zone == id) {
            Some((vnet, _)) => Err(Fault::Failed(format!("zone {id} is used by vnet {vnet}"))),
            None => Ok(()),
        }
    }
}

/// Who hands out addresses and who is told names exist.
fn helpers(world: &World, zone: &Section) -> Result<(), Fault> {
    for name in ["dns", "reversedns"] {
        if let Some(server) = text(zone, name)
            && !world.sdn.dns.0.contains_key(server)
        {
            return Err(Fault::parameter(name, format!("{server} don't exist")));
        }
    }
    if text(zone, "dnszone").is_some() && text(zone, "dns").is_none() {
        return Err(Fault::parameter("dnszone", "missing dns server"));
    }
    match text(zone, "ipam") {
        Some(ipam) if !world.sdn.ipams.0.contains_key(ipam) => {
            Err(Fault::parameter("ipam", format!("{ipam} not existing")))
        }
        _ => Ok(()),
    }
}

/// A zone with routing of its own has a controller, a number that no other has, and an address for its gateways.
fn routed(world: &World, call: &Call<'_>, id: &str, zone: &mut Section) -> Result<(), Fault> {
    let written = world.sdn.written();
    let controller = text(zone, "controller").unwrap_or_default();
    match written.controllers.0.get(controller) {
        None => {
            return Err(Fault::Failed(format!(
                "controller {controller} don't exist"
            )));
        }
        Some(known) if known.kind != "evpn" => {
            let text = format!("{controller} is not a evpn controller type");
            return Err(Fault::Failed(text));
        }
        Some(_) => {}
    }
    let number = zone.properties.get("vrf-vxlan");
    let mut others = written.zones.0.iter().filter(|(other, _)| *other != id);
    let taken = others.find(|(_, other)| other.properties.get("vrf-vxlan") == number);
    if let (Some(number), Some((other, _))) = (number, taken) {
        let text = format!("vrf-vxlan {number} is already declared in {other}");
        return Err(Fault::Failed(text));
    }
    if !zone.properties.contains_key("mac") {
        let prefix = world
            .cluster
            .options
            .0
            .get("mac_prefix")
            .and_then(Value::as_str);
        let [.., a, b, c] = call.random().to_be_bytes();
        let prefix = prefix.unwrap_or("BC:24:11");
        let mac = format!("{prefix}:{a:02X}:{b:02X}:{c:02X}");
        zone.properties.insert("mac".to_owned(), mac.into());
    }
    Ok(())
}

const SIMPLE: Options = &[
    ("nodes", Optional),
    ("mtu", Optional),
    ("dns", Optional),
    ("reversedns", Optional),
    ("dnszone", Optional),
    ("ipam", Optional),
    ("dhcp", Optional),
];

const VLAN: Options = &[
    ("nodes", Optional),
    ("bridge", Required),
    ("bridge-disable-mac-learning", Optional),
    ("mtu", Optional),
    ("dns", Optional),
    ("reversedns", Optional),
    ("dnszone", Optional),
    ("ipam", Optional),
];

const QINQ: Options = &[
    ("nodes", Optional),
    ("tag", Required),
    ("bridge", Required),
    ("bridge-disable-mac-learning", Optional),
    ("mtu", Optional),
    ("vlan-protocol", Optional),
    ("dns", Optional),
    ("reversedns", Optional),
    ("dnszone", Optional),
    ("ipam", Optional),
];

const VXLAN: Options = &[
    ("nodes", Optional),
    ("peers", Optional),
    ("fabric", Optional),
    ("vxlan-port", Optional),
    ("mtu", Optional),
    ("dns", Optional),
    ("reversedns", Optional),
    ("dnszone", Optional),
    ("ipam", Optional),
];

const EVPN: Options = &[
    ("nodes", Optional),
    ("vrf-vxlan", Required),
    ("controller", Required),
    ("secondary-controllers", Optional),
    ("exitnodes", Optional),
    ("exitnodes-local-routing", Optional),
    ("exitnodes-primary", Optional),
    ("advertise-subnets", Optional),
    ("disable-arp-nd-suppression", Optional),
    ("bridge-disable-mac-learning", Optional),
    ("rt-import", Optional),
    ("vxlan-port", Optional),
    ("mtu", Optional),
    ("mac", Optional),
    ("dns", Optional),
    ("reversedns", Optional),
    ("dnszone", Optional),
    ("ipam", Optional),
];

const FAUCET: Options = &[
    ("nodes", Optional),
    ("dp-id", Required),
    ("controller", Required),
    ("dns", Optional),
    ("reversedns", Optional),
    ("dnszone", Optional),
    ("ipam", Optional),
];
