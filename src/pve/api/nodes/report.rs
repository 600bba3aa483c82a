//! The report about a node that people send with a question: what the other endpoints show, as one text.

use std::fmt::Write;

use super::apt;
use super::machine;
use super::status;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::release;
use crate::pve::world::World;
use crate::pve::world::gauge;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::Node;
use crate::pve::world::time_zone;
use crate::routes::Route;
use crate::routes::route::get;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/nodes/{node}/report", Handler::Read(report))]
}

fn report(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let mut text = String::new();
    general(&mut text, name, node, call);
    load(&mut text, world, (name, node), call);
    storages(&mut text, world, name);
    guests(&mut text, world, name);
    network(&mut text, node);
    cluster(&mut text, world);
    Ok(Answer::new(text))
}

/// A title as the product draws it.
fn title(text: &mut String, what: &str) {
    let _ = write!(text, "\n==== {what} ====\n");
}

fn command(text: &mut String, line: &str) {
    let _ = write!(text, "\n# {line}\n");
}

fn general(text: &mut String, name: &NodeName, node: &Node, call: &Call<'_>) {
    let edition = call.context.edition;
    title(text, "general system info");
    command(text, "hostname");
    let _ = writeln!(text, "{name}");
    command(text, "date -R");
    let now = time_zone::wall(&node.time_zone, call.now);
    let _ = writeln!(text, "{}", now.strftime("%a, %d %b %Y %H:%M:%S"));
    command(text, "pveversion --verbose");
    for (package, version) in apt::installed(edition) {
        let extra = match package {
            "proxmox-ve" => format!(" (running kernel: {})", release::kernel(edition)),
            "pve-manager" => {
                let running = release::version(edition);
                format!(" (running version: {running}/{})", release::COMMIT)
            }
            _ => String::new(),
        };
        let _ = writeln!(text, "{package}: {version}{extra}");
    }
    command(text, "cat /etc/hosts");
    let _ = writeln!(text, "{}", node.hosts.trim_end());
    command(text, "lscpu");
    let processors = &node.processors;
    let _ = writeln!(text, "Model name: {}", processors.model);
    let _ = writeln!(text, "CPU(s): {}", processors.threads);
    let _ = writeln!(text, "Socket(s): {}", processors.sockets);
}

fn load(text: &mut String, world: &World, (name, node): (&NodeName, &Node), call: &Call<'_>) {
    title(text, "overall system load info");
    command(text, "top -b -n 1");
    let gauge = gauge::of_node(world, name, node, status::moment(call));
    let load = status::load_average(&gauge);
    let _ = writeln!(text, "up {} s, load average: {load:.2}", gauge.uptime);
    let (total, used) = (gauge.max_memory.bytes() >> 20, gauge.memory.bytes() >> 20);
    let _ = writeln!(text, "MiB Mem : {total} total, {used} used");
}

fn storages(text: &mut String, world: &World, name: &NodeName) {
    title(text, "info about storage");
    command(text, "pvesm status");
    for (id, storage) in world.storages_on(name) {
        let state = if storage.disabled {
            "disabled"
        } else {
            "active"
        };
        let _ = writeln!(text, "{id} {state}");
    }
}

fn guests(text: &mut String, world: &World, name: &NodeName) {
    title(text, "info about virtual guests");
    for (kind, line) in [(Kind::Qemu, "qm list"), (Kind::Lxc, "pct list")] {
        command(text, line);
        let guests = world.guests_on(name);
        for (vmid, guest) in guests.filter(|(_, guest)| guest.kind == kind) {
            let _ = writeln!(
                text,
                "{vmid} {} {}",
                guest.name(vmid),
                guest.status.as_str()
            );
        }
    }
}

fn network(text: &mut String, node: &Node) {
    title(text, "info about network");
    command(text, "cat /etc/network/interfaces");
    let _ = writeln!(
        text,
        "{}",
        super::network::file_text(&node.network).trim_end()
    );
}

fn cluster(text: &mut String, world: &World) {
    title(text, "info about cluster");
    command(text, "pvecm nodes");
    for (name, node) in &world.nodes {
        let state = if node.is_online() {
            "online"
        } else {
            "offline"
        };
        let _ = writeln!(text, "{} {name} {state}", node.id);
    }
}
