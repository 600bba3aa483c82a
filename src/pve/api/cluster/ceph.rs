//! `/cluster/ceph/**`: Ceph as the cluster sees it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::api::nodes::ceph::{
    COMMIT, LONG_VERSION, VERSION, expect_ceph, members, status_of, store_address,
};
use crate::pve::world::World;
use crate::pve::world::ceph::{MANAGERS, METADATA, MONITORS};
use crate::pve::world::node::{Node, Room};
use crate::pve::world::upkeep::Upkeep;
use crate::routes::Route;
use crate::routes::route::{get, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/ceph/status", Handler::Read(status)),
        get("/cluster/ceph/metadata", Handler::Read(metadata)),
        get("/cluster/ceph/flags", Handler::Read(flags)),
        put("/cluster/ceph/flags", Handler::Write(set_flags)),
        get("/cluster/ceph/flags/{flag}", Handler::Read(flag)),
        put("/cluster/ceph/flags/{flag}", Handler::Write(set_flag)),
    ]
}

/// The flags with what they do.
pub(in crate::pve::api) const FLAGS: [(&str, &str); 11] = [
    ("nobackfill", "Backfilling of PGs is suspended."),
    ("nodeep-scrub", "Deep Scrubbing is disabled."),
    ("nodown", "OSD failure reports are being ignored."),
    (
        "noin",
        "OSDs that were marked out stay out when they start.",
    ),
    (
        "noout",
        "OSDs are not marked out after the configured interval.",
    ),
    ("norebalance", "Rebalancing of PGs is suspended."),
    ("norecover", "Recovery of PGs is suspended."),
    ("noscrub", "Scrubbing is disabled."),
    ("notieragent", "Cache tiering activity is suspended."),
    ("noup", "OSDs are not allowed to start."),
    ("pause", "Reads and writes are paused."),
];

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    status_of(world, call).map(Answer::as_it_stands)
}

fn metadata(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let versions_only = call.text("scope") == "versions";
    let daemons = |file: &str| {
        let all = world.ceph_things(file).map(|(name, daemon)| {
            let host = daemon.get("host").and_then(Value::as_str).unwrap_or(name);
            let mut shown = common(world, host);
            if !versions_only {
                shown.insert("name".to_owned(), json!(name));
                shown.insert("addrs".to_owned(), json!(daemon.get("addr")));
            }
            (format!("{name}@{host}"), Value::Object(shown))
        });
        all.collect::<Map<_, _>>()
    };
    let parts: Vec<_> = VERSION.split('.').collect();
    let nodes = world.nodes.keys().map(|name| {
        let version = json!({"str": VERSION, "parts": parts});
        let node = json!({"version": version, "buildcommit": COMMIT});
        (name.to_string(), node)
    });
    let nodes: Map<_, _> = nodes.collect();
    let stores = world.ceph_stores();
    let stores = stores.iter().map(|store| {
        let address = store_address(world, store);
        let mut shown = common(world, store.host);
        shown.extend(members(json!({
            "id": store.id,
            "front_addr": format!("[v2:{address}:6802/1,v1:{address}:6803/1]"),
            "back_addr": format!("[v2:{address}:6804/1,v1:{address}:6805/1]"),
            "devices": store.device.trim_start_matches("/dev/"),
            "osd_data": format!("/var/lib/ceph/osd/ceph-{}", store.id),
            "osd_objectstore": "bluestore",
        })));
        Value::Object(shown)
    });
    Ok(Answer::new(json!({
        "mon": daemons(MONITORS),
        "mgr": daemons(MANAGERS),
        "mds": daemons(METADATA),
        "node": nodes,
        "osd": stores.collect::<Value>(),
    })))
}

/// What every daemon says of itself and its machine.
fn common(world: &World, host: &str) -> Map<String, Value> {
    let mut nodes = world.nodes.iter();
    let node = nodes.find(|(name, _)| name.as_str() == host);
    let kibibytes =
        |room: fn(&Node) -> Room| node.map_or(0, |(_, node)| room(node).size.bytes() >> 10);
    members(json!({
        "hostname": host,
        "ceph_release": "squid",
        "ceph_version": LONG_VERSION,
        "ceph_version_short": VERSION,
        "mem_total_kb": kibibytes(|node| node.memory),
        "mem_swap_kb": kibibytes(|node| node.swap),
    }))
}

fn flags(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let rows = FLAGS.iter().map(|(name, description)| {
        json!({"name": name, "description": description, "value": world.ceph_flag(name)})
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn flag(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    Ok(Answer::new(world.ceph_flag(call.text("flag"))))
}

fn set_flag(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let flag = (call.text("flag").to_owned(), call.arguments.is_set("value"));
    world.set_ceph_flags(&BTreeMap::from([flag]));
    Ok(Answer::default())
}

/// Several flags at once are the work of a task.
fn set_flags(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let given = call.arguments.given().iter();
    let flags = given.filter_map(|(name, value)| Some((name.clone(), value.as_bool()?)));
    let flags: BTreeMap<String, bool> = flags.collect();
    let mut job = Job::new("cephsetflags", "");
    for (name, value) in &flags {
        let verb = if *value { "set" } else { "unset" };
        job = job.saying(format!("{verb} {name}"));
    }
    call.start(world, job.doing(Upkeep::CephFlags(flags).into()))
}
