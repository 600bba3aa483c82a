//! What can be written about interfaces together: who may have which port, and what must be there.
//!
//! The checks before a change are matters of a parameter, those while the file is written are not
//! (`PVE::API2::Network`, `PVE::Network::Interfaces`).

use serde_json::{Value, json};

use super::given::{parts, ports_of};
use super::{Interfaces, blank};
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::pve::world::network::{Interface, InterfaceKind, Method};

use InterfaceKind::{Bond, Bridge, Eth, OvsBond, OvsBridge, OvsIntPort, OvsPort, Vlan};

/// Parameters that name ports.
const PORTS: [&str; 4] = ["bridge_ports", "ovs_ports", "slaves", "ovs_bonds"];

/// What is looked at before a change.
///
/// # Errors
/// A second way out, or a port that another interface has.
pub(super) fn before(interfaces: &Interfaces, own: &str, call: &Call<'_>) -> Result<(), Fault> {
    let others = || interfaces.iter().filter(|(name, _)| *name != own);
    let ways = [
        (
            "gateway",
            "Default gateway",
            (|i| i.gateway.is_some()) as fn(&Interface) -> bool,
        ),
        ("gateway6", "Default ipv6 gateway", |i| i.gateway6.is_some()),
    ];
    for (parameter, what, has) in ways {
        if !call.arguments.has(parameter) {
            continue;
        }
        if let Some((other, _)) = others().find(|(_, interface)| has(interface)) {
            let text = format!("{what} already exists on interface '{other}'.");
            return Err(Fault::parameter(parameter, text));
        }
    }
    let mut named = PORTS.into_iter().filter(|name| !call.text(name).is_empty());
    let Some(first) = named.next() else {
        return Ok(());
    };
    for parameter in PORTS {
        for port in split_list(call.text(parameter)) {
            let user = others().find(|(_, other)| holds(other, port));
            if let Some((other, _)) = user {
                let text = format!("{port} is already used on interface '{other}'.");
                return Err(Fault::parameter(first, text));
            }
        }
    }
    Ok(())
}

/// Whether an interface has another one as its own. A VLAN shares the device below it.
fn holds(interface: &Interface, port: &str) -> bool {
    interface.kind != Vlan && interface.ports.iter().any(|own| own == port)
}

/// Open vSwitch's ports and bonds belong to a bridge, which learns of them.
///
/// # Errors
/// No bridge, or none of Open vSwitch.
pub(super) fn join_bridge(
    interfaces: &mut Interfaces,
    name: &str,
    interface: &Interface,
    call: &Call<'_>,
) -> Result<(), Fault> {
    if !matches!(interface.kind, OvsIntPort | OvsBond) {
        return Ok(());
    }
    let wrong = |text: String| Fault::parameter("ovs_bridge", text);
    let bridge = call.text("ovs_bridge");
    if bridge.is_empty() {
        return Err(wrong("parameter is required".to_owned()));
    }
    let Some(found) = interfaces.get_mut(bridge) else {
        return Err(wrong(format!("bridge '{bridge}' does not exist")));
    };
    if found.kind != OvsBridge {
        return Err(wrong(format!("interface '{bridge}' is no OVS bridge")));
    }
    if !found.ports.iter().any(|port| port == name) {
        found.ports.push(name.to_owned());
    }
    Ok(())
}

/// Makes of what was asked for what can be written.
///
/// # Errors
/// What the product finds while it writes.
pub(super) fn settle(interfaces: &mut Interfaces) -> Result<(), Fault> {
    release_ports(interfaces);
    take_ports(interfaces)?;
    let names: Vec<_> = interfaces.keys().cloned().collect();
    for name in &names {
        let Some(interface) = interfaces.get(name) else {
            continue;
        };
        let found = match interface.kind {
            OvsBond => ovs_bond(interfaces, name, interface),
            Bond => bond(interfaces, name, interface),
            Vlan => vlan(interfaces, name, interface),
            Bridge => bridge(interfaces, name, interface),
            _ => Ok(()),
        };
        found.map_err(Fault::Failed)?;
    }
    for name in names {
        if let Some(interface) = interfaces.get_mut(&name) {
            interface.kind = as_read(&name, interface.kind);
        }
    }
    slaves_start(interfaces);
    Ok(())
}

