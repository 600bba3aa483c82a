//! The formats that documents of the products name: a text of each, and what fits it.
//!
//! The texts speak of one lab: cluster of `pve01`, guest 100, addresses that are reserved for examples.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A text for each named format. One that is a list of others (`pve-vmid-list`) is found by its item.
const TEXTS: &[(&str, &str)] = &[
    ("CIDR", CIDR),
    ("CIDRv4", CIDR),
    ("CIDRv6", "2001:db8::/64"),
    ("FullRangeCIDR", CIDR),
    ("address", IP),
    ("backup-fleecing", "enabled=0"),
    ("backup-performance", "max-workers=16"),
    ("binary", "\u{7f}ELF"),
    ("date-time", "2026-01-01T00:00:00Z"),
    ("disk-size", "32G"),
    ("dns-name", "example.com"),
    ("email", EMAIL),
    ("email-or-username", EMAIL),
    ("ip", IP),
    ("ipv4", IP),
    ("ipv4mask", "255.255.255.0"),
    ("ipv6", "2001:db8::10"),
    ("lxc-ip-with-ll-iface", IP),
    ("mac-addr", MAC),
    (
        "pem-certificate",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    ),
    ("prune-backups", "keep-last=3"),
    ("pve-acme-alias", "_acme-challenge.example.com"),
    ("pve-acme-domain", "example.com"),
    ("pve-bridge-id", "vmbr0"),
    ("pve-calendar-event", "daily"),
    ("pve-cpuset", "0-3"),
    ("pve-ct-timezone", "UTC"),
    ("pve-fw-conntrack-helper", "ftp"),
    ("pve-groupid", "admins"),
    ("pve-ha-resource-or-vm-id", "vm:100"),
    ("pve-hotplug-features", "network,disk,usb"),
    ("pve-iface", "eno1"),
    ("pve-ipv4-config", "dhcp"),
    ("pve-ipv6-config", "auto"),
    ("pve-lxc-dev-string", "/dev/fuse"),
    ("pve-lxc-mp-string", "/mnt/data"),
    ("pve-node", "pve01"),
    ("pve-phys-bits", "host"),
    ("pve-priv", "VM.Audit"),
    ("pve-qemu-sev-fmt", "std"),
    ("pve-qemu-tdx-fmt", "tdx"),
    ("pve-qm-boot", "order=scsi0"),
    ("pve-qm-bootdisk", "scsi0"),
    ("pve-qm-cicustom", "user=local:snippets/user.yaml"),
    ("pve-qm-hostpci", "0000:01:00.0"),
    ("pve-qm-ide", "none,media=cdrom"),
    ("pve-qm-ipconfig", "ip=dhcp"),
    ("pve-qm-rng", "source=/dev/urandom"),
    (
        "pve-qm-smbios1",
        "uuid=6c5b8a2e-3f0d-4d52-9a6b-0c1d2e3f4a5b",
    ),
    ("pve-qm-usb-device", "spice"),
    ("pve-qm-watchdog", "i6300esb"),
    ("pve-realm", "pam"),
    ("pve-replication-job-id", "100-0"),
    ("pve-roleid", "PVEAuditor"),
    ("pve-sdn-bgp-rt", "65000:10000"),
    ("pve-sdn-fabric-id", "fabric1"),
    ("pve-sdn-fabric-wireguard-interface", "name=wg0"),
    (
        "pve-sdn-isis-net",
        "47.0023.0000.0000.0000.0000.0000.0000.1900.0004.00",
    ),
    ("pve-sdn-prefix-list-id", "prefixes"),
    ("pve-sdn-route-map-id", "routes"),
    ("pve-sdn-zone-id", "zone1"),
    ("pve-startup-order", "order=1"),
    ("pve-storage-content", "images"),
    ("pve-storage-id", "local"),
    ("pve-tag", "production"),
    ("pve-userid", USER),
    ("pve-vlan-id-or-range", "2-4094"),
    ("pve-vm-cpu-conf", "x86-64-v2-AES"),
    ("pve-vmid", "100"),
    ("pve-volume-id", "local:vm-100-disk-0"),
    ("pve-volume-id-or-qm-path", "local-lvm:vm-100-disk-0"),
    ("string", "/tmp/"),
];

const CIDR: &str = "192.0.2.0/24";
const IP: &str = "192.0.2.10";
const MAC: &str = "BC:24:11:00:00:01";
const EMAIL: &str = "admin@example.com";
const USER: &str = "root@pam";
/// The SHA-256 of nothing at all, which nobody takes for a real one.
pub(super) const SHA_256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// The same as a fingerprint.
pub(super) const FINGERPRINT: &str = "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55";
/// A task that started with the year 2026.
pub(super) const UPID: &str = "UPID:pve01:000003E8:00002710:6955B900:qmstart:100:root@pam:";
/// The same as Datacenter Manager has it, with the remote it runs on.
pub(super) const REMOTE_UPID: &str =
    "example!UPID:pve01:000003E8:00002710:6955B900:qmstart:100:root@pam:";
