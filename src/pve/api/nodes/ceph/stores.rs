//! Object stores: the disks that data are on.

use serde_json::{Map, Value, json};

use super::reports::{capacity, weight};
use super::{LONG_VERSION, VERSION, expect_ceph, kept, members, node};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::ceph::{STORES, Store};
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::DiskKind;
use crate::pve::world::upkeep::Upkeep;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/ceph/osd", Handler::Read(tree)),
        post("/nodes/{node}/ceph/osd", Handler::Write(create)),
        get("/nodes/{node}/ceph/osd/{osdid}", Handler::Read(index)),
        delete("/nodes/{node}/ceph/osd/{osdid}", Handler::Write(destroy)),
        get(
            "/nodes/{node}/ceph/osd/{osdid}/metadata",
            Handler::Read(metadata),
        ),
        get(
            "/nodes/{node}/ceph/osd/{osdid}/lv-info",
            Handler::Read(volume),
        ),
        post("/nodes/{node}/ceph/osd/{osdid}/in", Handler::Write(take_in)),
        post(
            "/nodes/{node}/ceph/osd/{osdid}/out",
            Handler::Write(take_out),
        ),
        post("/nodes/{node}/ceph/osd/{osdid}/scrub", Handler::Read(scrub)),
    ]
}

/// The stores in the tree of their places.
fn tree(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let stores = world.ceph_stores();
    let (total, used) = capacity(world);
    let hosts = world.nodes.keys().zip(2..).filter_map(|(host, n)| {
        let here = stores.iter().filter(|store| store.host == host.as_str());
        let leaves: Vec<_> = here.map(|store| leaf(store, total, used)).collect();
        (!leaves.is_empty()).then(|| {
            json!({
                "id": (-n).to_string(),
                "name": host.as_str(),
                "type": "host",
                "leaf": 0,
                "version": VERSION,
                "children": leaves,
            })
        })
    });
    let hosts: Vec<_> = hosts.collect();
    let mut answer = json!({
        "root": {
            "leaf": 0,
            "children": [{
                "id": "-1",
                "name": "default",
                "type": "root",
                "leaf": 0,
                "children": hosts,
            }],
        },
    });
    let flags = crate::pve::api::cluster::ceph::FLAGS.iter();
    let flags = flags.filter(|(name, _)| world.ceph_flag(name));
    let flags: Vec<_> = flags.map(|(name, _)| *name).collect();
    if !flags.is_empty() {
        answer["flags"] = json!(flags.join(","));
    }
    Ok(Answer::new(answer))
}

/// A store holds its share of everything.
fn leaf(store: &Store<'_>, total: u64, used: u64) -> Value {
    let share = part(store, total, used);
    let percent = match store.size {
        0 => 0.0,
        size => weight(share) / weight(size).max(f64::MIN_POSITIVE) * 100.0,
    };
    json!({
        "id": store.id.to_string(),
        "name": format!("osd.{}", store.id),
        "type": "osd",
        "leaf": 1,
        "host": store.host,
        "status": if store.is_up { "up" } else { "down" },
        "in": u8::from(store.is_in),
        "device_class": store.class,
        "osdtype": "bluestore",
        "crush_weight": weight(store.size),
        "reweight": if store.is_in { 1 } else { 0 },
        "total_space": store.size,
        "bytes_used": share,
        "percent_used": percent,
        "apply_latency_ms": 0,
        "commit_latency_ms": 0,
        "ceph_version": LONG_VERSION,
        "ceph_version_short": VERSION,
        "pgs": 97,
    })
}

fn part(store: &Store<'_>, total: u64, used: u64) -> u64 {
    if !store.is_in || total == 0 {
        return 0;
    }
    let share = u128::from(used) * u128::from(store.size) / u128::from(total);
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// The store that a path names.
fn known<'a>(world: &'a World, call: &Call<'_>) -> Result<Store<'a>, Fault> {
    expect_ceph(world)?;
    let id = call.arguments.integer("osdid").unwrap_or(-1);
    let mut stores = world.ceph_stores().into_iter();
    let store = stores.find(|store| i64::from(store.id) == id);
    store.ok_or_else(|| Fault::Failed(format!("no such OSD '{id}'")))
}

/// The same, if it is on the node asked.
fn here<'a>(world: &'a World, call: &Call<'_>) -> Result<Store<'a>, Fault> {
    let store = known(world, call)?;
    let node = call.text("node");
    if store.host == node {
        return Ok(store);
    }
    let id = store.id;
    Err(Fault::Failed(format!(
        "OSD osd.{id} does not belong to node {node}!"
    )))
}

fn index(_: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(
        json!([{"name": "metadata"}, {"name": "lv-info"}]),
    ))
}

/// Makes a store of a free disk. Its number is the lowest that is free.
fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if !call.is_root() {
        call.demand(world, "/", &["Sys.Modify"])?;
    }
    expect_ceph(world)?;
    let name = node(world, call)?;
    let device = call.text("dev").to_owned();
    let mut devices = vec![device.clone()];
    for extra in ["db_dev", "wal_dev"] {
        devices.extend(call.arguments.text(extra).map(str::to_owned));
    }
    let class = free_disk(world, &name, &devices)?;
    let class = call.arguments.text("crush-device-class").unwrap_or(class);
    let stores = world.ceph_stores();
    let id = (0..u32::MAX).find(|id| stores.iter().all(|store| store.id != *id));
    let id = id.unwrap_or_default();
    let store = members(json!({
        "host": name.as_str(),
        "dev": device,
        "crush-device-class": class,
    }));
    let short = device.trim_start_matches("/dev/");
    let mut job = Job::new("cephcreateosd", short)
        .saying(format!("create OSD on {device} (bluestore)"))
        .saying(format!(
            "--> ceph-volume lvm create successful for: {device}"
        ))
        .doing(kept(STORES, id, Some(store)));
    for device in devices {
        job = job.doing(Upkeep::UseDisk(name.clone(), device, Some("ceph".to_owned())).into());
    }
    call.start(world, job)
}

