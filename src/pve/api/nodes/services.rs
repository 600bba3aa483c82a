//! The system services of a node.

use serde_json::{Value, json};

use super::machine;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::node::{Node, Service, ServiceState, Unit};
use crate::pve::world::node_effect::NodeEffect;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// What the product lists, installed or not (`PVE::API2::Services`).
const KNOWN: [&str; 23] = [
    "chrony",
    "corosync",
    "cron",
    "ksmtuned",
    "lxcfs",
    "postfix",
    "proxmox-firewall",
    "pve-cluster",
    "pve-firewall",
    "pve-ha-crm",
    "pve-ha-lrm",
    "pve-lxc-syscalld",
    "pvedaemon",
    "pvefw-logger",
    "pveproxy",
    "pvescheduler",
    "pvestatd",
    "qmeventd",
    "spiceproxy",
    "sshd",
    "syslog",
    "systemd-journald",
    "systemd-timesyncd",
];

/// What it lists since 9.
const RECENT: [&str; 4] = ["lxcfs", "proxmox-firewall", "pve-lxc-syscalld", "qmeventd"];

/// Without these there is no API, so they are not stopped.
const ESSENTIAL: [&str; 3] = ["pveproxy", "pvedaemon", "pve-cluster"];

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        get("/nodes/{node}/services", Read(list)),
        get("/nodes/{node}/services/{service}/state", Read(state)),
        post("/nodes/{node}/services/{service}/start", Write(start)),
        post("/nodes/{node}/services/{service}/stop", Write(stop)),
        post("/nodes/{node}/services/{service}/restart", Write(restart)),
        post("/nodes/{node}/services/{service}/reload", Write(reload)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let is_old = call.context.edition != Edition::Pve9;
    let known = KNOWN.iter();
    let known = known.filter(|name| !(is_old && RECENT.contains(name)));
    Ok(Answer::new(
        known.map(|name| shown(node, name)).collect::<Vec<_>>(),
    ))
}

fn state(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    Ok(Answer::new(shown(node, call.text("service"))))
}

fn shown(node: &Node, name: &str) -> Value {
    let Some(service) = node.services.get(name) else {
        // The system describes what it does not have by its name.
        return json!({
            "service": name,
            "name": name,
            "desc": format!("{name}.service"),
            "state": "dead",
            "active-state": "inactive",
            "unit-state": "not-found",
        });
    };
    let (state, active) = match service.state {
        ServiceState::Running => ("running", "active"),
        ServiceState::Dead => ("dead", "inactive"),
    };
    let unit = match service.unit {
        Unit::Enabled => "enabled",
        Unit::Disabled => "disabled",
        Unit::Static => "static",
        Unit::Masked => "masked",
    };
    json!({
        "service": name,
        "name": name,
        "desc": service.description,
        "state": state,
        "active-state": active,
        "unit-state": unit,
    })
}

fn start(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    order(
        world,
        call,
        "srvstart",
        "start",
        Some(ServiceState::Running),
    )
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    order(world, call, "srvstop", "stop", Some(ServiceState::Dead))
}

fn restart(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    order(
        world,
        call,
        "srvrestart",
        "restart",
        Some(ServiceState::Running),
    )
}

/// What does not run stays as it is: the product asks for `try-reload-or-restart`.
fn reload(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    order(world, call, "srvreload", "try-reload-or-restart", None)
}

/// Begins the task of an order. Everything that can go wrong goes wrong in the task.
fn order(
    world: &mut World,
    call: &Call<'_>,
    kind: &str,
    verb: &str,
    then: Option<ServiceState>,
) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let service = call.text("service").to_owned();
    let job = Job::new(kind, &service);
    let job = match refusal(&service, node.services.get(&service), verb) {
        Some((line, text)) => {
            let job = job.failing(text);
            match line {
                Some(line) => job.saying(line),
                None => job,
            }
        }
        None => match then {
            Some(state) => job.doing(Effect::Node(
                name.clone(),
                NodeEffect::Service(service, state),
            )),
            None => job,
        },
    };
    call.start(world, job)
}

/// Why an order fails: what the system says of it, and how the task ends.
fn refusal(name: &str, service: Option<&Service>, verb: &str) -> Option<(Option<String>, String)> {
    if verb == "stop" && ESSENTIAL.contains(&name) {
        let text =
            format!("invalid service cmd '{name} stop': refusing to stop essential service!");
        return Some((None, text));
    }
    let ended = |code: u8| format!("command 'systemctl {verb} {name}' failed: exit code {code}");
    match (service, verb) {
        (None, _) => {
            let line = match verb {
                "stop" => format!("Failed to stop {name}.service: Unit {name}.service not loaded."),
                _ => format!("Failed to {verb} {name}.service: Unit {name}.service not found."),
            };
            Some((Some(line), ended(5)))
        }
        (Some(service), "start" | "restart") if service.unit == Unit::Masked => {
            let line = format!("Failed to {verb} {name}.service: Unit {name}.service is masked.");
            Some((Some(line), ended(1)))
        }
        (Some(_), _) => None,
    }
}
