//! Which free key would suit which node: proposed, and assigned if nothing has changed since.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{answered, bound, digest_of, modifies, nodes};
use crate::pdm::world::World;
use crate::pdm::world::key;
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::post;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/subscriptions/auto-assign", Handler::Read(propose)),
        post("/subscriptions/bulk-assign", Handler::Write(assign)),
    ]
}

fn propose(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let statuses = nodes::of_all(world, call);
    Ok(Answer::new(json!({
        "assignments": proposals(world, &statuses),
        "keys-digest": digest_of(world),
        "node-status-digest": digest_of_nodes(&statuses),
    })))
}

/// What the proposal depends on.
fn digest_of_nodes(statuses: &[Value]) -> String {
    let lines = statuses.iter().map(|node| {
        let assigned = node.get("assigned-key").is_some();
        let (remote, name, status) = (&node["remote"], &node["node"], &node["status"]);
        format!("{remote} {name} {status} {} {assigned}\n", node["sockets"])
    });
    digest::of_text(Product::Pdm, &lines.collect::<String>())
}

/// The largest nodes choose first, and take the smallest key that covers them.
fn proposals(world: &World, statuses: &[Value]) -> Vec<Value> {
    let open = |node: &&Value| node.get("assigned-key").is_none() && node["status"] != "active";
    let mut open: Vec<&Value> = statuses.iter().filter(open).collect();
    open.sort_by_key(|node| std::cmp::Reverse(node["sockets"].as_i64().unwrap_or(0)));
    let mut taken = HashSet::new();
    let mut proposals = Vec::new();
    for node in open {
        let kind = node["type"].as_str().unwrap_or_default();
        let free = world.subscription_keys.iter().filter(|(name, known)| {
            known.remote.is_none() && !taken.contains(*name) && key::product(name) == Some(kind)
        });
        let sockets = node["sockets"].as_i64();
        let covering = free.filter(|(name, _)| match kind {
            "pve" => key::sockets(name).is_some_and(|covered| covered >= sockets.unwrap_or(1)),
            _ => true,
        });
        let best = covering.min_by_key(|(name, _)| key::sockets(name));
        if let Some((name, _)) = best {
            taken.insert(name);
            let mut proposal = json!({
                "key": name,
                "remote": node["remote"],
                "node": node["node"],
            });
            if let Some(covered) = key::sockets(name) {
                proposal["key-sockets"] = json!(covered);
            }
            if let Some(sockets) = sockets {
                proposal["node-sockets"] = json!(sockets);
            }
            proposals.push(proposal);
        }
    }
    proposals
}

/// What does not fit any more is passed over.
fn assign(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let proposal = call
        .arguments
        .value("proposal")
        .cloned()
        .unwrap_or_default();
    let present = digest_of_nodes(&nodes::of_all(world, call));
    if proposal["node-status-digest"] != *present {
        let text = "node status changed since proposal; refresh and try again";
        return Err(Fault::Conflict(text.to_owned()));
    }
    if !digest::fits(proposal["keys-digest"].as_str(), &digest_of(world)) {
        return Err(Fault::configuration_changed());
    }
    let mut applied = Vec::new();
    for wanted in proposal["assignments"].as_array().into_iter().flatten() {
        let field = |name: &str| wanted[name].as_str().unwrap_or_default();
        let (name, remote, node) = (field("key"), field("remote"), field("node"));
        let kind = world.remotes.get(remote).map(|remote| remote.kind().name());
        let fits = kind.is_some()
            && key::product(name) == kind
            && modifies(world, call, remote).is_ok()
            && bound(world, remote, node).is_none_or(|(other, _)| other == name);
        let known = world.subscription_keys.get_mut(name);
        if let Some(known) = known.filter(|known| fits && known.remote.is_none()) {
            known.remote = Some(remote.to_owned());
            known.node = Some(node.to_owned());
            known.pending_clear = false;
            applied.push(wanted.clone());
        }
    }
    answered(world, applied)
}
