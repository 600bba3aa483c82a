//! `/ceph`: the storage clusters that the managed clusters carry, known by their own ids.

use serde_json::{Value, json};

use super::relay::{self, Ask, part};
use super::remotes::audits;
use crate::pdm::world::World;
use crate::pdm::world::remote::{Behind, Kind, Remote};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::proxmox::state::State;
use crate::pve::world::storage::StorageKind;
use crate::routes::Route;
use crate::routes::route::get;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/ceph/clusters", Handler::Read(list)),
        get("/ceph/clusters/{cluster}/status", Handler::Read(status)),
        get("/ceph/clusters/{cluster}/summary", Handler::Read(summary)),
        get("/ceph/clusters/{cluster}/flags", Handler::Read(flags)),
        get("/ceph/clusters/{cluster}/fs", Handler::Read(of_node)),
        get("/ceph/clusters/{cluster}/mds", Handler::Read(of_node)),
        get("/ceph/clusters/{cluster}/mgr", Handler::Read(of_node)),
        get("/ceph/clusters/{cluster}/mon", Handler::Read(of_node)),
        get("/ceph/clusters/{cluster}/osd-tree", Handler::Read(of_node)),
        get("/ceph/clusters/{cluster}/pools", Handler::Read(of_node)),
    ]
}

/// A storage cluster where it was found.
struct Found<'w> {
    id: String,
    remote_id: &'w str,
    remote: &'w Remote,
    node: String,
    status: Value,
}

/// The storage clusters of all remotes, those that the caller may not look at among them: a cluster that keeps
/// nothing in Ceph has none.
fn all<'w>(world: &'w World, call: &Call<'_>) -> Vec<Found<'w>> {
    let remotes = world.remotes.iter();
    let found = remotes.filter_map(|(remote_id, remote)| {
        let Behind::Pve(cluster) = &remote.behind else {
            return None;
        };
        let is_ceph = |kind| matches!(kind, StorageKind::Rbd | StorageKind::Cephfs);
        let mut storages = cluster.storages.values();
        if !storages.any(|storage| is_ceph(storage.kind)) {
            return None;
        }
        let status = relay::look(remote, call, Ask::get("/cluster/ceph/status"))
            .ok()?
            .data;
        let id = status["fsid"].as_str()?.to_owned();
        Some(Found {
            id,
            remote_id,
            remote,
            node: cluster.own_node().to_owned(),
            status,
        })
    });
    found.collect()
}

