//! Indexed parameters: `net[n]` of a contract stands for `net0`, `net1` and so on, up to a bound.
//!
//! The descriptions that the products publish leave the bounds out; they are the constants of qemu-server
//! (`$MAX_NETS` and so on), pve-container and pve-manager.

use crate::contract::{Operation, Parameter};

/// How many there are of an indexed parameter of Proxmox VE, by its name without the `[n]`.
pub(in crate::proxmox) fn bound(base: &str) -> u32 {
    match base {
        "ide" | "serial" => 4,
        "parallel" => 3,
        "sata" | "acmedomain" => 6,
        "link" | "numa" => 8,
        "virtiofs" => 10,
        "usb" => 14,
        "virtio" | "hostpci" => 16,
        "scsi" => 31,
        "net" | "ipconfig" => 32,
        // mp, dev, unused; a parameter that is not known here is not refused for its number.
        _ => 256,
    }
}

/// The name before the number, and the number, of `net0`. Numbers are written in one way only: `net00` is no index.
pub(super) fn split(name: &str) -> Option<(&str, u32)> {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &name[base.len()..];
    if base.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    Some((base, digits.parse().ok()?))
}

/// The parameter that a name stands for, with indices resolved.
pub(super) fn parameter<'o>(operation: &'o Operation, name: &str) -> Option<&'o Parameter> {
    let exact = operation.parameter(name);
    if let Some(exact) = exact.filter(|parameter| !parameter.schema.facts().indexed) {
        return Some(exact);
    }
    let (base, number) = split(name)?;
    if number >= bound(base) {
        return None;
    }
    operation.parameters.iter().find(|parameter| {
        parameter.schema.facts().indexed && parameter.name.strip_suffix("[n]") == Some(base)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_numbers() {
        assert_eq!(split("net0"), Some(("net", 0)));
        assert_eq!(split("mp255"), Some(("mp", 255)));
        for name in ["net", "0", "net00", "net01", "net99999999999", ""] {
            assert_eq!(split(name), None, "{name}");
        }
    }
}
