//! `/cluster/resources`: everything in one list, as far as the caller may see it (proxmox.md 4.6).
//!
//! Which members a row has is `PVE::API2Tools`; what stands in [`crate::pve::world::resource`] is only dressed.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::moment;
use crate::pve::world::World;
use crate::pve::world::gauge::Gauge;
use crate::pve::world::ids::{NodeName, StorageId};
use crate::pve::world::node::Node;
use crate::pve::world::resource::{Resource, resources};
use crate::pve::world::size::Size;
use crate::pve::world::storage::Storage;
use crate::routes::Route;
use crate::routes::route::get;

mod guest;
mod network;
mod pools;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/cluster/resources", Handler::Read(list))]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.text("type");
    let is_wanted = |kind: &str| wanted.is_none_or(|wanted| wanted == kind);
    let all = resources(world, moment(call));
    let mut rows = Rows::default();
    if wanted.is_none() {
        pools::rows(world, call, &all)
            .iter()
            .for_each(|row| rows.add(row));
    }
    for resource in all
        .iter()
        .filter(|resource| is_visible(world, call, resource))
    {
        match resource {
            Resource::Guest {
                vmid,
                guest,
                pool,
                gauge,
            } if is_wanted("vm") => rows.add(&guest::row(world, call, *vmid, guest, *pool, gauge)),
            Resource::Node { .. } if is_wanted("node") => rows.add(&shown(world, call, resource)),
            Resource::Storage { .. } if is_wanted("storage") => {
                rows.add(&shown(world, call, resource));
            }
            // Pools and zones have their own rows.
            _ => {}
        }
    }
    if is_wanted("sdn") {
        network::rows(world, call)
            .iter()
            .for_each(|row| rows.add(row));
    }
    Ok(Answer::written(rows.text()))
}

/// A list in the making.
#[derive(Default)]
struct Rows(Vec<u8>);

impl Rows {
    fn add(&mut self, row: &impl Serialize) {
        let before = self.0.len();
        self.0.push(b',');
        // Nothing of a row is a key that is no text, the one thing that cannot be written.
        if serde_json::to_writer(&mut self.0, row).is_err() {
            self.0.truncate(before);
        }
    }

    fn text(mut self) -> String {
        match self.0.first_mut() {
            Some(first) => *first = b'[',
            None => self.0.push(b'['),
        }
        self.0.push(b']');
        String::from_utf8(self.0).unwrap_or_default()
    }
}

fn is_visible(world: &World, call: &Call<'_>, resource: &Resource<'_>) -> bool {
    match resource {
        Resource::Guest { vmid, .. } => call.may(world, &format!("/vms/{vmid}"), &["VM.Audit"]),
        Resource::Storage { id, storage, .. } => {
            let path = format!("/storage/{id}");
            !storage.disabled && call.may(world, &path, &["Datastore.Audit"])
        }
        // That a node is there is for everybody.
        Resource::Node { .. } => true,
        Resource::Pool { .. } | Resource::Zone { .. } => false,
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
            let row = guest::row(world, call, *vmid, guest, *pool, gauge);
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
    let Some(gauge) = gauge else {
        return row;
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
