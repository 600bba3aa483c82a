//! The handlers of Proxmox VE, in the tree of its URLs: `/nodes/{node}/qemu` is in `nodes/qemu`.

mod access;

mod cluster;

mod firewall;

mod nodes;

mod sight;

mod pools;

mod storage;

mod version;

use crate::proxmox::call::{Call, Handler};
use crate::pve::world::World;
use crate::pve::world::gauge::Moment;
use crate::routes::Route;

/// Where the figures of a call are taken.
fn moment(call: &Call<'_>) -> Moment {
    Moment {
        now: call.now,
        seed: call.context.seed,
    }
}

/// All of them, those of all releases together.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = access::routes();
    routes.extend(cluster::routes());
    routes.extend(firewall::routes());
    routes.extend(nodes::routes());
    routes.extend(pools::routes());
    routes.extend(storage::routes());
    routes.extend(version::routes());
    routes
}
