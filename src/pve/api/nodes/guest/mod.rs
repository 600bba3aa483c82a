//! What virtual machines and containers have in common.

pub(in crate::pve::api) mod find;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    Vec::new()
}
