//! ZFS pools: listed, looked into, made.

use serde_json::{Value, json};

use super::super::storage::node;
use super::create::{free, storage};
use super::machine as machine_of;
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::section::Section;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::disk_effect::{DiskEffect, Made};
use crate::pve::world::machine::{Making, ZfsPool, zfs_pools};
use crate::pve::world::size::Size;
use crate::pve::world::storage::StorageKind;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/disks/zfs", Handler::Read(list)),
        post("/nodes/{node}/disks/zfs", Handler::Write(create)),
        get("/nodes/{node}/disks/zfs/{name}", Handler::Read(detail)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pools = zfs_pools(world, &node(call)?).into_iter();
    let rows = pools.map(|pool| {
        json!({
            "name": pool.name,
            "size": pool.size.bytes(),
            "alloc": pool.used.bytes(),
            "free": pool.size.bytes().saturating_sub(pool.used.bytes()),
            "frag": 0,
            "dedup": 1.0,
            "health": "ONLINE",
        })
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn detail(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let pools = zfs_pools(world, &node(call)?);
    let pool = pools.iter().find(|pool| pool.name == name);
    let pool = pool.ok_or_else(|| {
        Fault::Failed(format!(
            "command '/sbin/zpool status -P {name}' failed: exit code 1"
        ))
    })?;
    let top = part(pool.name, groups(pool));
    Ok(Answer::new(json!({
        "name": pool.name,
        "state": "ONLINE",
        "scan": "none requested",
        "errors": "No known data errors",
        "leaf": false,
        "children": [top],
    })))
}

/// The disks of a pool, joined as they are.
fn groups(pool: &ZfsPool<'_>) -> Vec<Value> {
    let disks: Vec<Value> = pool
        .devices
        .iter()
        .map(|(path, _)| part(&super::list::partition(path, 1), Vec::new()))
        .collect();
    match pool.level {
        "single" => disks,
        "raid10" => disks
            .chunks(2)
            .enumerate()
            .map(|(n, pair)| part(&format!("mirror-{n}"), pair.to_vec()))
            .collect(),
        "raidz" => vec![part("raidz1-0", disks)],
        level => vec![part(&format!("{level}-0"), disks)],
    }
}

fn part(name: &str, children: Vec<Value>) -> Value {
    let mut item = json!({
        "name": name,
        "state": "ONLINE",
        "read": 0,
        "write": 0,
        "cksum": 0,
        "msg": "",
        "leaf": children.is_empty(),
    });
    if !children.is_empty() {
        item["children"] = json!(children);
    }
    item
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, machine) = machine_of(world, call)?;
    let name = call.text("name");
    let level = call.text("raidlevel");
    let failed = |text: String| Err(Fault::Failed(text));
    let draid = call.arguments.text("draid-config");
    if draid.is_some() && !level.starts_with("draid") {
        return failed("draid-config set without using dRAID level".to_owned());
    }
    let mut devices = Vec::new();
    let mut sizes = Vec::new();
    for path in split_list(call.text("devices")) {
        let (path, size) = free(machine, path)?;
        if devices.contains(&path) {
            return failed(format!("device '{path}' is already in use"));
        }
        devices.push(path);
        sizes.push(size);
    }
    let place = [("pool", json!(name))];
    let usable = usable(level, &sizes);
    let storage = storage(world, call, &node, StorageKind::Zfspool, (&place, usable))?;
    if zfs_pools(world, &node).iter().any(|pool| pool.name == name) {
        return failed(format!("pool '{name}' already exists on node '{node}'"));
    }
    enough(level, devices.len(), draid).map_err(Fault::Failed)?;
    let job = job(call, level, &devices);
    let ashift = call.arguments.integer("ashift").unwrap_or(12);
    let mut section = Section::default();
    section
        .properties
        .insert("devices".to_owned(), json!(devices.join(",")));
    section
        .properties
        .insert("raidlevel".to_owned(), json!(level));
    section
        .properties
        .insert("ashift".to_owned(), json!(ashift));
    let made = Made {
        node,
        what: Making::Zfs,
        name: name.to_owned(),
        devices,
        usage: "ZFS".to_owned(),
        sections: vec![(Making::Zfs, section)],
        storage,
    };
    call.start(
        world,
        job.doing(Effect::Disk(DiskEffect::Make(Box::new(made)))),
    )
}

/// The job, with the commands that the product runs.
fn job(call: &Call<'_>, level: &str, devices: &[String]) -> Job<Effect> {
    let name = call.text("name");
    let ashift = call.arguments.integer("ashift").unwrap_or(12);
    let compression = call.arguments.text("compression").unwrap_or("on");
    let command = match level {
        "single" => devices.join(" "),
        "raid10" => {
            let pairs = devices
                .chunks(2)
                .map(|pair| format!("mirror {}", pair.join(" ")));
            pairs.collect::<Vec<_>>().join(" ")
        }
        level => format!("{level} {}", devices.join(" ")),
    };
    Job::new("zfscreate", name)
        .saying(format!(
            "# /sbin/zpool create -o ashift={ashift} {name} {command}"
        ))
        .saying(format!("# /sbin/zfs set compression={compression} {name}"))
        .saying(format!("# systemctl enable zfs-import@{name}.service"))
}

/// How much of the disks is left for data.
fn usable(level: &str, sizes: &[Size]) -> Size {
    let whole: Size = sizes.iter().copied().sum();
    let smallest = sizes.iter().min().copied().unwrap_or_default().bytes();
    let count = u64::try_from(sizes.len()).unwrap_or(u64::MAX);
    let of_disks = |parity: u64| Size(smallest.saturating_mul(count.saturating_sub(parity)));
    match level {
        "single" => whole,
        "mirror" => Size(smallest),
        "raid10" => Size(whole.bytes() / 2),
        "raidz2" | "draid2" => of_disks(2),
        "raidz3" | "draid3" => of_disks(3),
        _ => of_disks(1),
    }
}

/// Whether there are as many disks as the level needs.
fn enough(level: &str, count: usize, draid: Option<&str>) -> Result<(), String> {
    let least: usize = match level {
        "mirror" => 2,
        "raidz" | "draid" => 3,
        "raid10" | "raidz2" | "draid2" => 4,
        "raidz3" | "draid3" => 5,
        _ => 1,
    };
    if level == "raid10" && !count.is_multiple_of(2) {
        return Err("raid10 needs an even number of disks".to_owned());
    }
    if level == "single" && count > 1 {
        return Err("please give only one disk for single disk mode".to_owned());
    }
    if count < least {
        return Err(format!("{level} needs at least {least} disks"));
    }
    if level.starts_with("draid") {
        let read = draid.map(|text| PropertyString::parse(text, None, Spelling::Plain));
        let read = read.and_then(Result::ok).unwrap_or_default();
        let number = |key: &str| {
            read.value(key)
                .and_then(|value| value.parse::<usize>().ok())
        };
        let more = number("data")
            .unwrap_or(0)
            .saturating_add(number("spares").unwrap_or(0));
        let least = (least - 2).saturating_add(more);
        if count < least {
            return Err(format!(
                "At least {least} disks needed for current dRAID config"
            ));
        }
    }
    Ok(())
}
