//! The handlers of Backup Server, in the tree of its URLs: `/nodes/{node}/tasks` is in `nodes/tasks`.

mod reach;

mod task;

mod single;

mod version;

mod admin;

mod config;

mod copy;

mod nodes;

mod protocols;

mod status;

mod tape;

use crate::pbs::world::World;
use crate::proxmox::call::Handler;
use crate::proxmox::rust_access;
use crate::routes::Route;

/// All of them.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = rust_access::routes();
    routes.extend(admin::routes());
    routes.extend(config::routes());
    routes.extend(copy::routes());
    routes.extend(nodes::routes());
    routes.extend(protocols::routes());
    routes.extend(status::routes());
    routes.extend(tape::routes());
    routes.extend(version::routes());
    routes
}