/// Refuses disks that are not there or not free; gives the class of the first.
fn free_disk(world: &World, name: &NodeName, devices: &[String]) -> Result<&'static str, Fault> {
    let disks = world.nodes.get(name).map(|node| &node.disks);
    let mut class = "ssd";
    for device in devices.iter().rev() {
        let disk = disks.and_then(|disks| disks.get(device));
        let disk = disk.ok_or_else(|| {
            let text = format!("unable to get device info for '{device}'");
            Fault::Failed(text)
        })?;
        if disk.usage.is_some() {
            return Err(Fault::Failed(format!(
                "device '{device}' is already in use"
            )));
        }
        class = match disk.kind {
            DiskKind::Ssd => "ssd",
            DiskKind::Nvme => "nvme",
            DiskKind::Hdd | DiskKind::Usb => "hdd",
        };
    }
    Ok(class)
}

/// A store goes when no data belong on it and it does not answer any more.
fn destroy(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if !call.is_root() {
        call.demand(world, "/", &["Sys.Modify"])?;
    }
    let store = here(world, call)?;
    let id = store.id;
    if store.is_in {
        return Err(Fault::Failed("osd is in use (in == 1)".to_owned()));
    }
    if store.is_up {
        return Err(Fault::Failed("osd is still running".to_owned()));
    }
    let device = store.device.to_owned();
    let name = node(world, call)?;
    let mut job = Job::new("cephdestroyosd", format!("osd.{id}"))
        .saying(format!("destroy OSD osd.{id}"))
        .saying("Remove the OSD from the CRUSH map")
        .saying("Remove the OSD authentication key.")
        .saying("Remove OSD")
        .doing(kept(STORES, id, None));
    // Without a clean-up the disk keeps what is on it.
    let usage = match call.arguments.is_set("cleanup") {
        true => None,
        false => Some("LVM".to_owned()),
    };
    job = job.doing(Upkeep::UseDisk(name, device, usage).into());
    call.start(world, job)
}

fn metadata(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let store = here(world, call)?;
    let address = address(world, &store);
    let id = store.id;
    let mut osd = members(json!({
        "id": id,
        "hostname": store.host,
        "version": LONG_VERSION,
        "osd_data": format!("/var/lib/ceph/osd/ceph-{id}"),
        "osd_objectstore": "bluestore",
        "encrypted": 0,
        "mem_usage": 1_200_000_000,
        "front_addr": format!("[v2:{address}:6802/1,v1:{address}:6803/1]"),
        "back_addr": format!("[v2:{address}:6804/1,v1:{address}:6805/1]"),
        "hb_front_addr": format!("[v2:{address}:6808/1,v1:{address}:6809/1]"),
        "hb_back_addr": format!("[v2:{address}:6806/1,v1:{address}:6807/1]"),
    }));
    if store.is_up {
        osd.insert("pid".to_owned(), json!(2_000 + id));
    }
    Ok(Answer::as_it_stands(json!({
        "osd": osd,
        "devices": [{
            "device": "block",
            "dev_node": format!("/dev/dm-{id}"),
            "devices": store.device.trim_start_matches("/dev/"),
            "physical_device": store.device.trim_start_matches("/dev/"),
            "size": store.size,
            "support_discard": store.class != "hdd",
            "type": store.class,
        }],
    })))
}

/// Where a store answers.
pub(in crate::pve::api) fn address(world: &World, store: &Store<'_>) -> String {
    let mut nodes = world.nodes.iter();
    let node = nodes.find(|(name, _)| name.as_str() == store.host);
    node.map_or_else(String::new, |(_, node)| node.address.to_string())
}

fn volume(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let store = here(world, call)?;
    let kind = call.text("type");
    if kind != "block" {
        // A store of ours keeps everything on one device.
        let id = store.id;
        return Err(Fault::Failed(format!(
            "no device type '{kind}' found for osd.{id}"
        )));
    }
    let id = store.id;
    let group = format!("ceph-{id:08x}-0000-4000-8000-000000000000");
    let name = format!("osd-block-{id:08x}-0000-4000-8000-000000000000");
    Ok(Answer::new(json!({
        "creation_time": "2025-12-01 08:00:00 +0000",
        "lv_name": name,
        "lv_path": format!("/dev/{group}/{name}"),
        "lv_size": store.size,
        "lv_uuid": format!("lab{id:03}-0000-0000-0000-0000-0000-000000"),
        "vg_name": group,
    })))
}

fn take_in(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    place(world, call, false)
}

fn take_out(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    place(world, call, true)
}

fn place(world: &mut World, call: &Call<'_>, out: impl Into<Value>) -> Result<Answer, Fault> {
    let id = known(world, call)?.id.to_string();
    let out = out.into();
    world.change_ceph(STORES, &id, |section| {
        set(&mut section.properties, "out", out);
    });
    Ok(Answer::default())
}

/// Sets a truth value, or takes it out when it is false.
pub(super) fn set(properties: &mut Map<String, Value>, name: &str, value: Value) {
    match value {
        Value::Bool(true) => {
            properties.insert(name.to_owned(), value);
        }
        _ => {
            properties.shift_remove(name);
        }
    }
}

fn scrub(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    known(world, call)?;
    Ok(Answer::default())
}
