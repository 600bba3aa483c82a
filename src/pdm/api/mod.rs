//! The handlers of Datacenter Manager, in the tree of its URLs: `/pve/remotes/{remote}/tasks` is in `pve/tasks`.

mod relay;

mod pass;

mod curve;

mod version;

mod config;

mod nodes;

mod remotes;

mod resources;

mod pve;

mod pbs;

mod probe;

mod sdn;

mod ceph;

mod subscriptions;

mod auto_install;

use crate::pdm::world::World;
use crate::proxmox::call::Handler;
use crate::proxmox::rust_access;
use crate::routes::Route;

/// The tables of what is passed on.
const PASSED: &[&[pass::Passed]] = &[pve::PASSED, pbs::PASSED, nodes::PASSED, config::PASSED];

/// All of them.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = rust_access::routes();
    routes.extend(version::routes());
    routes.extend(config::routes());
    routes.extend(nodes::routes());
    routes.extend(remotes::routes());
    routes.extend(resources::routes());
    routes.extend(pve::routes());
    routes.extend(pbs::routes());
    routes.extend(probe::routes());
    routes.extend(sdn::routes());
    routes.extend(ceph::routes());
    routes.extend(subscriptions::routes());
    routes.extend(auto_install::routes());
    routes
}
