//! Everything below `/admin`.

mod datastore;

mod jobs;

mod traffic;

use crate::pbs::world::World;
use crate::proxmox::call::Handler;
use crate::routes::Route;

pub(super) use datastore::{collection_status, group_shown};
pub(super) use jobs::{last_run, shown as job_shown};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = datastore::routes();
    routes.extend(jobs::routes());
    routes.extend(traffic::routes());
    routes
}
