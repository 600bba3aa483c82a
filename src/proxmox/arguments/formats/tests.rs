//! Named formats: what passes, what is refused and how, and that no format of the documents is forgotten.

use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Formats of the documents that refuse nothing here, each for a reason.
const UNCHECKED: [&str; 1] = [
    // A property string of the software-defined network whose schema is nowhere published.
    "pve-sdn-fabric-wireguard-interface",
];

fn formats(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            // A property may be called format, too; then it is an object.
            found.extend(
                members
                    .get("format")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            );
            members.values().for_each(|member| formats(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| formats(item, found)),
        _ => {}
    }
}

#[test]
fn no_format_of_the_documents_is_forgotten() {
    let mut found = BTreeSet::new();
    for name in ["pve-9.2", "pve-8.4", "pve-7.4", "pbs-4", "pdm-1"] {
        let path = format!("{}/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
        formats(
            &serde_json::from_slice(&fs::read(path).unwrap()).unwrap(),
            &mut found,
        );
    }
    assert!(found.len() > 100, "{}", found.len());
    let forgotten: Vec<_> = found.iter().filter(|name| !is_known(name)).collect();
    assert_eq!(forgotten, UNCHECKED);
}

#[test]
fn every_property_string_is_named() {
    let text = include_str!("named.json");
    let document: Value = serde_json::from_str(text).unwrap();
    let names = document["components"]["schemas"].as_object().unwrap();
    assert!(names.keys().eq(NAMES.iter()));
    assert_eq!(property_strings().count(), NAMES.len());
}

/// Checks a table: a format, values that pass with `~` between them, one that does not, and what is said about it.
fn table(text: &str) {
    for row in text.lines() {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [format, good, bad, want] = cells[..] else {
            panic!("{row} is no row");
        };
        for value in good.split(" ~ ").filter(|value| !value.is_empty()) {
            assert_eq!(check(format, value), Ok(()), "{format}: {value}");
        }
        assert_eq!(check(format, bad).unwrap_err(), want, "{format}: {bad}");
    }
}

const IDENTIFIERS: &str = "\
pve-vmid | 100 ~ 999999999 | 99 | value does not look like a valid VM ID
pve-vmid-list | 100, 101;102 | 100,x | value does not look like a valid VM ID
pve-node | pve01 ~ a-b | a_b | value does not look like a valid node name
pve-storage-id | local-lvm ~ a_b.c | x | storage ID 'x' cannot be shorter than 2 characters
pve-storage-id |  | 1x | storage ID '1x' contains illegal characters
pve-configid | a1 ~ A_- | a | invalid configuration ID 'a'
pve-bridge-id | vmbr0 ~ é.1 | a b | invalid bridge ID 'a b'
pve-iface | eth0 ~ bond0.5 ~ eth0:1 | 0eth | invalid network interface name '0eth'
pve-poolid | a ~ a/b/c | a/b/c/d | pool name 'a/b/c/d' nested too deeply (max levels = 3)
pve-poolid |  | a//b | pool name 'a//b' contains invalid characters
pve-userid | root@pam ~ a@b@pve | x | user name 'x' is too short
pve-userid |  | root | value 'root' does not look like a valid user name
pve-realm | pam | x | value does not look like a valid realm
pve-groupid | a.b-c | a b | group name 'a b' contains invalid characters
pve-roleid | PVEAdmin | a/b | role name 'a/b' contains invalid characters
pve-tokenid | root@pam!mock | x@pam | value 'x@pam' does not look like a valid token ID
pve-priv-list | VM.Audit,VM.Monitor | VM.X | invalid privilege 'VM.X'
pve-tag-list | a;b ~ A+b | -a | invalid characters in tag
pve-ha-resource-or-vm-id | vm:100 ~ 100 | x | value does not look like a valid ha resource id
pve-replication-job-id | 100-0 | 99-0 | invalid replication job id '99-0' (guest IDs < 100 are reseved)
pve-sdn-zone-id | zone1 | zone-1 | zone ID 'zone-1' contains illegal characters
pve-sdn-zone-id |  | zone12345 | zone ID 'zone12345' can't be more length than 8 characters";

#[test]
fn identifiers() {
    table(IDENTIFIERS);
}

const ADDRESSES: &str = "\
mac-addr | BC:24:11:00:00:01 | 01:00:00:00:00:00 | value does not look like a valid unicast MAC address
ipv4 | 10.0.0.1 | 10.0.0.256 | value does not look like a valid IPv4 address
ipv6 | fe80::1 ~ ::ffff:1.2.3.4 | 10.0.0.1 | value does not look like a valid IPv6 address
ip-list | 10.0.0.1,::1 | x | value does not look like a valid IP address
CIDRv4 | 10.0.0.0/8 | 10.0.0.0/7 | value does not look like a valid IPv4 CIDR network
CIDRv6 | fd00::/8 | fd00::/129 | value does not look like a valid IPv6 CIDR network
CIDR | 10.0.0.0/24 ~ ::/64 | 10.0.0.1 | value does not look like a valid CIDR network
ipv4mask | 255.255.255.0 ~ 0.0.0.0 | 255.0.255.0 | value does not look like a valid IP netmask
pve-ipv4-config | dhcp ~ 10.0.0.1/24 | auto | value does not look like a valid ipv4 network configuration
pve-ipv6-config | auto ~ ::1/64 | 10.0.0.1/24 | value does not look like a valid ipv6 network configuration
address | pve.example.org ~ ::1 | a b | value does not look like a valid address: a b
dns-name | a.b-c | a_b | value does not look like a valid DNS name
IPorCIDRorAlias | alias ~ 10.0.0.0/7 | 1x | value does not look like a valid IP address or CIDR network
pve-storage-portal-dns | h:3260 ~ [::1]:1 ~ ::1 | a:b | value does not look like a valid portal address
lxc-ip-with-ll-iface-list | fe80::1%eth0 ::1 | fe80::1% | value does not look like a valid IP address
email-opt | 0 ~ a.b@c.de | x | value does not look like a valid email address
email-or-username-list | root,a@b | a b@ | value does not look like a valid email address or user name
pve-fw-addr-spec | +set ~ 10.0.0.1,10.0.0.2 ~ 10.0.0.1-10.0.0.9 | 10.0.0.1,::1 | detected mixed ipv4/ipv6 addresses in address list '10.0.0.1,::1'
pve-fw-dport-spec | 80,443 ~ ssh ~ 1:9 | 70000 | invalid port '70000'";

#[test]
fn addresses() {
    table(ADDRESSES);
    // Perl splits an empty text into nothing, with which nothing is wrong.
    for rule in ["addr", "sport", "dport", "protocol", "icmp-type"] {
        assert_eq!(check(&format!("pve-fw-{rule}-spec"), ""), Ok(()), "{rule}");
    }
}

const EVERYTHING_ELSE: &str = "\
disk-size | 32G ~ 1.5T ~ 512 ~ 4MiB | 32g | value does not look like a valid disk size: 32g
pve-volume-id | local:iso/a.iso ~ local-lvm:4 | iso | unable to parse volume ID 'iso'
pve-volume-id-or-qm-path | none ~ cdrom ~ /dev/sda ~ a1:b | x | unable to parse volume ID 'x'
pve-storage-content-list | iso,vztmpl ~ import | isos | invalid content type 'isos'
urlencoded | a%20b | a b | invalid urlencoded string: a b
pve-startup-order | order=1,up=2 ~ 1 | x | unable to parse startup options
pve-hotplug-features | 0 ~ disk,usb | x | invalid hotplug feature 'x'
pve-cpuset | 0-3,8 | 3-1 | unable to parse cpuset option
pve-vlan-id-or-range-list | 2;5-10 | 1 | invalid VLAN tag '1'
pve-lxc-mp-string | /a/b | /a/../b | /a/../b contains illegal character sequences
pve-dir-override-list | iso=a/b | iso | invalid override 'iso'";

#[test]
fn everything_else() {
    table(EVERYTHING_ELSE);
}

#[test]
fn lists_and_what_is_optional() {
    for (format, value) in [
        ("pve-vmid-list", ""),
        ("pve-vmid-list", "100\x00101"),
        ("email-opt", ""),
        ("email-opt", "0"),
        ("no-such-format", "anything"),
    ] {
        assert_eq!(check(format, value), Ok(()), "{format}: {value}");
    }
    assert!(check("email", "").is_err());
    // The newline of the inner text and that of the map's own stand in front of the last one.
    let want =
        "entry 'a:b:' contains invalid ID - storage ID 'a:b:' contains illegal characters\n\n";
    assert_eq!(check("storage-pair-list", "a:b:").unwrap_err(), want);
}

#[test]
fn calendar_events() {
    let good =
        "daily ~ mon..fri 8:00 ~ */15 ~ sat,sun 22:30 ~ *-*-1 00:00:00 ~ 2,22:30 ~ mon 8:00 UTC";
    for event in good.split(" ~ ") {
        assert_eq!(check("pve-calendar-event", event), Ok(()), "{event}");
    }
    for event in ["", "sometimes", "mon 8:99", "8:00 8:00 8:00 8:00"] {
        assert!(check("pve-calendar-event", event).is_err(), "{event}");
    }
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in "[a-z0-9:./,;@!%+*=\\[\\] é-]{0,24}") {
        let rules = ["pve-fw-addr-spec", "pve-fw-dport-spec", "pve-calendar-event", "storage-pair-list", "CIDR",
            "pve-sdn-subnet-id", "pve-poolid", "pve-userid", "pve-vlan-id-or-range", "pve-storage-portal-dns",
            "pve-command-batch", "pem-string", "pve-dir-override", "pve-cpuset", "pve-storage-id"];
        for rule in rules {
            let _ = check(rule, &text);
        }
    }
}
