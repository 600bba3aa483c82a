//! `/cluster/metrics/**`: servers that figures are sent to, and the figures themselves.

use serde::Serialize;
use serde_json::{Value, json};

use crate::proxmox::call::{Around, Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::written::Written;
use crate::pve::world::World;
use crate::pve::world::gauge::{Gauge, Moment, STEP};
use crate::pve::world::resource::{Resource, resources};
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/metrics/export", Handler::Read(export)),
        get(
            "/cluster/metrics/server",
            Handler::Around(Around::Dress(summaries)),
        ),
        get(
            "/cluster/metrics/server/{id}",
            Handler::Around(Around::Guard(known)),
        ),
    ]
}

/// Lists show the same few members of every type.
fn summaries(_: &World, _: &Call<'_>, answer: &mut Answer) {
    let items = answer.data.as_array_mut().into_iter().flatten();
    for item in items.filter_map(Value::as_object_mut) {
        item.retain(|name, _| matches!(&**name, "id" | "type" | "server" | "port" | "disable"));
        item.entry("disable").or_insert(Value::Bool(false));
    }
}

/// Reading a missing server is refused in other words than changing one (proxmox.md 4.6).
fn known(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    let id = call.text("id");
    let servers = world.sections.get("cluster/metrics/server");
    match servers.is_some_and(|servers| servers.0.contains_key(id)) {
        true => Ok(()),
        false => Err(Fault::Failed(format!(
            "status server entry '{id}' does not exist"
        ))),
    }
}

/// How far back `history` goes: half an hour (`PVE::PullMetric`).
const HISTORY: i64 = 30 * 60;

fn export(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let arguments = &call.arguments;
    let newest = call.now.as_second() / STEP * STEP;
    let from = arguments.integer("start-time").unwrap_or_default();
    let first = match arguments.is_set("history") {
        true => newest.saturating_sub(HISTORY).max(from.saturating_add(1)),
        false => newest,
    };
    let nodes: Vec<_> = arguments.list("node-list");
    let own = crate::proxmox::state::State::own_node(world);
    let is_wanted = |node: &str| {
        let only = arguments.is_set("local-only") && node != own;
        !only && (nodes.is_empty() || nodes.iter().any(|known| known == node))
    };
    let mut data = Written::within("{\"data\":[", "]}".to_owned(), 0);
    let mut second = first.saturating_add(STEP - 1) / STEP * STEP;
    while second <= newest && second > from {
        let now = jiff::Timestamp::from_second(second).unwrap_or(call.now);
        let moment = Moment {
            now,
            seed: call.context.seed,
        };
        for resource in resources(world, moment) {
            if is_wanted(node_of(&resource)) {
                figures(&resource, second, &mut data);
            }
        }
        second = second.saturating_add(STEP);
    }
    Ok(Answer::written(data))
}

/// The node that tells of a thing; nothing for things that nobody measures.
fn node_of<'a>(resource: &Resource<'a>) -> &'a str {
    match resource {
        Resource::Node { name, .. } => name.as_str(),
        Resource::Guest { guest, .. } => guest.node.as_str(),
        Resource::Storage { node, .. } => node.as_str(),
        Resource::Pool { .. } | Resource::Zone { .. } => "",
    }
}

/// One figure of one thing.
#[derive(Serialize)]
struct Figure<'a> {
    id: &'a str,
    metric: &'a str,
    timestamp: i64,
    #[serde(rename = "type")]
    kind: &'a str,
    value: Value,
}

fn figures(resource: &Resource<'_>, second: i64, data: &mut Written) {
    let id = resource.id();
    let mut add = |metric: &str, kind: &str, value: Value| {
        data.add(&Figure {
            id: &id,
            metric,
            timestamp: second,
            kind,
            value,
        });
    };
    match resource {
        Resource::Node { node, gauge, .. } if node.is_online() => {
            computing(gauge, &mut add);
            add("cpu_max", "gauge", json!(gauge.max_cpu));
        }
        Resource::Guest { guest, gauge, .. } => {
            let runs = guest.status.is_running() && gauge.uptime > 0;
            if runs {
                computing(gauge, &mut add);
                add("net_in", "derive", json!(gauge.net_in));
                add("net_out", "derive", json!(gauge.net_out));
                add("disk_read", "derive", json!(gauge.disk_read));
                add("disk_write", "derive", json!(gauge.disk_write));
            } else {
                add("mem_total", "gauge", json!(gauge.max_memory.bytes()));
                add("disk_total", "gauge", json!(gauge.max_disk.bytes()));
            }
        }
        Resource::Storage {
            storage,
            available: true,
            used,
            ..
        } => {
            add("disk_total", "gauge", json!(storage.size.bytes()));
            add("disk_used", "gauge", json!(used.bytes()));
        }
        _ => {}
    }
}

fn computing(gauge: &Gauge, add: &mut impl FnMut(&str, &str, Value)) {
    add("uptime", "gauge", json!(gauge.uptime));
    add("cpu_current", "gauge", json!(gauge.cpu));
    add("mem_used", "gauge", json!(gauge.memory.bytes()));
    add("mem_total", "gauge", json!(gauge.max_memory.bytes()));
    add("disk_used", "gauge", json!(gauge.disk.bytes()));
    add("disk_total", "gauge", json!(gauge.max_disk.bytes()));
}
