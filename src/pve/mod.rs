//! The personality `pve`: Proxmox VE.
//!
//! [`world`] is the cluster, which knows neither HTTP nor the JSON of the product; [`api`] are its handlers in the
//! tree of the product's URLs, [`sections`] its plain collections, and [`release`] what differs between releases.
//! Everything else a Proxmox product does is in [`crate::proxmox`].

pub mod world;

pub mod release;

pub mod sections;

mod overlay;

mod quorum;

pub mod api;

use std::sync::LazyLock;

use self::world::World;
use crate::personality::{Description, Personality, Setup, SetupError};
use crate::proxmox::service::{Backend, Blueprint};

/// What the roster knows of it.
pub const DESCRIPTION: Description = Description {
    name: "pve",
    aliases: &["proxmox-ve"],
    releases: release::NAMES,
    port: 8006,
    local_port: None,
    service_names: &[
        "pve",
        "proxmox",
        "pve01",
        "proxmox-mock",
        "proxmox-e2e-mock",
    ],
    organization: "Proxmox VE stand-in",
    flags: crate::proxmox::service::FLAGS,
    build,
};

/// Everything that makes this product.
fn blueprint() -> Blueprint<World> {
    Blueprint {
        description: &DESCRIPTION,
        releases: release::RELEASES,
        routes: api::routes(),
        collections: sections::SECTIONS,
    }
}

/// This product for one that asks it, as Datacenter Manager does (`crate::pdm`). It has no state, so that all
/// servers of a process share it; made when somebody first asks.
///
/// # Errors
/// When what the binary carries does not fit together; a sentence.
pub fn backend() -> Result<&'static Backend<World>, &'static SetupError> {
    static BACKEND: LazyLock<Result<Backend<World>, SetupError>> =
        LazyLock::new(|| Backend::new(blueprint()));
    BACKEND.as_ref()
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

    mod agree;

    pub(in crate::pve) use agree::disagreements;

    /// Every rule of worlds holds, and every endpoint tells the same of a thing.
    pub(in crate::pve) fn holds(desk: &Desk<World>) {
        let faults = world::invariants(&desk.world());
        assert!(faults.is_empty(), "{faults:#?}");
        let faults = disagreements(desk);
        assert!(faults.is_empty(), "{faults:#?}");
    }

    /// The newest release with the default world, in open mode.
    pub(in crate::pve) fn desk() -> Desk<World> {
        Desk::open(blueprint())
    }

    /// The same with the product's own rules about senders.
    pub(in crate::pve) fn strict_desk() -> Desk<World> {
        Desk::strict(blueprint())
    }

    /// Another release.
    pub(in crate::pve) fn desk_of(release: &str) -> Desk<World> {
        Desk::with(blueprint(), |setup| setup.release = release.to_owned())
    }
}
