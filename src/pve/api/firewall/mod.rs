//! Firewalls of the cluster, its nodes, guests and virtual networks: one implementation for all of them.
//!
//! The levels differ in where their parts are kept ([`crate::pve::world::firewall`]) and in which parts they have;
//! the tables below say the latter. Facts are from proxmox.md 4.8 and from the public sources of `pve-firewall`
//! (January 2026).

use serde_json::Value;

use crate::proxmox::Product;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::fault::Fault;
use crate::pve::api::nodes::guest::find::vmid;
use crate::pve::world::World;
use crate::pve::world::firewall::Level;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

mod rules;

mod verify;

mod groups;

mod aliases;

mod sets;

mod options;

mod references;

mod macros;

mod log;

/// Binds rules below a path.
macro_rules! rules {
    ($base:literal) => {
        [
            get($base, Handler::Read(rules::list)),
            post($base, Handler::Write(rules::create)),
            get(concat!($base, "/{pos}"), Handler::Read(rules::read)),
            put(concat!($base, "/{pos}"), Handler::Write(rules::update)),
            delete(concat!($base, "/{pos}"), Handler::Write(rules::remove)),
        ]
    };
}

/// Binds the options of a firewall.
macro_rules! options {
    ($base:literal) => {
        [
            get(concat!($base, "/options"), Handler::Read(options::read)),
            put(concat!($base, "/options"), Handler::Write(options::update)),
        ]
    };
}

/// Binds what only the cluster and guests have: names for addresses.
macro_rules! names {
    ($base:literal) => {
        [
            get(concat!($base, "/aliases"), Handler::Read(aliases::list)),
            post(concat!($base, "/aliases"), Handler::Write(aliases::create)),
            get(
                concat!($base, "/aliases/{name}"),
                Handler::Read(aliases::read),
            ),
            put(
                concat!($base, "/aliases/{name}"),
                Handler::Write(aliases::update),
            ),
            delete(
                concat!($base, "/aliases/{name}"),
                Handler::Write(aliases::remove),
            ),
            get(concat!($base, "/ipset"), Handler::Read(sets::list)),
            post(concat!($base, "/ipset"), Handler::Write(sets::create)),
            get(
                concat!($base, "/ipset/{name}"),
                Handler::Read(sets::entries),
            ),
            post(concat!($base, "/ipset/{name}"), Handler::Write(sets::add)),
            delete(
                concat!($base, "/ipset/{name}"),
                Handler::Write(sets::remove),
            ),
            get(
                concat!($base, "/ipset/{name}/{cidr}"),
                Handler::Read(sets::entry),
            ),
            put(
                concat!($base, "/ipset/{name}/{cidr}"),
                Handler::Write(sets::change),
            ),
            delete(
                concat!($base, "/ipset/{name}/{cidr}"),
                Handler::Write(sets::take),
            ),
            get(concat!($base, "/refs"), Handler::Read(references::list)),
        ]
    };
}

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        get("/cluster/firewall/macros", Handler::Read(macros::list)),
        get("/cluster/firewall/groups", Handler::Read(groups::list)),
        post("/cluster/firewall/groups", Handler::Write(groups::create)),
        delete(
            "/cluster/firewall/groups/{group}",
            Handler::Write(groups::remove),
        ),
        get("/nodes/{node}/firewall/log", Handler::Read(log::read)),
        get(
            "/nodes/{node}/qemu/{vmid}/firewall/log",
            Handler::Read(log::read),
        ),
        get(
            "/nodes/{node}/lxc/{vmid}/firewall/log",
            Handler::Read(log::read),
        ),
    ];
    routes.extend(rules!("/cluster/firewall/rules"));
    routes.extend(rules!("/cluster/firewall/groups/{group}"));
    routes.extend(rules!("/cluster/sdn/vnets/{vnet}/firewall/rules"));
    routes.extend(rules!("/nodes/{node}/firewall/rules"));
    routes.extend(rules!("/nodes/{node}/qemu/{vmid}/firewall/rules"));
    routes.extend(rules!("/nodes/{node}/lxc/{vmid}/firewall/rules"));
    routes.extend(options!("/cluster/firewall"));
    routes.extend(options!("/cluster/sdn/vnets/{vnet}/firewall"));
    routes.extend(options!("/nodes/{node}/firewall"));
    routes.extend(options!("/nodes/{node}/qemu/{vmid}/firewall"));
    routes.extend(options!("/nodes/{node}/lxc/{vmid}/firewall"));
    routes.extend(names!("/cluster/firewall"));
    routes.extend(names!("/nodes/{node}/qemu/{vmid}/firewall"));
    routes.extend(names!("/nodes/{node}/lxc/{vmid}/firewall"));
    routes
}

