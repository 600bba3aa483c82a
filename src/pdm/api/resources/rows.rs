//! One resource as this product shows it (`Resource` of pdm-api-types), made of what its remote says.

use serde_json::{Map, Value, json};

use super::super::relay::{self, Ask};
use crate::pdm::world::remote::Remote;
use crate::pdm::world::view::Traits;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;

/// A row of a cluster's `/cluster/resources`; nothing for kinds that this product does not know.
pub(in crate::pdm::api) fn of_cluster(remote: &str, row: &Value) -> Option<Value> {
    match row["type"].as_str()? {
        kind @ ("qemu" | "lxc") => Some(guest(remote, row, kind)),
        "node" => Some(node(remote, row)),
        "storage" => Some(storage(remote, row)),
        "sdn" => Some(zone(remote, row, Generation::Old)),
        "network" => match row["network-type"].as_str()? {
            "zone" => Some(zone(remote, row, Generation::New)),
            "fabric" => Some(fabric(remote, row)),
            _ => None,
        },
        _ => None,
    }
}

fn number(row: &Value, name: &str) -> Value {
    match &row[name] {
        Value::Null => json!(0),
        value => value.clone(),
    }
}

fn real(row: &Value, name: &str) -> Value {
    json!(row[name].as_f64().unwrap_or_default())
}

fn text(row: &Value, name: &str) -> Value {
    json!(row[name].as_str().unwrap_or_default())
}

fn truth(row: &Value, name: &str) -> Value {
    let value = &row[name];
    json!(*value == json!(true) || *value == json!(1))
}

fn guest(remote: &str, row: &Value, kind: &str) -> Value {
    let tags = row["tags"].as_str().unwrap_or_default();
    let tags: Vec<&str> = tags
        .split([';', ',', ' '])
        .filter(|tag| !tag.is_empty())
        .collect();
    json!({
        "type": format!("pve-{kind}"),
        "id": format!("remote/{remote}/guest/{}", number(row, "vmid")),
        "vmid": number(row, "vmid"),
        "name": text(row, "name"),
        "node": text(row, "node"),
        "status": text(row, "status"),
        "pool": text(row, "pool"),
        "tags": tags,
        "template": truth(row, "template"),
        "cpu": real(row, "cpu"),
        "maxcpu": real(row, "maxcpu"),
        "mem": number(row, "mem"),
        "maxmem": number(row, "maxmem"),
        "disk": number(row, "disk"),
        "maxdisk": number(row, "maxdisk"),
        "uptime": number(row, "uptime"),
    })
}

fn node(remote: &str, row: &Value) -> Value {
    let name = text(row, "node");
    json!({
        "type": "pve-node",
        "id": format!("remote/{remote}/node/{}", name.as_str().unwrap_or_default()),
        "node": name,
        "status": text(row, "status"),
        "level": text(row, "level"),
        "cgroup-mode": number(row, "cgroup-mode"),
        "cpu": real(row, "cpu"),
        "maxcpu": real(row, "maxcpu"),
        "mem": number(row, "mem"),
        "maxmem": number(row, "maxmem"),
        "uptime": number(row, "uptime"),
    })
}

fn storage(remote: &str, row: &Value) -> Value {
    json!({
        "type": "pve-storage",
        "id": format!("remote/{remote}/{}", row["id"].as_str().unwrap_or_default()),
        "storage": text(row, "storage"),
        "node": text(row, "node"),
        "status": text(row, "status"),
        "shared": truth(row, "shared"),
        "disk": number(row, "disk"),
        "maxdisk": number(row, "maxdisk"),
    })
}

/// Whether a cluster tells of its networks as it did up to release 9.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    Old,
    New,
}

fn zone(remote: &str, row: &Value, generation: Generation) -> Value {
    let id = row["id"].as_str().unwrap_or_default();
    let is_old = generation == Generation::Old;
    json!({
        "type": "pve-network",
        "network_type": "zone",
        "id": match is_old {
            true => format!("remote/{remote}/sdn/{id}"),
            false => format!("remote/{remote}/{id}"),
        },
        "network": text(row, if is_old { "sdn" } else { "network" }),
        "node": text(row, "node"),
        "status": state(row),
        "zone-type": text(row, "zone-type"),
        "legacy": is_old,
    })
}

