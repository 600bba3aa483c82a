//! `/pools`: sets of guests and storages that permissions are given on.
//!
//! Both shapes stand side by side: `/pools?poolid=` of newer releases, which takes nested pools, and
//! `/pools/{poolid}`, which clients of older ones still use (proxmox.md 4.5). Words not in there are
//! `PVE::API2::Pool`'s, from memory.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::proxmox::state::State as _;
use crate::proxmox::written::Written;
use crate::pve::api::cluster::resources::StorageRow;
use crate::pve::api::cluster::resources::guest::write;
use crate::pve::api::moment;
use crate::pve::world::World;
use crate::pve::world::gauge;
use crate::pve::world::ids::{StorageId, Vmid};
use crate::pve::world::pool::Pool;
use crate::pve::world::resource::{self, Resource};
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/pools", Handler::Read(list)),
        post("/pools", Handler::Write(create)),
        put("/pools", Handler::Write(update)),
        delete("/pools", Handler::Write(remove)),
        get("/pools/{poolid}", Handler::Read(read)),
        put("/pools/{poolid}", Handler::Write(update)),
        delete("/pools/{poolid}", Handler::Write(remove)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    if let Some(name) = call.arguments.text("poolid") {
        call.demand(world, &format!("/pool/{name}"), &["Pool.Audit"])?;
        let id = Map::from_iter([("poolid".to_owned(), json!(name))]);
        return shown(world, call, name, id, ["[", "]"]);
    }
    let visible = world
        .pools
        .iter()
        .filter(|(name, _)| call.may(world, &format!("/pool/{name}"), &["Pool.Audit"]));
    let rows = visible.map(|(name, pool)| {
        let mut row = json!({ "poolid": name });
        if let Some(comment) = &pool.comment {
            row["comment"] = json!(comment);
        }
        row
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    shown(world, call, call.text("poolid"), Map::new(), ["", ""])
}

/// A pool with its members and what stands beside them, between brackets where it is one of a list.
fn shown(
    world: &World,
    call: &Call<'_>,
    name: &str,
    mut beside: Map<String, Value>,
    [open, close]: [&str; 2],
) -> Result<Answer, Fault> {
    let pool = world.pools.get(name);
    let pool = pool.ok_or_else(|| Fault::Failed(missing(name)))?;
    if let Some(comment) = &pool.comment {
        beside.insert("comment".to_owned(), json!(comment));
    }
    let end = match Value::Object(beside).to_string().strip_prefix('{') {
        Some("}") | None => format!("]}}{close}"),
        Some(rest) => format!("],{rest}{close}"),
    };
    let begin = format!("{open}{{\"members\":[");
    let mut list = Written::within(&begin, end, pool.guests.len() * 400);
    members(world, call, (name, pool), &mut list);
    Ok(Answer::written(list))
}

/// What is in a pool, whoever asks: that the caller may see the pool is enough. A storage stands there once, as
/// the node that answers sees it where that has it.
fn members(world: &World, call: &Call<'_>, (name, pool): (&str, &Pool), list: &mut Written) {
    let kind = call.arguments.text("type");
    let is_wanted = |one: &str| kind.is_none_or(|kind| kind == one);
    let guests = pool.guests.iter();
    let guests = guests.filter_map(|vmid| Some((*vmid, world.guests.get(vmid)?)));
    for (vmid, guest) in guests.filter(|(_, guest)| is_wanted(guest.kind.as_str())) {
        let gauge = gauge::of_guest(world, vmid, guest, moment(call));
        let in_pool = (&gauge, Some(name));
        write(list.begin_row(), world, call, (vmid, guest), in_pool);
    }
    if pool.storages.is_empty() || !is_wanted("storage") {
        return;
    }
    let own = world.own_node();
    let all: Vec<_> = resource::storages(world).collect();
    for wanted in &pool.storages {
        let here = |resource: &&Resource<'_>, at: Option<&str>| match resource {
            Resource::Storage { id, node, .. } => {
                *id == wanted && at.is_none_or(|at| node.as_str() == at)
            }
            _ => false,
        };
        let nearest = all.iter().find(|resource| here(resource, Some(own)));
        let nearest = nearest.or_else(|| all.iter().find(|resource| here(resource, None)));
        if let Some(row) = nearest.and_then(StorageRow::of) {
            list.add(&row);
        }
    }
}

fn missing(name: &str) -> String {
    format!("pool '{name}' does not exist")
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("poolid");
    let refused = |why: String| Fault::Failed(format!("create pool failed: {why}"));
    if world.pools.contains_key(name) {
        return Err(refused(format!("pool '{name}' already exists")));
    }
    if let Some((parent, _)) = name.rsplit_once('/')
        && !world.pools.contains_key(parent)
    {
        return Err(refused(format!(
            "parent '{parent}' of pool '{name}' does not exist"
        )));
    }
    let pool = Pool {
        comment: call.arguments.text("comment").map(str::to_owned),
        ..Pool::default()
    };
    world.pools.insert(name.to_owned(), pool);
    Ok(Answer::default())
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("poolid");
    let refused = |why: String| Fault::Failed(format!("update pools failed: {why}"));
    let pool = world.pools.get(name);
    let mut pool = pool.cloned().ok_or_else(|| refused(missing(name)))?;
    if let Some(comment) = call.arguments.text("comment") {
        pool.comment = Some(comment.to_owned());
    }
    let moved = guests(world, call, &mut pool, name)?;
    storages(world, call, &mut pool)?;
    for (vmid, old) in moved {
        if let Some(old) = world.pools.get_mut(&old) {
            old.guests.remove(&vmid);
        }
    }
    world.pools.insert(name.to_owned(), pool);
    Ok(Answer::default())
}

/// Adds or takes out guests; says which leave another pool for this one. Numbers of guests that do not exist are
/// taken and never seen again.
fn guests(
    world: &World,
    call: &Call<'_>,
    pool: &mut Pool,
    name: &str,
) -> Result<Vec<(Vmid, String)>, Fault> {
    let refused = |why: String| Fault::Failed(format!("update pools failed: {why}"));
    let mut moved = Vec::new();
    for text in call.arguments.list("vms") {
        demand_any(world, call, &format!("/vms/{text}"), "VM.Allocate")?;
        let vmid: Option<Vmid> = text.parse().ok();
        let Some(vmid) = vmid.filter(|vmid| world.guests.contains_key(vmid)) else {
            continue;
        };
        if call.arguments.is_set("delete") {
            if !pool.guests.remove(&vmid) {
                return Err(refused(format!("VM {vmid} is not a pool member")));
            }
            continue;
        }
        if !pool.guests.insert(vmid) {
            return Err(refused(format!("VM {vmid} is already a pool member")));
        }
        let Some(old) = world.pool_of(vmid).filter(|old| *old != name) else {
            continue;
        };
        if !call.arguments.is_set("allow-move") {
            return Err(refused(format!(
                "VM {vmid} belongs already to pool '{old}' and 'allow-move' is not set"
            )));
        }
        call.demand(world, &format!("/pool/{old}"), &["Pool.Allocate"])?;
        moved.push((vmid, old.to_owned()));
    }
    Ok(moved)
}

fn storages(world: &World, call: &Call<'_>, pool: &mut Pool) -> Result<(), Fault> {
    let refused = |why: String| Fault::Failed(format!("update pools failed: {why}"));
    for text in call.arguments.list("storage") {
        demand_any(
            world,
            call,
            &format!("/storage/{text}"),
            "Datastore.Allocate",
        )?;
        let id: Option<StorageId> = text.parse().ok();
        let Some(id) = id.filter(|id| world.storages.contains_key(id)) else {
            continue;
        };
        if call.arguments.is_set("delete") {
            if !pool.storages.remove(&id) {
                return Err(refused(format!("Storage '{id}' is not a pool member")));
            }
        } else if !pool.storages.insert(id.clone()) {
            return Err(refused(format!("Storage '{id}' is already a pool member")));
        }
    }
    Ok(())
}

/// Who may change permissions on a thing, or may make such things (`check_perm_modify` of `PVE::RPCEnvironment`).
fn demand_any(world: &World, call: &Call<'_>, path: &str, other: &str) -> Result<(), Fault> {
    if call.may_any(world, path, &["Permissions.Modify", other]) {
        return Ok(());
    }
    let why = format!("{path}, Permissions.Modify|{other}");
    Err(Fault::Denied(Denied::because(why)))
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("poolid");
    let refused = |why: String| Fault::Failed(format!("delete pool failed: {why}"));
    let pool = world.pools.get(name);
    let pool = pool.ok_or_else(|| refused(missing(name)))?;
    let below = format!("{name}/");
    let inner = world.pools.keys().find(|other| other.starts_with(&below));
    let inner = inner.map(|inner| format!("pool '{inner}'"));
    let guest = pool.guests.first().map(|vmid| format!("VM {vmid}"));
    let storage = pool.storages.first();
    let storage = storage.map(|storage| format!("storage '{storage}'"));
    if let Some(content) = inner.or(guest).or(storage) {
        return Err(refused(format!(
            "pool '{name}' is not empty (contains {content})"
        )));
    }
    let path = format!("/pool/{name}");
    world.access.acl.forget_path(&path);
    world.pools.remove(name);
    Ok(Answer::default())
}

#[cfg(test)]
mod tests;
