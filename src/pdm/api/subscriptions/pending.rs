//! What is assigned and not yet on its node, and what is to go from it: queued, taken back, applied.

use serde_json::{Value, json};

use super::super::relay::{self, Ask, part};
use super::{answered, bound, modifies, nodes, redacted, unchanged};
use crate::http::Method;
use crate::pdm::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::post;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/subscriptions/queue-clear", Handler::Write(queue)),
        post(
            "/subscriptions/revert-pending-clear",
            Handler::Write(revert),
        ),
        post("/subscriptions/apply-pending", Handler::Write(apply)),
        post("/subscriptions/clear-pending", Handler::Write(clear)),
    ]
}

fn queue(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (remote, node) = (call.text("remote"), call.text("node"));
    modifies(world, call, remote)?;
    unchanged(world, call)?;
    let Some((name, known)) = bound(world, remote, node) else {
        return Err(Fault::Failed(format!(
            "no pool-managed assignment on {remote}/{node}; \
             run Adopt Key first to import a foreign subscription into the pool"
        )));
    };
    if known.pending_clear {
        let text = format!("clear already queued for {remote}/{node}");
        return Err(Fault::Failed(text));
    }
    let name = name.to_owned();
    mark(world, &name, true)
}

fn revert(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (remote, node) = (call.text("remote"), call.text("node"));
    modifies(world, call, remote)?;
    unchanged(world, call)?;
    let Some((name, known)) = bound(world, remote, node) else {
        let text = format!("no pool-managed assignment on {remote}/{node}");
        return Err(Fault::Failed(text));
    };
    if !known.pending_clear {
        let text = format!("no pending clear queued on {remote}/{node}");
        return Err(Fault::Failed(text));
    }
    let name = name.to_owned();
    mark(world, &name, false)
}

fn mark(world: &mut World, name: &str, pending: bool) -> Result<Answer, Fault> {
    if let Some(known) = world.subscription_keys.get_mut(name) {
        known.pending_clear = pending;
    }
    answered(world, Value::Null)
}

/// A change that waits.
struct Pending {
    key: String,
    remote: String,
    node: String,
    clears: bool,
}

/// The changes that wait on remotes that the caller may change (`compute_pending`).
fn pending(world: &World, call: &Call<'_>) -> Vec<Pending> {
    let statuses = nodes::of_all(world, call);
    let waiting = statuses.iter().filter_map(|node| {
        let field = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
        let (key, remote) = (field("assigned-key"), field("remote"));
        let clears = node["pending-clear"] == true;
        let is_there = node["status"] == "active" && node["current-key"] == *key;
        let waits = !key.is_empty() && (clears || !is_there);
        (waits && modifies(world, call, &remote).is_ok()).then(|| Pending {
            key,
            remote,
            node: field("node"),
            clears,
        })
    });
    waiting.collect()
}

/// Pushes and takes away what waits, all at once here; the task tells how each went.
fn apply(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    unchanged(world, call)?;
    let pending = pending(world, call);
    if pending.is_empty() {
        return Ok(Answer::default());
    }
    let total = pending.len();
    let mut failures = Vec::new();
    let mut job = Job::new("subscription-apply-pending", "");
    for Pending {
        key,
        remote,
        node,
        clears,
    } in pending
    {
        let (verb, text) = match clears {
            true => ("clear", format!("clearing {remote}/{node}...")),
            false => (
                "push",
                format!("pushing {} to {remote}/{node}...", redacted(&key)),
            ),
        };
        job = job.saying(text);
        match one(world, call, (&remote, &node, &key), clears) {
            Ok(()) if clears => {
                if let Some(known) = world.subscription_keys.get_mut(&key) {
                    known.remote = None;
                    known.node = None;
                    known.pending_clear = false;
                }
            }
            Ok(()) => {}
            Err(text) => failures.push(format!("{verb} on {remote}/{node}: {text}")),
        }
    }
    if !failures.is_empty() {
        let (failed, list) = (failures.len(), failures.join("; "));
        job = job.failing(format!("{failed} of {total} entries failed: {list}"));
    }
    call.start(world, job)
}

/// One change at its node.
fn one(
    world: &mut World,
    call: &Call<'_>,
    (remote, node, key): (&str, &str, &str),
    clears: bool,
) -> Result<(), String> {
    let path = format!("/nodes/{}/subscription", part(node));
    let ask = match clears {
        true => Ask {
            method: Method::Delete,
            ..Ask::get(path)
        },
        false => Ask {
            method: Method::Put,
            ..Ask::get(path)
        }
        .with("key", key),
    };
    match relay::change(world, call, remote, ask) {
        Ok(_) => Ok(()),
        Err(Fault::Failed(text) | Fault::NotFound(text)) => Err(text),
        Err(other) => Err(format!("{other:?}")),
    }
}

/// Forgets what waits: assignments that never came to their node, and queued removals.
fn clear(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    unchanged(world, call)?;
    let pending = pending(world, call);
    let cleared = pending.len();
    for Pending { key, clears, .. } in pending {
        if let Some(known) = world.subscription_keys.get_mut(&key) {
            known.pending_clear = false;
            if !clears {
                known.remote = None;
                known.node = None;
            }
        }
    }
    answered(world, json!({"cleared": cleared}))
}
