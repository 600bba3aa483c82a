//! Virtual machines.

// The agent, and what cloud-init is told.
mod agent;

mod seed;
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
    // The agent, and what cloud-init is told.
    routes.extend(agent::routes());
    routes.extend(seed::routes());
    // Creation, configuration, drives, clones, deletion.
    routes.extend(create::routes());
    routes.extend(config::routes());
    routes.extend(cloudinit::routes());
    routes
}
