//! Everything below `/tape`: drives, changers, media, and backups to them.

mod changer;

mod drive;

mod media;

mod backup;

use crate::pbs::world::World;
use crate::proxmox::call::Handler;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = changer::routes();
    routes.extend(drive::routes());
    routes.extend(media::routes());
    routes.extend(backup::routes());
    routes
}