/// Ports of Open vSwitch that no bridge has any more are cards again.
fn release_ports(interfaces: &mut Interfaces) {
    let used: Vec<String> = interfaces
        .values()
        .filter(|interface| interface.kind == OvsBridge)
        .flat_map(|bridge| bridge.ports.iter().cloned())
        .collect();
    interfaces.retain(|name, interface| {
        let is_lost =
            matches!(interface.kind, OvsPort | OvsIntPort | OvsBond) && !used.contains(name);
        if is_lost && interface.kind == OvsPort {
            *interface = blank();
        }
        !is_lost || interface.kind == Eth
    });
}

/// The bridges of Open vSwitch make ports of the cards they are given.
fn take_ports(interfaces: &mut Interfaces) -> Result<(), Fault> {
    let bridges: Vec<_> = interfaces
        .iter()
        .filter(|(_, interface)| interface.kind == OvsBridge)
        .map(|(name, bridge)| (name.clone(), bridge.ports.clone()))
        .collect();
    for (name, ports) in bridges {
        for port in ports {
            let Some(found) = interfaces.get_mut(&port) else {
                let text = format!("OVS bridge '{name}' - unable to find port '{port}'");
                return Err(Fault::Failed(text));
            };
            if !matches!(found.kind, Eth | OvsPort | OvsIntPort | OvsBond) {
                let text = format!("interface '{port}' is not defined as OVS port/bond");
                return Err(Fault::Failed(text));
            }
            if found.kind == Eth {
                found.kind = OvsPort;
            }
            found.autostart = false;
            let bridge = json!(name);
            found.options.0.insert("ovs_bridge".to_owned(), bridge);
            fits(interfaces, &name, &port).map_err(Fault::Failed)?;
        }
    }
    Ok(())
}

fn ovs_bond(interfaces: &Interfaces, name: &str, bond: &Interface) -> Result<(), String> {
    for slave in &bond.ports {
        let Some(found) = interfaces.get(slave) else {
            return Err(format!(
                "OVS bond '{name}' - unable to find slave '{slave}'"
            ));
        };
        if found.kind != Eth {
            return Err(format!(
                "OVS bond '{name}' - wrong interface type on slave '{slave}' ('{}' != 'eth')",
                found.kind.as_str()
            ));
        }
        fits(interfaces, name, slave)?;
    }
    Ok(())
}

fn bond(interfaces: &Interfaces, name: &str, bond: &Interface) -> Result<(), String> {
    for slave in &bond.ports {
        let Some(found) = interfaces.get(slave) else {
            return Err(format!("bond '{name}' - unable to find slave '{slave}'"));
        };
        if !matches!(found.kind, Eth | Bond) {
            return Err(format!(
                "bond '{name}' - wrong interface type on slave '{slave}' ('{}' != 'eth or bond')",
                found.kind.as_str()
            ));
        }
        fits(interfaces, name, slave)?;
    }
    let primary = bond.options.0.get("bond-primary").and_then(Value::as_str);
    let is_slave = |primary: &str| bond.ports.iter().any(|slave| slave == primary);
    if !bond.ports.is_empty() && primary.is_some_and(|primary| !is_slave(primary)) {
        return Err(format!(
            "bond '{name}' - bond-primary interface is not a slave"
        ));
    }
    Ok(())
}

/// The device below a VLAN and its number: by its name, or as they are written.
pub(super) fn tagged<'a>(name: &'a str, vlan: &'a Interface) -> (Option<&'a str>, Option<u32>) {
    if let Some((device, number)) = name.rsplit_once('.')
        && let Ok(number) = number.parse()
    {
        return (Some(device), Some(number));
    }
    let by_name = name
        .strip_prefix("vlan")
        .and_then(|number| number.parse().ok());
    let written = vlan.options.0.get("vlan-id").and_then(Value::as_u64);
    let number = by_name.or(written.and_then(|number| u32::try_from(number).ok()));
    (vlan.ports.first().map(String::as_str), number)
}

