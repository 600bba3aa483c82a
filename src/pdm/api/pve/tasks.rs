//! `/pve/remotes/{remote}/tasks`: the tasks of a cluster, by ids that name the remote. Those of `/pbs` are alike.

use serde_json::Value;

use super::super::relay::{self, Ask, find, part};
use super::guests::nodes;
use crate::http::Method;
use crate::pdm::world::World;
use crate::pdm::world::remote::Kind;
use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::upid::RemoteUpid;
use crate::routes::Route;
use crate::routes::route::{delete, get};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/pve/remotes/{remote}/tasks", Handler::Read(list)),
        delete("/pve/remotes/{remote}/tasks/{upid}", Handler::Write(stop)),
        get(
            "/pve/remotes/{remote}/tasks/{upid}/status",
            Handler::Read(status),
        ),
        get("/pve/remotes/{remote}/tasks/{upid}/log", Handler::Read(log)),
        delete("/pbs/remotes/{remote}/tasks/{upid}", Handler::Write(stop)),
        get(
            "/pbs/remotes/{remote}/tasks/{upid}/status",
            Handler::Read(status),
        ),
        get("/pbs/remotes/{remote}/tasks/{upid}/log", Handler::Read(log)),
    ]
}

/// Those of a node, or of all nodes that answer.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("remote");
    let remote = find(world, id, Some(Kind::Pve))?;
    let nodes = match call.arguments.text("node") {
        Some(node) => vec![node.to_owned()],
        None => nodes(remote, call)?,
    };
    let mut tasks = Vec::new();
    for node in nodes {
        let path = format!("/nodes/{}/tasks", part(&node));
        tasks.extend(relay::list(remote, call, Ask::get(path))?);
    }
    Ok(relay::typed(call, Answer::new(tasks)))
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, path) = task(world, call)?;
    let ask = Ask {
        method: Method::Delete,
        ..Ask::get(path)
    };
    relay::change(world, call, &id, ask)?;
    Ok(Answer::default())
}

/// Waiting for a task's end is done by not asking again: the status at this moment is what there is.
fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, path) = task(world, call)?;
    let remote = find(world, &id, None)?;
    let answer = relay::look(remote, call, Ask::get(format!("{path}/status")))?;
    Ok(relay::typed(call, answer))
}

/// The lines. For a cluster the declared type is that of a status, by a slip of the product.
fn log(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, path) = task(world, call)?;
    let remote = find(world, &id, None)?;
    let mut ask = Ask::get(format!("{path}/log"));
    for name in ["start", "limit"] {
        if let Some(value) = call.arguments.value(name) {
            ask = ask.with(name, value.clone());
        }
    }
    relay::look(remote, call, ask)
}

/// The remote and the path there of the task that the path names (`verify_upid` of the server's `api`).
fn task(world: &World, call: &Call<'_>) -> Result<(String, String), Fault> {
    let kind = match call.operation.template.starts_with("/pbs/") {
        true => Kind::Pbs,
        false => Kind::Pve,
    };
    let id = call.text("remote").to_owned();
    find(world, &id, Some(kind))?;
    let text = call.arguments.value("upid").and_then(Value::as_str);
    let upid = RemoteUpid::parse(text.unwrap_or_default());
    let upid = upid.map_err(|fault| Fault::parameter("upid", fault.to_string()))?;
    if upid.remote != id {
        let text = format!(
            "remote '{id}' does not match remote in upid ('{}')",
            upid.remote
        );
        return Err(Fault::Failed(text));
    }
    let is_cluster = upid.product == Product::Pve;
    if is_cluster != (kind == Kind::Pve) {
        let text = "remote type does not match remote type in upid".to_owned();
        return Err(Fault::Failed(text));
    }
    let node = match kind {
        Kind::Pve => part(&upid.upid.node),
        Kind::Pbs => "localhost".to_owned(),
    };
    Ok((
        id,
        format!("/nodes/{node}/tasks/{}", part(&upid.upid.to_string())),
    ))
}
