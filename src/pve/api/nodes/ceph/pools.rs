//! Pools of Ceph. Until release 7 they are at `/pools`, since 8 at `/pool`.

use serde_json::{Map, Value, json};

use super::reports::capacity;
use super::{expect_ceph, kept};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::ceph::{FILE_SYSTEMS, POOLS, Pool};
use crate::pve::world::ids::StorageId;
use crate::pve::world::options::Options;
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage, StorageKind};
use crate::pve::world::upkeep::Upkeep;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/ceph/pool", Handler::Read(list)),
        post("/nodes/{node}/ceph/pool", Handler::Write(create)),
        get("/nodes/{node}/ceph/pool/{name}", Handler::Read(index)),
        put("/nodes/{node}/ceph/pool/{name}", Handler::Write(update)),
        delete("/nodes/{node}/ceph/pool/{name}", Handler::Write(destroy)),
        get(
            "/nodes/{node}/ceph/pool/{name}/status",
            Handler::Read(status),
        ),
        get("/nodes/{node}/ceph/pools", Handler::Read(list)),
        post("/nodes/{node}/ceph/pools", Handler::Write(create)),
        get("/nodes/{node}/ceph/pools/{name}", Handler::Read(status)),
        put("/nodes/{node}/ceph/pools/{name}", Handler::Write(update)),
        delete("/nodes/{node}/ceph/pools/{name}", Handler::Write(destroy)),
    ]
}

/// What may be set of a pool.
const OPTIONS: [&str; 9] = [
    "application",
    "crush_rule",
    "min_size",
    "pg_autoscale_mode",
    "pg_num",
    "pg_num_min",
    "size",
    "target_size",
    "target_size_ratio",
];

