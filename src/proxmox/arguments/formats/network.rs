//! The formats of the software-defined network.

use super::{patterns, says};

/// The ids of zones and virtual networks, which become names of interfaces.
pub(super) fn short_id(text: &str, kind: &str) -> Result<(), String> {
    let fits = text.len() >= 2
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    says(
        fits,
        &format!("{kind} ID '{text}' contains illegal characters"),
    )?;
    let long = format!("{kind} ID '{text}' can't be more length than 8 characters");
    says(text.len() <= 8, &long)
}

pub(super) fn vlan(text: &str) -> Result<(), String> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (from, to) = match text.split_once('-') {
        Some((from, to)) => (from, Some(to)),
        None => (text, None),
    };
    if !digits(from) || !to.is_none_or(digits) {
        return Err(format!("invalid VLAN configuration '{text}'"));
    }
    let tag = |part: &str| match part.parse::<u32>() {
        Ok(tag @ 2..=4094) => Ok(tag),
        _ => Err(format!("invalid VLAN tag '{part}'")),
    };
    let from = tag(from)?;
    match to.map(tag).transpose()? {
        Some(to) if from >= to => Err(format!(
            "VLAN range must go from lower to higher tag '{text}'"
        )),
        _ => Ok(()),
    }
}

pub(super) fn route_target(text: &str) -> Result<(), String> {
    let fits = text
        .split_once(':')
        .is_some_and(|(asn, id)| asn.parse::<u32>().is_ok() && id.parse::<u32>().is_ok());
    says(fits, "value does not look like a valid bgp route-target")
}

pub(super) fn route_map(text: &str) -> Result<(), String> {
    let reserved =
        text.starts_with("pve_") || matches!(text, "MAP_VTEP_IN" | "MAP_VTEP_OUT" | "correct_src");
    let used = format!("route map ID '{text}' is currently reserved and cannot be used");
    says(!reserved, &used)?;
    let fits =
        patterns::check("pve-sdn-prefix-list-id", text).is_none_or(|checked| checked.is_ok());
    says(
        fits,
        &format!("route map ID '{text}' contains illegal characters"),
    )
}
