//! `/cluster/sdn`: software-defined networks, which change when somebody applies what was written.
//!
//! Zones, networks, subnets, controllers, helpers for addresses and names are [`object`]s, which one set of
//! handlers serves; fabrics, prefix lists and route maps are younger and go their own ways. Facts are from
//! proxmox.md 4.9 and from the public sources of `pve-network` (March 2026).

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

mod whole;

mod object;

mod pending;

mod zones;

mod vnets;

mod subnets;

mod controllers;

mod helpers;

mod addresses;

mod fabrics;

mod fabric_nodes;

mod prefix_lists;

mod route_maps;

mod interfaces;

use controllers::Controller;
use helpers::{Dns, Ipam};
use subnets::Subnet;
use vnets::Vnet;
use zones::Zone;

/// Binds the handlers of a kind of objects.
macro_rules! objects {
    ($path:literal, $id:literal, $kind:ty) => {
        [
            get($path, Handler::Read(object::list::<$kind>)),
            post($path, Handler::Write(object::create::<$kind>)),
            get(
                concat!($path, "/", $id),
                Handler::Read(object::read::<$kind>),
            ),
            put(
                concat!($path, "/", $id),
                Handler::Write(object::update::<$kind>),
            ),
            delete(
                concat!($path, "/", $id),
                Handler::Write(object::remove::<$kind>),
            ),
        ]
    };
}

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = vec![
        put("/cluster/sdn", Handler::Write(whole::apply)),
        get("/cluster/sdn/dry-run", Handler::Read(whole::dry_run)),
        post("/cluster/sdn/lock", Handler::Write(whole::lock)),
        delete("/cluster/sdn/lock", Handler::Write(whole::unlock)),
        post("/cluster/sdn/rollback", Handler::Write(whole::roll_back)),
        get(
            "/cluster/sdn/ipams/{ipam}/status",
            Handler::Read(addresses::list),
        ),
        post(
            "/cluster/sdn/vnets/{vnet}/ips",
            Handler::Write(addresses::create),
        ),
        put(
            "/cluster/sdn/vnets/{vnet}/ips",
            Handler::Write(addresses::update),
        ),
        delete(
            "/cluster/sdn/vnets/{vnet}/ips",
            Handler::Write(addresses::remove),
        ),
    ];
    routes.extend(objects!("/cluster/sdn/zones", "{zone}", Zone));
    routes.extend(objects!("/cluster/sdn/vnets", "{vnet}", Vnet));
    routes.extend(objects!(
        "/cluster/sdn/vnets/{vnet}/subnets",
        "{subnet}",
        Subnet
    ));
    routes.extend(objects!(
        "/cluster/sdn/controllers",
        "{controller}",
        Controller
    ));
    routes.extend(objects!("/cluster/sdn/ipams", "{ipam}", Ipam));
    routes.extend(objects!("/cluster/sdn/dns", "{dns}", Dns));
    routes.extend(fabrics::routes());
    routes.extend(fabric_nodes::routes());
    routes.extend(prefix_lists::routes());
    routes.extend(route_maps::routes());
    routes
}

/// The rights that one of is enough to look at an object.
const LOOK: &[&str] = &["SDN.Audit", "SDN.Allocate"];

/// Refuses who has none of these rights on a path.
fn demand_any(world: &World, call: &Call<'_>, path: &str, wanted: &[&str]) -> Result<(), Fault> {
    if call.may_any(world, path, wanted) {
        return Ok(());
    }
    call.demand(world, path, wanted)
}

/// Refuses a change while somebody else holds the lock.
fn unlocked(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    let held = world.sdn.lock.as_deref();
    if held.is_none() || held == call.arguments.text("lock-token") {
        return Ok(());
    }
    Err(Fault::Failed("invalid lock token provided!".to_owned()))
}

/// What went wrong under the lock, in the words of `lock_sdn_config`: everything becomes a failure of the whole,
/// what is wrong with a parameter too.
fn within(what: &str, fault: Fault) -> Fault {
    match fault {
        Fault::Failed(text) => Fault::Failed(format!("{what}: {text}")),
        Fault::Parameters(problems) => {
            let lines = problems
                .iter()
                .map(|(name, text)| format!("{name}: {text}"));
            let lines: Vec<String> = lines.collect();
            let head = "400 Parameter verification failed.";
            Fault::Failed(format!("{what}: {head}\n{}", lines.join("\n")))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
