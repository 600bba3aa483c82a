//! How Ceph does: its status, its map of places, its log, and what may be switched off.

use serde_json::{Map, Value, json};

use super::{expect_ceph, members};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::cluster::ceph::FLAGS;
use crate::pve::world::World;
use crate::pve::world::ceph::{CONFIGURATION, MANAGERS, METADATA, MONITORS};
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/ceph/status", Handler::Read(status)),
        get("/nodes/{node}/ceph/crush", Handler::Read(crush)),
        get("/nodes/{node}/ceph/rules", Handler::Read(rules)),
        get("/nodes/{node}/ceph/log", Handler::Read(log)),
        get("/nodes/{node}/ceph/cmd-safety", Handler::Read(safety)),
    ]
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    status_of(world, call).map(Answer::as_it_stands)
}

/// Whether the node of a daemon is there and the daemon was not stopped.
pub(super) fn is_up(world: &World, name: &str, daemon: &Map<String, Value>) -> bool {
    let host = daemon.get("host").and_then(Value::as_str).unwrap_or(name);
    let mut nodes = world.nodes.iter();
    let node = nodes.find(|(node, _)| node.as_str() == host);
    let stopped = daemon.get("stopped").and_then(Value::as_bool) == Some(true);
    !stopped && node.is_some_and(|(_, node)| node.is_online())
}

/// What `ceph status` tells; the cluster and all nodes tell the same.
pub(in crate::pve::api) fn status_of(world: &World, call: &Call<'_>) -> Result<Value, Fault> {
    expect_ceph(world)?;
    let configuration = world.options.get(CONFIGURATION);
    let id = configuration.and_then(|known| known.0.get("fsid"));
    let monitors: Vec<_> = world.ceph_things(MONITORS).zip(0..).collect();
    let quorum = monitors
        .iter()
        .filter(|((name, daemon), _)| is_up(world, name, daemon));
    let quorum: Vec<(&str, i32)> = quorum.map(|((name, _), rank)| (*name, *rank)).collect();
    let since = world.nodes.values().map(|node| node.started).max();
    let age = since.map_or(0, |at| call.now.as_second().saturating_sub(at.as_second()));
    let mons: Vec<_> = monitors
        .iter()
        .map(|((name, daemon), rank)| json!({"rank": rank, "name": name, "addr": daemon.get("addr")}))
        .collect();
    Ok(json!({
        "fsid": id,
        "health": health(world, quorum.len(), monitors.len()),
        "election_epoch": 12,
        "quorum": quorum.iter().map(|(_, rank)| *rank).collect::<Vec<_>>(),
        "quorum_names": quorum.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "quorum_age": age,
        "monmap": {
            "epoch": 3,
            "min_mon_release_name": "squid",
            "num_mons": monitors.len(),
            "mons": mons,
        },
        "osdmap": stores(world),
        "pgmap": groups(world),
        "fsmap": servers(world),
        "mgrmap": managers(world),
        "servicemap": {"epoch": 1, "modified": call.now.to_string(), "services": {}},
        "progress_events": {},
    }))
}

fn health(world: &World, there: usize, all: usize) -> Value {
    let mut checks = Map::new();
    let mut warn = |name: &str, text: String| {
        let check = json!({
            "severity": "HEALTH_WARN",
            "summary": {"message": text, "count": 1},
            "muted": false,
        });
        checks.insert(name.to_owned(), check);
    };
    if there < all {
        let down = all - there;
        warn(
            "MON_DOWN",
            format!("{down}/{all} mons down, quorum {there}/{all}"),
        );
    }
    let down = world
        .ceph_stores()
        .iter()
        .filter(|store| !store.is_up)
        .count();
    if down > 0 {
        warn("OSD_DOWN", format!("{down} osds down"));
    }
    let flags = FLAGS.iter().filter(|(name, _)| world.ceph_flag(name));
    let flags: Vec<_> = flags.map(|(name, _)| *name).collect();
    if !flags.is_empty() {
        warn("OSDMAP_FLAGS", format!("{} flag(s) set", flags.join(",")));
    }
    let status = if checks.is_empty() {
        "HEALTH_OK"
    } else {
        "HEALTH_WARN"
    };
    json!({"status": status, "checks": checks, "mutes": []})
}

