//! What is passed on as it is: a table of paths, each with the path it has at the remote.
//!
//! The product turns such a call into one to the remote and reads the answer into a type of its own; so does this
//! module. A path may name the node of a guest or leave it out; then it is looked up (`find_node_for_vm`).

use serde_json::{Map, Value};

use super::relay::{self, Ask};
use crate::contract::Place;
use crate::http::Method;
use crate::pdm::world::World;
use crate::pdm::world::remote::{Behind, Kind, Remote};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::state::State;
use crate::routes::Route;

/// A path with the one it has where it is passed on to.
pub(super) struct Passed {
    /// The method, here and there.
    pub(super) method: &'static str,
    /// The path here.
    pub(super) template: &'static str,
    /// The path there, with the same parameters in braces.
    pub(super) to: &'static str,
}

/// A line of such a table.
pub(super) const fn row(method: &'static str, template: &'static str, to: &'static str) -> Passed {
    Passed {
        method,
        template,
        to,
    }
}

/// The routes of a table whose calls go to remotes.
pub(super) fn to_remotes(table: &'static [Passed]) -> Vec<Route<Handler<World>>> {
    routes(table, Handler::Read(look), Handler::Write(change))
}

/// The routes of a table whose calls are about this server's own machine.
pub(super) fn to_machine(table: &'static [Passed]) -> Vec<Route<Handler<World>>> {
    routes(
        table,
        Handler::Read(look_at_machine),
        Handler::Write(change_machine),
    )
}

#[track_caller]
fn routes(
    table: &'static [Passed],
    look: Handler<World>,
    change: Handler<World>,
) -> Vec<Route<Handler<World>>> {
    let location = std::panic::Location::caller();
    let routes = table.iter().map(|row| Route {
        method: Method::parse(row.method),
        template: row.template,
        handler: match row.method {
            "GET" => look.clone(),
            _ => change.clone(),
        },
        location,
    });
    routes.collect()
}

fn look(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (kind, remote) = addressed(world, call)?;
    let ask = ask(super::PASSED, call, Some(remote))?;
    let mut answer = relay::look(remote, call, ask)?;
    // A console is passed on as it is; its task has another id here.
    if let Some(console) = &mut answer.console {
        let task = console.task.take();
        console.task = task.map(|task| relay::upid(kind, call.text("remote"), &task));
        return Ok(answer);
    }
    let answer = relay::tracked(kind, call.text("remote"), answer);
    Ok(relay::typed(call, plain(answer)))
}

fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (kind, remote) = addressed(world, call)?;
    let ask = ask(super::PASSED, call, Some(remote))?;
    let id = call.text("remote").to_owned();
    let answer = relay::change(world, call, &id, ask)?;
    let answer = relay::tracked(kind, &id, plain(answer));
    Ok(relay::typed(call, answer))
}

fn look_at_machine(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let answer = relay::look_at_machine(world, call, ask(super::PASSED, call, None)?)?;
    Ok(relay::typed(call, answer))
}

fn change_machine(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let ask = ask(super::PASSED, call, None)?;
    let answer = relay::change_machine(world, call, ask)?;
    Ok(relay::typed(call, answer))
}

/// The remote of the path, which the path also says the kind of.
fn addressed<'w>(world: &'w World, call: &Call<'_>) -> Result<(Kind, &'w Remote), Fault> {
    let kind = match call.operation.template.starts_with("/pbs/") {
        true => Kind::Pbs,
        false => Kind::Pve,
    };
    let remote = relay::find(world, call.text("remote"), Some(kind))?;
    Ok((kind, remote))
}

/// Of the members beside `data` only those of logs and lists go further.
fn plain(mut answer: Answer) -> Answer {
    answer
        .attributes
        .retain(|name, _| matches!(name.as_str(), "total" | "success" | "active"));
    answer
}

