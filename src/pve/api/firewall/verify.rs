//! Whether a rule makes sense where it stands: the checks of `verify_rule` in `PVE::Firewall`, in its order.
//!
//! The forms of the single properties were checked by the contract's formats before.

use std::net::IpAddr;

use super::macros::{self, Macro};
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::cidr::Cidr;
use crate::pve::world::firewall::Level;
use crate::pve::world::guest::Kind;
use crate::pve::world::options::Options;

/// What a rule may say.
pub(super) const PROPERTIES: &[&str] = &[
    "type",
    "action",
    "enable",
    "macro",
    "source",
    "dest",
    "proto",
    "sport",
    "dport",
    "iface",
    "log",
    "comment",
    "icmp-type",
];

/// Refuses a rule that makes no sense; writes the name of its macro as the product does.
pub(super) fn verified(world: &World, level: &Level, rule: &mut Options) -> Result<(), Fault> {
    direction(world, level, rule)?;
    interface(world, level, rule)?;
    if let Some(name) = text(rule, "macro") {
        let known = macros::named(name);
        let unknown = || Fault::parameter("macro", format!("unknown macro '{name}'"));
        let known = known.ok_or_else(unknown)?;
        rule.0.insert("macro".to_owned(), known.name.into());
    }
    ports(rule)?;
    for name in ["source", "dest"] {
        names(world, level, rule, name)?;
    }
    ip_version(world, level, rule)?;
    match text(rule, "macro").and_then(macros::named) {
        Some(known) => of_macro(known, rule),
        None => Ok(()),
    }
}

/// 4 or 6 where something in the rule says so.
pub(super) fn ip_version(
    world: &World,
    level: &Level,
    rule: &Options,
) -> Result<Option<u8>, Fault> {
    let mut version = match text(rule, "proto") {
        Some("icmp") => Some(4),
        Some("icmpv6" | "ipv6-icmp") => Some(6),
        _ => None,
    };
    for name in ["source", "dest"] {
        let Some(value) = text(rule, name) else {
            continue;
        };
        let found = version_of(world, level, value);
        if let (Some(one), Some(other)) = (version, found)
            && one != other
        {
            let text = "detected mixed ipv4/ipv6 addresses in rule";
            return Err(Fault::parameter(name, text));
        }
        version = version.or(found);
    }
    Ok(version)
}

fn text<'a>(rule: &'a Options, name: &str) -> Option<&'a str> {
    let value = rule.0.get(name)?.as_str()?;
    (!value.is_empty()).then_some(value)
}

