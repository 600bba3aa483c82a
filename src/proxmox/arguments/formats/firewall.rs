//! The formats of firewall rules: addresses, ports, protocols, types of ICMP.
//!
//! The product looks services and protocols up in files of its system. Here a service is anything that could be the
//! name of one, and protocols are those that rules are written for.

use std::net::IpAddr;

/// An ip set, an alias, or addresses, networks and ranges.
pub(super) fn addresses(text: &str) -> Result<(), String> {
    if let Some(name) = text.strip_prefix('+') {
        let long = name.len() > 64;
        return if long {
            Err("ipset name too long".to_owned())
        } else {
            Ok(())
        };
    }
    if is_alias(text.rsplit_once('/').map_or(text, |(scope, name)| {
        if matches!(scope, "dc" | "guest" | "sdn") {
            name
        } else {
            text
        }
    })) {
        let long = text.len() > 64;
        return if long {
            Err("alias name too long".to_owned())
        } else {
            Ok(())
        };
    }
    if text.ends_with(',') {
        return Err("extraneous commas in list".to_owned());
    }
    let mut version = None;
    for item in items(text) {
        let four = is_four(item).ok_or_else(|| {
            format!("invalid IP address: ip_get_version: '{item}' is not a valid IP address")
        })?;
        if *version.get_or_insert(four) != four {
            return Err(format!(
                "detected mixed ipv4/ipv6 addresses in address list '{text}'"
            ));
        }
    }
    if text.contains(',') && text.contains('-') {
        return Err("you can't use a range in a list".to_owned());
    }
    Ok(())
}

fn is_alias(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && !text.contains(':')
}

/// Whether an address, network or range is of version 4.
fn is_four(text: &str) -> Option<bool> {
    if let Some((from, to)) = text.split_once('-') {
        let (from, to): (IpAddr, IpAddr) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        return (from.is_ipv4() == to.is_ipv4() && from <= to).then_some(from.is_ipv4());
    }
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let fits = bits.parse::<u8>().is_ok_and(|bits| bits <= most);
    fits.then_some(address.is_ipv4())
}

/// Ports, ranges of them, and names of services.
pub(super) fn ports(text: &str) -> Result<(), String> {
    if text.ends_with(',') {
        return Err("extraneous commas in list".to_owned());
    }
    let mut count = 0;
    for item in items(text) {
        let (from, to) = item.split_once(':').unwrap_or((item, item));
        if is_digits(from) && is_digits(to) {
            count += if item.contains(':') { 2 } else { 1 };
            let (from, to) = (port(from)?, port(to)?);
            if from > to {
                return Err(format!(
                    "backwards range '{from}:{to}' not allowed, did you mean '{to}:{from}'?"
                ));
            }
        } else if !is_service(item) {
            return Err(format!("invalid port '{item}'"));
        }
    }
    if count > 15 {
        return Err("too many entries in port list (> 15 numbers)".to_owned());
    }
    Ok(())
}

/// The items of a list. An empty text has none in Perl, so that nothing is wrong with it: clients say so that a rule
/// shall have no address or port.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').filter(|_| !text.is_empty())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("invalid port '{text}'"))
}

fn is_service(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_+.".contains(&byte))
}

/// A protocol by name or number.
pub(super) fn protocol(text: &str) -> Result<(), String> {
    let known = text.parse::<u8>().is_ok() || PROTOCOLS.contains(&text);
    if known || text.is_empty() {
        Ok(())
    } else {
        Err(format!("unknown protocol '{text}'"))
    }
}

const PROTOCOLS: &[&str] = &[
    "ah",
    "ax.25",
    "dccp",
    "ddp",
    "egp",
    "eigrp",
    "encap",
    "esp",
    "etherip",
    "fc",
    "ggp",
    "gre",
    "hip",
    "hmp",
    "hopopt",
    "icmp",
    "icmpv6",
    "idpr-cmtp",
    "idrp",
    "igmp",
    "igp",
    "ip",
    "ipcomp",
    "ipencap",
    "ipip",
    "ipv6",
    "ipv6-frag",
    "ipv6-icmp",
    "ipv6-nonxt",
    "ipv6-opts",
    "ipv6-route",
    "isis",
    "iso-tp4",
    "l2tp",
    "manet",
    "mobility-header",
    "mpls-in-ip",
    "ospf",
    "pim",
    "pup",
    "rdp",
    "rohc",
    "rspf",
    "rsvp",
    "sctp",
    "shim6",
    "skip",
    "st",
    "tcp",
    "udp",
    "udplite",
    "vmtp",
    "vrrp",
    "wesp",
    "xns-idp",
    "xtp",
];

/// A type of ICMP or `ICMPv6`.
pub(super) fn icmp_type(text: &str) -> Result<(), String> {
    let number = |part: &str| part.parse::<u8>().is_ok();
    let numbered = text
        .split_once('/')
        .map_or_else(|| number(text), |(kind, code)| number(kind) && number(code));
    if text.is_empty() || numbered || ICMP_TYPES.contains(&text) {
        return Ok(());
    }
    Err(format!("invalid icmp-type value '{text}'"))
}

const ICMP_TYPES: &[&str] = &[
    "TOS-host-redirect",
    "TOS-host-unreachable",
    "TOS-network-redirect",
    "TOS-network-unreachable",
    "address-mask-reply",
    "address-mask-request",
    "address-unreachable",
    "any",
    "bad-header",
    "beyond-scope",
    "communication-prohibited",
    "destination-unreachable",
    "echo-reply",
    "echo-request",
    "failed-policy",
    "fragmentation-needed",
    "host-precedence-violation",
    "host-prohibited",
    "host-redirect",
    "host-unknown",
    "host-unreachable",
    "ip-header-bad",
    "neighbor-advertisement",
    "neighbor-solicitation",
    "neighbour-advertisement",
    "neighbour-solicitation",
    "network-prohibited",
    "network-redirect",
    "network-unknown",
    "network-unreachable",
    "no-route",
    "packet-too-big",
    "parameter-problem",
    "port-unreachable",
    "precedence-cutoff",
    "protocol-unreachable",
    "redirect",
    "reject-route",
    "required-option-missing",
    "router-advertisement",
    "router-solicitation",
    "source-quench",
    "source-route-failed",
    "time-exceeded",
    "timestamp-reply",
    "timestamp-request",
    "ttl-zero-during-reassembly",
    "ttl-zero-during-transit",
    "unknown-header-type",
    "unknown-option",
];
