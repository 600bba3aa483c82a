//! The keys themselves: put in, taken out, assigned and freed.

use serde_json::{Value, json};

use super::super::resources;
use super::{answered, bound, modifies, redacted, shown, unchanged};
use crate::pdm::world::World;
use crate::pdm::world::key::{self, PoolKey};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{delete, get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/subscriptions/keys", Handler::Read(list)),
        post("/subscriptions/keys", Handler::Write(add)),
        get("/subscriptions/keys/{key}", Handler::Read(one)),
        delete("/subscriptions/keys/{key}", Handler::Write(remove)),
        post(
            "/subscriptions/keys/{key}/assignment",
            Handler::Write(assign),
        ),
        delete("/subscriptions/keys/{key}/assignment", Handler::Write(free)),
    ]
}

/// The keys, without those of remotes that the caller may not look at.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let keys = world.subscription_keys.iter();
    let seen = keys.filter(|(_, known)| is_seen(world, call, known));
    let items: Vec<Value> = seen
        .map(|(name, known)| shown(name, known, info(world, call, known).as_ref()))
        .collect();
    answered(world, items)
}

fn is_seen(world: &World, call: &Call<'_>, known: &PoolKey) -> bool {
    let remote = known.remote.as_deref();
    remote.is_none_or(|remote| super::super::remotes::audits(world, call, remote))
}

/// What the node of a key says of its subscription.
fn info(world: &World, call: &Call<'_>, known: &PoolKey) -> Option<Value> {
    let remote = world.remotes.get(known.remote.as_deref()?)?;
    let nodes = resources::subscription::nodes(remote, call).ok()?;
    nodes.get(known.node.as_deref()?).cloned()
}

fn not_found(key: &str) -> Fault {
    Fault::NotFound(format!("key '{key}' not found in pool"))
}

fn one(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("key");
    let known = world.subscription_keys.get(name);
    let known = known.filter(|known| is_seen(world, call, known));
    let known = known.ok_or_else(|| not_found(name))?;
    answered(world, shown(name, known, info(world, call, known).as_ref()))
}

fn add(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let given = call.arguments.list("keys");
    if given.is_empty() {
        return Err(Fault::Failed("no keys provided".to_owned()));
    }
    let mut new: Vec<String> = Vec::new();
    for name in &given {
        if key::product(name).is_none() {
            let text = format!("unrecognised key format: {}", redacted(name));
            return Err(Fault::Failed(text));
        }
        if !new.iter().any(|known| known == &**name) {
            new.push(name.to_string());
        }
    }
    unchanged(world, call)?;
    if let Some(known) = new
        .iter()
        .find(|name| world.subscription_keys.contains_key(*name))
    {
        return Err(Fault::Conflict(format!(
            "key '{known}' already exists in pool"
        )));
    }
    let added = new.len();
    for name in new {
        world.subscription_keys.insert(name, PoolKey::default());
    }
    let deduplicated = given.len().saturating_sub(added);
    answered(world, json!({"added": added, "deduplicated": deduplicated}))
}

/// Refuses to let go a key that its node has in use.
fn not_in_use(
    world: &World,
    call: &Call<'_>,
    name: &str,
    known: &PoolKey,
    advice: &str,
) -> Result<(), Fault> {
    let info = info(world, call, known);
    let in_use = info.is_some_and(|info| info["status"] == "active" && info["key"] == *name);
    match in_use {
        true => Err(Fault::Failed(format!(
            "key '{name}' is currently bound to a remote node with a live active subscription; \
             run Clear Key on the Node Subscription Status panel {advice}"
        ))),
        false => Ok(()),
    }
}

/// The key of the path, which the caller may change where it is.
fn changeable<'w>(world: &'w World, call: &Call<'_>) -> Result<&'w PoolKey, Fault> {
    let name = call.text("key");
    let known = world.subscription_keys.get(name);
    let known = known.ok_or_else(|| not_found(name))?;
    if let Some(remote) = &known.remote {
        modifies(world, call, remote)?;
    }
    Ok(known)
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("key");
    let known = changeable(world, call)?;
    unchanged(world, call)?;
    not_in_use(world, call, name, known, "first")?;
    world.subscription_keys.remove(name);
    answered(world, Value::Null)
}

fn assign(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, remote, node) = (call.text("key"), call.text("remote"), call.text("node"));
    modifies(world, call, remote)?;
    let known = changeable(world, call)?;
    unchanged(world, call)?;
    let stays = known.remote.as_deref() == Some(remote) && known.node.as_deref() == Some(node);
    if !stays {
        not_in_use(world, call, name, known, "before rebinding")?;
    }
    let found = world.remotes.get(remote);
    let found = found.ok_or_else(|| Fault::NotFound(format!("remote '{remote}' not found")))?;
    let (product, kind) = (key::product(name).unwrap_or_default(), found.kind().name());
    if product != kind {
        let text = format!("key type '{product}' does not match remote type '{kind}'");
        return Err(Fault::Failed(text));
    }
    if let Some((other, _)) = bound(world, remote, node).filter(|(other, _)| *other != name) {
        let text = format!("key '{other}' is already assigned to {remote}/{node}");
        return Err(Fault::Conflict(text));
    }
    if let Some(known) = world.subscription_keys.get_mut(name) {
        known.remote = Some(remote.to_owned());
        known.node = Some(node.to_owned());
        known.pending_clear &= stays;
    }
    answered(world, Value::Null)
}

fn free(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("key");
    let known = changeable(world, call)?;
    unchanged(world, call)?;
    not_in_use(world, call, name, known, "first")?;
    if let Some(known) = world.subscription_keys.get_mut(name) {
        known.remote = None;
        known.node = None;
        known.pending_clear = false;
    }
    answered(world, Value::Null)
}
