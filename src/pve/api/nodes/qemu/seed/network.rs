//! The files about networks that cloud-init reads: one for `nocloud`, one for the formats with a configuration drive.
//! Cards without an `ipconfigN` are in neither; what no option says of name servers is as on the node.

use crate::pve::world::config::{Card, cards};
use crate::pve::world::node::Dns;
use crate::pve::world::ordered::Ordered;

/// The first version of cloud-init's own form.
pub(super) fn simple(config: &Ordered<String>, dns: Option<&Dns>) -> String {
    let mut file = "version: 1\nconfig:\n".to_owned();
    for (card, number, told) in told_cards(config) {
        let mac = card.mac.unwrap_or_default().to_ascii_lowercase();
        file.push_str(&format!(
            "    - type: physical\n      name: eth{number}\n      mac_address: '{mac}'\n      subnets:\n"
        ));
        file.push_str(&subnets(told));
    }
    let (domains, servers) = names(config, dns);
    file.push_str("    - type: nameserver\n");
    if !servers.is_empty() {
        file.push_str("      address:\n");
        file.extend(servers.iter().map(|server| format!("      - '{server}'\n")));
    }
    if !domains.is_empty() {
        file.push_str("      search:\n");
        file.extend(domains.iter().map(|domain| format!("      - '{domain}'\n")));
    }
    file
}

/// The form of `/etc/network/interfaces`.
pub(super) fn interfaces(config: &Ordered<String>, dns: Option<&Dns>) -> String {
    let mut file = "auto lo\niface lo inet loopback\n\n".to_owned();
    let (domains, servers) = names(config, dns);
    if !servers.is_empty() {
        file.push_str(&format!("        dns_nameservers {}\n", servers.join(" ")));
    }
    if !domains.is_empty() {
        file.push_str(&format!("        dns_search {}\n", domains.join(" ")));
    }
    for (_, number, told) in told_cards(config) {
        let of = |name: &str| part(told, name);
        let name = format!("eth{number}");
        file.push_str(&format!("auto {name}\n"));
        match of("ip=") {
            Some("dhcp") => file.push_str(&format!("iface {name} inet dhcp\n")),
            Some(cidr) => {
                let (address, mask) = with_mask(cidr);
                file.push_str(&format!(
                    "iface {name} inet static\n        address {address}\n        netmask {mask}\n"
                ));
                if let Some(gateway) = of("gw=") {
                    file.push_str(&format!("        gateway {gateway}\n"));
                }
            }
            None => {}
        }
        match of("ip6=") {
            Some(way @ ("auto" | "dhcp")) => {
                file.push_str(&format!("iface {name} inet6 {way}\n"));
            }
            Some(cidr) => {
                let (address, length) = cidr.split_once('/').unwrap_or((cidr, ""));
                file.push_str(&format!(
                    "iface {name} inet6 static\n        address {address}\n        netmask {length}\n"
                ));
                if let Some(gateway) = of("gw6=") {
                    file.push_str(&format!("        gateway {gateway}\n"));
                }
            }
            None => {}
        }
    }
    file
}

/// The cards that have something to be told, with their numbers and what they are told.
fn told_cards(config: &Ordered<String>) -> Vec<(Card, String, &str)> {
    let mut cards = cards(config);
    cards.sort_by(|one, other| one.key.cmp(&other.key));
    let told = cards.into_iter().filter_map(|card| {
        let number = card.key.trim_start_matches("net").to_owned();
        let told = config.text(&format!("ipconfig{number}"))?;
        Some((card, number, told))
    });
    told.collect()
}

/// Domains that are searched, and name servers.
fn names(config: &Ordered<String>, dns: Option<&Dns>) -> (Vec<String>, Vec<String>) {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let search = config
        .text("searchdomain")
        .or(dns.map(|dns| dns.search.as_str()));
    let servers = match config.text("nameserver") {
        Some(text) => words(text),
        None => {
            let servers = dns.map(|dns| dns.servers.as_slice()).unwrap_or_default();
            servers.iter().map(ToString::to_string).collect()
        }
    };
    (words(search.unwrap_or_default()), servers)
}

fn part<'t>(told: &'t str, name: &str) -> Option<&'t str> {
    told.split(',').find_map(|part| part.strip_prefix(name))
}

fn subnets(told: &str) -> String {
    let of = |name: &str| part(told, name);
    let mut text = String::new();
    match of("ip=") {
        Some("dhcp") => text.push_str("      - type: dhcp4\n"),
        Some(cidr) => {
            let (address, mask) = with_mask(cidr);
            text.push_str(&format!(
                "      - type: static\n        address: '{address}'\n        netmask: '{mask}'\n"
            ));
            text.extend(of("gw=").map(|gateway| format!("        gateway: '{gateway}'\n")));
        }
        None => {}
    }
    match of("ip6=") {
        Some("dhcp") => text.push_str("      - type: dhcp6\n"),
        Some("auto") => text.push_str("      - type: ipv6_slaac\n"),
        Some(cidr) => {
            text.push_str(&format!(
                "      - type: static6\n        address: '{cidr}'\n"
            ));
            text.extend(of("gw6=").map(|gateway| format!("        gateway: '{gateway}'\n")));
        }
        None => {}
    }
    text
}

/// `10.0.0.5` and `255.255.255.0` of `10.0.0.5/24`.
fn with_mask(cidr: &str) -> (&str, std::net::Ipv4Addr) {
    let (address, length) = cidr.split_once('/').unwrap_or((cidr, "32"));
    let length: u32 = length.parse().unwrap_or(32);
    let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length));
    (address, std::net::Ipv4Addr::from(mask.unwrap_or(0)))
}
