//! The formats of addresses and networks.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{one, says};

pub(super) fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

pub(super) fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

pub(super) fn is_ip(text: &str) -> bool {
    is_ipv4(text) || is_ipv6(text)
}

pub(super) fn is_host(text: &str) -> bool {
    is_ip(text) || one("dns-name", text).is_ok()
}

pub(super) fn is_alias(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && text.len() > 1
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// An address and the length of its prefix.
pub(super) fn prefix(text: &str) -> Option<(&str, u32)> {
    let (address, bits) = text.split_once('/')?;
    let digits = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Some((address, bits.parse().ok()?)))?
}

/// Networks larger than a `/8` are refused.
pub(super) fn is_cidr_v4(text: &str) -> bool {
    prefix(text).is_some_and(|(address, bits)| is_ipv4(address) && (8..=32).contains(&bits))
}

pub(super) fn is_cidr_v6(text: &str) -> bool {
    prefix(text).is_some_and(|(address, bits)| is_ipv6(address) && (8..=128).contains(&bits))
}

pub(super) fn cidr(text: &str) -> Result<(), String> {
    let fits = is_cidr_v4(text) || is_cidr_v6(text);
    says(fits, "value does not look like a valid CIDR network")
}

pub(super) fn full_range_cidr(text: &str) -> Result<(), String> {
    let fits = prefix(text).is_some_and(|(address, bits)| {
        (is_ipv4(address) && bits <= 32) || (is_ipv6(address) && bits <= 128)
    });
    says(fits, "value does not look like a valid CIDR network")
}

pub(super) fn ip_or_cidr(text: &str) -> Result<(), String> {
    let fits = is_ip(text) || full_range_cidr(text).is_ok();
    says(
        fits,
        "value does not look like a valid IP address or CIDR network",
    )
}

pub(super) fn ipv4_config(text: &str) -> Result<(), String> {
    let fits = matches!(text, "dhcp" | "manual") || is_cidr_v4(text);
    says(
        fits,
        "value does not look like a valid ipv4 network configuration",
    )
}

pub(super) fn ipv6_config(text: &str) -> Result<(), String> {
    let fits = matches!(text, "auto" | "dhcp" | "manual") || is_cidr_v6(text);
    says(
        fits,
        "value does not look like a valid ipv6 network configuration",
    )
}

pub(super) fn netmask(text: &str) -> Result<(), String> {
    let mask = text.parse::<Ipv4Addr>().map(u32::from);
    let fits = mask
        .is_ok_and(|mask| mask.leading_ones() + mask.trailing_zeros() == 32 || mask == u32::MAX);
    says(fits, "value does not look like a valid IP netmask")
}

/// `zone-10.0.0.0-24`, or the network itself.
pub(super) fn subnet(text: &str) -> Result<(), String> {
    if text.contains('/') {
        return cidr(text);
    }
    let mut parts = text.split('-').skip(1);
    let (address, bits) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    cidr(&format!("{address}/{bits}"))
}

pub(super) fn address_with_interface(text: &str) -> Result<(), String> {
    if let Some((address, interface)) = text.split_once('%')
        && address.starts_with("fe80:")
        && is_ipv6(address)
        && one("pve-iface", interface).is_ok()
    {
        return Ok(());
    }
    one("ip", text)
}

/// A host with an optional port: `host:port`, `[host]:port`, `ipv6.port`.
pub(super) fn portal(text: &str) -> Result<(), String> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '.')
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let plain = match text.split_once(':') {
        Some((host, port)) => is_name(host) && is_port(port),
        None => is_name(text),
    };
    let bracketed = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    let bracketed = bracketed.is_some_and(|(host, tail)| {
        (is_ipv6(host) || is_name(host))
            && (tail.is_empty() || tail.strip_prefix(':').is_some_and(is_port))
    });
    let dotted = text.rsplit_once('.');
    let dotted = dotted.is_some_and(|(host, port)| is_ipv6(host) && is_port(port));
    let fits = plain || bracketed || dotted || is_ipv6(text);
    says(fits, "value does not look like a valid portal address")
}
