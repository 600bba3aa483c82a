//! `/subscriptions`: a pool of keys, and which node each is for. What is assigned is pushed when it is applied.

mod nodes;

mod pool;

mod proposal;

mod pending;

use serde_json::{Value, json};

use crate::pdm::world::World;
use crate::pdm::world::key::{self, PoolKey};
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::routes::Route;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = pool::routes();
    routes.extend(nodes::routes());
    routes.extend(proposal::routes());
    routes.extend(pending::routes());
    routes
}

/// The digest of the pool.
fn digest_of(world: &World) -> String {
    let keys = serde_json::to_string(&world.subscription_keys).unwrap_or_default();
    digest::of_text(Product::Pdm, &keys)
}

fn unchanged(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    match digest::fits(call.arguments.text("digest"), &digest_of(world)) {
        true => Ok(()),
        false => Err(Fault::configuration_changed()),
    }
}

/// An answer with the pool's digest beside it, as all of this tree have it.
fn answered(world: &World, data: impl Into<Value>) -> Result<Answer, Fault> {
    Ok(Answer::new(data).with("digest", digest_of(world)))
}

/// Refuses who may not change a remote.
fn modifies(world: &World, call: &Call<'_>, remote: &str) -> Result<(), Fault> {
    let path = format!("/resource/{remote}");
    match call.may(world, &path, &["Resource.Modify"]) {
        true => Ok(()),
        false => Err(Fault::Denied(Denied::because(path))),
    }
}

/// The key of the pool that is for a node.
fn bound<'w>(world: &'w World, remote: &str, node: &str) -> Option<(&'w str, &'w PoolKey)> {
    let mut keys = world.subscription_keys.iter();
    let is_here = |known: &PoolKey| {
        known.remote.as_deref() == Some(remote) && known.node.as_deref() == Some(node)
    };
    let found = keys.find(|(_, known)| is_here(known));
    found.map(|(name, known)| (name.as_str(), known))
}

/// A key of which only the ends of its number are shown.
fn redacted(key: &str) -> String {
    let Some((front, number)) = key.split_once('-') else {
        return "<malformed-key>".to_owned();
    };
    let mut letters = number.chars();
    match (letters.next(), letters.next_back()) {
        (Some(first), Some(last)) => format!("{front}-{first}...{last}"),
        (Some(first), None) => format!("{front}-{first}..."),
        _ => format!("{front}-..."),
    }
}

/// A key as it is shown, with what its node says of it.
fn shown(name: &str, known: &PoolKey, info: Option<&Value>) -> Value {
    let mut item = json!({
        "key": name,
        "product-type": key::product(name).unwrap_or("pve"),
        "level": key::level(name),
        "source": if known.adopted { "adopted" } else { "manual" },
    });
    if let (Some(remote), Some(node)) = (&known.remote, &known.node) {
        item["remote"] = json!(remote);
        item["node"] = json!(node);
    }
    if known.pending_clear {
        item["pending-clear"] = json!(true);
    }
    let info = info.filter(|info| info["key"] == *name);
    for field in ["status", "check-time", "next-due-date"] {
        if let Some(value) = info.and_then(|info| info.get(field)) {
            item[field] = value.clone();
        }
    }
    item
}
