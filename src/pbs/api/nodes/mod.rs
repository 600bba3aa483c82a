//! Everything below `/nodes`.

mod status;

mod tasks;

mod services;

mod network;

mod system;

mod log;

mod disks;

mod apt;

mod certificates;

mod subscription;

mod console;

use crate::pbs::world::World;
use crate::proxmox::call::Handler;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = status::routes();
    routes.extend(tasks::routes());
    routes.extend(services::routes());
    routes.extend(network::routes());
    routes.extend(system::routes());
    routes.extend(log::routes());
    routes.extend(disks::routes());
    routes.extend(apt::routes());
    routes.extend(certificates::routes());
    routes.extend(subscription::routes());
    routes.extend(console::routes());
    routes
}