fn vlan(interfaces: &Interfaces, name: &str, vlan: &Interface) -> Result<(), String> {
    let (device, number) = tagged(name, vlan);
    let device = device.ok_or("missing vlan-raw-device option")?;
    let number = number.ok_or("missing vlan-id option")?;
    if number > 4094 {
        return Err(format!(
            "vlan '{name}' - vlan-id {number} should be <= 4094"
        ));
    }
    let Some(parent) = interfaces.get(device) else {
        return Err(format!("vlan '{name}' - unable to find parent '{device}'"));
    };
    if !matches!(parent.kind, Eth | Bridge | Bond | Vlan) {
        return Err(format!(
            "vlan '{name}' - wrong interface type on parent '{device}' ('{}' != 'eth|bond|bridge|vlan' )",
            parent.kind.as_str()
        ));
    }
    fits(interfaces, device, name)
}

fn bridge(interfaces: &Interfaces, name: &str, bridge: &Interface) -> Result<(), String> {
    for port in &bridge.ports {
        let Some(found) = interfaces.get(port) else {
            // A VLAN that only the bridge knows is made with it.
            let parent = port.rsplit_once('.');
            if parent.is_some_and(|(_, number)| number.parse::<u32>().is_ok()) {
                continue;
            }
            return Err(format!(
                "bridge '{name}' - unable to find bridge port '{port}'"
            ));
        };
        let has_address = |method: Method, cidr: &Option<String>| {
            let address = cidr.as_deref().and_then(parts);
            method == Method::Static
                && address.is_some_and(|(address, _)| !address.is_unspecified())
        };
        if has_address(found.method, &found.cidr) || has_address(found.method6, &found.cidr6) {
            return Err(format!(
                "iface {port} - ip address can't be set on interface if bridged in {name}"
            ));
        }
        fits(interfaces, port, name)?;
    }
    Ok(())
}

/// Nobody sends larger packets than those below can carry.
fn fits(interfaces: &Interfaces, parent: &str, child: &str) -> Result<(), String> {
    let mtu = |name: &str| {
        let interface = interfaces.get(name)?;
        interface.options.0.get("mtu")?.as_u64()
    };
    let Some(of_child) = mtu(child) else {
        return Ok(());
    };
    let is_bond = interfaces
        .get(parent)
        .is_some_and(|parent| parent.kind == Bond);
    let of_parent = mtu(parent).unwrap_or(if is_bond { of_child } else { 1500 });
    if of_parent < of_child {
        return Err(format!(
            "interface '{parent}' - mtu {of_parent} is lower than '{child}' - mtu {of_child}"
        ));
    }
    Ok(())
}

/// What an interface is when the file is read back: some kinds are known by their names only.
fn as_read(name: &str, kind: InterfaceKind) -> InterfaceKind {
    let numbered = |name: &str, start: &str| {
        let number = name.strip_prefix(start);
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_card = ["eth", "nic", "if"]
        .iter()
        .any(|start| numbered(name, start))
        || ["en", "ib"]
            .iter()
            .any(|start| name.starts_with(start) && !name.contains([':', '.']));
    let keeps = match kind {
        Bond | OvsBond => numbered(name, "bond"),
        Eth | OvsPort => is_card,
        _ => true,
    };
    if keeps { kind } else { InterfaceKind::Unknown }
}

/// The members of a bond come up before it.
fn slaves_start(interfaces: &mut Interfaces) {
    let slaves: Vec<_> = interfaces
        .values()
        .filter(|interface| matches!(interface.kind, Bond | OvsBond))
        .filter(|interface| ports_of(interface.kind).is_some())
        .flat_map(|bond| bond.ports.clone())
        .collect();
    for slave in slaves {
        if let Some(slave) = interfaces.get_mut(&slave) {
            slave.autostart = true;
        }
    }
}
