//! `/nodes/{node}/disks`: disks, and the directories and pools on them.

use serde_json::{Map, Value, json};

use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::datastore::{Datastore, Mount};
use crate::pbs::world::node::{Disk, DiskUsage};
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

const DIRECTORIES: &str = "nodes/disks/directory";

const POOLS: &str = "nodes/disks/zfs";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/disks/list", Handler::Read(list)),
        get("/nodes/{node}/disks/smart", Handler::Read(smart)),
        post("/nodes/{node}/disks/initgpt", Handler::Write(init)),
        put("/nodes/{node}/disks/wipedisk", Handler::Write(wipe)),
        get("/nodes/{node}/disks/directory", Handler::Read(directories)),
        post(
            "/nodes/{node}/disks/directory",
            Handler::Write(create_directory),
        ),
        delete(
            "/nodes/{node}/disks/directory/{name}",
            Handler::Write(remove_directory),
        ),
        get("/nodes/{node}/disks/zfs", Handler::Read(pools)),
        post("/nodes/{node}/disks/zfs", Handler::Write(create_pool)),
        get("/nodes/{node}/disks/zfs/{name}", Handler::Read(pool)),
    ]
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
        Fault::Failed(format!(
            "failed to get information about block device \"/sys/block/{name}\" - No such file or directory (os error 2)"
        ))
    })
}

