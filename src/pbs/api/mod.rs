//! The handlers of Backup Server, in the tree of its URLs: `/nodes/{node}/tasks` is in `nodes/tasks`.

mod version;

use crate::pbs::world::World;
use crate::proxmox::call::Handler;
use crate::routes::Route;

/// All of them.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    routes.extend(version::routes());
    routes
}
