//! `/nodes/{node}/ceph/**`: storage that the nodes make of their disks together.
//!
//! Ceph answers as its own tools do, through the product. What is here is in [`crate::pve::world::ceph`]; words
//! are from memory of `PVE::API2::Ceph` and `PVE::Ceph::Tools`.

mod configuration;

mod daemons;

mod files;

mod pools;

mod reports;

mod services;

mod stores;

use serde_json::{Map, Value};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::task::Effect;
use crate::pve::world::upkeep::Upkeep;
use crate::routes::Route;

pub(in crate::pve::api) use reports::status_of;
pub(in crate::pve::api) use stores::address as store_address;

/// The version of every daemon.
pub(in crate::pve::api) const VERSION: &str = "19.2.3";

/// What they were built from.
pub(in crate::pve::api) const COMMIT: &str = "2f03f1cd83e5d40cdf1393cb64a662a8e8bb07c6";

/// The version with its name, as daemons tell it.
pub(in crate::pve::api) const LONG_VERSION: &str =
    "ceph version 19.2.3 (2f03f1cd83e5d40cdf1393cb64a662a8e8bb07c6) squid (stable)";

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = reports::routes();
    routes.extend(configuration::routes());
    routes.extend(daemons::routes());
    routes.extend(stores::routes());
    routes.extend(pools::routes());
    routes.extend(files::routes());
    routes.extend(services::routes());
    routes
}

/// Clients look for `not initialized`.
pub(in crate::pve::api) fn expect_ceph(world: &World) -> Result<(), Fault> {
    if world.has_ceph() {
        return Ok(());
    }
    let text = "pveceph configuration not initialized";
    Err(Fault::Failed(text.to_owned()))
}

/// The name of the node that the path names.
fn node(world: &World, call: &Call<'_>) -> Result<NodeName, Fault> {
    let text = call.text("node");
    let known = world.nodes.keys().find(|name| name.as_str() == text);
    known.cloned().ok_or_else(|| Fault::no_such_node(text))
}

/// One of Ceph's things is as said, or gone, when the task ends.
fn kept(file: &str, name: impl ToString, properties: Option<Map<String, Value>>) -> Effect {
    Upkeep::Section {
        file: file.to_owned(),
        id: name.to_string(),
        section: properties.map(|properties| Section {
            kind: String::new(),
            properties,
        }),
    }
    .into()
}

/// The members of an object.
pub(in crate::pve::api) fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
