//! `/resources/status`: the resources counted and added up (`ResourcesStatus` of pdm-api-types, whose names are
//! written with underscores; the contract declares another type by a slip of the product).

use std::collections::HashSet;

use serde_json::{Value, json};

use super::search::Search;
use super::{Group, groups};
use crate::pdm::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

/// From this share of a datastore on its usage is high (`PBS_DATASTORE_HIGH_USAGE_THRESHOLD`).
pub(super) const HIGH_USAGE: f64 = 0.80;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/resources/status", Handler::Read(status))]
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let groups = groups(world, call, &Search::default(), None)?;
    let rows = |kind: &str| -> Vec<&Value> {
        let rows = groups.iter().flat_map(|group| &group.rows);
        rows.filter(|row| row["type"] == *kind).collect()
    };
    let failed = groups.iter().filter(|group| group.error.is_some()).count();
    let mut data = json!({
        "remotes": groups.len().saturating_sub(failed),
        "failed_remotes": failed,
        "pve_nodes": counted(&rows("pve-node"), &["online", "offline"]),
        "qemu": guests(&rows("pve-qemu")),
        "lxc": guests(&rows("pve-lxc")),
        "storages": counted(&rows("pve-storage"), &["available"]),
        "sdn_zones": zones(&rows("pve-network")),
        "pbs_nodes": {"online": rows("pbs-node").len(), "offline": 0, "unknown": 0},
        "pbs_datastores": datastores(&rows("pbs-datastore")),
        "pve_cpu_stats": processors(&rows("pve-node")),
        "pbs_cpu_stats": processors(&rows("pbs-node")),
        "pve_memory_stats": sum(rows("pve-node"), "maxmem", "mem"),
        "pbs_memory_stats": sum(rows("pbs-node"), "maxmem", "mem"),
        "pve_storage_stats": sum(each_once(&groups), "maxdisk", "disk"),
        "pbs_storage_stats": sum(rows("pbs-datastore"), "maxdisk", "disk"),
        "remote-list": groups.iter().map(about).collect::<Vec<_>>(),
    });
    let guests = rows("pve-qemu").into_iter().chain(rows("pve-lxc"));
    let running = guests.filter(|row| row["status"] == "running" && row["template"] != true);
    let allocated: f64 = running.filter_map(|row| row["maxcpu"].as_f64()).sum();
    data["pve_cpu_stats"]["allocated"] = json!(allocated);
    data["pbs_cpu_stats"]["allocated"] = Value::Null;
    if failed > 0 {
        data["failed_remotes_list"] = groups.iter().filter_map(failure).collect();
    }
    Ok(Answer::new(data))
}

/// How many are in each of these states; the rest is unknown.
fn counted(rows: &[&Value], states: &[&str]) -> Value {
    let mut counts = json!({});
    let mut known = 0;
    for state in states {
        let count = rows.iter().filter(|row| row["status"] == **state).count();
        counts[*state] = json!(count);
        known += count;
    }
    counts["unknown"] = json!(rows.len().saturating_sub(known));
    counts
}

fn guests(rows: &[&Value]) -> Value {
    let (templates, others): (Vec<&Value>, Vec<&Value>) = rows
        .iter()
        .copied()
        .partition(|row| row["template"] == true);
    let mut counts = counted(&others, &["running", "stopped"]);
    counts["template"] = json!(templates.len());
    counts
}

fn zones(rows: &[&Value]) -> Value {
    let zones = rows.iter().copied();
    let zones: Vec<&Value> = zones.filter(|row| row["network_type"] == "zone").collect();
    counted(&zones, &["available", "pending", "error"])
}

/// What is looked for in a row.
type Fits = fn(&Value) -> bool;

/// States, and what is worth knowing of some of them; that is left out where it is true of none.
fn datastores(rows: &[&Value]) -> Value {
    let count = |fits: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| fits(row)).count();
    let under = count(&|row| row.get("maintenance").is_some());
    let mut counts = json!({
        "online": rows.len().saturating_sub(under),
        "under_maintenance": if under > 0 { json!(under) } else { Value::Null },
    });
    let more: [(&str, Fits); 3] = [
        ("high_usage", |row| {
            row["usage"]
                .as_f64()
                .is_some_and(|usage| usage > HIGH_USAGE)
        }),
        ("removable", |row| row.get("backing-device").is_some()),
        ("s3_backend", |row| row["backend-type"] == "s3"),
    ];
    for (name, fits) in more {
        let found = count(&fits);
        if found > 0 {
            counts[name] = json!(found);
        }
    }
    counts
}

fn processors(rows: &[&Value]) -> Value {
    let figures = rows.iter().map(|row| {
        let figure = |name: &str| row[name].as_f64().unwrap_or_default();
        (figure("cpu") * figure("maxcpu"), figure("maxcpu"))
    });
    let (used, most) = figures.fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
    json!({"used": used, "max": most})
}

fn sum(rows: Vec<&Value>, total: &str, used: &str) -> Value {
    let add = |name: &str| -> u64 {
        let figures = rows.iter().filter_map(|row| row[name].as_u64());
        figures.fold(0, u64::saturating_add)
    };
    let (total, used) = (add(total), add(used));
    json!({"total": total, "used": used, "avail": total.saturating_sub(used)})
}

/// The storages, those that nodes share once for each remote.
fn each_once<'g>(groups: &'g [Group<'_>]) -> Vec<&'g Value> {
    let mut seen = HashSet::new();
    let mut once = Vec::new();
    for group in groups {
        for row in group.rows.iter().filter(|row| row["type"] == "pve-storage") {
            let name = row["storage"].as_str().unwrap_or_default();
            let is_first = seen.insert((group.id, name));
            if is_first || row["shared"] != true {
                once.push(row);
            }
        }
    }
    once
}

/// How a remote is, with what is wrong with it.
fn about(group: &Group<'_>) -> Value {
    let mut status = "Good";
    let mut messages = Vec::new();
    if let Some(error) = &group.error {
        status = "Error";
        messages.push(error.clone());
    }
    for row in &group.rows {
        let message = match (row["type"].as_str(), row["status"].as_str()) {
            (Some("pve-node"), Some("offline")) => {
                let node = row["node"].as_str().unwrap_or_default();
                format!("Node '{node}' is offline")
            }
            (Some("pve-network"), Some("error")) if row["network_type"] == "zone" => {
                let zone = row["network"].as_str().unwrap_or_default();
                format!("SDN zone '{zone}' has an error")
            }
            _ => continue,
        };
        messages.push(message);
        if status == "Good" {
            status = "Warning";
        }
    }
    let mut item = json!({"name": group.id, "ty": group.remote.kind().name(), "status": status});
    if !messages.is_empty() {
        item["messages"] = json!(messages);
    }
    item
}

fn failure(group: &Group<'_>) -> Option<Value> {
    let error = group.error.as_ref()?;
    let kind = group.remote.kind().name();
    Some(json!({"name": group.id, "error": error, "remote_type": kind}))
}
