//! What members are called, and the value that one of that name usually has.
//!
//! The values speak of one lab, and agree with one another: what is used and what is free make the total,
//! and a task ends after it began.

use serde_json::Value;

use super::texts::TEXTS;

/// The first second of 2026, when everything in a sample happened.
pub(super) const NEW_YEAR: i64 = 1_767_225_600;

/// A day in seconds.
pub(super) const DAY: i64 = 86_400;

const GIB: i64 = 1 << 30;

/// The text of this name.
pub(super) fn text(name: &str) -> Option<&'static str> {
    let mut rows = TEXTS.iter();
    rows.find(|(_, names)| has(names, name))
        .map(|(text, _)| *text)
}

/// The text of a name that means different things in different objects: `owner` is the property string it is
/// in, or a member beside it.
pub(super) fn owned(owner: &str, name: &str) -> Option<&'static str> {
    let same = |known: &str| known.split_once('.') == Some((owner, name));
    let mut rows = OWNED.iter();
    rows.find(|(_, names)| names.split(' ').any(same))
        .map(|(text, _)| *text)
}

/// Whose member beside them tells what members like `type` and `id` mean, in the order of asking.
pub(super) const OWNERS: [&str; 10] = [
    "upid", "pos", "vmid", "realm", "sid", "iface", "storage", "dns", "ipam", "plugin",
];

/// How many items a list of this name has, where a single one would be odd.
pub(super) fn count(name: &str) -> u64 {
    match name {
        // Of the last one, five and fifteen minutes.
        "loadavg" => 3,
        _ => 1,
    }
}

/// The whole number of this name, in the unit that the products count in: bytes, seconds.
pub(super) fn integer(name: &str) -> Option<i64> {
    let mut rows = INTEGERS.iter();
    rows.find(|(_, names)| has(names, name))
        .map(|(number, _)| *number)
}

/// The number of this name; shares of a whole are between 0 and 1.
pub(super) fn number(name: &str) -> Option<Value> {
    let share = FRACTIONS.iter().find(|(known, _)| *known == name);
    let share = share.map(|(_, number)| Value::from(*number));
    share.or_else(|| integer(name).map(Value::from))
}

fn has(names: &str, name: &str) -> bool {
    names
        .split(' ')
        .any(|known| known == name && !name.is_empty())
}

/// Whether what a boolean of this name says holds for what nothing is wrong with.
pub(super) fn holds(name: &str) -> bool {
    TRUE.contains(&name)
}

const TRUE: &[&str] = &[
    "active",
    "autostart",
    "enable",
    "enabled",
    "exists",
    "full",
    "in",
    "known",
    "online",
    "quorate",
    "running",
    "secureboot",
    "success",
    "up",
    "valid",
    "writable",
];

const FRACTIONS: &[(&str, f64)] = &[
    ("cpu", 0.05),
    ("cpu-avg1", 0.05),
    ("cpu-avg15", 0.05),
    ("cpu-avg5", 0.05),
    ("cpu-current", 0.05),
    ("cpu-iowait", 0.01),
    ("loadavg", 0.1),
    ("percent_used", 0.25),
    ("pressurecpufull", 0.0),
    ("pressurecpusome", 0.0),
    ("pressureiofull", 0.0),
    ("pressureiosome", 0.0),
    ("pressurememoryfull", 0.0),
    ("pressurememorysome", 0.0),
    ("usage", 0.25),
    ("used_fraction", 0.25),
    ("wait", 0.01),
];

const OWNED: &[(&str, &str)] = &[
    ("0", "numa.hostnodes"),
    ("0-3", "numa.cpus numa_array.cpus"),
    ("0000:01:00.0", "hostpci.host"),
    ("1", "ivshmem.size"),
    ("100", "upid.id"),
    ("eth", "iface.type"),
    ("eth0", "net.name"),
    ("in", "pos.type"),
    ("local-lvm:subvol-100-disk-0", "mp.volume rootfs.volume"),
    ("node/pve01", "vmid.id"),
    ("pam", "realm.type"),
    ("pc-q35-10.1", "machine.type runningmachine.type"),
    ("powerdns", "dns.type"),
    ("pve", "ipam.type"),
    ("qmstart", "upid.type"),
    ("spice", "usb.host"),
    ("standalone", "plugin.type"),
    ("virtio", "net.model"),
    ("vm", "sid.type"),
    ("web", "vmid.name"),
];

const INTEGERS: &[(i64, &str)] = &[
    (
        NEW_YEAR,
        "created ctime notbefore snaptime starttime time timestamp checktime last-login \
        start-time start last-update localtime last-backup mtime backup-time modified \
        media-set-ctime history-start check-time entry-time",
    ),
    (NEW_YEAR + 60, "endtime last-run-endtime end end-time"),
    (
        NEW_YEAR + DAY,
        "next-run next-sync next_sync expire-at estimated-full-date",
    ),
    (NEW_YEAR - DAY, "last-run last_sync last_try"),
    (NEW_YEAR + 365 * DAY, "notafter regdate-end"),
    (DAY, "uptime duration"),
    (GIB, "mem mem-used memhost"),
    (8 * GIB, "disk used disk-used logsize bytes_used bytes-used"),
    (
        32 * GIB,
        "maxdisk total disk-total size maxsize hdsize lv_size bytes bytes-total",
    ),
    (24 * GIB, "free avail available bytes-avail disk-available"),
    (4 * GIB, "maxmem maxswap mem-total swap-total"),
    (
        0,
        "swap netin netout diskread diskwrite balloon delete expire fail_cnt failcount \
        errors warnings pos local_id n misses removed-bad still-bad pending-bytes \
        pending-chunks disk-read disk-write net-in net-out swap-used exitcode signal \
        removed-bytes removed-chunks",
    ),
    (4 << 20, "mem_total_kb"),
    (1 << 20, "mem_swap_kb lv_metadata_size"),
    (2048, "memory public-key-bits"),
    (4, "cpus maxcpu cores ipversion"),
    (1, "sockets nodeid votes quorate-votes rank slot"),
    (100, "vmid vlan-id tag"),
    (1000, "pid gid uid speed"),
    (10000, "pstart"),
    (1500, "mtu"),
    (22, "dport"),
    (8006, "port"),
    (65000, "asn"),
    (128, "pg_num pg_num_min pgs"),
    (3, "nodes"),
    (2, "min_size cgroup-mode"),
    (1024, "cpuunits"),
    (200, "code"),
    (51820, "listen_port"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_has_one_value() {
        let once = |names: Vec<&str>| {
            let mut seen = BTreeSet::new();
            let twice: Vec<&str> = names
                .into_iter()
                .filter(|name| !seen.insert(*name))
                .collect();
            assert!(twice.is_empty(), "{twice:?}");
        };
        let split = |names: &'static str| names.split(' ');
        once(TEXTS.iter().flat_map(|(_, names)| split(names)).collect());
        once(
            INTEGERS
                .iter()
                .flat_map(|(_, names)| split(names))
                .collect(),
        );
        once(OWNED.iter().flat_map(|(_, names)| split(names)).collect());
    }
}
