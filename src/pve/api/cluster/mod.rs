//! Everything below `/cluster`.

mod status;

pub(in crate::pve::api) mod resources;

mod options;

mod tasks;

mod jobs;

mod mapping;

mod metrics;

mod notifications;

mod acme;

mod config;

mod qemu;

pub(in crate::pve::api) mod replication;

pub(in crate::pve::api) mod ceph;

mod backup;

pub(in crate::pve::api) mod ha;

mod sdn;

mod bulk;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    routes.extend(status::routes());
    routes.extend(resources::routes());
    routes.extend(options::routes());
    routes.extend(tasks::routes());
    routes.extend(jobs::routes());
    routes.extend(mapping::routes());
    routes.extend(metrics::routes());
    routes.extend(notifications::routes());
    routes.extend(acme::routes());
    routes.extend(config::routes());
    routes.extend(qemu::routes());
    routes.extend(replication::routes());
    routes.extend(ceph::routes());
    routes.extend(backup::routes());
    routes.extend(ha::routes());
    routes.extend(sdn::routes());
    routes.extend(bulk::routes());
    routes
}

#[cfg(test)]
mod tests;
