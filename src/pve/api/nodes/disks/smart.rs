//! What a disk tells of its health.

use serde_json::{Value, json};

use super::list::{health, remaining};
use super::{device, machine};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::node::{Disk, DiskKind};
use crate::routes::Route;
use crate::routes::route::get;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/nodes/{node}/disks/smart", Handler::Read(smart))]
}

fn smart(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine(world, call)?;
    let device = device(node, call.text("disk"))?;
    let health = health(device.disk, true);
    if call.arguments.is_set("healthonly") {
        return Ok(Answer::new(json!({ "health": health })));
    }
    let hours = (call.now.as_second() - node.started.as_second()).max(0) / 3600;
    Ok(Answer::new(match device.disk.kind {
        DiskKind::Hdd | DiskKind::Ssd => json!({
            "health": health,
            "type": "ata",
            "attributes": attributes(device.disk, hours),
        }),
        DiskKind::Nvme => json!({
            "health": health,
            "type": "text",
            "text": text(device.disk, hours),
            "wearout": remaining(device.disk),
        }),
        DiskKind::Usb => json!({"health": health, "type": "text", "text": ""}),
    }))
}

/// The attributes of a disk with an ATA interface. Their threshold is far away.
fn attributes(disk: &Disk, hours: i64) -> Vec<Value> {
    let wear = i64::from(remaining(disk));
    let mut all = vec![
        (5, "Reallocated_Sector_Ct", "PO--CK", 100, "0".to_owned()),
        (9, "Power_On_Hours", "-O--CK", 99, hours.to_string()),
        (12, "Power_Cycle_Count", "-O--CK", 100, "12".to_owned()),
        (194, "Temperature_Celsius", "-O---K", 100, "31".to_owned()),
    ];
    if disk.kind == DiskKind::Ssd {
        all.push((
            233,
            "Media_Wearout_Indicator",
            "-O--CK",
            wear,
            "0".to_owned(),
        ));
    } else {
        all.push((197, "Current_Pending_Sector", "-O--C-", 100, "0".to_owned()));
    }
    let row = |(id, name, flags, value, raw): (u8, &str, &str, i64, String)| {
        json!({
            "id": format!("{id:>3}"),
            "name": name,
            "flags": flags,
            "value": value,
            "normalized": value,
            "worst": value,
            "threshold": if id == 5 { 10 } else { 0 },
            "fail": "-",
            "raw": raw,
        })
    };
    all.into_iter().map(row).collect()
}

fn text(disk: &Disk, hours: i64) -> String {
    let used = 100 - remaining(disk);
    format!(
        "\nSMART/Health Information (NVMe Log 0x02)\n\
         Critical Warning:                   0x00\n\
         Temperature:                        38 Celsius\n\
         Available Spare:                    100%\n\
         Available Spare Threshold:          10%\n\
         Percentage Used:                    {used}%\n\
         Power Cycles:                       12\n\
         Power On Hours:                     {hours}\n\
         Unsafe Shutdowns:                   1\n\
         Media and Data Integrity Errors:    0\n\
         Error Information Log Entries:      0\n"
    )
}