/// A part of a whole, 0 to 1.
fn share(part: u64, whole: u64) -> f64 {
    // In mebibytes, which a float holds exactly.
    let mebibytes = |bytes: u64| f64::from(u32::try_from(bytes >> 20).unwrap_or(u32::MAX));
    match whole >> 20 {
        0 => 0.0,
        _ => mebibytes(part) / mebibytes(whole),
    }
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let (total, used) = capacity(world);
    let pools = world.ceph_pools();
    let rows = pools.iter().map(|pool| {
        let taken = pool.stored.saturating_mul(pool.copies);
        let groups = pool.number_of("pg_num", 128);
        let mut row = json!({
            "pool": pool.number,
            "pool_name": pool.name,
            "type": "replicated",
            "size": pool.copies,
            "min_size": pool.number_of("min_size", 2),
            "pg_num": groups,
            "pg_num_final": groups,
            "pg_autoscale_mode": pool.text_of("pg_autoscale_mode", "warn"),
            "crush_rule": 0,
            "crush_rule_name": pool.text_of("crush_rule", "replicated_rule"),
            "bytes_used": taken,
            "percent_used": share(taken, (total - used).saturating_add(taken)),
            "application_metadata": {pool.text_of("application", "rbd"): {}},
        });
        for name in ["pg_num_min", "target_size_ratio"] {
            if let Some(value) = pool.options.get(name) {
                row[name] = value.clone();
            }
        }
        row
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn index(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(json!([{"name": "status"}])))
}

fn known<'a>(world: &'a World, call: &Call<'_>) -> Result<Pool<'a>, Fault> {
    expect_ceph(world)?;
    let name = call.text("name");
    let mut pools = world.ceph_pools().into_iter();
    let pool = pools.find(|pool| pool.name == name);
    pool.ok_or_else(|| {
        let text = format!("mon_cmd failed - unrecognized pool '{name}'");
        Fault::Failed(text)
    })
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pool = known(world, call)?;
    let groups = pool.number_of("pg_num", 128);
    let application = pool.text_of("application", "rbd");
    let mut shown = json!({
        "id": pool.number,
        "name": pool.name,
        "size": pool.copies,
        "min_size": pool.number_of("min_size", 2),
        "pg_num": groups,
        "pgp_num": groups,
        "pg_autoscale_mode": pool.text_of("pg_autoscale_mode", "warn"),
        "crush_rule": pool.text_of("crush_rule", "replicated_rule"),
        "application": application,
        "application_list": [application],
        "fast_read": false,
        "hashpspool": true,
        "nodeep-scrub": false,
        "nodelete": false,
        "nopgchange": false,
        "noscrub": false,
        "nosizechange": false,
        "use_gmt_hitset": true,
        "write_fadvise_dontneed": false,
    });
    for name in ["pg_num_min", "target_size", "target_size_ratio"] {
        if let Some(value) = pool.options.get(name) {
            shown[name] = value.clone();
        }
    }
    if call.arguments.is_set("verbose") {
        let (total, used) = capacity(world);
        shown["statistics"] = json!({
            "stored": pool.stored,
            "objects": pool.stored / (4 << 20),
            "bytes_used": pool.stored.saturating_mul(pool.copies),
            "max_avail": (total - used) / pool.copies.max(1),
        });
    }
    Ok(Answer::as_it_stands(shown))
}

fn given(call: &Call<'_>, options: &mut Map<String, Value>) {
    for name in OPTIONS {
        if let Some(value) = call.arguments.given().get(name) {
            options.insert(name.to_owned(), value.clone());
        }
    }
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let name = call.text("name").to_owned();
    if world.ceph_thing(POOLS, &name).is_some() {
        return Err(Fault::Failed(format!("pool '{name}' already exists")));
    }
    let mut job = Job::new("cephcreatepool", &name)
        .saying(format!("pool {name}: applying application = rbd"))
        .saying(format!("pool {name}: applying size = 3"));
    let mut options = Map::new();
    for (option, default) in [
        ("size", json!(3)),
        ("min_size", json!(2)),
        ("pg_num", json!(128)),
    ] {
        options.insert(option.to_owned(), default);
    }
    given(call, &mut options);
    job = job.doing(kept(POOLS, &name, Some(options)));
    if call.arguments.is_set("add_storages") {
        let id: StorageId = name.parse().map_err(|_| {
            Fault::Failed(format!("storage ID '{name}' contains illegal characters"))
        })?;
        if world.storages.contains_key(&id) {
            return Err(Fault::Failed(format!(
                "storage name '{id}' is already used"
            )));
        }
        let options = json!({"pool": name, "krbd": false});
        job = job.doing(
            Upkeep::AddStorage(id, Box::new(shared(world, StorageKind::Rbd, options))).into(),
        );
    }
    call.start(world, job)
}

/// A storage on Ceph, as large as what three copies leave of it.
pub(super) fn shared(world: &World, kind: StorageKind, options: Value) -> Storage {
    let (total, _) = capacity(world);
    let content: &[Content] = match kind {
        StorageKind::Rbd => &[Content::Images, Content::Rootdir],
        _ => &[Content::Backup, Content::Iso, Content::Vztmpl],
    };
    Storage {
        kind,
        content: content.iter().copied().collect(),
        nodes: std::collections::BTreeSet::new(),
        shared: false,
        disabled: false,
        size: Size(total / 3),
        foreign: Size::default(),
        options: Options(super::members(options)),
    }
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pool = known(world, call)?;
    let name = pool.name.to_owned();
    let mut options = pool.options.clone();
    given(call, &mut options);
    let mut job = Job::new("cephsetpool", &name);
    for option in OPTIONS {
        if let Some(value) = call.arguments.given().get(option) {
            job = job.saying(format!("pool {name}: applying {option} = {value}"));
        }
    }
    call.start(world, job.doing(kept(POOLS, &name, Some(options))))
}

/// A pool stays while disks of guests are on it, unless it is forced away; the task finds out.
fn destroy(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let pool = known(world, call)?;
    let name = pool.name.to_owned();
    let storages = world.storages_in(&name).map(|(id, _)| id.clone());
    let storages: Vec<StorageId> = storages.collect();
    let mut job = Job::new("cephdestroypool", &name);
    let mut systems = world.ceph_things(FILE_SYSTEMS);
    let of_files = systems.any(|(_, system)| {
        let is_it = |member: &str| system.get(member).and_then(Value::as_str) == Some(&*name);
        is_it("data_pool") || is_it("metadata_pool")
    });
    if of_files {
        let text = format!("mon_cmd failed - pool '{name}' is in use by CephFS");
        drop(systems);
        return call.start(world, job.failing(text));
    }
    drop(systems);
    for id in &storages {
        job = job.saying(format!("checking storage '{id}' for RBD images.."));
        let used = world.is_in_use(id);
        let is_forced = call.arguments.is_set("force");
        if used && (!is_forced || call.arguments.is_set("remove_storages")) {
            let text = format!("ceph pool '{name}' still in use by storage '{id}'");
            return call.start(world, job.failing(text));
        }
    }
    job = job
        .saying(format!("pool '{name}' removed"))
        .doing(kept(POOLS, &name, None));
    if call.arguments.is_set("remove_storages") {
        for id in storages {
            job = job.doing(Upkeep::DropStorage(id).into());
        }
    }
    call.start(world, job)
}