/// What the product calls the place of a rule, and the types of rules that it takes there.
fn environment(world: &World, level: &Level) -> (&'static str, &'static [&'static str]) {
    match level {
        Level::Cluster => ("cluster", &["in", "out", "forward", "group"]),
        Level::Group(_) => ("group", &["in", "out", "forward"]),
        Level::Node(_) => ("host", &["in", "out", "forward", "group"]),
        Level::Vnet(_) => ("vnet", &["forward", "group"]),
        Level::Guest(vmid) => {
            let kind = world.guests.get(vmid).map(|guest| guest.kind);
            let name = if kind == Some(Kind::Lxc) { "ct" } else { "vm" };
            (name, &["in", "out", "group"])
        }
    }
}

fn direction(world: &World, level: &Level, rule: &Options) -> Result<(), Fault> {
    let (name, types) = environment(world, level);
    let kind = text(rule, "type").ok_or_else(|| Fault::parameter("type", "missing property"))?;
    let action =
        text(rule, "action").ok_or_else(|| Fault::parameter("action", "missing property"))?;
    if !types.contains(&kind) {
        let text = format!("invalid rule type '{kind}' for rule_env '{name}'");
        return Err(Fault::parameter("type", text));
    }
    if kind == "group" {
        return Ok(());
    }
    if kind == "forward" && action == "REJECT" {
        let text = "cannot define REJECT rules on forward chain";
        return Err(Fault::parameter("action", text));
    }
    if !matches!(action, "ACCEPT" | "DROP" | "REJECT") {
        return Err(Fault::parameter(
            "action",
            format!("unknown action '{action}'"),
        ));
    }
    Ok(())
}

fn interface(world: &World, level: &Level, rule: &Options) -> Result<(), Fault> {
    let Some(interface) = text(rule, "iface") else {
        return Ok(());
    };
    match environment(world, level).0 {
        "group" | "vnet" => {
            let text = "parameter -i not allowed for this rule type";
            Err(Fault::parameter("type", text))
        }
        "vm" | "ct" if !is_card(interface) => {
            let text = "value does not match the regex pattern 'net\\d+'";
            Err(Fault::parameter("iface", text))
        }
        _ => Ok(()),
    }
}

/// Guests' interfaces go by the keys of their configuration.
fn is_card(name: &str) -> bool {
    let number = name.strip_prefix("net").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn ports(rule: &Options) -> Result<(), Fault> {
    let protocol = text(rule, "proto");
    let is_icmp = matches!(protocol, Some("icmp" | "icmpv6" | "ipv6-icmp" | "1" | "58"));
    let missing = |of: &str| {
        let text = format!("missing property - '{of}' requires this property");
        Err(Fault::parameter("proto", text))
    };
    for name in ["dport", "sport"] {
        if text(rule, name).is_none() {
            continue;
        }
        let Some(protocol) = protocol else {
            return missing(name);
        };
        let special = name == "dport" && is_icmp;
        if !has_ports(protocol) && !special {
            let text = format!("protocol '{protocol}' does not support ports");
            return Err(Fault::parameter(name, text));
        }
    }
    if text(rule, "icmp-type").is_some() {
        if !is_icmp {
            return missing("icmp-type");
        }
        if text(rule, "dport").is_some() {
            let text = "'icmp-type' cannot be specified together with 'dport'";
            return Err(Fault::parameter("icmp-type", text));
        }
    }
    Ok(())
}

fn has_ports(protocol: &str) -> bool {
    let known = [
        "udp", "17", "udplite", "136", "tcp", "6", "dccp", "33", "sctp", "132",
    ];
    known.contains(&protocol)
}

/// Sets and aliases that a rule names exist at its level, or at the cluster's.
fn names(world: &World, level: &Level, rule: &Options, property: &str) -> Result<(), Fault> {
    let Some(value) = text(rule, property) else {
        return Ok(());
    };
    if let Some(set) = value.strip_prefix('+') {
        let name = set.split_once('/').map_or(set, |(_, name)| name);
        let at = |level: &Level| {
            let sets = world.ip_sets(level);
            sets.is_some_and(|sets| sets.0.contains_key(name))
        };
        if at(level) || at(&Level::Cluster) || world.sdn.has_ip_set(name) {
            return Ok(());
        }
        return Err(Fault::parameter(
            property,
            format!("no such ipset '{name}'"),
        ));
    }
    if is_alias(value) && alias(world, level, value).is_none() {
        return Err(Fault::parameter(
            property,
            format!("no such alias '{value}'"),
        ));
    }
    Ok(())
}

/// Whether a text is the name of an alias rather than an address.
pub(super) fn is_alias(text: &str) -> bool {
    let name = text
        .strip_prefix("dc/")
        .or_else(|| text.strip_prefix("guest/"));
    let name = name.unwrap_or(text);
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(inner)
}

/// What an alias stands for; `dc/` and `guest/` before its name say at which level to look.
pub(super) fn alias<'a>(world: &'a World, level: &Level, text: &str) -> Option<&'a str> {
    let (scope, name) = text.split_once('/').unwrap_or(("", text));
    let at = |level: &Level| {
        let aliases = &world.aliases(level)?.0;
        let found = aliases
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found?.1.properties.get("cidr")?.as_str()
    };
    let own = (scope != "dc").then(|| at(level)).flatten();
    own.or_else(|| (scope != "guest").then(|| at(&Level::Cluster)).flatten())
}

fn version_of(world: &World, level: &Level, value: &str) -> Option<u8> {
    if value.starts_with('+') {
        return None;
    }
    if is_alias(value) {
        return alias(world, level, value).and_then(version_of_address);
    }
    value.split(',').find_map(version_of_address)
}

/// 4 or 6, for an address, a network or a range.
pub(super) fn version_of_address(text: &str) -> Option<u8> {
    let start = text.split_once('-').map_or(text, |(start, _)| start);
    let plain = start.parse::<IpAddr>().ok();
    let plain = plain.map(|address| if address.is_ipv4() { 4 } else { 6 });
    plain.or_else(|| start.parse::<Cidr>().ok().map(Cidr::version))
}

/// What a macro says a rule may not say otherwise.
fn of_macro(known: &Macro, rule: &Options) -> Result<(), Fault> {
    for (name, value) in known.says() {
        if let Some(given) = text(rule, name)
            && given != value
        {
            let text = format!("parameter '{name}' already define in macro (value = '{value}')");
            return Err(Fault::parameter(name, text));
        }
    }
    Ok(())
}
