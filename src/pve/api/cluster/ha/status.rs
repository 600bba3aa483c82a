//! `/cluster/ha/status/**`: who leads, who lives, and what becomes of each guest.

use serde_json::{Map, Value, json};

use super::{follow, resources};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::state::State as _;
use crate::pve::world::World;
use crate::pve::world::ha::{Disarmed, Resource, Sid, Stage, Wanted};
use crate::pve::world::node::Node;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/ha/status/current", Handler::Read(current)),
        get(
            "/cluster/ha/status/manager_status",
            Handler::Read(manager_status),
        ),
        post("/cluster/ha/status/arm-ha", Handler::Write(arm)),
        post("/cluster/ha/status/disarm-ha", Handler::Write(disarm)),
    ]
}

/// The manager writes its time every ten seconds.
fn timestamp(call: &Call<'_>) -> i64 {
    call.now.as_second() / 10 * 10
}

/// As C's `ctime` writes it.
fn time_text(second: i64) -> String {
    let time = jiff::Timestamp::from_second(second).unwrap_or_default();
    time.strftime("%a %b %e %H:%M:%S %Y").to_string()
}

fn current(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let own = world.own_node();
    let quorate = world.is_quorate();
    let second = timestamp(call);
    let time = time_text(second);
    let mut rows = vec![json!({
        "id": "quorum",
        "type": "quorum",
        "node": own,
        "status": if quorate { "OK" } else { "No quorum!" },
        "quorate": quorate,
    })];
    let is_used = !world.ha.resources.is_empty();
    if is_used {
        rows.push(json!({
            "id": "master",
            "type": "master",
            "node": own,
            "status": format!("{own} (active, {time})"),
            "timestamp": second,
        }));
    }
    if is_used && call.context.edition == Edition::Pve9 {
        rows.push(fencing(world, own));
    }
    for (name, node) in &world.nodes {
        let second = heard(second, node);
        let time = time_text(second);
        let state = match (node.is_online(), is_used) {
            (false, _) => "old timestamp - dead?".to_owned(),
            (true, false) => "idle".to_owned(),
            (true, true) => "active".to_owned(),
        };
        rows.push(json!({
            "id": format!("lrm:{name}"),
            "type": "lrm",
            "node": name.as_str(),
            "status": format!("{name} ({state}, {time})"),
            "timestamp": second,
        }));
    }
    let services = world.ha.resources.iter();
    rows.extend(services.filter_map(|(sid, resource)| service(world, call, sid, resource)));
    Ok(Answer::new(rows))
}

/// When a node wrote its state last. The product calls one dead of which it heard nothing for two minutes.
fn heard(now: i64, node: &Node) -> i64 {
    now - if node.is_online() { 0 } else { 180 }
}

fn fencing(world: &World, own: &str) -> Value {
    let mut row = json!({
        "id": "fencing",
        "type": "fencing",
        "node": own,
        "status": "armed",
        "armed-state": "armed",
    });
    if let Some(mode) = world.ha.disarmed {
        row["status"] = json!("disarmed");
        row["armed-state"] = json!("disarmed");
        row["resource_mode"] = json!(mode);
    }
    row
}

fn service(world: &World, call: &Call<'_>, sid: &Sid, resource: &Resource) -> Option<Value> {
    let guest = world.resource_guest(sid)?;
    let node = guest.node.as_str();
    let state = shown_state(world, sid, resource);
    let mut row = resources::members(call, sid, resource);
    let mut set = |name: &str, value: Value| row.insert(name.to_owned(), value);
    set("id", json!(format!("service:{sid}")));
    set("type", json!("service"));
    set("node", json!(node));
    set("status", json!(format!("{sid} ({node}, {state})")));
    set("state", json!(state));
    set("crm_state", json!(world.service_state(sid)));
    set("request_state", json!(resource.state));
    for name in ["max_restart", "max_relocate"] {
        row.entry(name).or_insert(json!(1));
    }
    Some(Value::Object(row))
}

/// The state with what is under way (`PVE::HA::Tools`, `get_verbose_service_state`).
fn shown_state(world: &World, sid: &Sid, resource: &Resource) -> &'static str {
    let runs = world
        .resource_guest(sid)
        .is_some_and(|guest| guest.status.is_running());
    let state = world.service_state(sid);
    match (resource.state, runs) {
        (_, _) if world.ha.disarmed == Some(Disarmed::Freeze) => "freeze",
        (Wanted::Ignored, _) => "ignored",
        (_, _) if matches!(state, Some("fence" | "recovery")) => state.unwrap_or_default(),
        (Wanted::Started, true) => "started",
        (Wanted::Started, false) => "starting",
        (Wanted::Stopped | Wanted::Disabled, true) => "stopping",
        (Wanted::Stopped, false) => "stopped",
        (Wanted::Disabled, false) => "disabled",
    }
}

fn manager_status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let own = world.own_node();
    let second = timestamp(call);
    let is_used = !world.ha.resources.is_empty();
    let mut states = Map::new();
    let mut managers = Map::new();
    for (name, node) in &world.nodes {
        let online = node.is_online();
        let is_fenced = world
            .ha
            .away
            .get(name)
            .is_some_and(|away| away.stage == Stage::Fenced);
        let state = match (online, is_fenced) {
            (true, _) => "online",
            (false, true) => "fence",
            (false, false) => "unknown",
        };
        states.insert(name.to_string(), json!(state));
        let state = if is_used {
            "active"
        } else {
            "wait_for_agent_lock"
        };
        let status = json!({
            "mode": "active",
            "state": state,
            "timestamp": heard(second, node),
            "results": {},
        });
        managers.insert(name.to_string(), status);
    }
    let services = services(world);
    let mut manager = json!({
        "node_status": states,
        "service_status": services,
        "timestamp": second,
    });
    if is_used {
        manager["master_node"] = json!(own);
    }
    Ok(Answer::new(json!({
        "manager_status": manager,
        "lrm_status": managers,
        "quorum": {"node": own, "quorate": if world.is_quorate() { "1" } else { "0" }},
    })))
}

/// The states of the resources that are not left alone.
fn services(world: &World) -> Map<String, Value> {
    let mut services = Map::new();
    for (sid, resource) in &world.ha.resources {
        let known = world
            .resource_guest(sid)
            .filter(|_| resource.state != Wanted::Ignored);
        let Some(guest) = known else {
            continue;
        };
        let mut status = json!({
            "node": guest.node.as_str(),
            "state": world.service_state(sid),
            "uid": uid(sid),
        });
        if guest.status.is_running() {
            status["running"] = json!(1);
        }
        services.insert(sid.to_string(), status);
    }
    services
}

/// The manager's own name for a state, 22 characters of base 64 in the product.
fn uid(sid: &Sid) -> String {
    format!("{:0>22}", sid.to_string().replace(':', ""))
}

fn arm(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    world.ha.disarmed = None;
    follow(world, call);
    Ok(Answer::default())
}

fn disarm(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mode = match call.text("resource-mode") {
        "ignore" => Disarmed::Ignore,
        _ => Disarmed::Freeze,
    };
    world.ha.disarmed = Some(mode);
    Ok(Answer::default())
}
