//! What the nodes of all remotes have: told, looked up again, and taken into the pool.

use serde_json::{Value, json};

use super::super::relay::{self, Ask, part};
use super::super::{remotes, resources};
use super::{answered, bound, modifies, redacted, unchanged};
use crate::http::Method;
use crate::pdm::world::World;
use crate::pdm::world::key::{self, PoolKey};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/subscriptions/node-status", Handler::Read(list)),
        post("/subscriptions/check", Handler::Write(check)),
        post("/subscriptions/adopt-key", Handler::Write(adopt)),
        post("/subscriptions/adopt-all", Handler::Write(adopt_all)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(of_all(world, call)))
}

/// The nodes of the remotes that the caller may look at and that answer (`collect_node_status`).
pub(super) fn of_all(world: &World, call: &Call<'_>) -> Vec<Value> {
    let mut items = Vec::new();
    for (id, remote) in &world.remotes {
        if !remotes::audits(world, call, id) {
            continue;
        }
        let nodes = resources::subscription::nodes(remote, call).unwrap_or_default();
        for (node, info) in nodes {
            let bound = bound(world, id, &node);
            let mut item = json!({
                "remote": id,
                "type": remote.kind().name(),
                "node": node,
                "status": info["status"].as_str().unwrap_or("notfound"),
                "level": info["level"].as_str().unwrap_or("None"),
                "pending-clear": bound.is_some_and(|(_, known)| known.pending_clear),
            });
            if let Some((name, _)) = bound {
                item["assigned-key"] = json!(name);
            }
            for (there, here) in [
                ("sockets", "sockets"),
                ("key", "current-key"),
                ("check-time", "check-time"),
                ("next-due-date", "next-due-date"),
            ] {
                if let Some(value) = info.get(there) {
                    item[here] = value.clone();
                }
            }
            items.push(item);
        }
    }
    items
}

/// Lets a node look its subscription up.
fn check(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (remote, node) = (call.text("remote"), call.text("node"));
    modifies(world, call, remote)?;
    if !world.remotes.contains_key(remote) {
        return Err(Fault::NotFound(format!("remote '{remote}' not found")));
    }
    let ask = Ask {
        method: Method::Post,
        ..Ask::get(format!("/nodes/{}/subscription", part(node)))
    };
    let checked = relay::change(world, call, remote, ask.with("force", true));
    checked.map_err(|fault| match fault {
        Fault::Failed(text) => Fault::Failed(format!("check failed on {remote}/{node}: {text}")),
        other => other,
    })?;
    Ok(Answer::default())
}

/// Takes the key that a node has into the pool, for this node.
fn adopt(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (remote, node) = (call.text("remote"), call.text("node"));
    modifies(world, call, remote)?;
    let found = world.remotes.get(remote);
    let found = found.ok_or_else(|| Fault::NotFound(format!("remote '{remote}' not found")))?;
    let nodes = resources::subscription::nodes(found, call).map_err(|fault| match fault {
        Fault::Failed(text) => Fault::Failed(format!(
            "could not read subscription on {remote}/{node}: {text}"
        )),
        other => other,
    })?;
    let current = nodes.get(node).and_then(|info| info["key"].as_str());
    let current = current.ok_or_else(|| {
        Fault::NotFound(format!("no live subscription on {remote}/{node} to adopt"))
    })?;
    let current = current.to_owned();
    unchanged(world, call)?;
    if bound(world, remote, node).is_some() {
        return Err(Fault::Failed(format!(
            "{remote}/{node} is already pool-managed; adopt only applies to foreign subscriptions"
        )));
    }
    let known = world.subscription_keys.get(&current);
    if known.is_some_and(|known| known.remote.is_some()) {
        return Err(Fault::Conflict(format!(
            "key '{}' is in the pool but bound elsewhere; resolve manually first",
            redacted(&current)
        )));
    }
    if key::product(&current).is_none() {
        let text = format!("unrecognised key prefix: {}", redacted(&current));
        return Err(Fault::Failed(text));
    }
    take_in(world, &current, remote, node);
    answered(world, Value::Null)
}

fn take_in(world: &mut World, key: &str, remote: &str, node: &str) {
    let is_new = !world.subscription_keys.contains_key(key);
    let known = world.subscription_keys.entry(key.to_owned());
    let known: &mut PoolKey = known.or_default();
    known.adopted |= is_new;
    known.remote = Some(remote.to_owned());
    known.node = Some(node.to_owned());
}

/// The same for every node whose key no pool manages.
fn adopt_all(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    unchanged(world, call)?;
    let mut adopted = Vec::new();
    for item in of_all(world, call) {
        let field = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let (remote, node, name) = (field("remote"), field("node"), field("current-key"));
        let known = world.subscription_keys.get(&name);
        let is_free = known.is_none_or(|known| known.remote.is_none());
        let is_foreign = item.get("assigned-key").is_none() && key::product(&name).is_some();
        if is_free && is_foreign && modifies(world, call, &remote).is_ok() {
            take_in(world, &name, &remote, &node);
            adopted.push(json!({"remote": remote, "node": node, "key": name}));
        }
    }
    answered(world, adopted)
}
