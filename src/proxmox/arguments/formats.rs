//! The named formats of Proxmox VE: what each one refuses, and in which words.
//!
//! Most are one pattern with one text and stand in the table `patterns`; what needs code is in `rules`; those that
//! are property strings have a schema in `named.json`. The sources are the `register_format` calls of pve-common,
//! pve-access-control, pve-manager, pve-storage, qemu-server, pve-container, pve-network, pve-firewall and
//! pve-ha-manager.

mod addresses;
mod calendar;
mod firewall;
mod network;
mod patterns;
mod portable;
mod rules;

use std::sync::LazyLock;

use crate::contract::{Contract, Schema};

use super::values::split_list;

pub(in crate::proxmox) use portable::pattern;

/// The formats that are property strings.
static NAMED: LazyLock<Contract> = LazyLock::new(|| {
    let text = include_bytes!("formats/named.json");
    Contract::parse(text, "named.json").expect("the file is part of the program and tested")
});

/// The schema of a format that is a property string.
pub(super) fn property_string(name: &str) -> Option<&'static Schema> {
    NAMED.schema(name)
}

/// All of them.
pub(super) fn property_strings<'s>() -> impl Iterator<Item = &'s Schema> {
    NAMES.iter().filter_map(|name| NAMED.schema(name))
}

/// The names in `named.json`.
const NAMES: [&str; 18] = [
    "pve-qm-ide",
    "pve-qm-hostpci",
    "pve-qm-ipconfig",
    "pve-qm-smbios1",
    "pve-qm-watchdog",
    "pve-qm-rng",
    "pve-qm-cicustom",
    "pve-qm-boot",
    "pve-vm-cpu-conf",
    "pve-qemu-sev-fmt",
    "pve-qemu-tdx-fmt",
    "prune-backups",
    "backup-fleecing",
    "backup-performance",
    "realm-sync-options",
    "pve-tfa-config",
    "proxmox-remote",
    "pve-sdn-dhcp-range",
];

/// What is asked of a text.
type Rule = fn(&str) -> Result<(), String>;

/// Checks a text against a format, `-list` and `-opt` included.
///
/// # Errors
/// The product's text, without `invalid format - ` and without the newline at its end. A format that is not known
/// here refuses nothing.
pub(super) fn check(format: &str, text: &str) -> Result<(), String> {
    let list = format
        .strip_suffix("-list")
        .or_else(|| format.strip_suffix("-alist"));
    if let Some(item) = list {
        return split_list(text).try_for_each(|part| one(item, part));
    }
    match format.strip_suffix("-opt") {
        // Perl takes `0` for nothing, too.
        Some(_) if text.is_empty() || text == "0" => Ok(()),
        Some(optional) => one(optional, text),
        None => one(format, text),
    }
}

fn one(name: &str, text: &str) -> Result<(), String> {
    match rules::rule(name) {
        Some(rule) => rule(text),
        None => patterns::check(name, text).unwrap_or(Ok(())),
    }
}

fn says(fits: bool, text: &str) -> Result<(), String> {
    if fits { Ok(()) } else { Err(text.to_owned()) }
}

/// Whether anything is known of a format.
#[cfg(test)]
fn is_known(format: &str) -> bool {
    let base = ["-list", "-alist", "-opt"]
        .iter()
        .find_map(|suffix| format.strip_suffix(suffix))
        .unwrap_or(format);
    rules::rule(base).is_some()
        || patterns::check(base, "").is_some()
        || property_string(format).is_some()
}

#[cfg(test)]
mod tests;
