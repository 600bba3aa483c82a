//! Everything below `/admin/datastore` and `/admin/gc`.

mod list;

mod groups;

mod snapshots;

mod notes;

mod namespaces;

mod prune;

mod verify;

mod collect;

mod files;

mod mount;

use crate::pbs::world::World;
use crate::proxmox::call::Handler;
use crate::routes::Route;

pub(in crate::pbs::api) use collect::collection_status;
pub(in crate::pbs::api) use groups::shown as group_shown;
pub(in crate::pbs::api::admin) use prune::{keep, prune_places};
pub(in crate::pbs::api::admin) use verify::{Wanted, places};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = list::routes();
    routes.extend(groups::routes());
    routes.extend(snapshots::routes());
    routes.extend(notes::routes());
    routes.extend(namespaces::routes());
    routes.extend(prune::routes());
    routes.extend(verify::routes());
    routes.extend(collect::routes());
    routes.extend(files::routes());
    routes.extend(mount::routes());
    routes
}
