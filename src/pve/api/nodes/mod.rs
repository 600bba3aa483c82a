//! Everything below `/nodes`.

mod tasks;

mod machine;

mod status;

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

mod graphs;

mod shells;

mod report;

mod ceph;

mod disks;

mod guest;

mod qemu;

mod lxc;

mod storage;

mod vzdump;

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
    routes.extend(disks::routes());
    routes.extend(guest::routes());
    routes.extend(qemu::routes());
    routes.extend(lxc::routes());
    routes.extend(storage::routes());
    routes.extend(vzdump::routes());
    routes
}

#[cfg(test)]
mod tests;