fn stores(world: &World) -> Value {
    let stores = world.ceph_stores();
    json!({
        "epoch": 100,
        "num_osds": stores.len(),
        "num_up_osds": stores.iter().filter(|store| store.is_up).count(),
        "num_in_osds": stores.iter().filter(|store| store.is_in).count(),
        "num_remapped_pgs": 0,
    })
}

/// How large everything is, and what is taken of it, with all copies.
pub(super) fn capacity(world: &World) -> (u64, u64) {
    let stores = world.ceph_stores();
    let total = stores
        .iter()
        .filter(|store| store.is_in)
        .fold(0u64, |sum, store| sum.saturating_add(store.size));
    let pools = world.ceph_pools();
    let used = pools.iter().fold(0u64, |sum, pool| {
        sum.saturating_add(pool.stored.saturating_mul(pool.copies))
    });
    (total, used.min(total))
}

fn groups(world: &World) -> Value {
    let (total, used) = capacity(world);
    let pools = world.ceph_pools();
    let count: u64 = pools.iter().fold(0, |sum, pool| {
        sum.saturating_add(pool.number_of("pg_num", 128))
    });
    let stored = pools
        .iter()
        .fold(0u64, |sum, pool| sum.saturating_add(pool.stored));
    let down = world.ceph_stores().iter().any(|store| !store.is_up);
    let state = if down {
        "active+undersized+degraded"
    } else {
        "active+clean"
    };
    json!({
        "pgs_by_state": [{"state_name": state, "count": count}],
        "num_pgs": count,
        "num_pools": pools.len(),
        "num_objects": stored / (4 << 20),
        "data_bytes": stored,
        "bytes_used": used,
        "bytes_avail": total - used,
        "bytes_total": total,
        "read_bytes_sec": 0,
        "write_bytes_sec": 0,
        "read_op_per_sec": 0,
        "write_op_per_sec": 0,
    })
}

fn servers(world: &World) -> Value {
    let running = world
        .ceph_things(METADATA)
        .filter(|(name, daemon)| is_up(world, name, daemon));
    let running: Vec<_> = running.map(|(name, _)| name).collect();
    let systems = world.ceph_things(super::files::FILE).count();
    let ranks = running.iter().take(systems).enumerate().map(|(n, name)| {
        json!({"filesystem_id": n + 1, "rank": 0, "name": name, "status": "up:active", "gid": 4_100 + n})
    });
    json!({
        "epoch": 5,
        "by_rank": ranks.collect::<Value>(),
        "up:standby": running.len().saturating_sub(systems),
    })
}

fn managers(world: &World) -> Value {
    let running = world
        .ceph_things(MANAGERS)
        .filter(|(name, daemon)| is_up(world, name, daemon));
    let running: Vec<_> = running.map(|(name, _)| name).collect();
    json!({
        "available": !running.is_empty(),
        "active_name": running.first(),
        "num_standbys": running.len().saturating_sub(1),
        "standbys": running.iter().skip(1).map(|name| json!({"name": name})).collect::<Value>(),
        "modules": ["iostat", "nfs"],
        "services": {},
    })
}