fn fabric(remote: &str, row: &Value) -> Value {
    json!({
        "type": "pve-network",
        "network_type": "fabric",
        "id": format!("remote/{remote}/{}", row["id"].as_str().unwrap_or_default()),
        "network": text(row, "network"),
        "node": text(row, "node"),
        "status": state(row),
        "protocol": text(row, "protocol"),
    })
}

/// The states of networks that this product knows; `ok` means available.
fn state(row: &Value) -> &'static str {
    match row["status"].as_str() {
        Some("available" | "ok") => "available",
        Some("error") => "error",
        Some("pending") => "pending",
        _ => "unknown",
    }
}

/// A backup server: its machine, which has no name there, and its datastores.
pub(super) fn of_server(id: &str, remote: &Remote, call: &Call<'_>) -> Result<Vec<Value>, Fault> {
    let status = relay::look(remote, call, Ask::get("/nodes/localhost/status"))?.data;
    let usage = relay::list(remote, call, Ask::get("/status/datastore-usage"))?;
    let configs = relay::list(remote, call, Ask::get("/config/datastore"))?;
    let mut rows = vec![json!({
        "type": "pbs-node",
        "id": format!("remote/{id}/node/localhost"),
        "name": "localhost",
        "cpu": real(&status, "cpu"),
        "maxcpu": status["cpuinfo"]["cpus"].as_f64().unwrap_or_default(),
        "mem": number(&status["memory"], "used"),
        "maxmem": number(&status["memory"], "total"),
        "uptime": number(&status, "uptime"),
    })];
    rows.extend(usage.iter().map(|used| {
        let config = configs
            .iter()
            .find(|config| config["name"] == used["store"]);
        datastore(id, used, config)
    }));
    Ok(rows)
}

fn datastore(remote: &str, used: &Value, config: Option<&Value>) -> Value {
    let name = used["store"].as_str().unwrap_or_default();
    let (total, taken) = (number(used, "total"), number(used, "used"));
    let share = match (taken.as_f64(), total.as_f64()) {
        (Some(taken), Some(total)) if total > 0.0 => taken / total,
        _ => 0.0,
    };
    let mut row = json!({
        "type": "pbs-datastore",
        "id": format!("remote/{remote}/datastore/{name}"),
        "name": name,
        "disk": taken,
        "maxdisk": total,
        "usage": share,
    });
    let config = config.and_then(Value::as_object);
    let none = Map::new();
    let config = config.unwrap_or(&none);
    for (there, here) in [
        ("maintenance-mode", "maintenance"),
        ("backing-device", "backing-device"),
    ] {
        if let Some(value) = config.get(there).filter(|value| !value.is_null()) {
            row[here] = value.clone();
        }
    }
    let backend = config.get("backend").and_then(Value::as_str);
    if backend.is_some_and(|backend| backend.contains("type=s3")) {
        row["backend-type"] = json!("s3");
    }
    row
}

/// The type of a row as parameters name it.
pub(super) fn kind(row: &Value) -> &str {
    match row["type"].as_str().unwrap_or_default() {
        "pve-node" | "pbs-node" => "node",
        other => other.split_once('-').map_or(other, |(_, kind)| kind),
    }
}

/// What people call the thing.
pub(super) fn name(row: &Value) -> &str {
    let field = match row["type"].as_str().unwrap_or_default() {
        "pve-storage" => "storage",
        "pve-node" => "node",
        "pve-network" => "network",
        _ => "name",
    };
    row[field].as_str().unwrap_or_default()
}

/// What a view's rules look at.
pub(super) fn traits<'r>(remote: &'r str, row: &'r Value) -> Traits<'r> {
    Traits {
        remote,
        kind: kind(row),
        id: row["id"].as_str().unwrap_or_default(),
        pool: row["pool"].as_str().unwrap_or_default(),
        tags: row["tags"].as_array().map_or(&[], Vec::as_slice),
    }
}