/// The same in the form of Backup Server, which counts tasks.
const LONG_UPID: &str =
    "UPID:pve01:000003E8:00002710:00000001:6955B900:garbage_collection:backup:root@pam:";

/// What is tried where there is a pattern, any word first.
pub(super) const USUAL: &[&str] = &[
    "example",
    LONG_UPID,
    UPID,
    FINGERPRINT,
    SHA_256,
    "6c5b8a2e-3f0d-4d52-9a6b-0c1d2e3f4a5b",
    MAC,
    "root@pam!mock",
    USER,
    CIDR,
    IP,
    "2001:db8::/64",
    "https://example.com",
    "example.com",
    "47.0023.0000.0000.0000.0000.0000.0000.1900.0004.00",
    "0x5000c500a0b1c2d3",
    "pve4p-0123456789",
    "32G",
    "0-3",
    "100-0",
    "LANG=C",
    "net0=1500",
    "sda",
    "scsi0",
    "/dev/ttyS0",
    "+aes",
    "9.2.0",
    "0660",
    "1/second",
    "de",
    "eno1",
    "UTC",
];

/// A text of a format.
pub(super) fn text(format: &str) -> Option<&'static str> {
    let find = |name: &str| {
        let found = TEXTS.binary_search_by_key(&name, |(known, _)| known);
        found.ok().and_then(|index| TEXTS.get(index))
    };
    let found = find(format).or_else(|| find(item(format)?));
    found.map(|(_, text)| *text)
}

/// The format of the items of a list, or of a value that may be empty.
fn item(format: &str) -> Option<&str> {
    let suffixes = ["-alist", "-list", "-opt"];
    suffixes
        .iter()
        .find_map(|suffix| format.strip_suffix(suffix))
}

/// What a text of this format has to be, for formats that mean one form and nothing else.
pub(super) fn rule(format: &str) -> Option<fn(&str) -> bool> {
    Some(match format {
        "CIDR" | "FullRangeCIDR" => |text| network::<IpAddr>(text, 128),
        "CIDRv4" => |text| network::<Ipv4Addr>(text, 32),
        "CIDRv6" => |text| network::<Ipv6Addr>(text, 128),
        "ip" => is::<IpAddr>,
        "ipv4" => is::<Ipv4Addr>,
        "ipv6" => is::<Ipv6Addr>,
        "mac-addr" => is_mac,
        "email" => |text| text.contains('@'),
        "email-opt" => |text| text.is_empty() || text.contains('@'),
        "pve-userid" => |text| text.contains('@') && !text.contains(char::is_whitespace),
        "pve-volume-id" => |text| text.contains(':'),
        "pve-vmid" => |text| matches!(text.parse(), Ok(100..=999_999_999_u32)),
        "pve-node" | "dns-name" => is_name,
        _ => return None,
    })
}

fn is<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

fn network<T: std::str::FromStr>(text: &str, most: u8) -> bool {
    let parts = text.split_once('/');
    parts.is_some_and(|(address, length)| {
        let short = length.parse::<u8>().is_ok_and(|length| length <= most);
        short && is::<T>(address)
    })
}

/// Pairs of digits with colons between; that of a group of machines is no address of one.
fn is_mac(text: &str) -> bool {
    let pair = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split(':').count() == 6 && text.split(':').all(pair)
}

fn is_name(text: &str) -> bool {
    let label = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !part.is_empty() && part.bytes().all(plain)
    };
    text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_in_order_and_fit_their_formats() {
        assert!(TEXTS.is_sorted_by(|(a, _), (b, _)| a < b));
        for (format, text) in TEXTS {
            assert!(rule(format).is_none_or(|rule| rule(text)), "{format}");
        }
    }

    #[test]
    fn formats_that_mean_one_form() {
        let check = |format: &str, text: &str, want: bool| {
            let fits = rule(format).unwrap()(text);
            assert_eq!(fits, want, "{format}: {text}");
        };
        check("CIDR", "2001:db8::/64", true);
        check("CIDRv4", "2001:db8::/64", false);
        check("CIDRv4", "192.0.2.0/33", false);
        check("CIDRv4", "192.0.2.0", false);
        check("ipv4", "192.0.2.256", false);
        check("mac-addr", "BC:24:11:00:00:0g", false);
        check("mac-addr", "BC:24:11:00:00:+1", false);
        check("email-opt", "", true);
        check("pve-vmid", "99", false);
        check("pve-node", "pve01.example.com", true);
        check("pve-node", "pve 01", false);
        check("dns-name", "", false);
        check("pve-userid", "root", false);
    }
}
