//! Virtual machines.

// Creation, configuration, drives, clones, deletion.
mod create;

mod config;

mod cloudinit;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    // Creation, configuration, drives, clones, deletion.
    routes.extend(create::routes());
    routes.extend(config::routes());
    routes.extend(cloudinit::routes());
    routes
}
