//! Everything below `/nodes`.

pub(in crate::pve::api) mod tasks;

mod status;

pub(in crate::pve::api) mod ceph;

mod replication;

mod disks;

pub(in crate::pve::api) mod guest;

mod qemu;

mod lxc;

pub(in crate::pve::api) mod storage;

mod sdn;

pub(in crate::pve::api) mod vzdump;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    routes.extend(tasks::routes());
    routes.extend(status::routes());
    routes.extend(ceph::routes());
    routes.extend(replication::routes());
    routes.extend(disks::routes());
    routes.extend(guest::routes());
    routes.extend(qemu::routes());
    routes.extend(lxc::routes());
    routes.extend(sdn::routes());
    routes.extend(storage::routes());
    routes.extend(vzdump::routes());
    routes
}
