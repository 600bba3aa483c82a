//! The addresses that the cluster itself hands out: the list of them, and what people enter by hand.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::{LOOK, vnets};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::ids::Vmid;
use crate::pve::world::sdn::{Lease, cidr_of, text, zone_of};

/// What is taken in zones that hand out addresses by DHCP.
pub(super) fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    if call.text("ipam") != "pve" {
        let text = "Currently only PVE IPAM is supported!";
        return Err(Fault::Failed(text.to_owned()));
    }
    let running = &world.sdn.running;
    let mut list = Vec::new();
    for (subnet, leases) in &world.sdn.addresses {
        let zone = zone_of(subnet);
        let counts =
            running.zones.0.get(zone).is_some_and(|zone| {
                text(zone, "ipam") == Some("pve") && text(zone, "dhcp").is_some()
            });
        let known = running.subnets.0.get(subnet);
        let vnet = known.and_then(|subnet| text(subnet, "vnet"));
        let (true, Some(vnet), Some(cidr)) = (counts, vnet, cidr_of(subnet)) else {
            continue;
        };
        if !call.may_any(world, &format!("/sdn/zones/{zone}/{vnet}"), LOOK) {
            continue;
        }
        for (address, lease) in leases {
            let mut entry = shown(lease);
            entry.insert("zone".to_owned(), zone.into());
            entry.insert("vnet".to_owned(), vnet.into());
            entry.insert("subnet".to_owned(), cidr.to_string().into());
            entry.insert("ip".to_owned(), address.to_string().into());
            list.push(Value::Object(entry));
        }
    }
    Ok(Answer::new(Value::Array(list)))
}

fn shown(lease: &Lease) -> Map<String, Value> {
    let mut entry = Map::new();
    if lease.gateway {
        entry.insert("gateway".to_owned(), true.into());
    }
    if let Some(hostname) = &lease.hostname {
        entry.insert("hostname".to_owned(), hostname.as_str().into());
    }
    if let Some(mac) = &lease.mac {
        entry.insert("mac".to_owned(), mac.as_str().into());
    }
    if let Some(vmid) = lease.vmid {
        entry.insert("vmid".to_owned(), vmid.number().into());
    }
    entry
}

pub(super) fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (subnet, address) = place(world, call)?;
    enter(world, &subnet, address, lease(call))?;
    Ok(Answer::default())
}

/// Another address for a card that has one.
pub(super) fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (subnet, address) = place(world, call)?;
    let mac = call.text("mac").to_ascii_uppercase();
    let is_own = |known: &IpAddr, lease: &Lease| {
        known.is_ipv4() == address.is_ipv4() && lease.mac.as_deref() == Some(mac.as_str())
    };
    let of_vnet: Vec<String> = {
        let subnets = world.sdn.written().subnets_of(call.text("vnet"));
        subnets.map(|(id, _)| id.to_owned()).collect()
    };
    let old = of_vnet.into_iter().find_map(|id| {
        let leases = world.sdn.addresses.get(&id)?;
        let (known, _) = leases.iter().find(|(known, lease)| is_own(known, lease))?;
        Some((id.clone(), *known))
    });
    let Some((old_subnet, old)) = old else {
        // The product looks for the subnet of no address.
        return Err(Fault::Failed("can't find any subnet for ip ".to_owned()));
    };
    let leases = world.sdn.addresses.entry(old_subnet.clone()).or_default();
    let before = leases.remove(&old);
    if let Err(fault) = enter(world, &subnet, address, lease(call)) {
        let leases = world.sdn.addresses.entry(old_subnet).or_default();
        leases.extend(before.map(|lease| (old, lease)));
        return Err(fault);
    }
    Ok(Answer::default())
}

pub(super) fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (subnet, address) = place(world, call)?;
    let leases = world.sdn.addresses.get_mut(&subnet);
    match leases.and_then(|leases| leases.remove(&address)) {
        Some(_) => Ok(Answer::default()),
        None => Err(Fault::Failed(format!(
            "IP '{address}' does not exist in IPAM DB"
        ))),
    }
}

/// The subnet that the address of a call is in.
fn place(world: &World, call: &Call<'_>) -> Result<(String, IpAddr), Fault> {
    let vnet = call.text("vnet");
    if !world.sdn.written().vnets.0.contains_key(vnet) {
        return Err(Fault::Failed(vnets::missing(vnet)));
    }
    let text = call.text("ip");
    let address = text.parse::<IpAddr>().ok();
    let found = address.and_then(|address| {
        let (subnet, _) = world.sdn.subnet_for(vnet, address)?;
        Some((subnet.to_owned(), address))
    });
    found.ok_or_else(|| Fault::Failed(format!("can't find any subnet for ip {text}")))
}

fn lease(call: &Call<'_>) -> Lease {
    let number = call
        .arguments
        .integer("vmid")
        .and_then(|number| u32::try_from(number).ok());
    Lease {
        mac: call.arguments.text("mac").map(str::to_ascii_uppercase),
        vmid: number.and_then(Vmid::new),
        ..Lease::default()
    }
}

fn enter(world: &mut World, subnet: &str, address: IpAddr, lease: Lease) -> Result<(), Fault> {
    let leases = world.sdn.addresses.entry(subnet.to_owned()).or_default();
    if leases.contains_key(&address) {
        return Err(Fault::Failed(format!("IP '{address}' already exist")));
    }
    leases.insert(address, lease);
    Ok(())
}
