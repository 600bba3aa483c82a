//! The storages of a node and what is on them.

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    Vec::new()
}
