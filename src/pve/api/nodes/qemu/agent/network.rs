//! The network interfaces of a guest as it sees them itself: one for each of its cards.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::derived::is_windows;
use crate::proxmox::call::Call;
use crate::pve::api::nodes::guest::shown;
use crate::pve::world::World;
use crate::pve::world::config::{Card, cards};
use crate::pve::world::gauge::{self, Gauge};
use crate::pve::world::guest::Guest;
use crate::pve::world::ids::Vmid;

/// All interfaces, the loopback among them, which Linux has in its list.
pub(super) fn interfaces(world: &World, vmid: Vmid, guest: &Guest, call: &Call<'_>) -> Value {
    let gauge = gauge::of_guest(world, vmid, guest, shown::moment(call));
    let cards = cards(&guest.config);
    let count = u64::try_from(cards.len()).unwrap_or(1).max(1);
    let mut interfaces = Vec::new();
    if !is_windows(guest) {
        interfaces.push(loopback());
    }
    for card in &cards {
        let name = match is_windows(guest) {
            true => format!("Ethernet {}", number(card)),
            false => format!("eth{}", number(card)),
        };
        interfaces.push(json!({
            "name": name,
            "hardware-address": card.mac.as_deref().unwrap_or_default().to_ascii_lowercase(),
            "ip-addresses": addresses(world, vmid, guest, card),
            "statistics": statistics(&gauge, count),
        }));
    }
    Value::Array(interfaces)
}

fn number(card: &Card) -> &str {
    card.key.trim_start_matches("net")
}

fn loopback() -> Value {
    json!({
        "name": "lo",
        "hardware-address": "00:00:00:00:00:00",
        "ip-addresses": [address("127.0.0.1", 8), address("::1", 128)],
        "statistics": statistics(&Gauge::default(), 1),
    })
}

fn address(text: &str, prefix: u8) -> Value {
    let kind = if text.contains(':') { "ipv6" } else { "ipv4" };
    json!({"ip-address": text, "ip-address-type": kind, "prefix": prefix})
}

fn statistics(gauge: &Gauge, share: u64) -> Value {
    let (received, sent) = (gauge.net_in / share, gauge.net_out / share);
    json!({
        "rx-bytes": received, "rx-packets": received / 800, "rx-errs": 0, "rx-dropped": 0,
        "tx-bytes": sent, "tx-packets": sent / 600, "tx-errs": 0, "tx-dropped": 0,
    })
}

/// What a test says, what cloud-init was told, or else what a server of the network would give.
fn addresses(world: &World, vmid: Vmid, guest: &Guest, card: &Card) -> Vec<Value> {
    if let Some(scripted) = guest.scripted_addresses(&card.key) {
        let known = scripted.iter();
        return known
            .map(|one| address(&one.address.to_string(), one.prefix))
            .collect();
    }
    let key = format!("ipconfig{}", number(card));
    let told = guest.config.text(&key).unwrap_or_default();
    let of = |name: &str| told.split(',').find_map(|part| part.strip_prefix(name));
    let read = |text: &str| {
        let (address, prefix) = text.split_once('/')?;
        Some((address.to_owned(), prefix.parse::<u8>().ok()?))
    };
    let given = of("ip=").and_then(read);
    let (ip, prefix) = given.unwrap_or_else(|| leased(world, vmid, guest, card));
    let mut addresses = vec![address(&ip, prefix)];
    if let Some((ip, prefix)) = of("ip6=").and_then(read) {
        addresses.push(address(&ip, prefix));
    }
    if let Some(local) = card.mac.as_deref().and_then(link_local) {
        addresses.push(address(&local, 64));
    }
    addresses
}

/// An address of the network that the node has on the card's bridge, the same for the same guest: its number
/// where that fits. A bridge without an address gets a network of its own.
fn leased(world: &World, vmid: Vmid, guest: &Guest, card: &Card) -> (String, u8) {
    let bridge = card.bridge.as_deref().unwrap_or_default();
    let node = world.nodes.get(&guest.node);
    let interface = node.and_then(|node| node.network.get(bridge));
    let cidr = interface.and_then(|interface| interface.cidr.as_deref());
    let known = cidr.and_then(|cidr| {
        let (address, prefix) = cidr.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        Some((
            address,
            prefix.parse::<u8>().ok().filter(|prefix| *prefix <= 30)?,
        ))
    });
    let (network, prefix) = known.unwrap_or((Ipv4Addr::new(192, 168, 100, 1), 24));
    let hosts = 32_u32.saturating_sub(u32::from(prefix));
    let mask = u32::MAX.checked_shl(hosts).unwrap_or(0);
    // Neither the network itself nor its broadcast address.
    let room = (!mask).saturating_sub(1).max(1);
    let nth: u32 = number(card).parse().unwrap_or(0);
    let host = (vmid.number().wrapping_add(nth.wrapping_mul(13)) - 1) % room + 1;
    let address = Ipv4Addr::from((u32::from(network) & mask) | host);
    (address.to_string(), prefix)
}

/// The address that every interface gives itself (RFC 4291, appendix A).
fn link_local(mac: &str) -> Option<String> {
    let octets: Vec<u16> = mac
        .split(':')
        .map(|octet| u16::from_str_radix(octet, 16).ok())
        .collect::<Option<_>>()?;
    let [a, b, c, d, e, f] = octets.as_slice() else {
        return None;
    };
    let address = std::net::Ipv6Addr::new(
        0xfe80,
        0,
        0,
        0,
        (a ^ 2) << 8 | b,
        c << 8 | 0xff,
        0xfe00 | d,
        e << 8 | f,
    );
    Some(address.to_string())
}
