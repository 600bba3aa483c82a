//! `/nodes`: the machine that this server runs on, which is always its own.
//!
//! The two Rust products share the crates that know a machine, so these calls go to the handlers of Backup Server
//! with this server's own machine.

use serde_json::{Value, json};

use super::pass::{self, Passed, row};
use super::relay::{self, Ask, find, part};
use crate::pdm::world::World;
use crate::pdm::world::remote::Kind;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::upid::Upid;
use crate::routes::Route;
use crate::routes::route::{delete, get};

/// What is passed on as it is.
pub(super) const PASSED: &[Passed] = &[
    row(
        "GET",
        "/nodes/{node}/apt/changelog",
        "/nodes/{node}/apt/changelog",
    ),
    row(
        "GET",
        "/nodes/{node}/apt/repositories",
        "/nodes/{node}/apt/repositories",
    ),
    row(
        "POST",
        "/nodes/{node}/apt/repositories",
        "/nodes/{node}/apt/repositories",
    ),
    row(
        "PUT",
        "/nodes/{node}/apt/repositories",
        "/nodes/{node}/apt/repositories",
    ),
    row(
        "GET",
        "/nodes/{node}/apt/update",
        "/nodes/{node}/apt/update",
    ),
    row(
        "POST",
        "/nodes/{node}/apt/update",
        "/nodes/{node}/apt/update",
    ),
    row(
        "GET",
        "/nodes/{node}/apt/versions",
        "/nodes/{node}/apt/versions",
    ),
    row(
        "POST",
        "/nodes/{node}/certificates/acme/certificate",
        "/nodes/{node}/certificates/acme/certificate",
    ),
    row(
        "PUT",
        "/nodes/{node}/certificates/acme/certificate",
        "/nodes/{node}/certificates/acme/certificate",
    ),
    row(
        "POST",
        "/nodes/{node}/certificates/custom",
        "/nodes/{node}/certificates/custom",
    ),
    row(
        "DELETE",
        "/nodes/{node}/certificates/custom",
        "/nodes/{node}/certificates/custom",
    ),
    row(
        "GET",
        "/nodes/{node}/certificates/info",
        "/nodes/{node}/certificates/info",
    ),
    row("GET", "/nodes/{node}/config", "/nodes/{node}/config"),
    row("PUT", "/nodes/{node}/config", "/nodes/{node}/config"),
    row("GET", "/nodes/{node}/dns", "/nodes/{node}/dns"),
    row("PUT", "/nodes/{node}/dns", "/nodes/{node}/dns"),
    row("GET", "/nodes/{node}/journal", "/nodes/{node}/journal"),
    row("GET", "/nodes/{node}/network", "/nodes/{node}/network"),
    row("POST", "/nodes/{node}/network", "/nodes/{node}/network"),
    row("PUT", "/nodes/{node}/network", "/nodes/{node}/network"),
    row("DELETE", "/nodes/{node}/network", "/nodes/{node}/network"),
    row(
        "GET",
        "/nodes/{node}/network/{iface}",
        "/nodes/{node}/network/{iface}",
    ),
    row(
        "PUT",
        "/nodes/{node}/network/{iface}",
        "/nodes/{node}/network/{iface}",
    ),
    row(
        "DELETE",
        "/nodes/{node}/network/{iface}",
        "/nodes/{node}/network/{iface}",
    ),
    row("GET", "/nodes/{node}/report", "/nodes/{node}/report"),
    row("GET", "/nodes/{node}/status", "/nodes/{node}/status"),
    row("POST", "/nodes/{node}/status", "/nodes/{node}/status"),
    row(
        "GET",
        "/nodes/{node}/subscription",
        "/nodes/{node}/subscription",
    ),
    row(
        "POST",
        "/nodes/{node}/subscription",
        "/nodes/{node}/subscription",
    ),
    row("GET", "/nodes/{node}/syslog", "/nodes/{node}/syslog"),
    row("POST", "/nodes/{node}/termproxy", "/nodes/{node}/termproxy"),
    row("GET", "/nodes/{node}/time", "/nodes/{node}/time"),
    row("PUT", "/nodes/{node}/time", "/nodes/{node}/time"),
    row(
        "GET",
        "/nodes/{node}/vncwebsocket",
        "/nodes/{node}/vncwebsocket",
    ),
];

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = pass::to_machine(PASSED);
    routes.extend([
        get("/nodes", Handler::Read(list)),
        get("/nodes/{node}/rrddata", Handler::Read(curve)),
        get("/nodes/{node}/tasks", Handler::Read(tasks)),
        get("/nodes/{node}/tasks/{upid}/status", Handler::Read(task)),
        get("/nodes/{node}/tasks/{upid}/log", Handler::Read(task)),
        delete("/nodes/{node}/tasks/{upid}", Handler::Write(stop)),
        get(
            "/nodes/{node}/sdn/vnets/{vnet}/mac-vrf",
            Handler::Read(forwarding),
        ),
        get(
            "/nodes/{node}/sdn/zones/{zone}/ip-vrf",
            Handler::Read(forwarding),
        ),
    ]);
    routes
}

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(json!([{"node": world.machine.node.name}])))
}

