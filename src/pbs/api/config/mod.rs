//! Everything below `/config` that is more than a plain collection.

mod access;

mod acme;

mod datastore;

mod notifications;

mod remote;

mod tape;

use crate::pbs::world::World;
use crate::proxmox::call::Handler;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = access::routes();
    routes.extend(acme::routes());
    routes.extend(datastore::routes());
    routes.extend(notifications::routes());
    routes.extend(remote::routes());
    routes.extend(tape::routes());
    routes
}