/// The storage cluster of the path (`access_checked_members`).
fn one<'w>(world: &'w World, call: &Call<'_>) -> Result<Found<'w>, Fault> {
    let id = call.text("cluster");
    let found = all(world, call).into_iter().find(|found| found.id == id);
    let found = found.ok_or_else(|| Fault::NotFound(format!("no such ceph cluster {id:?}")))?;
    match audits(world, call, found.remote_id) {
        true => Ok(found),
        false => Err(Fault::Denied(Denied::because(found.remote_id))),
    }
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let seen = all(world, call).into_iter();
    let seen = seen.filter(|found| audits(world, call, found.remote_id));
    let items = seen.map(|found| {
        let summary = summarized(&found);
        let mut item = json!({
            "cluster": found.id,
            "display-name": format!("ceph-{}", found.id.get(..8).unwrap_or(&found.id)),
            "state": "detected",
            "member-count": nodes(found.remote).len(),
            "remote": found.remote_id,
            "node": found.node,
            "recovering": false,
            "degraded": summary["degraded-ratio"].as_f64().is_some_and(|ratio| ratio > 0.0),
            "nearfull": checks(&summary).any(|code| code.contains("FULL")),
            "problem-count": checks(&summary).count(),
        });
        for name in [
            "health",
            "bytes-used",
            "bytes-total",
            "bytes-avail",
            "osds-up",
            "osds-in",
            "osds-total",
            "mons-in-quorum",
            "mons-total",
        ] {
            item[name] = summary[name].clone();
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn checks(summary: &Value) -> impl Iterator<Item = &str> {
    let checks = summary["checks"].as_array().into_iter().flatten();
    checks.filter_map(|check| check["code"].as_str())
}

fn nodes(remote: &Remote) -> Vec<String> {
    match &remote.behind {
        Behind::Pve(cluster) => cluster.nodes.keys().map(ToString::to_string).collect(),
        Behind::Pbs(_) => Vec::new(),
    }
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(one(world, call)?.status))
}

/// `CephClusterStatus` of pdm-api-types, made of the status, of pools and of monitors.
fn summary(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let found = one(world, call)?;
    let mut summary = summarized(&found);
    let members = nodes(found.remote)
        .into_iter()
        .map(|node| json!({"kind": Kind::Pve.name(), "remote": found.remote_id, "node": node}));
    summary["members"] = members.collect();
    let path = format!("/nodes/{}/ceph", part(&found.node));
    let pools = relay::list(found.remote, call, Ask::get(format!("{path}/pool")));
    let pools = pools.unwrap_or_default();
    let shares = pools.iter().filter_map(|pool| {
        let used = pool["percent_used"]
            .as_f64()
            .filter(|used| used.is_finite())?;
        Some((pool["pool_name"].as_str()?, used * 100.0))
    });
    if let Some((name, used)) = shares.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
        summary["fullest-pool"] = json!(name);
        summary["fullest-pool-used"] = json!(used);
    }
    let monitors = relay::list(found.remote, call, Ask::get(format!("{path}/mon")));
    let monitors = monitors.unwrap_or_default();
    let mut versions: Vec<&str> = monitors
        .iter()
        .filter_map(|monitor| monitor["ceph_version_short"].as_str())
        .collect();
    versions.sort_unstable();
    versions.dedup();
    summary["version-mixed"] = json!(versions.len() > 1);
    if let Some(version) = versions.last() {
        summary["version"] = json!(version);
    }
    Ok(relay::typed(call, Answer::new(summary)))
}

/// What the status alone tells (`summarize_status` of the server's `ceph/cache`).
fn summarized(found: &Found<'_>) -> Value {
    let status = &found.status;
    let pages = &status["pgmap"];
    let count = |value: &Value| value.as_i64().unwrap_or_default();
    let map = match status["osdmap"].get("osdmap") {
        Some(inner) => inner,
        None => &status["osdmap"],
    };
    let length = |value: &Value| value.as_array().map_or(0, Vec::len);
    let monitors = status["monmap"]["num_mons"].as_u64();
    let monitors = monitors.unwrap_or(length(&status["monmap"]["mons"]) as u64);
    let mut summary = json!({
        "fsid": found.id,
        "health": status["health"]["status"].as_str().unwrap_or("HEALTH_UNKNOWN"),
        "checks": troubles(status),
        "bytes-total": count(&pages["bytes_total"]),
        "bytes-used": count(&pages["bytes_used"]),
        "bytes-avail": count(&pages["bytes_avail"]),
        "num-pools": count(&pages["num_pools"]),
        "num-pgs": count(&pages["num_pgs"]),
        "pgs-by-state": states(pages),
        "osds-total": count(&map["num_osds"]),
        "osds-up": count(&map["num_up_osds"]),
        "osds-in": count(&map["num_in_osds"]),
        "mons-total": monitors,
        "mons-in-quorum": length(&status["quorum_names"]),
        "version-mixed": false,
    });
    for (there, here) in [
        ("read_bytes_sec", "client-read-bytes-sec"),
        ("write_bytes_sec", "client-write-bytes-sec"),
        ("read_op_per_sec", "client-read-ops-sec"),
        ("write_op_per_sec", "client-write-ops-sec"),
        ("recovering_bytes_per_sec", "recovery-bytes-sec"),
        ("misplaced_ratio", "misplaced-ratio"),
        ("degraded_ratio", "degraded-ratio"),
    ] {
        if let Some(value) = pages.get(there) {
            summary[here] = value.clone();
        }
    }
    if let Some(active) = status["mgrmap"]["active_name"].as_str() {
        summary["mgr-active"] = json!(active);
    }
    let standbys = status["mgrmap"]["standbys"]
        .as_array()
        .into_iter()
        .flatten();
    let standbys: Vec<&Value> = standbys.map(|standby| &standby["name"]).collect();
    summary["mgr-standbys"] = json!(standbys);
    summary
}

/// What is wrong.
fn troubles(status: &Value) -> Vec<Value> {
    let checks = status["health"]["checks"].as_object().into_iter().flatten();
    let checks = checks.map(|(code, detail)| {
        json!({
            "code": code,
            "severity": detail["severity"].as_str().unwrap_or_default(),
            "summary": detail["summary"]["message"].as_str().unwrap_or_default(),
        })
    });
    checks.collect()
}

/// How many groups of pages are in which state.
fn states(pages: &Value) -> Vec<Value> {
    let states = pages["pgs_by_state"].as_array().into_iter().flatten();
    let states = states.map(|state| {
        json!({
            "state-name": state["state_name"].as_str().unwrap_or_default(),
            "count": state["count"].as_i64().unwrap_or_default(),
        })
    });
    states.collect()
}

fn flags(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let found = one(world, call)?;
    let answer = relay::look(found.remote, call, Ask::get("/cluster/ceph/flags"))?;
    Ok(relay::typed(call, answer))
}

/// What a node tells of the storage cluster, by the last word of the path.
fn of_node(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let found = one(world, call)?;
    let word = call.operation.template.rsplit('/').next();
    let word = match word.unwrap_or_default() {
        "pools" => "pool",
        "osd-tree" => "osd",
        other => other,
    };
    let path = format!("/nodes/{}/ceph/{word}", part(&found.node));
    let answer = relay::look(found.remote, call, Ask::get(path))?;
    Ok(relay::typed(call, answer))
}
