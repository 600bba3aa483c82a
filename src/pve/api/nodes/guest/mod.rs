//! What virtual machines and containers have in common.

pub(in crate::pve::api) mod find;

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

#[cfg(test)]
mod any_order;

use crate::proxmox::call::Handler;
use crate::pve::world::World;
use crate::routes::Route;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = Vec::new();
    // Creation, configuration, drives, clones, deletion.
    routes.extend(delete::routes());
    routes.extend(template::routes());
    routes.extend(disk::routes());
    routes.extend(relocate::routes());
    routes.extend(clone::routes());
    routes
}
