//! `/cluster/resources`: everything in one list, as far as the caller may see it (proxmox.md 4.6).
//!
//! Which members a row has is `PVE::API2Tools`; what stands in [`crate::pve::world::resource`] is only dressed.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::written::{Former, Written};
use crate::pve::api::moment;
use crate::pve::world::World;
use crate::pve::world::gauge::{self, Gauge};
use crate::pve::world::ids::{NodeName, StorageId};
use crate::pve::world::node::Node;
use crate::pve::world::resource::{Resource, storages};
use crate::pve::world::size::Size;
use crate::pve::world::storage::Storage;
use crate::routes::Route;
use crate::routes::route::get;

mod guest;
mod guests;
mod network;
mod pools;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/cluster/resources", Handler::Read(list))]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.text("type");
    let is_wanted = |kind: &str| wanted.is_none_or(|wanted| wanted == kind);
    let mut guests = guests::Rows::of(world, call);
    // Rows are of about this length; what is too much is never touched.
    let room = call.former.as_ref().map(Former::room);
    let mut list = Written::list(room.unwrap_or(world.guests.len() * 400));
    if wanted.is_none() {
        let rows = pools::rows(world, call, guests.in_pools());
        rows.iter().for_each(|row| list.add(row));
    }
    if is_wanted("vm") {
        guests.write(world, call, &mut list);
    }
    if is_wanted("node") {
        for ((name, node), load) in world.nodes.iter().zip(guests.loads()) {
            let gauge = gauge::of_loaded_node(node, load, moment(call));
            list.add(&shown(world, call, &Resource::Node { name, node, gauge }));
        }
    }
    if is_wanted("storage") {
        let storages = storages(world);
        let visible = storages.filter(|storage| is_visible(world, call, storage));
        visible.for_each(|storage| list.add(&shown(world, call, &storage)));
    }
    if is_wanted("sdn") {
        let rows = network::rows(world, call);
        rows.iter().for_each(|row| list.add(row));
    }
    Ok(Answer::written(list.noting(guests)))
}

/// Whether the caller may see a storage. One that is switched off is not shown to anybody.
fn is_visible(world: &World, call: &Call<'_>, resource: &Resource<'_>) -> bool {
    match resource {
        Resource::Storage { id, storage, .. } => {
            let path = format!("/storage/{id}");
            !storage.disabled && call.may(world, &path, &["Datastore.Audit"])
        }
        _ => false,
    }
}

/// The row of a guest, node or storage, whoever asks; `None` for all others.
pub(in crate::pve::api) fn shown(
    world: &World,
    call: &Call<'_>,
    resource: &Resource<'_>,
) -> Option<Value> {
    let mut row = match resource {
        Resource::Guest {
            vmid,
            guest,
            pool,
            gauge,
        } => {
            let row = guest::row(world, call, *vmid, guest, (gauge, *pool));
            return serde_json::to_value(row).ok();
        }
        Resource::Node { name, node, gauge } => {
            let auditor = call.may(world, &format!("/nodes/{name}"), &["Sys.Audit"]);
            node_row(name, node, auditor.then_some(gauge))
        }
        Resource::Storage {
            id,
            node,
            storage,
            available,
            used,
        } => storage_row(id, node, storage, available.then_some(*used)),
        Resource::Pool { .. } | Resource::Zone { .. } => return None,
    };
    row.insert("id".to_owned(), json!(resource.id()));
    Some(Value::Object(row))
}

/// What a node does is for its auditors; that it is there is for everybody.
fn node_row(name: &NodeName, node: &Node, gauge: Option<&Gauge>) -> Map<String, Value> {
    let status = if node.is_online() {
        "online"
    } else {
        "offline"
    };
    let mut row = members(json!({
        "type": "node",
        "node": name.as_str(),
        "status": status,
    }));
    if let Some(gauge) = gauge.filter(|_| node.is_online()) {
        row.extend(members(json!({
            "uptime": gauge.uptime,
            "cpu": gauge.cpu,
            "maxcpu": gauge.max_cpu,
            "mem": gauge.memory.bytes(),
            "maxmem": gauge.max_memory.bytes(),
            "disk": gauge.disk.bytes(),
            "maxdisk": gauge.max_disk.bytes(),
            "level": "",
            "cgroup-mode": 2,
        })));
    }
    row
}

fn storage_row(
    id: &StorageId,
    node: &NodeName,
    storage: &Storage,
    used: Option<Size>,
) -> Map<String, Value> {
    let contents: Vec<_> = storage.content.iter().map(|one| one.as_str()).collect();
    let mut row = members(json!({
        "type": "storage",
        "storage": id.as_str(),
        "node": node.as_str(),
        "status": if used.is_some() { "available" } else { "unknown" },
        "plugintype": storage.kind.as_str(),
        "content": contents.join(","),
        "shared": u8::from(storage.is_shared()),
    }));
    if let Some(used) = used {
        row.insert("disk".to_owned(), json!(used.bytes()));
        row.insert("maxdisk".to_owned(), json!(storage.size.bytes()));
    }
    row
}

fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
