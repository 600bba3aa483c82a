//! File systems of Ceph.

use serde_json::{Value, json};

use super::pools::shared;
use super::{expect_ceph, kept, members};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::ceph::{FILE_SYSTEMS, METADATA, POOLS};
use crate::pve::world::ids::StorageId;
use crate::pve::world::storage::StorageKind;
use crate::pve::world::upkeep::Upkeep;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

/// Where they are kept.
pub(super) const FILE: &str = FILE_SYSTEMS;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/ceph/fs", Handler::Read(list)),
        post("/nodes/{node}/ceph/fs/{name}", Handler::Write(create)),
        delete("/nodes/{node}/ceph/fs/{name}", Handler::Write(destroy)),
    ]
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let pools = world.ceph_pools();
    let number = |name: Option<&Value>| {
        let name = name.and_then(Value::as_str);
        let pool = pools.iter().find(|pool| Some(pool.name) == name);
        pool.map_or(0, |pool| pool.number)
    };
    let rows = world.ceph_things(FILE).map(|(name, system)| {
        let (data, metadata) = (system.get("data_pool"), system.get("metadata_pool"));
        json!({
            "name": name,
            "data_pool": data,
            "data_pools": [data],
            "data_pool_ids": [number(data)],
            "metadata_pool": metadata,
            "metadata_pool_id": number(metadata),
        })
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let name = call.arguments.text("name").unwrap_or("cephfs").to_owned();
    let refused = |text: String| Err(Fault::Failed(text));
    let (data, metadata) = (format!("{name}_data"), format!("{name}_metadata"));
    if world.ceph_thing(FILE, &name).is_some() {
        return refused(format!("ceph fs '{name}' already exists"));
    }
    let is_pool = |pool: &str| world.ceph_thing(POOLS, pool).is_some();
    if is_pool(&data) || is_pool(&metadata) {
        return refused(format!(
            "ceph pools '{data}' and/or '{metadata}' already exist"
        ));
    }
    if world.ceph_things(METADATA).next().is_none() {
        return refused("no running Metadata Server (MDS) found!".to_owned());
    }
    let groups = call.arguments.integer("pg_num").unwrap_or(128);
    let pool = |groups: i64| {
        let pool = json!({"application": "cephfs", "size": 3, "min_size": 2, "pg_num": groups});
        Some(members(pool))
    };
    let system = members(json!({"data_pool": data, "metadata_pool": metadata}));
    let mut job = Job::new("cephfscreate", &name)
        .saying(format!("creating data pool '{data}'..."))
        .doing(kept(POOLS, &data, pool(groups)))
        .saying(format!("creating metadata pool '{metadata}'..."))
        .doing(kept(POOLS, &metadata, pool((groups / 4).max(8))))
        .saying(format!("configuring new CephFS '{name}'"))
        .doing(kept(FILE, &name, Some(system)));
    if call.arguments.is_set("add-storage") {
        let id: StorageId = match name.parse() {
            Ok(id) => id,
            Err(_) => return refused(format!("storage ID '{name}' contains illegal characters")),
        };
        if world.storages.contains_key(&id) {
            return refused(format!("Storage ID '{id}' already exists"));
        }
        let options = json!({"fs-name": name, "path": format!("/mnt/pve/{name}")});
        let storage = shared(world, StorageKind::Cephfs, options);
        job = job
            .saying(format!("Adding '{name}' to storage configuration..."))
            .doing(Upkeep::AddStorage(id, Box::new(storage)).into());
    }
    call.start(world, job)
}

fn destroy(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let name = call.arguments.text("name").unwrap_or("cephfs").to_owned();
    let Some(system) = world.ceph_thing(FILE, &name) else {
        return Err(Fault::Failed(format!("no such CephFS '{name}'")));
    };
    let pool = |member: &str| {
        system
            .get(member)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let pools = [pool("metadata_pool"), pool("data_pool")];
    let data = pools[1].clone().unwrap_or_default();
    let storages = world
        .storages_in(&data)
        .map(|(id, storage)| (id.clone(), storage.disabled));
    let storages: Vec<_> = storages.collect();
    let remove_storages = call.arguments.is_set("remove-storages");
    if let Some((id, _)) = storages.iter().find(|(_, disabled)| !disabled) {
        let text = format!(
            "storage '{id}' is not disabled, make sure to disable and unmount the storage first"
        );
        return Err(Fault::Failed(text));
    }
    if let Some((id, _)) = storages.iter().find(|(id, _)| world.is_in_use(id)) {
        return Err(Fault::Failed(format!("storage '{id}' is still in use")));
    }
    let mut job = Job::new("cephdestroyfs", &name)
        .saying(format!("Destroying CephFS '{name}'.."))
        .doing(kept(FILE, &name, None));
    if call.arguments.is_set("remove-pools") {
        for pool in pools.into_iter().flatten() {
            job = job.saying(format!("Destroying pool '{pool}'.."));
            job = job.doing(kept(POOLS, &pool, None));
        }
    }
    if remove_storages {
        for (id, _) in storages {
            job = job.doing(Upkeep::DropStorage(id).into());
        }
    }
    call.start(world, job)
}
