//! Everything below `/nodes`.

pub(in crate::pve::api) mod tasks;

mod machine;

mod status;

pub(in crate::pve::api) mod ceph;

mod replication;

mod settings;

mod domains;

mod network;

mod services;

mod subscription;

mod apt;

mod certificates;

mod capabilities;

mod hardware;

mod journal;

pub(in crate::pve::api) mod graphs;

mod shells;

mod report;

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
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    routes.extend(tasks::routes());
    // Nodes themselves.
    routes.extend(status::routes());
    routes.extend(settings::routes());
    routes.extend(network::routes());
    routes.extend(services::routes());
    routes.extend(subscription::routes());
    routes.extend(apt::routes());
    routes.extend(certificates::routes());
    routes.extend(capabilities::routes());
    routes.extend(hardware::routes());
    routes.extend(journal::routes());
    routes.extend(graphs::routes());
    routes.extend(shells::routes());
    routes.extend(report::routes());
    routes.push(post("/nodes/{node}/execute", Handler::Batch));
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

#[cfg(test)]
mod tests;
