//! The disks of a machine with what they are and what they are used for.

use serde_json::{Value, json};

use super::{by_id, machine, mounted};
use crate::http::checksum::Checksum;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::{Disk, DiskKind};
use crate::pve::world::size::Size;
use crate::routes::Route;
use crate::routes::route::get;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/nodes/{node}/disks/list", Handler::Read(list))]
}

/// A partition.
pub(super) struct Partition {
    pub(super) path: String,
    size: Size,
    usage: &'static str,
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine(world, call)?;
    let with_partitions = call.arguments.is_set("include-partitions");
    let has_smart = !call.arguments.is_set("skipsmart");
    let wanted = call.arguments.text("type");
    let mut rows = Vec::new();
    for (path, disk) in &node.disks {
        let mut row = row(path, disk);
        row["health"] = json!(health(disk, has_smart));
        row["wearout"] = wearout(disk, has_smart);
        let osds = osds(world, &name, path);
        row["osdid"] = json!(osds.first().copied().unwrap_or(-1));
        row["osdid-list"] = json!(osds);
        row["mounted"] = json!(mounted(world, &name, path).is_some());
        let parts = partitions(path, disk);
        if with_partitions && !parts.is_empty() {
            row["used"] = json!("partitions");
        }
        let is_used = row.get("used").is_some();
        let is_wanted = match wanted {
            Some("unused") => !is_used,
            Some("journal_disks") => osds.is_empty() && may_take_journals(&row),
            _ => true,
        };
        if !is_wanted {
            continue;
        }
        rows.push(row);
        if with_partitions {
            rows.extend(
                parts
                    .iter()
                    .map(|part| of_partition(world, &name, path, part)),
            );
        }
    }
    Ok(Answer::new(rows))
}

/// Whether a disk may take the journals of Ceph: an unused one, one with partitions, or one with volumes.
fn may_take_journals(row: &Value) -> bool {
    match row.get("used").and_then(Value::as_str) {
        None | Some("LVM") => true,
        Some("partitions") => row["gpt"] == true,
        Some(_) => false,
    }
}

fn row(path: &str, disk: &Disk) -> Value {
    let kind = match disk.kind {
        DiskKind::Hdd => "hdd",
        DiskKind::Ssd => "ssd",
        DiskKind::Nvme => "nvme",
        DiskKind::Usb => "usb",
    };
    let vendor = match disk.kind {
        DiskKind::Hdd | DiskKind::Ssd => "ATA     ",
        DiskKind::Nvme => "unknown",
        DiskKind::Usb => "Kingston",
    };
    let digits = Checksum::Sha1.hex(disk.serial.as_bytes());
    let digits = digits.get(..12).unwrap_or_default();
    let wwn = match disk.kind {
        DiskKind::Nvme => format!("eui.0025385{digits}"),
        DiskKind::Usb => "unknown".to_owned(),
        _ => format!("0x5000{digits}"),
    };
    let mut row = json!({
        "devpath": path,
        "type": kind,
        "size": disk.size.bytes(),
        "model": disk.model,
        "serial": disk.serial,
        "vendor": vendor,
        "wwn": wwn,
        "gpt": disk.gpt || disk.usage.is_some(),
        "rpm": if disk.kind == DiskKind::Hdd { 7200 } else { 0 },
        "by_id_link": by_id(disk),
    });
    match disk.usage.as_deref() {
        // Its object stores are volumes as well.
        Some("ceph") => row["used"] = json!("LVM"),
        Some(usage) => row["used"] = json!(usage),
        None => {}
    }
    row
}

/// What `smartctl` says of its health.
pub(super) fn health(disk: &Disk, has_smart: bool) -> &'static str {
    match disk.kind {
        DiskKind::Usb => "UNKNOWN",
        _ if has_smart => "PASSED",
        _ => "UNKNOWN",
    }
}

fn wearout(disk: &Disk, has_smart: bool) -> Value {
    match disk.kind {
        DiskKind::Ssd | DiskKind::Nvme if has_smart => json!(remaining(disk)),
        _ => json!("N/A"),
    }
}

/// How much of its life is left, in percent; a few percent are gone, each disk its own few.
pub(super) fn remaining(disk: &Disk) -> u8 {
    let sum = disk.serial.bytes().fold(0_u8, u8::wrapping_add);
    100 - sum % 8
}

/// The object stores of Ceph on a disk.
fn osds(world: &World, node: &NodeName, path: &str) -> Vec<i64> {
    let sections = world.sections.get("ceph/osd").into_iter();
    let all = sections.flat_map(|sections| &sections.0);
    let here = all.filter(|(_, osd)| {
        let text = |name: &str| osd.properties.get(name).and_then(Value::as_str);
        text("host") == Some(node.as_str()) && text("dev") == Some(path)
    });
    here.filter_map(|(id, _)| id.parse().ok()).collect()
}

/// The path of the nth partition.
pub(super) fn partition(device: &str, number: usize) -> String {
    let needs_letter = device.ends_with(|c: char| c.is_ascii_digit());
    let letter = if needs_letter { "p" } else { "" };
    format!("{device}{letter}{number}")
}

/// The partitions of a disk as its use implies them: the installer makes three, file systems have one, ZFS two.
pub(super) fn partitions(device: &str, disk: &Disk) -> Vec<Partition> {
    let mut parts = Vec::new();
    let mut add = |number: usize, size: u64, usage: &'static str| {
        parts.push(Partition {
            path: partition(device, number),
            size: Size(size),
            usage,
        });
    };
    let whole = disk.size.bytes();
    let rest = |taken: u64| whole.saturating_sub(taken);
    match (disk.usage.as_deref(), disk.kind) {
        (Some("partitions" | "ext4"), _) => add(1, rest(2 << 20), "ext4"),
        (Some("xfs"), _) => add(1, rest(2 << 20), "xfs"),
        (Some("ZFS"), _) => {
            add(1, rest(10 << 20), "ZFS");
            add(9, 8 << 20, "ZFS reserved");
        }
        // What the system was installed on.
        (Some("LVM"), DiskKind::Nvme) => {
            add(1, 1_031_168, "BIOS boot");
            add(2, 1 << 30, "EFI");
            add(3, rest((1 << 30) + (2 << 20)), "LVM");
        }
        _ => {}
    }
    parts
}

fn of_partition(world: &World, node: &NodeName, device: &str, part: &Partition) -> Value {
    let is_mounted = mounted(world, node, device).as_deref() == Some(&*part.path);
    json!({
        "devpath": part.path,
        "parent": device,
        "type": "partition",
        "size": part.size.bytes(),
        "used": part.usage,
        "gpt": true,
        "mounted": is_mounted,
        "osdid": -1,
        "osdid-list": [],
    })
}