/// The map of places as a text.
fn crush(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let mut text = "# begin crush map\ntunable choose_total_tries 50\n\n# devices\n".to_owned();
    let stores = world.ceph_stores();
    for store in &stores {
        let (id, class) = (store.id, store.class);
        text += &format!("device {id} osd.{id} class {class}\n");
    }
    text += "\n# types\ntype 0 osd\ntype 1 host\ntype 11 root\n\n# buckets\n";
    for (host, n) in world.nodes.keys().zip(2..) {
        text += &format!("host {host} {{\n\tid -{n}\n\talg straw2\n\thash 0\n");
        for store in stores.iter().filter(|store| store.host == host.as_str()) {
            text += &format!("\titem osd.{} weight {:.5}\n", store.id, weight(store.size));
        }
        text += "}\n";
    }
    text += "root default {\n\tid -1\n\talg straw2\n\thash 0\n";
    for host in world.nodes.keys() {
        text += &format!("\titem {host}\n");
    }
    text += "}\n\n# rules\nrule replicated_rule {\n\tid 0\n\ttype replicated\n\tstep take default\n\tstep chooseleaf firstn 0 type host\n\tstep emit\n}\n\n# end crush map\n";
    Ok(Answer::new(text))
}

/// The weight of a store: its size in TiB.
pub(super) fn weight(bytes: u64) -> f64 {
    let mebibytes = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
    f64::from(mebibytes) / f64::from(1u32 << 20)
}

fn rules(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    Ok(Answer::new(json!([{"name": "replicated_rule"}])))
}

fn log(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let (total, used) = capacity(world);
    let usage = format!(
        "{} GiB used, {} GiB / {} GiB avail",
        used >> 30,
        (total - used) >> 30,
        total >> 30
    );
    let leader = world
        .ceph_things(MANAGERS)
        .next()
        .map_or("", |(name, _)| name);
    let lines: Vec<_> = (0..20)
        .map(|n| {
            let second = call.now.as_second() / 2 * 2 - 40 + 2 * n;
            let time = jiff::Timestamp::from_second(second).unwrap_or(call.now);
            format!("{time} mgr.{leader} [DBG] pgmap v{}: {usage}", 1_000 + n)
        })
        .collect();
    let count = |name: &str, default: usize| {
        let number = call.arguments.integer(name);
        number
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(default)
    };
    let total = lines.len();
    let lines = lines.into_iter().enumerate();
    let page = lines.skip(count("start", 0)).take(count("limit", 50));
    let page = page.map(|(n, t)| json!({"n": n + 1, "t": t}));
    Ok(Answer::new(page.collect::<Value>()).with("total", total))
}

/// Whether a daemon can go without harm: monitors keep their majority, every copy has its place.
fn safety(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let (service, id) = (call.text("service"), call.text("id"));
    let why = match service {
        "mon" => {
            let all = world.ceph_things(MONITORS).count();
            let up = world.ceph_things(MONITORS);
            let left = up
                .filter(|(name, daemon)| *name != id && is_up(world, name, daemon))
                .count();
            let of = if call.text("action") == "destroy" {
                all.saturating_sub(1)
            } else {
                all
            };
            (left * 2 <= of).then(|| {
                format!(
                    "not enough monitors would be available ({left}) after stopping mons [{id}]"
                )
            })
        }
        "osd" => {
            let stores = world.ceph_stores();
            let left = stores
                .iter()
                .filter(|store| store.is_up && store.id.to_string() != id);
            let left = u64::try_from(left.count()).unwrap_or(u64::MAX);
            let pools = world.ceph_pools();
            let needed = pools.iter().map(|pool| pool.number_of("min_size", 2)).max();
            (left < needed.unwrap_or(0))
                .then(|| format!("OSD(s) {id} have pgs that would become inactive"))
        }
        _ => {
            let servers = world.ceph_things(METADATA);
            let left = servers
                .filter(|(name, daemon)| *name != id && is_up(world, name, daemon))
                .count();
            let systems = world.ceph_things(super::files::FILE).count();
            (left < systems).then(|| {
                format!("one or more filesystem would have no active MDS after stopping {id}")
            })
        }
    };
    let mut answer = members(json!({ "safe": why.is_none() }));
    if let Some(why) = why {
        answer.insert("status".to_owned(), json!(why));
    }
    Ok(Answer::as_it_stands(answer))
}
