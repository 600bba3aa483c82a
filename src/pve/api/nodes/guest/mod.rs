//! What virtual machines and containers have in common.

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    Vec::new()
}
