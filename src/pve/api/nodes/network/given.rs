//! From arguments to what is written about an interface.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use crate::proxmox::arguments::split_list;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::drop_empty;
use crate::pve::world::network::{Interface, InterfaceKind, Method};

/// Arguments that are members of their own and not among the options.
const MEMBERS: [&str; 11] = [
    "node",
    "iface",
    "type",
    "delete",
    "autostart",
    "cidr",
    "cidr6",
    "gateway",
    "gateway6",
    "comments6",
    "comments",
];

/// Those that become `cidr` and `cidr6`.
const ADDRESSES: [&str; 4] = ["address", "netmask", "address6", "netmask6"];

/// The parameter by which the ports of an interface of this kind go.
pub(super) fn ports_of(kind: InterfaceKind) -> Option<&'static str> {
    match kind {
        InterfaceKind::Bridge => Some("bridge_ports"),
        InterfaceKind::Bond => Some("slaves"),
        InterfaceKind::OvsBridge => Some("ovs_ports"),
        InterfaceKind::OvsBond => Some("ovs_bonds"),
        InterfaceKind::Vlan => Some("vlan-raw-device"),
        _ => None,
    }
}

/// The kind of this name.
pub(super) fn kind(name: &str) -> InterfaceKind {
    let name = Value::String(name.to_owned());
    serde_json::from_value(name).unwrap_or(InterfaceKind::Unknown)
}

/// Writes what a call gives over what is there.
///
/// # Errors
/// Addresses given twice, or such that no host can have.
pub(super) fn put(interface: &mut Interface, call: &Call<'_>) -> Result<(), Fault> {
    let arguments = &call.arguments;
    let cidr = address(call)?;
    let cidr6 = address6(call)?;
    interface.kind = kind(call.text("type"));
    let method = |cidr: &Option<String>| match cidr {
        Some(_) => Method::Static,
        None => Method::Manual,
    };
    // As in the product an update that names no address makes the interface a manual one.
    interface.method = method(&cidr);
    interface.method6 = method(&cidr6);
    interface.cidr = cidr.or(interface.cidr.take());
    interface.cidr6 = cidr6.or(interface.cidr6.take());
    let text = |name: &str| arguments.text(name).map(str::to_owned);
    interface.gateway = text("gateway").or(interface.gateway.take());
    interface.gateway6 = text("gateway6").or(interface.gateway6.take());
    if let Some(autostart) = arguments.boolean("autostart") {
        interface.autostart = autostart;
    }
    let own_ports = ports_of(interface.kind);
    for (key, value) in arguments.given() {
        if Some(&**key) == own_ports {
            let ports = split_list(value.as_str().unwrap_or_default());
            interface.ports = ports.map(str::to_owned).collect();
        } else if !MEMBERS.contains(&&**key) && !ADDRESSES.contains(&&**key) {
            interface.options.0.insert(key.clone(), value.clone());
        }
    }
    drop_empty(&mut interface.options.0);
    comments(interface, call);
    vlan_ids(interface)
}

/// Remarks are kept a line each; those about IPv6 come after the others once they are read back.
fn comments(interface: &mut Interface, call: &Call<'_>) {
    let mut text = String::new();
    for name in ["comments", "comments6"] {
        for line in call.arguments.text(name).unwrap_or_default().lines() {
            text.push_str(line);
            text.push('\n');
        }
    }
    if call.arguments.has("comments") || call.arguments.has("comments6") {
        interface.options.0.shift_remove("comments");
        if !text.is_empty() {
            interface
                .options
                .0
                .insert("comments".to_owned(), json!(text));
        }
    }
}

/// Lists of VLANs are separated by blanks.
fn vlan_ids(interface: &mut Interface) -> Result<(), Fault> {
    let options = &mut interface.options.0;
    let Some(Value::String(text)) = options.get("bridge_vids") else {
        return Ok(());
    };
    let ids: Vec<_> = split_list(text).collect();
    if ids.is_empty() && !text.is_empty() {
        return Err(Fault::parameter("bridge_vids", "VLAN list items are empty"));
    }
    let text = ids.join(" ");
    options.insert("bridge_vids".to_owned(), json!(text));
    Ok(())
}

/// The IPv4 address that a call gives, with the length of its network.
fn address(call: &Call<'_>) -> Result<Option<String>, Fault> {
    let arguments = &call.arguments;
    if let Some(cidr) = arguments.text("cidr") {
        for name in ["address", "netmask"] {
            if arguments.has(name) {
                return Err(Fault::parameter(
                    name,
                    format!("{name} conflicts with cidr"),
                ));
            }
        }
        return Ok(Some(cidr.to_owned()));
    }
    let Some(address) = arguments.text("address") else {
        return Ok(None);
    };
    let mask = arguments.text("netmask").unwrap_or("32");
    let bits = match mask.parse::<Ipv4Addr>() {
        Ok(mask) => u32::from(mask).count_ones().to_string(),
        Err(_) => mask.to_owned(),
    };
    Ok(Some(format!("{address}/{bits}")))
}

/// The same for IPv6.
fn address6(call: &Call<'_>) -> Result<Option<String>, Fault> {
    let arguments = &call.arguments;
    let cidr = if let Some(cidr) = arguments.text("cidr6") {
        for name in ["address6", "netmask6"] {
            if arguments.has(name) {
                return Err(Fault::parameter(
                    name,
                    format!("{name} conflicts with cidr6"),
                ));
            }
        }
        cidr.to_owned()
    } else if let Some(address) = arguments.text("address6") {
        let bits = arguments.integer("netmask6").unwrap_or(128);
        format!("{address}/{bits}")
    } else {
        return Ok(None);
    };
    let address = cidr.split('/').next().unwrap_or_default();
    if let Some(kind) = address.parse().ok().and_then(unfit) {
        let text = format!("{address} with type '{kind}', cannot be used as host IPv6 address.");
        return Err(Fault::parameter("address", text));
    }
    Ok(Some(cidr))
}

/// What an address is that is none of a host; the names are those of `Net::IP`.
fn unfit(address: Ipv6Addr) -> Option<&'static str> {
    if address.is_unspecified() {
        Some("UNSPECIFIED")
    } else if address.is_loopback() {
        Some("LOOPBACK")
    } else if address.is_multicast() {
        Some("MULTICAST")
    } else if address.to_ipv4_mapped().is_some() {
        Some("IPV4MAP")
    } else {
        None
    }
}

/// Takes out what a call names in `delete`.
pub(super) fn delete(interface: &mut Interface, call: &Call<'_>) {
    for key in split_list(call.text("delete")) {
        match key {
            "cidr" | "address" | "netmask" => interface.cidr = None,
            "cidr6" | "address6" | "netmask6" => interface.cidr6 = None,
            "gateway" => interface.gateway = None,
            "gateway6" => interface.gateway6 = None,
            "autostart" => interface.autostart = false,
            "comments6" => {}
            key if Some(key) == ports_of(interface.kind) => interface.ports.clear(),
            key => {
                interface.options.0.shift_remove(key);
            }
        }
    }
}

/// An address and the length of its network.
pub(super) fn parts(cidr: &str) -> Option<(IpAddr, &str)> {
    let (address, bits) = cidr.split_once('/')?;
    Some((address.parse().ok()?, bits))
}
