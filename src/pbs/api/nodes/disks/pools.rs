//! `/nodes/{node}/disks/zfs`: pools of disks.

use serde_json::{Map, Value, json};

use super::free;
use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

const POOLS: &str = "nodes/disks/zfs";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/disks/zfs", Handler::Read(list)),
        post("/nodes/{node}/disks/zfs", Handler::Write(create)),
        get("/nodes/{node}/disks/zfs/{name}", Handler::Read(read)),
    ]
}

fn number(pool: &Map<String, Value>, name: &str) -> u64 {
    pool.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
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
fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name");
    let Some(pool) = world.section(POOLS, name) else {
        let text = format!("cannot open '{name}': no such pool");
        return Err(Fault::Failed(text));
    };
    let devices = pool.properties.get("devices").and_then(Value::as_array);
    let leaf = |device: &Value| {
        let mut leaf = vdev(device.as_str().unwrap_or_default());
        leaf["leaf"] = json!(true);
        leaf
    };
    let leaves: Vec<Value> = devices.into_iter().flatten().map(leaf).collect();
    let level = pool.properties.get("raidlevel").and_then(Value::as_str);
    let children = match level.unwrap_or("single") {
        "single" => json!(leaves),
        level => json!([branch(&format!("{level}-0"), json!(leaves))]),
    };
    Ok(Answer::new(json!({
        "pool": name,
        "state": "ONLINE",
        "scan": "none requested",
        "errors": "No known data errors",
        "name": name,
        "leaf": false,
        "children": [branch(name, children)],
    })))
}

fn vdev(name: &str) -> Value {
    json!({"name": name, "state": "ONLINE", "read": 0, "write": 0, "cksum": 0, "msg": ""})
}

fn branch(name: &str, children: Value) -> Value {
    let mut branch = vdev(name);
    branch["leaf"] = json!(false);
    branch["expanded"] = json!(true);
    branch["children"] = children;
    branch
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("name").to_owned();
    let devices = call.arguments.list("devices");
    let devices: Vec<String> = devices.iter().map(ToString::to_string).collect();
    let level = call.text("raidlevel");
    let mut smallest = u64::MAX;
    for device in &devices {
        smallest = smallest.min(free(world, device)?.size);
    }
    let width = width(level, devices.len()).map_err(Fault::Failed)?;
    if world.section(POOLS, &name).is_some() {
        let text = format!("pool '{name}' already exists");
        return Err(Fault::Failed(text));
    }
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
    let list = devices.join(",");
    let pool = single::section("", properties);
    let mut job = Job::new("zfscreate", &name)
        .saying(format!("create {level} zpool '{name}' on devices '{list}'"))
        .doing(Effect::Occupy(devices, "zfs".to_owned()))
        .doing(Effect::Put(POOLS.to_owned(), name.clone(), pool));
    if call.arguments.is_set("add-datastore") {
        let path = format!("/mnt/datastore/{name}");
        let store = Datastore::empty(&path, size);
        job = job.doing(Effect::CreateDatastore(name, Box::new(store)));
    }
    call.start(world, job)
}

/// How many disks' worth of data a level keeps on so many disks.
fn width(level: &str, disks: usize) -> Result<usize, String> {
    let (least, width) = match level {
        "single" if disks > 1 => {
            return Err("Please use only one disk for single mode.".to_owned());
        }
        "single" => (1, 1),
        "mirror" => (2, 1),
        "raid10" => (4, disks / 2),
        "raidz" => (3, disks.saturating_sub(1)),
        "raidz2" => (4, disks.saturating_sub(2)),
        _ => (5, disks.saturating_sub(3)),
    };
    match disks < least {
        true => Err(format!("{level} needs at least {least} disks.")),
        false => Ok(width),
    }
}
