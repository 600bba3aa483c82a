//! What virtual machines and containers have in common.

// Reading, power, snapshots, migration, consoles.
pub(in crate::pve::api) mod find;

pub(in crate::pve::api) mod shown;

pub(in crate::pve::api) mod values;

pub(in crate::pve::api) mod status;

pub(in crate::pve::api) mod settings;

pub(in crate::pve::api) mod feature;

pub(in crate::pve::api) mod power;

mod sleep;

mod vmstate;

mod snapshot;

pub(in crate::pve::api) mod migrate;

pub(in crate::pve::api) mod bulk;

pub(in crate::pve::api) mod all;

mod journey;

mod precondition;

mod remote;

pub(super) mod console;

mod rrd;

// Creation, configuration, drives, clones, deletion.
pub(in crate::pve::api) mod create;

pub(in crate::pve::api) mod config;

pub(in crate::pve::api) mod restore;

pub(in crate::pve::api) mod inputs;

pub(in crate::pve::api) mod rights;

mod delete;

mod template;

mod disk;

mod relocate;

mod clone;

#[cfg(test)]
pub(in crate::pve::api) mod testing;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    // Reading, power, snapshots, migration, consoles.
    routes.extend(status::routes());
    routes.extend(settings::routes());
    routes.extend(feature::routes());
    routes.extend(power::routes());
    routes.extend(sleep::routes());
    routes.extend(snapshot::routes());
    routes.extend(migrate::routes());
    routes.extend(precondition::routes());
    routes.extend(remote::routes());
    routes.extend(console::routes());
    routes.extend(rrd::routes());
    routes.extend(all::routes());
    // Creation, configuration, drives, clones, deletion.
    routes.extend(delete::routes());
    routes.extend(template::routes());
    routes.extend(disk::routes());
    routes.extend(relocate::routes());
    routes.extend(clone::routes());
    routes
}

#[cfg(test)]
mod tests;
