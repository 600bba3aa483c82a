//! The storages of a node and what is on them.
//!
//! `PVE::API2::Storage::{Status, Content, PruneBackups, FileRestore, Scan}` of pve-storage and the catalogue of
//! templates of pve-manager.

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::fault::Fault;
use crate::pve::api::storage::known;
use crate::pve::world::World;
use crate::pve::world::allocate::VolumeFault;
use crate::pve::world::ids::{NodeName, StorageId};
use crate::pve::world::storage::Storage;
use crate::routes::Route;

mod status;

pub(in crate::pve::api) mod shown;

mod content;

mod access;

mod allocate;

mod delete;

mod incoming;

mod upload;

mod download;

mod appliances;

mod prune;

mod restore;

mod scan;

mod rrd;

#[cfg(test)]
mod tests;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = status::routes();
    routes.extend(content::routes());
    routes.extend(allocate::routes());
    routes.extend(delete::routes());
    routes.extend(upload::routes());
    routes.extend(download::routes());
    routes.extend(appliances::routes());
    routes.extend(prune::routes());
    routes.extend(restore::routes());
    routes.extend(scan::routes());
    routes.extend(rrd::routes());
    routes
}

pub(in crate::pve::api) use access::{by_id as volume_by_id, check};

/// A storage as a node sees it.
struct Place<'w> {
    node: NodeName,
    id: StorageId,
    storage: &'w Storage,
}

/// The node of the path, which the gate has found.
pub(in crate::pve::api) fn node(call: &Call<'_>) -> Result<NodeName, Fault> {
    let name = call.text("node");
    name.parse().map_err(|_| Fault::no_such_node(name))
}

/// The storage of the path, usable on the node or not.
fn defined<'w>(world: &'w World, call: &Call<'_>) -> Result<Place<'w>, Fault> {
    let (id, storage) = known(world, call.text("storage")).map_err(Fault::Failed)?;
    Ok(Place {
        node: node(call)?,
        id: id.clone(),
        storage,
    })
}

/// The storage of the path, which the node can use.
fn usable<'w>(world: &'w World, call: &Call<'_>) -> Result<Place<'w>, Fault> {
    let place = defined(world, call)?;
    world
        .usable_storage(&place.id, &place.node)
        .map_err(refused)?;
    Ok(place)
}

/// What the world says about a volume, as a failure of the call.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn refused(fault: VolumeFault) -> Fault {
    Fault::Failed(fault.to_string())
}
