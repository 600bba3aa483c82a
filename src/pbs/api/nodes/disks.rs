//! `/nodes/{node}/disks`: disks, and the directories and pools on them.

mod directories;

mod pools;

use serde_json::{Value, json};

use crate::pbs::world::World;
use crate::pbs::world::node::{Disk, DiskUsage};
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/nodes/{node}/disks/list", Handler::Read(list)),
        get("/nodes/{node}/disks/smart", Handler::Read(smart)),
        post("/nodes/{node}/disks/initgpt", Handler::Write(init)),
        put("/nodes/{node}/disks/wipedisk", Handler::Write(wipe)),
    ];
    routes.extend(directories::routes());
    routes.extend(pools::routes());
    routes
}

fn shown(name: &str, disk: &Disk) -> Value {
    let mut item = json!({
        "name": name,
        "devpath": format!("/dev/{name}"),
        "disk-type": disk.kind,
        "size": disk.size,
        "model": disk.model,
        "serial": disk.serial,
        "used": disk.usage,
        "gpt": disk.gpt,
        "status": "passed",
    });
    if let Some(vendor) = &disk.vendor {
        item["vendor"] = json!(vendor);
    }
    if let Some(wearout) = disk.wearout {
        item["wearout"] = json!(wearout);
    }
    item
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.text("usage-type");
    let with_partitions = call.arguments.is_set("include-partitions");
    let disks = world.node.disks.iter();
    let items = disks.map(|(name, disk)| {
        let mut item = shown(name, disk);
        if with_partitions {
            item["partitions"] = partitions(name, disk);
        }
        item
    });
    let items = items.filter(|item| wanted.is_none_or(|wanted| item["used"] == wanted));
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// A disk in use has one partition over all of it.
fn partitions(name: &str, disk: &Disk) -> Value {
    let used = match disk.usage {
        DiskUsage::Zfs => "zfs",
        DiskUsage::Partitions => "filesystem",
        _ => return json!([]),
    };
    let part = if name.starts_with("nvme") { "p1" } else { "1" };
    json!([{
        "name": format!("{name}{part}"),
        "devpath": format!("/dev/{name}{part}"),
        "used": used,
        "mounted": used == "filesystem",
        "gpt": disk.gpt,
        "size": disk.size,
    }])
}

fn find<'w>(world: &'w World, name: &str) -> Result<&'w Disk, Fault> {
    let found = world.node.disks.get(name);
    // `DiskManage::disk_by_name`: the error of the file system.
    found.ok_or_else(|| {
        let why = "No such file or directory (os error 2)";
        let text =
            format!("failed to get information about block device \"/sys/block/{name}\" - {why}");
        Fault::Failed(text)
    })
}

fn smart(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let disk = find(world, call.text("disk"))?;
    let attribute = |id: u32, name: &str, raw: &str| {
        json!({
            "id": id,
            "name": name,
            "raw": raw,
            "value": raw,
            "flags": "-O--CK",
            "normalized": 100.0,
            "threshold": 0.0,
            "worst": 100.0,
        })
    };
    let hours = (call.now.as_second() - world.node.started.as_second()).max(0) / 3600 + 8_760;
    let mut data = json!({"status": "passed", "attributes": []});
    if call.arguments.boolean("healthonly") != Some(true) {
        data["attributes"] = json!([
            attribute(5, "Reallocated_Sector_Ct", "0"),
            attribute(9, "Power_On_Hours", &hours.to_string()),
            attribute(12, "Power_Cycle_Count", "14"),
            attribute(194, "Temperature_Celsius", "31"),
        ]);
    }
    if let Some(wearout) = disk.wearout {
        data["wearout"] = json!(f64::from(wearout));
    }
    Ok(Answer::new(data))
}

/// A disk that nobody uses.
fn free<'w>(world: &'w World, name: &str) -> Result<&'w Disk, Fault> {
    let disk = find(world, name)?;
    match disk.usage {
        DiskUsage::Unused => Ok(disk),
        _ => Err(Fault::Failed(format!("disk '{name}' is already in use."))),
    }
}

fn init(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("disk").to_owned();
    free(world, &name)?;
    let job = Job::new("diskinit", &name)
        .saying(format!("initialize disk {name}"))
        .doing(Effect::InitGpt(name));
    call.start(world, job)
}

/// A disk under a pool or a file system in use is not wiped; the task finds that.
fn wipe(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("disk").to_owned();
    let disk = find(world, &name)?;
    let job = Job::new("wipedisk", &name).saying(format!("wipe disk {name}"));
    let job = match disk.usage {
        DiskUsage::Zfs | DiskUsage::Mounted => {
            job.failing(format!("error wiping disk {name} - device is in use"))
        }
        _ => job.doing(Effect::Wipe(name)),
    };
    call.start(world, job)
}