/// Whether a call means to look or to change, which matters where the contract leaves permissions to the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Look,
    Change,
}

/// Whose firewall a call is about. Networks and groups exist; of guests the product looks at nothing but the file of
/// this number (`load_vmfw_conf`), which may come before the guest, and says neither node nor kind.
fn level(world: &World, call: &Call<'_>, purpose: Purpose) -> Result<Level, Fault> {
    let arguments = &call.arguments;
    if arguments.has("vmid") {
        return vmid(call).map(Level::Guest);
    }
    if arguments.has("vnet") {
        let vnet = call.text("vnet");
        permitted(world, call, vnet, purpose)?;
        return Ok(Level::Vnet(vnet.to_owned()));
    }
    if call.operation.template.contains("/groups/{group}") {
        let group = call.text("group");
        let known = world
            .groups()
            .is_some_and(|groups| groups.0.contains_key(group));
        let missing = || Fault::Failed(format!("no such security group '{group}'"));
        return known
            .then(|| Level::Group(group.to_owned()))
            .ok_or_else(missing);
    }
    Ok(match arguments.text("node") {
        Some(node) => Level::Node(node.to_owned()),
        None => Level::Cluster,
    })
}

/// The contract lets everybody call for virtual networks; the handler asks for rights on the network's own path.
fn permitted(world: &World, call: &Call<'_>, vnet: &str, purpose: Purpose) -> Result<(), Fault> {
    let known = world.sdn.running.vnets.0.get(vnet);
    let Some(known) = known else {
        return Err(Fault::Failed("invalid vnet specified".to_owned()));
    };
    let zone = known.properties.get("zone").and_then(Value::as_str);
    let path = format!("/sdn/zones/{}/{vnet}", zone.unwrap_or_default());
    let wanted: &[&str] = match purpose {
        Purpose::Look => &["SDN.Audit", "SDN.Allocate"],
        Purpose::Change => &["SDN.Allocate"],
    };
    if call.may_any(world, &path, wanted) {
        return Ok(());
    }
    call.demand(world, &path, wanted)
}

/// The digest of objects as the product makes it: a line for each member, in the order of names.
fn digest_of<'a>(objects: impl IntoIterator<Item = &'a serde_json::Map<String, Value>>) -> String {
    let mut text = String::new();
    for object in objects {
        let mut members: Vec<_> = object.iter().collect();
        members.sort_by_key(|(name, _)| *name);
        for (name, value) in members {
            let value = match value {
                Value::String(text) => text.clone(),
                Value::Bool(truth) => u8::from(*truth).to_string(),
                other => other.to_string(),
            };
            text.push_str(&format!("{name}:{value}\n"));
        }
    }
    digest::of_text(Product::Pve, &text)
}

/// Refuses a change of something that is not as the caller read it.
fn unchanged(call: &Call<'_>, present: &str) -> Result<(), Fault> {
    if digest::fits(call.arguments.text("digest"), present) {
        Ok(())
    } else {
        Err(Fault::configuration_changed())
    }
}

/// A list in which every object has the digest of all.
fn with_digest(objects: Vec<serde_json::Map<String, Value>>) -> Value {
    let digest = digest_of(&objects);
    let objects = objects.into_iter().map(|mut object| {
        object.insert("digest".to_owned(), digest.clone().into());
        Value::Object(object)
    });
    objects.collect()
}

#[cfg(test)]
mod tests;
