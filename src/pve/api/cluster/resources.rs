//! `/cluster/resources`: everything in one list, as far as the caller may see it (proxmox.md 4.6).
//!
//! Which members a row has is `PVE::API2Tools`; what stands in [`crate::pve::world::resource`] is only dressed.

use serde::Serialize;
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
use crate::pve::world::storage::Storage;
use crate::routes::Route;
use crate::routes::route::get;

pub(in crate::pve::api) mod guest;
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
            let auditor = call.may(world, &format!("/nodes/{name}"), &["Sys.Audit"]);
            let gauge = auditor.then(|| gauge::of_loaded_node(node, load, moment(call)));
            list.add(&node_row(name, node, gauge.as_ref()));
        }
    }
    if is_wanted("storage") {
        let visible: Vec<&StorageId> = world
            .storages
            .iter()
            .filter(|(id, storage)| is_visible(world, call, id, storage))
            .map(|(id, _)| id)
            .collect();
        for row in storages(world).filter_map(|storage| StorageRow::of(&storage)) {
            if visible.iter().any(|id| id.as_str() == row.storage) {
                list.add(&row);
            }
        }
    }
    if is_wanted("sdn") {
        let rows = network::rows(world, call);
        rows.iter().for_each(|row| list.add(row));
    }
    Ok(Answer::written(list.noting(guests)))
}

/// Whether the caller may see a storage. One that is switched off is not shown to anybody.
fn is_visible(world: &World, call: &Call<'_>, id: &StorageId, storage: &Storage) -> bool {
    let path = format!("/storage/{id}");
    !storage.disabled && call.may(world, &path, &["Datastore.Audit"])
}

/// What a node does is for its auditors; that it is there is for everybody.
fn node_row(name: &NodeName, node: &Node, gauge: Option<&Gauge>) -> Value {
    let status = if node.is_online() {
        "online"
    } else {
        "offline"
    };
    let mut row = members(json!({
        "type": "node",
        "id": format!("node/{name}"),
        "node": name.as_str(),
        "status": status,
    }));
    let Some(gauge) = gauge else {
        return Value::Object(row);
    };
    // What a node has is known while it is away, as in the list of nodes.
    row.extend(members(json!({
        "maxcpu": gauge.max_cpu,
        "maxmem": gauge.max_memory.bytes(),
        "maxdisk": gauge.max_disk.bytes(),
    })));
    if node.is_online() {
        row.extend(members(json!({
            "uptime": gauge.uptime,
            "cpu": gauge.cpu,
            "mem": gauge.memory.bytes(),
            "disk": gauge.disk.bytes(),
            "level": node.level(),
            "cgroup-mode": 2,
        })));
    }
    Value::Object(row)
}

/// The row of a storage on one of its nodes.
#[derive(Debug, Serialize)]
pub(in crate::pve::api) struct StorageRow<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    storage: &'a str,
    node: &'a str,
    status: &'static str,
    plugintype: &'static str,
    content: String,
    shared: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maxdisk: Option<u64>,
}

impl<'a> StorageRow<'a> {
    /// The row of a storage, whoever asks; `None` for all else.
    pub(in crate::pve::api) fn of(resource: &Resource<'a>) -> Option<Self> {
        let Resource::Storage {
            id,
            node,
            storage,
            available,
            used,
        } = resource
        else {
            return None;
        };
        let contents: Vec<_> = storage.content.iter().map(|one| one.as_str()).collect();
        Some(Self {
            kind: "storage",
            id: resource.id(),
            storage: id.as_str(),
            node: node.as_str(),
            status: if *available { "available" } else { "unknown" },
            plugintype: storage.kind.as_str(),
            content: contents.join(","),
            shared: u8::from(storage.is_shared()),
            disk: available.then(|| used.bytes()),
            maxdisk: available.then(|| storage.size.bytes()),
        })
    }
}

fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
