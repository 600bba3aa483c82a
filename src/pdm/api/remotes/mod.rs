//! `/remotes`: which products are managed, and what is known of all of them together.

pub(super) mod updates;

mod tasks;

mod metrics;

mod create;

use serde_json::{Value, json};

use super::curve;
use super::probe;
use super::relay::{self, Ask, find, part};
use crate::http::Method;
use crate::pdm::world::World;
use crate::pdm::world::remote::{Kind, NodeUrl, Remote};
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::Identity;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/remotes/remote", Handler::Read(list)),
        post("/remotes/remote", Handler::Write(create::create)),
        put("/remotes/remote/{id}", Handler::Write(update)),
        delete("/remotes/remote/{id}", Handler::Write(remove)),
        get("/remotes/remote/{id}/config", Handler::Read(config)),
        get("/remotes/remote/{id}/version", Handler::Read(version)),
        get(
            "/remotes/remote/{id}/rrddata",
            Handler::Read(response_times),
        ),
        post(
            "/remotes/remote/{id}/probe-certificate",
            Handler::Read(probe_certificate),
        ),
    ];
    routes.extend(tasks::routes());
    routes.extend(updates::routes());
    routes.extend(metrics::routes());
    routes
}

/// The remotes of a kind, as `/pve/remotes` and `/pbs/remotes` list them.
pub(super) fn names(world: &World, kind: Kind) -> Vec<Value> {
    let remotes = world.remotes.iter();
    let fitting = remotes.filter(|(_, remote)| remote.kind() == kind);
    fitting.map(|(id, _)| json!({"remote": id})).collect()
}

/// Whether the caller may look at a remote: the one rule that lists of all remotes have.
pub(super) fn audits(world: &World, call: &Call<'_>, id: &str) -> bool {
    call.may(world, &format!("/resource/{id}"), &["Resource.Audit"])
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let privileges = [
        "Resource.Audit",
        "Resource.Manage",
        "Resource.Modify",
        "Resource.Create",
        "Resource.Delete",
        "Resource.Migrate",
    ];
    let of_all = call.may_any(world, "/resource", &privileges);
    let seen = world
        .remotes
        .iter()
        .filter(|(id, _)| of_all || call.may_any(world, &format!("/resource/{id}"), &privileges));
    let items: Vec<Value> = seen.map(|(id, remote)| shown(id, remote)).collect();
    Ok(Answer::new(items).with("digest", digest_of(world)))
}

/// A remote without its token.
fn shown(id: &str, remote: &Remote) -> Value {
    let mut item = json!({
        "type": remote.kind().name(),
        "id": id,
        "nodes": remote.nodes.iter().map(address).collect::<Vec<_>>(),
        "authid": remote.authid,
        "token": "",
    });
    if let Some(url) = &remote.web_url {
        item["web-url"] = json!(url);
    }
    item
}

/// An address as a property string whose first key goes without saying.
pub(super) fn address(node: &NodeUrl) -> String {
    let host = &node.hostname;
    match &node.fingerprint {
        Some(fingerprint) => format!("{host},fingerprint={fingerprint}"),
        None => host.clone(),
    }
}

fn digest_of(world: &World) -> String {
    let lines = world.remotes.iter().map(|(id, remote)| {
        let addresses: Vec<String> = remote.nodes.iter().map(address).collect();
        let url = remote.web_url.as_deref().unwrap_or_default();
        let (kind, nodes) = (remote.kind().name(), addresses.join(" "));
        format!(
            "{kind}: {id}\n{} {} {nodes} {url}\n",
            remote.authid, remote.token
        )
    });
    digest::of_text(Product::Pdm, &lines.collect::<String>())
}

fn config(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    Ok(Answer::new(shown(id, find(world, id, None)?)))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    if !digest::fits(call.arguments.text("digest"), &digest_of(world)) {
        return Err(Fault::configuration_changed());
    }
    if !world.remotes.contains_key(id) {
        return Err(Fault::NotFound(format!("no such remote {id:?}")));
    }
    let nodes = match call.arguments.has("nodes") {
        true => Some(create::addresses(call)?),
        false => None,
    };
    let Some(remote) = world.remotes.get_mut(id) else {
        return Ok(Answer::default());
    };
    if call
        .arguments
        .list("delete")
        .iter()
        .any(|name| *name == "web-url")
    {
        remote.web_url = None;
    }
    if let Some(nodes) = nodes {
        remote.nodes = nodes;
    }
    let text = |name: &str| call.arguments.text(name).map(str::to_owned);
    if let Some(authid) = text("authid") {
        remote.authid = authid;
    }
    if let Some(token) = text("token") {
        remote.token = token;
    }
    if let Some(url) = text("web-url") {
        remote.web_url = Some(url);
    }
    Ok(Answer::default())
}

/// Takes a remote off the list; with `delete-token` its token is deleted there as well.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id").to_owned();
    if call.arguments.is_set("delete-token") {
        let missing = || Fault::NotFound(format!("no such remote {id:?}"));
        let remote = world.remotes.get(&id).ok_or_else(missing)?;
        let token = Identity::parse(&remote.authid, Product::Pbs).ok();
        let token = token.and_then(|identity| identity.token.map(|name| (identity.user, name)));
        let (user, name) = token.ok_or_else(|| {
            Fault::Failed(format!("Unable to find the token for the remote {id:?}"))
        })?;
        let path = format!(
            "/access/users/{}/token/{}",
            part(user.as_str()),
            part(&name)
        );
        let ask = Ask {
            method: Method::Delete,
            ..Ask::get(path)
        };
        relay::change(world, call, &id, ask).map_err(|fault| match fault {
            Fault::Failed(text) => Fault::Failed(format!("error deleting token: {text}")),
            other => other,
        })?;
    }
    if world.remotes.remove(&id).is_none() {
        return Err(Fault::NotFound(format!("no such entry {id:?}")));
    }
    // Keys that were for its nodes are free again.
    for key in world.subscription_keys.values_mut() {
        if key.remote.as_deref() == Some(&*id) {
            key.remote = None;
            key.node = None;
            key.pending_clear = false;
        }
    }
    Ok(Answer::default())
}

fn version(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("id"), None)?;
    let answer = relay::look(remote, call, Ask::get("/version"))?;
    Ok(relay::typed(call, answer))
}

fn response_times(_: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    // Seconds: an address nearby answers within some hundredths.
    let points = curve::made(call, "metric-collection-response-time", 0.085);
    Ok(Answer::new(points))
}

fn probe_certificate(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id");
    let remote = find(world, id, None)?;
    let node = call.text("node");
    if !remote.has_host(node) {
        let text = format!("node {node:?} not configured for remote {id:?}");
        return Err(Fault::NotFound(text));
    }
    probe::outcome(world, remote.kind(), node, None)
}
