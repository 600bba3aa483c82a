//! `/cluster/resources`: everything in one list, as far as the caller may see it (proxmox.md 4.6).
//!
//! Which members a row has is `PVE::API2Tools`; what stands in [`crate::pve::world::resource`] is only dressed.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::api::moment;
use crate::pve::world::World;
use crate::pve::world::gauge::Gauge;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ha::Sid;
use crate::pve::world::ids::{NodeName, StorageId, Vmid};
use crate::pve::world::node::Node;
use crate::pve::world::resource::{Resource, resources};
use crate::pve::world::size::Size;
use crate::pve::world::storage::Storage;
use crate::routes::Route;
use crate::routes::route::get;

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
    let mut rows = Vec::new();
    if wanted.is_none() {
        rows.extend(pools::rows(world, call, &all));
    }
    for resource in &all {
        let kind = match resource {
            Resource::Guest { .. } => "vm",
            Resource::Node { .. } => "node",
            Resource::Storage { .. } => "storage",
            // Both have their own rows.
            Resource::Pool { .. } | Resource::Zone { .. } => continue,
        };
        if is_wanted(kind) {
            rows.extend(row(world, call, resource));
        }
    }
    if is_wanted("sdn") {
        rows.extend(network::rows(world, call));
    }
    Ok(Answer::new(rows))
}

/// The row of a guest, node or storage, if the caller may see it.
fn row(world: &World, call: &Call<'_>, resource: &Resource<'_>) -> Option<Value> {
    let visible = match resource {
        Resource::Guest { vmid, .. } => call.may(world, &format!("/vms/{vmid}"), &["VM.Audit"]),
        Resource::Storage { id, storage, .. } => {
            let path = format!("/storage/{id}");
            !storage.disabled && call.may(world, &path, &["Datastore.Audit"])
        }
        // That a node is there is for everybody.
        Resource::Node { .. } => true,
        Resource::Pool { .. } | Resource::Zone { .. } => false,
    };
    visible.then(|| shown(world, call, resource)).flatten()
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
        } => guest_row(world, call, *vmid, guest, *pool, gauge),
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

/// A guest of a node that is away has no figures, and nobody knows its state.
fn guest_row(
    world: &World,
    call: &Call<'_>,
    vmid: Vmid,
    guest: &Guest,
    pool: Option<&str>,
    gauge: &Gauge,
) -> Map<String, Value> {
    let there = world.nodes.get(&guest.node).is_some_and(Node::is_online);
    let status = if there {
        guest.status.as_str()
    } else {
        "unknown"
    };
    let mut row = members(json!({
        "type": guest.kind.as_str(),
        "vmid": vmid.number(),
        "node": guest.node.as_str(),
        "name": guest.name(vmid),
        "status": status,
        // Always there: clients filter by 0 (proxmox.md 4.0).
        "template": guest.is_template(),
    }));
    if there {
        row.extend(members(json!({
            "uptime": gauge.uptime,
            "cpu": gauge.cpu,
            "maxcpu": gauge.max_cpu,
            "mem": gauge.memory.bytes(),
            "maxmem": gauge.max_memory.bytes(),
            "disk": gauge.disk.bytes(),
            "maxdisk": gauge.max_disk.bytes(),
            "netin": gauge.net_in,
            "netout": gauge.net_out,
            "diskread": gauge.disk_read,
            "diskwrite": gauge.disk_write,
        })));
        if call.context.edition == Edition::Pve9 && guest.kind == Kind::Qemu {
            row.insert("memhost".to_owned(), json!(gauge.memory.bytes()));
        }
    }
    let mut set = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            row.insert(name.to_owned(), json!(value));
        }
    };
    set("tags", guest.tags());
    set("pool", pool);
    set("lock", guest.lock.map(|lock| lock.as_str()));
    let sid = Sid {
        kind: guest.kind,
        vmid,
    };
    set("hastate", world.service_state(&sid));
    row
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
        "shared": storage.is_shared(),
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
