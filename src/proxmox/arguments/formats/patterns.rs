//! The formats that are one pattern and one text; `{}` in a text stands for the value.

use std::sync::OnceLock;

use regex::Regex;

/// A format, compiled when it is first needed.
struct Entry {
    name: &'static str,
    pattern: &'static str,
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

const fn entry(name: &'static str, pattern: &'static str, text: &'static str) -> Entry {
    Entry {
        name,
        pattern,
        text,
        regex: OnceLock::new(),
    }
}

/// Patterns in Rust's spelling, anchored here. Perl's `$` lets a newline pass at the end, which no client sends and
/// no configuration file survives, so it is refused.
static TABLE: [Entry; 49] = [
    entry(
        "urlencoded",
        r"[-%a-zA-Z0-9_.!~*'()]*",
        "invalid urlencoded string: {}",
    ),
    entry(
        "pve-configid",
        r"(?i)[a-z][a-z0-9_-]+",
        "invalid configuration ID '{}'",
    ),
    entry("pve-bridge-id", r"[-_.\w]+", "invalid bridge ID '{}'"),
    entry(
        "pve-vmid",
        r"[1-9][0-9]{2,8}",
        "value does not look like a valid VM ID",
    ),
    entry(
        "pve-node",
        r"[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?",
        "value does not look like a valid node name",
    ),
    entry(
        "mac-addr",
        r"(?i)[a-f0-9][02468ace](?::[a-f0-9]{2}){5}",
        "value does not look like a valid unicast MAC address",
    ),
    entry(
        "mac-prefix",
        r"(?i)[a-f0-9][02468ace](?::[a-f0-9]{2}){0,2}:?",
        "value is not a valid unicast MAC address prefix",
    ),
    entry(
        "ldap-simple-attr",
        r"[a-zA-Z0-9]+",
        "value '{}' does not look like a simple ldap attribute name",
    ),
    entry(
        "email",
        r"[\w+\-~]+(\.[\w+\-~]+)*@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)*",
        "value does not look like a valid email address",
    ),
    entry(
        "email-or-username",
        r"[\w+\-~]+(\.[\w+\-~]+)*(@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)*)?",
        "value does not look like a valid email address or user name",
    ),
    entry(
        "dns-name",
        r"([a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?",
        "value does not look like a valid DNS name",
    ),
    entry(
        "graphite-path",
        r"([a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?",
        "value does not look like a valid graphite path",
    ),
    entry(
        "pve-iface",
        r"(?i)[a-z][a-z0-9_]{1,20}([:.]\d+)?",
        "invalid network interface name '{}'",
    ),
    entry(
        "disk-size",
        r"\d+(\.\d+)?([KMGT](iB)?)?",
        "value does not look like a valid disk size: {}",
    ),
    entry(
        "pve-startup-order",
        r"(\s*|(order=)?\d+|up=\d+|down=\d+)(,(\s*|(order=)?\d+|up=\d+|down=\d+))*",
        "unable to parse startup options",
    ),
    entry(
        "pve-tag",
        r"(?i)[a-z0-9_][a-z0-9_\-+.]*",
        "invalid characters in tag",
    ),
    entry(
        "pve-task-status-type",
        r"(?i)ok|error|warning|unknown",
        "invalid status '{}'",
    ),
    entry(
        "pve-realm",
        r"[A-Za-z][A-Za-z0-9.\-_]+",
        "value does not look like a valid realm",
    ),
    entry(
        "pve-groupid",
        r"[A-Za-z0-9.\-_]+",
        "group name '{}' contains invalid characters",
    ),
    entry(
        "pve-roleid",
        r"[A-Za-z0-9.\-_]+",
        "role name '{}' contains invalid characters",
    ),
    entry(
        "pve-tokenid",
        r"[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+",
        "value '{}' does not look like a valid token ID",
    ),
    entry(
        "pve-acme-domain",
        r"(?i)[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+",
        "value '{}' does not look like a valid domain name!",
    ),
    entry(
        "pve-acme-alias",
        r"(?i)[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)+",
        "value '{}' does not look like a valid alias name!",
    ),
    entry(
        "pve-day-of-week",
        "mon|tue|wed|thu|fri|sat|sun",
        "invalid day '{}'",
    ),
    entry(
        "pve-ha-resource-id",
        r"[a-z]+:\S+",
        "value does not look like a valid ha resource id",
    ),
    entry(
        "pve-ha-resource-or-vm-id",
        r"[a-z]+:\S+|\d+",
        "value does not look like a valid ha resource id",
    ),
    entry(
        "pve-ha-group-node",
        r"[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?(:\d+)?",
        "value does not look like a valid ha group node",
    ),
    entry(
        "pve-ha-node",
        r"[a-zA-Z0-9]([a-zA-Z0-9\-]*[a-zA-Z0-9])?(:\d+)?",
        "value does not look like a valid ha node",
    ),
    entry(
        "pve-storage-path",
        r"(?s)/[^;()].*",
        "value does not look like a valid absolute path",
    ),
    entry(
        "pve-storage-path-in-property-string",
        r"(?s)/[^;,=()].*",
        "Value does not look like a valid absolute path. These symbols are currently not allowed in path: ;,=()",
    ),
    entry(
        "pve-storage-vgname",
        r"(?i)[a-z0-9][a-z0-9\-_.]*[a-z0-9]",
        "lvm name '{}' contains illegal characters",
    ),
    entry(
        "pve-storage-content",
        "images|rootdir|vztmpl|iso|backup|snippets|import|none",
        "invalid content type '{}'",
    ),
    entry(
        "pve-storage-format",
        "raw|qcow2|vmdk|subvol",
        "invalid format '{}'",
    ),
    entry("pve-storage-options", r"\S+", "invalid options '{}'"),
    entry(
        "pve-storage-zfs-blocksize",
        r"\d+[kKmM]?",
        "invalid block size '{}'",
    ),
    entry(
        "pve-volume-id",
        r"(?i)[a-z][a-z0-9\-_.]*[a-z0-9]:.+",
        "unable to parse volume ID '{}'",
    ),
    entry(
        "pve-volume-id-or-absolute-path",
        r"(?s)/.*|(?i:[a-z][a-z0-9\-_.]*[a-z0-9]:.+)",
        "unable to parse volume ID '{}'",
    ),
    entry(
        "pve-volume-id-or-qm-path",
        r"(?s)none|cdrom|/.*|(?i:[a-z][a-z0-9\-_.]*[a-z0-9]:.+)",
        "unable to parse volume ID '{}'",
    ),
    entry(
        "pve-qm-bootdisk",
        r"ide[0-3]|sata[0-5]|scsi([0-9]|[12][0-9]|30)|virtio([0-9]|1[0-5])|efidisk0|tpmstate0",
        "invalid boot disk '{}'",
    ),
    entry(
        "pve-qm-bootdev",
        r"ide[0-3]|sata[0-5]|scsi([0-9]|[12][0-9]|30)|virtio([0-9]|1[0-5])|net([0-9]|[12][0-9]|3[01])|usb([0-9]|1[0-3])|hostpci([0-9]|1[0-5])",
        "invalid boot device '{}'",
    ),
    entry(
        "pve-sdn-controller-id",
        r"(?i)[a-z][a-z0-9_-]*[a-z0-9]",
        "controller ID '{}' contains illegal characters",
    ),
    entry(
        "pve-sdn-dns-id",
        r"(?i)[a-z][a-z0-9]*[a-z0-9]",
        "dns ID '{}' contains illegal characters",
    ),
    entry(
        "pve-sdn-ipam-id",
        r"(?i)[a-z][a-z0-9]*[a-z0-9]",
        "ipam ID '{}' contains illegal characters",
    ),
    entry(
        "pve-sdn-fabric-id",
        "[a-zA-Z0-9][a-zA-Z0-9-]{0,6}[a-zA-Z0-9]?",
        "Fabric ID '{}' contains illegal characters",
    ),
    entry(
        "pve-sdn-prefix-list-id",
        "[a-zA-Z0-9][a-zA-Z0-9-_]{0,30}[a-zA-Z0-9]?",
        "prefix list ID '{}' contains illegal characters",
    ),
    entry(
        "pve-sdn-isis-net",
        r"[a-fA-F0-9]{2}(\.[a-fA-F0-9]{4}){3,9}\.[a-fA-F0-9]{2}",
        "value does not look like a valid isis net",
    ),
    entry(
        "pve-fw-conntrack-helper",
        "amanda|ftp|irc|netbios-ns|pptp|sane|sip|snmp|tftp",
        "conntrack helper '{}' is not supported",
    ),
    entry(
        "pve-qm-usb-device",
        r"(0x)?[0-9A-Fa-f]{4}:(0x)?[0-9A-Fa-f]{4}|\d+-\d+(\.\d+)*|[Ss][Pp][Ii][Cc][Ee]",
        "unable to parse usb device",
    ),
    entry("string", "(?s).*", ""),
];

/// Checks a text; nothing when the format is not in the table.
pub(super) fn check(name: &str, text: &str) -> Option<Result<(), String>> {
    let entry = TABLE.iter().find(|entry| entry.name == name)?;
    let regex = entry
        .regex
        .get_or_init(|| Regex::new(&format!("^(?:{})$", entry.pattern)).ok());
    let fits = regex.as_ref().is_none_or(|regex| regex.is_match(text));
    Some(if fits {
        Ok(())
    } else {
        Err(entry.text.replace("{}", text))
    })
}

/// The pattern of a format, without anchors.
pub(super) fn pattern(name: &str) -> Option<&'static str> {
    let entry = TABLE.iter().find(|entry| entry.name == name)?;
    Some(entry.pattern)
}

/// The names of all formats in the table.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|entry| entry.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_compile_and_names_are_unique() {
        let mut names = std::collections::BTreeSet::new();
        for entry in &TABLE {
            assert!(names.insert(entry.name), "{} stands twice", entry.name);
            let _ = check(entry.name, "");
            assert!(entry.regex.get().unwrap().is_some(), "{}", entry.name);
        }
    }
}
