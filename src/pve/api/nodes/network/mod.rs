//! The network of a node: what is written, what is pending, applying and reverting it (`PVE::API2::Network`).

mod given;

mod rules;

mod show;

mod file;

mod diff;

use std::collections::BTreeMap;

use super::machine;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::network::{Interface, InterfaceKind, Method};
use crate::pve::world::node::Node;
use crate::pve::world::node_effect::NodeEffect;
use crate::pve::world::options::Options;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Interfaces by name.
type Interfaces = BTreeMap<String, Interface>;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        get("/nodes/{node}/network", Read(show::list)),
        post("/nodes/{node}/network", Write(create)),
        put("/nodes/{node}/network", Write(apply)),
        delete("/nodes/{node}/network", Write(revert)),
        get("/nodes/{node}/network/{iface}", Read(show::one)),
        put("/nodes/{node}/network/{iface}", Write(update)),
        delete("/nodes/{node}/network/{iface}", Write(remove)),
    ]
}

/// What is written, applied or not.
fn written(node: &Node) -> &Interfaces {
    node.pending_network.as_ref().unwrap_or(&node.network)
}

/// The file of interfaces, for reports.
pub(super) fn file_text(interfaces: &Interfaces) -> String {
    file::text(interfaces)
}

/// The interface that every machine has of itself; it is in the file but not in the list.
const LOOPBACK: &str = "lo";

fn exists(interfaces: &Interfaces, name: &str) -> bool {
    name == LOOPBACK || interfaces.contains_key(name)
}

fn does_not_exist() -> Fault {
    Fault::parameter("iface", "interface does not exist")
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let mut interfaces = written(node).clone();
    let name = call.text("iface").to_owned();
    if exists(&interfaces, &name) {
        return Err(Fault::parameter("iface", "interface already exists"));
    }
    rules::before(&interfaces, &name, call)?;
    let mut interface = blank();
    given::put(&mut interface, call)?;
    rules::join_bridge(&mut interfaces, &name, &interface, call)?;
    interfaces.insert(name, interface);
    write(world, call, interfaces)
}

/// An interface of which nothing is written.
fn blank() -> Interface {
    Interface {
        kind: InterfaceKind::Eth,
        method: Method::Manual,
        method6: Method::Manual,
        cidr: None,
        cidr6: None,
        gateway: None,
        gateway6: None,
        autostart: false,
        ports: Vec::new(),
        options: Options::default(),
    }
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let mut interfaces = written(node).clone();
    let name = call.text("iface").to_owned();
    if !exists(&interfaces, &name) {
        return Err(does_not_exist());
    }
    let mut interface = interfaces.get(&name).cloned().unwrap_or_else(blank);
    given::delete(&mut interface, call);
    rules::before(&interfaces, &name, call)?;
    given::put(&mut interface, call)?;
    if name != LOOPBACK {
        interfaces.insert(name, interface);
    }
    write(world, call, interfaces)
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let mut interfaces = written(node).clone();
    let name = call.text("iface").to_owned();
    if name == LOOPBACK {
        return Ok(Answer::default());
    }
    let Some(gone) = interfaces.remove(&name) else {
        return Err(does_not_exist());
    };
    if matches!(
        gone.kind,
        InterfaceKind::OvsIntPort | InterfaceKind::OvsBond
    ) {
        for bridge in interfaces.values_mut() {
            if bridge.kind == InterfaceKind::OvsBridge {
                bridge.ports.retain(|port| *port != name);
            }
        }
    }
    // A card that is in the machine is there even when nothing is written about it.
    if matches!(gone.kind, InterfaceKind::Eth | InterfaceKind::OvsPort) {
        interfaces.insert(name, blank());
    }
    write(world, call, interfaces)
}

/// Writes what is to be, if it can be.
fn write(world: &mut World, call: &Call<'_>, mut interfaces: Interfaces) -> Result<Answer, Fault> {
    rules::settle(&mut interfaces)?;
    let node = machine::node_mut(world, call)?;
    let has_changed = interfaces != node.network;
    node.pending_network = has_changed.then_some(interfaces);
    Ok(Answer::default())
}

fn revert(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    machine::node_mut(world, call)?.pending_network = None;
    Ok(Answer::default())
}

fn apply(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, _) = machine::node(world, call)?;
    let effect = Effect::Node(name.clone(), NodeEffect::ApplyNetwork);
    call.start(world, Job::new("srvreload", "networking").doing(effect))
}

#[cfg(test)]
mod tests;
