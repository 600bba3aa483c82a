//! Containers.

// What they see of the network.
mod interfaces;
// Creation, configuration, drives, clones, deletion.
mod create;

mod config;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    // What they see of the network.
    routes.extend(interfaces::routes());
    // Creation, configuration, drives, clones, deletion.
    routes.extend(create::routes());
    routes.extend(config::routes());
    routes
}
