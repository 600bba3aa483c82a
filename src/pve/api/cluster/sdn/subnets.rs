//! Subnets of virtual networks. Their ids are made of their zone and their addresses.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::object::Need::{Optional, Required};
use super::object::{Object, Options};
use super::{LOOK, vnets};
use crate::http::Method;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::World;
use crate::pve::world::cidr::Cidr;
use crate::pve::world::sdn::{Sdn, View, cidr_of, text, zone_of};

/// The kind of objects that subnets are.
pub(super) struct Subnet;

impl Object for Subnet {
    const WHAT: &'static str = "subnet";
    const ID: &'static str = "subnet";

    fn of(sdn: &Sdn, view: View) -> &Sections {
        &sdn.view(view).subnets
    }

    fn write(sdn: &mut Sdn, change: impl FnOnce(&mut Sections)) {
        sdn.write(|written| change(&mut written.subnets));
    }

    fn options(_: &str) -> Options {
        &[
            ("vnet", Required),
            ("gateway", Optional),
            ("snat", Optional),
            ("dnszoneprefix", Optional),
            ("dhcp-range", Optional),
            ("dhcp-dns-server", Optional),
        ]
    }

    fn missing(id: &str) -> String {
        format!("sdn subnet '{id}' does not exist")
    }

    fn path(_: &World, id: &str, subnet: &Section) -> String {
        let vnet = text(subnet, "vnet").unwrap_or_default();
        format!("/sdn/zones/{}/{vnet}", zone_of(id))
    }

    /// Creation names the network with a slash; the id has a hyphen there, and the zone before.
    fn new_id(world: &World, call: &Call<'_>) -> String {
        let zone = world.sdn.written().zone_of_vnet(call.text("vnet"));
        let zone = zone.map_or("", |(zone, _)| zone);
        format!("{zone}-{}", call.text("subnet").replacen('/', "-", 1))
    }

    fn is_below(call: &Call<'_>, subnet: &Section) -> bool {
        text(subnet, "vnet") == Some(call.text("vnet"))
    }

    fn admit(world: &World, call: &Call<'_>) -> Result<(), Fault> {
        match call.operation.method {
            Method::Get => vnets::allowed(world, call, LOOK),
            _ => vnets::allowed(world, call, &["SDN.Allocate"]),
        }
    }

    fn settle(
        world: &World,
        call: &Call<'_>,
        id: &str,
        subnet: &mut Section,
        _: Option<&Section>,
    ) -> Result<(), Fault> {
        let Some(cidr) = cidr_of(id) else {
            let text = "value does not look like a valid CIDR network";
            return Err(Fault::parameter("subnet", text));
        };
        let vnet = world.sdn.written().vnets.0.get(call.text("vnet"));
        let aware = vnet.and_then(|vnet| vnet.properties.get("vlanaware"));
        if aware == Some(&Value::Bool(true)) {
            let text = "you can't add a subnet on a vlanaware vnet";
            return Err(Fault::parameter("vnet", text));
        }
        // A network of one address may have its gateway elsewhere.
        let single = cidr.version() == 4 && cidr.prefix == 32;
        if let Some(gateway) = text(subnet, "gateway")
            && !single
            && !holds(cidr, gateway)
        {
            let text = format!("{gateway} is not in subnet {cidr}");
            return Err(Fault::parameter("gateway", text));
        }
        ranges(subnet, cidr)
    }

    fn release(world: &World, id: &str) -> Result<(), Fault> {
        match cidr_of(id) {
            Some(cidr) if world.sdn.keeps(id) && world.sdn.is_used(id) => Err(Fault::Failed(
                format!("cannot delete subnet '{cidr}', not empty"),
            )),
            _ => Ok(()),
        }
    }

    /// The list of addresses follows at once, applied or not.
    fn follow(world: &mut World, id: &str) {
        world.sdn.register(id);
    }

    fn dress(id: &str, object: &mut Map<String, Value>) {
        if let Some(cidr) = cidr_of(id) {
            let network = id.split('-').nth(1).unwrap_or_default();
            object.insert("cidr".to_owned(), cidr.to_string().into());
            object.insert("network".to_owned(), network.into());
            object.insert("mask".to_owned(), cidr.prefix.to_string().into());
        }
        object.insert("id".to_owned(), id.into());
        object.insert("zone".to_owned(), zone_of(id).into());
        let ranges = object.get("dhcp-range").map(parsed).unwrap_or_default();
        object.insert("dhcp-range".to_owned(), Value::Array(ranges));
    }
}

fn holds(cidr: Cidr, address: &str) -> bool {
    address
        .parse::<IpAddr>()
        .is_ok_and(|address| cidr.contains(address))
}

/// Ranges as clients see them: objects.
fn parsed(ranges: &Value) -> Vec<Value> {
    let ranges = ranges.as_array().into_iter().flatten();
    let parsed = ranges.filter_map(|range| {
        let read = PropertyString::parse(range.as_str()?, None, Spelling::Plain).ok()?;
        let members = read
            .iter()
            .map(|(name, value)| (name.to_owned(), value.into()));
        Some(Value::Object(members.collect()))
    });
    parsed.collect()
}

/// The ranges of addresses to be handed out lie in the subnet, and apart.
fn ranges(subnet: &Section, cidr: Cidr) -> Result<(), Fault> {
    let refused = |text: String| Err(Fault::parameter("dhcp-range", text));
    let mut seen: Vec<(IpAddr, IpAddr)> = Vec::new();
    let ranges = subnet.properties.get("dhcp-range").map(parsed);
    for range in ranges.unwrap_or_default() {
        let bound = |name: &str| range[name].as_str().unwrap_or_default();
        let (start, end) = (bound("start-address"), bound("end-address"));
        let Ok(first) = start.parse::<IpAddr>() else {
            return refused(format!("start-address is not a valid IP {start}"));
        };
        let Ok(last) = end.parse::<IpAddr>() else {
            return refused(format!("end-address is not a valid IP {end}"));
        };
        if first > last {
            // From memory.
            return refused(format!(
                "start-address {start} must be smaller than end-address {end}"
            ));
        }
        if !cidr.contains(first) {
            return refused(format!("start-address {start} is not in subnet {cidr}"));
        }
        if !cidr.contains(last) {
            return refused(format!("end-address {end} is not in subnet {cidr}"));
        }
        if seen.iter().any(|(from, to)| first <= *to && *from <= last) {
            return refused("dhcp ranges must not overlap".to_owned());
        }
        seen.push((first, last));
    }
    Ok(())
}