/// The question that a call becomes.
fn ask(
    tables: &[&'static [Passed]],
    call: &Call<'_>,
    remote: Option<&Remote>,
) -> Result<Ask, Fault> {
    let operation = call.operation;
    let mut rows = tables.iter().copied().flatten();
    let found = rows
        .find(|row| row.template == operation.template && row.method == operation.method.as_str());
    let row = found.ok_or_else(|| Fault::Failed("not passed on".to_owned()))?;
    Ok(Ask {
        method: operation.method.clone(),
        path: path(row, call, remote)?,
        parameters: parameters(row, call),
    })
}

fn path(row: &Passed, call: &Call<'_>, remote: Option<&Remote>) -> Result<String, Fault> {
    let mut parts = Vec::new();
    for part in row.to.split('/') {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        parts.push(match name {
            None => part.to_owned(),
            Some("kind") => guest_kind(call).to_owned(),
            Some("node") if !in_path(call, "node") => {
                let node = guest_node(remote, call)?;
                relay::part(&node)
            }
            Some(name) => relay::part(&shown(call.arguments.given().get(name))),
        });
    }
    Ok(parts.join("/"))
}

/// The question that a call becomes when it is passed on by `to`, with some parameters more.
pub(super) fn along(to: &'static str, remote: &Remote, call: &Call<'_>) -> Result<Ask, Fault> {
    let row = Passed {
        method: "POST",
        template: to,
        to,
    };
    Ok(Ask {
        method: call.operation.method.clone(),
        path: path(&row, call, Some(remote))?,
        parameters: parameters(&row, call),
    })
}

fn in_path(call: &Call<'_>, name: &str) -> bool {
    let parameter = call.operation.parameter(name);
    parameter.is_some_and(|parameter| parameter.place == Place::Path)
}

fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// `qemu` or `lxc`, as the path says.
pub(super) fn guest_kind(call: &Call<'_>) -> &'static str {
    match call.operation.template.contains("/lxc") {
        true => "lxc",
        false => "qemu",
    }
}

/// The node of the path's guest: the one that the call names, or the one that has it.
pub(super) fn guest_node(remote: Option<&Remote>, call: &Call<'_>) -> Result<String, Fault> {
    if let Some(node) = call.arguments.text("node") {
        return Ok(node.to_owned());
    }
    let vmid = shown(call.arguments.given().get("vmid"));
    let number = vmid.parse::<crate::pve::world::ids::Vmid>().ok();
    match remote.map(|remote| &remote.behind) {
        Some(Behind::Pve(cluster)) => {
            let guest = number.and_then(|vmid| cluster.guests.get(&vmid));
            let node = guest.map(|guest| guest.node.as_str().to_owned());
            node.ok_or_else(|| Fault::NotFound("no such vmid".to_owned()))
        }
        Some(Behind::Pbs(server)) => Ok(server.own_node().to_owned()),
        None => Ok("localhost".to_owned()),
    }
}

/// What the call says besides its path, by the names that the remote has for it.
fn parameters(row: &Passed, call: &Call<'_>) -> Map<String, Value> {
    let steering = ["node", "remote", "target-endpoint"];
    let mut parameters = Map::new();
    for (name, value) in call.arguments.given() {
        if in_path(call, name) || steering.contains(&name.as_str()) {
            continue;
        }
        let Some((name, value)) = renamed(row, call, name, value) else {
            continue;
        };
        parameters.insert(name.to_owned(), value);
    }
    parameters
}

/// Where the two products call a thing differently.
fn renamed<'n>(
    row: &Passed,
    call: &Call<'_>,
    name: &'n str,
    value: &Value,
) -> Option<(&'n str, Value)> {
    let joined = |value: &Value| match value {
        Value::Array(items) => {
            let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            texts.join(",").into()
        }
        other => other.clone(),
    };
    let is_pve = call.operation.template.starts_with("/pve/");
    match name {
        // The state of a configuration is a switch there: `current` is what runs, else what is pending.
        "state" if row.to.ends_with("/config") => Some(("current", Value::Bool(value == "active"))),
        "interface-type" => Some(("type", value.clone())),
        "migration-network" => Some(("migration_network", value.clone())),
        "migration-type" => Some(("migration_type", value.clone())),
        "target-storage" if row.to.ends_with("/migrate") && guest_kind(call) == "qemu" => {
            Some(("targetstorage", joined(value)))
        }
        "target-storage" | "target-bridge" | "content" if is_pve => Some((name, joined(value))),
        // Waiting is done here.
        "wait" => None,
        "delete" if is_pve && value.is_array() => Some((name, joined(value))),
        _ => Some((name, value.clone())),
    }
}