fn curve(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let ask = Ask::get("/nodes/localhost/rrd")
        .with("timeframe", call.text("timeframe"))
        .with("cf", call.text("cf"));
    let points = relay::look_at_machine(world, call, ask)?.data;
    let points = points.as_array().map_or(&[][..], Vec::as_slice);
    let points: Vec<Value> = points
        .iter()
        .map(|point| super::curve::renamed(point, super::curve::SERVER))
        .collect();
    Ok(relay::typed(call, Answer::new(points)))
}

/// The tasks of this server: the caller's own, and those of others for who may audit the system.
fn tasks(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut ask = Ask::get("/nodes/localhost/tasks");
    let path = ["node"];
    for (name, value) in call.arguments.given() {
        if !path.contains(&name.as_str()) {
            ask = ask.with(name, value.clone());
        }
    }
    let mut answer = relay::look_at_machine(world, call, ask)?;
    if !audits(world, call)
        && let Value::Array(items) = &mut answer.data
    {
        let caller = call.caller.to_string();
        items.retain(|item| item["user"] == *caller);
    }
    Ok(relay::typed(call, answer))
}

fn audits(world: &World, call: &Call<'_>) -> bool {
    call.may(world, "/system/tasks", &["System.Audit"])
}

/// The path of the task that a call is about, which has to be the caller's or anybody's to audit.
fn place(world: &World, call: &Call<'_>, privilege: &str) -> Result<String, Fault> {
    let text = call.text("upid");
    let upid = Upid::parse(text, crate::proxmox::Product::Pdm);
    let upid = upid.map_err(|fault| Fault::parameter("upid", fault.to_string()))?;
    let is_own = upid.user == call.caller
        || (call.caller.token.is_none() && upid.user.user == call.caller.user);
    if !is_own {
        call.demand(world, "/system/tasks", &[privilege])?;
    }
    Ok(format!("/nodes/localhost/tasks/{}", part(text)))
}

fn task(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let path = place(world, call, "System.Audit")?;
    let last = match call.operation.template.ends_with("/log") {
        true => "log",
        false => "status",
    };
    let mut ask = Ask::get(format!("{path}/{last}"));
    for name in ["start", "limit", "test-status"] {
        if let Some(value) = call.arguments.given().get(name) {
            ask = ask.with(name, value.clone());
        }
    }
    let answer = relay::look_at_machine(world, call, ask)?;
    Ok(relay::typed(call, answer))
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let path = place(world, call, "System.Modify")?;
    let ask = Ask {
        method: crate::http::Method::Delete,
        ..Ask::get(path)
    };
    relay::change_machine(world, call, ask)
}

/// Which addresses a node of a remote knows behind a network: the node of the path is that of the remote.
fn forwarding(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let remote = find(world, call.text("remote"), Some(Kind::Pve))?;
    let node = part(call.text("node"));
    let path = match call.operation.template.ends_with("/ip-vrf") {
        true => format!("/nodes/{node}/sdn/zones/{}/ip-vrf", part(call.text("zone"))),
        false => format!(
            "/nodes/{node}/sdn/vnets/{}/mac-vrf",
            part(call.text("vnet"))
        ),
    };
    relay::look(remote, call, Ask::get(path))
}
