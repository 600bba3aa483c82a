//! `/resources/subscription`: which remotes are paid for.

use serde_json::{Map, Value, json};

use super::super::relay::{self, Ask};
use super::super::remotes::{audits, updates};
use super::filter;
use crate::pdm::world::World;
use crate::pdm::world::remote::Remote;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/resources/subscription", Handler::Read(list))]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let view = filter::view(world, call)?;
    let mut items = Vec::new();
    for (id, remote) in &world.remotes {
        let in_view = match &view {
            Some(view) => !view.skips(id),
            None => audits(world, call, id),
        };
        if !in_view {
            continue;
        }
        let mut item = json!({"remote": id, "state": "unknown"});
        match remote.trouble() {
            Some(why) => item["error"] = json!(why),
            None => {
                let nodes = nodes(remote, call)?;
                item["state"] = json!(state(&nodes));
                if call.arguments.is_set("verbose") {
                    item["node-status"] = Value::Object(nodes);
                }
            }
        }
        items.push(item);
    }
    Ok(Answer::new(items))
}

/// What each node says of its subscription; null for one that does not answer.
pub(in crate::pdm::api) fn nodes(
    remote: &Remote,
    call: &Call<'_>,
) -> Result<Map<String, Value>, Fault> {
    let names = updates::names(remote, call)?;
    let infos = names.into_iter().map(|(name, place)| {
        let ask = Ask::get(format!("/nodes/{place}/subscription"));
        let info = relay::look(remote, call, ask).map(|answer| info(&answer.data));
        (name, info.unwrap_or(Value::Null))
    });
    Ok(infos.collect())
}

/// `NodeSubscriptionInfo` of pdm-api-types: Proxmox VE tells level and sockets, Backup Server only its product.
fn info(told: &Value) -> Value {
    let key = told["key"].as_str();
    let level = match told["level"].as_str() {
        Some("c") => "Community",
        Some("b") => "Basic",
        Some("s") => "Standard",
        Some("p") => "Premium",
        _ => key.map_or("None", crate::pdm::world::key::level),
    };
    let mut info = json!({
        "status": told["status"].as_str().unwrap_or("notfound"),
        "level": level,
    });
    for (there, here) in [
        ("sockets", "sockets"),
        ("key", "key"),
        ("checktime", "check-time"),
        ("nextduedate", "next-due-date"),
    ] {
        if let Some(value) = told.get(there).filter(|value| !value.is_null()) {
            info[here] = value.clone();
        }
    }
    info
}

/// The least level decides, and whether all are of it (`map_node_subscription_list_to_state`).
fn state(nodes: &Map<String, Value>) -> &'static str {
    let levels = nodes.values().map(|info| match info["status"].as_str() {
        _ if info.is_null() => "Unknown",
        Some("new" | "active") => info["level"].as_str().unwrap_or("None"),
        _ => "None",
    });
    let levels: Vec<&str> = levels.collect();
    match levels.first() {
        _ if levels.contains(&"None") => "none",
        None => "unknown",
        _ if levels.contains(&"Unknown") => "unknown",
        Some(first) if levels.iter().any(|level| level != first) => "mixed",
        Some(_) => "active",
    }
}
