//! Everything below `/cluster`.

mod status;

mod backup;

mod ha;

mod sdn;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    routes.extend(status::routes());
    routes.extend(backup::routes());
    routes.extend(ha::routes());
    routes.extend(sdn::routes());
    routes
}
