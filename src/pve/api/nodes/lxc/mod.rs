//! Containers.

// What they see of the network.
mod interfaces;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    // What they see of the network.
    routes.extend(interfaces::routes());
    routes
}