fn smart(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let disk = find(world, call.text("disk"))?;
    let attribute = |id: u32, name: &str, raw: &str| json!({"id": id, "name": name, "raw": raw, "value": raw, "flags": "-O--CK", "normalized": 100.0, "threshold": 0.0, "worst": 100.0});
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

fn directories(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let items = world.sections_of(DIRECTORIES).map(|(name, directory)| {
        let mut item = directory.properties.clone();
        item.insert("name".to_owned(), json!(name));
        item.insert("unitfile".to_owned(), json!(unit(name)));
        item.shift_remove("size");
        item.shift_remove("disk");
        Value::Object(item)
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn unit(name: &str) -> String {
    let escaped = name.replace('-', "\\x2d");
    format!("/etc/systemd/system/mnt-datastore-{escaped}.mount")
}

fn create_directory(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, disk) = (call.text("name").to_owned(), call.text("disk").to_owned());
    let size = free(world, &disk)?.size;
    if world.section(DIRECTORIES, &name).is_some() {
        let text = format!("path \"/mnt/datastore/{name}\" already exists");
        return Err(Fault::Failed(text));
    }
    let is_removable = call.arguments.is_set("removable-datastore");
    let adds = call.arguments.is_set("add-datastore");
    if adds && world.datastores.contains_key(&name) {
        let text = format!("datastore '{name}' already exists.");
        return Err(Fault::Failed(text));
    }
    let uuid = format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        call.random() >> 32,
        call.random() & 0xFFFF,
        call.random() & 0xFFF,
        call.random() & 0xFFF,
        call.random() & 0xFFFF_FFFF_FFFF
    );
    let mut properties = Map::new();
    let path = format!("/mnt/datastore/{name}");
    properties.insert(
        "device".to_owned(),
        json!(format!("/dev/disk/by-uuid/{uuid}")),
    );
    properties.insert("path".to_owned(), json!(path));
    let filesystem = call.arguments.text("filesystem").unwrap_or("ext4");
    properties.insert("filesystem".to_owned(), json!(filesystem));
    properties.insert("options".to_owned(), json!("defaults"));
    properties.insert("removable".to_owned(), json!(is_removable));
    properties.insert("size".to_owned(), json!(size));
    properties.insert("disk".to_owned(), json!(disk));
    let mut job = Job::new("dircreate", &name)
        .saying(format!("create datastore '{name}' on disk {disk}"))
        .doing(Effect::Occupy(vec![disk], "directory".to_owned()))
        .doing(Effect::Put(
            DIRECTORIES.to_owned(),
            name.clone(),
            single::section("", properties),
        ));
    if adds {
        let mut store = Datastore::empty(&path, size);
        if is_removable {
            store.path.clone_from(&name);
            store.mount = Mount::Mounted;
            store
                .options
                .0
                .insert("backing-device".to_owned(), json!(uuid));
        }
        job = job.doing(Effect::CreateDatastore(name, Box::new(store)));
    }
    call.start(world, job)
}

/// A directory with a datastore in it stays (`delete_datastore_disk`).
fn remove_directory(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let path = format!("/mnt/datastore/{name}");
    for store in world.datastores.values() {
        if store.path == path {
            let text = format!(
                "Can't remove '{path}' since it's required by datastore \"{}\"",
                store.path
            );
            return Err(Fault::Failed(text));
        }
    }
    let directories = world.sections.get_mut(DIRECTORIES);
    match directories.and_then(|directories| directories.0.remove(name)) {
        Some(directory) => {
            let disk = directory.properties.get("disk").and_then(Value::as_str);
            if let Some(disk) = disk.and_then(|disk| world.node.disks.get_mut(disk)) {
                disk.usage = DiskUsage::Partitions;
            }
            Ok(Answer::default())
        }
        None => Err(Fault::Failed(format!("no mount unit for '{path}' found"))),
    }
}

fn number(pool: &Map<String, Value>, name: &str) -> u64 {
    pool.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn pools(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let items = world.sections_of(POOLS).map(|(name, pool)| {
        let (size, alloc) = (
            number(&pool.properties, "size"),
            number(&pool.properties, "alloc"),
        );
        json!({
            "name": name,
            "size": size,
            "alloc": alloc,
            "free": size.saturating_sub(alloc),
            "frag": number(&pool.properties, "frag"),
            "dedup": 1.0,
            "health": "ONLINE",
        })
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// The tree that `zpool status` prints.
fn pool(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let Some(pool) = world.section(POOLS, name) else {
        let text = format!("cannot open '{name}': no such pool");
        return Err(Fault::Failed(text));
    };
    let devices = pool.properties.get("devices").and_then(Value::as_array);
    let leaf = |device: &Value| json!({"name": device, "state": "ONLINE", "read": 0, "write": 0, "cksum": 0, "msg": "", "leaf": true});
    let leaves: Vec<Value> = devices.into_iter().flatten().map(leaf).collect();
    let level = pool
        .properties
        .get("raidlevel")
        .and_then(Value::as_str)
        .unwrap_or("single");
    let children = match level {
        "single" => json!(leaves),
        level => json!([{
            "name": format!("{level}-0"), "state": "ONLINE", "read": 0, "write": 0, "cksum": 0,
            "msg": "", "leaf": false, "expanded": true, "children": leaves,
        }]),
    };
    Ok(Answer::new(json!({
        "pool": name,
        "state": "ONLINE",
        "scan": "none requested",
        "errors": "No known data errors",
        "name": name,
        "leaf": false,
        "children": [{
            "name": name, "state": "ONLINE", "read": 0, "write": 0, "cksum": 0,
            "msg": "", "leaf": false, "expanded": true, "children": children,
        }],
    })))
}

fn create_pool(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name").to_owned();
    let devices: Vec<String> = call
        .arguments
        .list("devices")
        .iter()
        .map(|device| device.to_string())
        .collect();
    let level = call.text("raidlevel");
    let mut smallest = u64::MAX;
    for device in &devices {
        smallest = smallest.min(free(world, device)?.size);
    }
    let count = devices.len();
    let least = match level {
        "single" => 1,
        "mirror" => 2,
        "raid10" => 4,
        "raidz" => 3,
        "raidz2" => 4,
        _ => 5,
    };
    if level == "single" && count > 1 {
        return Err(Fault::Failed(
            "Please use only one disk for single mode.".to_owned(),
        ));
    }
    if count < least {
        let text = format!("{level} needs at least {least} disks.");
        return Err(Fault::Failed(text));
    }
    if world.section(POOLS, &name).is_some() {
        let text = format!("pool '{name}' already exists");
        return Err(Fault::Failed(text));
    }
    let width = match level {
        "single" | "mirror" => 1,
        "raid10" => count / 2,
        "raidz" => count - 1,
        "raidz2" => count - 2,
        _ => count - 3,
    };
    let size = smallest.saturating_mul(width as u64);
    let mut properties = Map::new();
    properties.insert("raidlevel".to_owned(), json!(level));
    properties.insert("devices".to_owned(), json!(devices));
    properties.insert("size".to_owned(), json!(size));
    for key in ["compression", "ashift"] {
        if let Some(value) = call.arguments.value(key) {
            properties.insert(key.to_owned(), value.clone());
        }
    }
    let adds = call.arguments.is_set("add-datastore");
    let mut job = Job::new("zfscreate", &name)
        .saying(format!(
            "create {level} zpool '{name}' on devices '{}'",
            devices.join(",")
        ))
        .doing(Effect::Occupy(devices, "zfs".to_owned()))
        .doing(Effect::Put(
            POOLS.to_owned(),
            name.clone(),
            single::section("", properties),
        ));
    if adds {
        let path = format!("/mnt/datastore/{name}");
        let store = Datastore::empty(&path, size);
        job = job.doing(Effect::CreateDatastore(name, Box::new(store)));
    }
    call.start(world, job)
}
