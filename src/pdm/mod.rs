//! The personality `pdm`: Proxmox Datacenter Manager.
//!
//! [`world`] is what it keeps and what it manages, with the whole worlds of its remotes; [`api`] are its handlers in
//! the tree of the product's URLs, and [`sections`] its plain collections. It is the one personality that knows
//! others: what its remotes answer is what `pve` and `pbs` answer, asked through their own gates
//! ([`crate::proxmox::service::Backend`]).

pub mod world;

pub mod sections;

pub mod api;

use self::world::World;
use crate::personality::{Description, Personality, Setup, SetupError};
use crate::proxmox::Edition;
use crate::proxmox::service::{Blueprint, Release};

/// What the roster knows of it.
pub const DESCRIPTION: Description = Description {
    name: "pdm",
    aliases: &["proxmox-datacenter-manager"],
    releases: &["1"],
    port: 8443,
    local_port: None,
    service_names: &["pdm", "pdm01", "proxmox-mock", "proxmox-e2e-mock"],
    organization: "Proxmox Datacenter Manager stand-in",
    flags: crate::proxmox::service::FLAGS,
    build,
};

/// The releases that the binary carries.
const RELEASES: &[Release] = &[Release {
    name: "1",
    edition: Edition::Pdm,
    place: "openapi/pdm-1.json",
    document: include_bytes!("../../openapi/pdm-1.json"),
}];

/// Everything that makes this product.
fn blueprint() -> Blueprint<World> {
    Blueprint {
        description: &DESCRIPTION,
        releases: RELEASES,
        routes: api::routes(),
        collections: sections::SECTIONS,
    }
}

fn build(setup: &Setup) -> Result<Box<dyn Personality>, SetupError> {
    Ok(Box::new(blueprint().build(setup)?))
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod testing {
    use super::*;
    use crate::proxmox::service::testing::Desk;

    /// The default world, in open mode.
    pub(in crate::pdm) fn desk() -> Desk<World> {
        Desk::open(blueprint())
    }

    /// The same with the product's own rules about senders.
    pub(in crate::pdm) fn strict_desk() -> Desk<World> {
        Desk::strict(blueprint())
    }

    /// A freshly installed server.
    pub(in crate::pdm) fn empty_desk() -> Desk<World> {
        Desk::with(blueprint(), |setup| {
            setup.world = crate::personality::WorldSource::Empty;
        })
    }
}
