//! Canned answers of a Proxmox VE laid over a world: what they say becomes the world.
//!
//! The bodies are those that a client would get, so each part of the world is read from the lists that show it:
//! a list that is there says all that there is, a single thing says so much about itself. What a file leaves out
//! is [`derived`] so that the world holds (proxbox.md 2.8), and what was about things that it does not have any
//! more is taken out of the world ([`forgotten`]). Entries are turned into the form of world files and read as
//! those are, so that both have one reader and one set of words for what is wrong.

mod nodes;

mod guests;

mod storages;

mod volumes;

mod tasks;

mod jobs;

mod values;

mod derived;

mod forgotten;

#[cfg(test)]
mod tests;

use super::world::{World, invariants};
use crate::proxmox::overlay::Overlay;

/// Takes into a world what a file says about it.
pub(super) fn lay(world: &mut World, overlay: &mut Overlay) {
    let before = world.clone();
    nodes::lay(world, overlay);
    storages::lay(world, overlay);
    guests::lay(world, overlay);
    volumes::lay(world, overlay);
    jobs::lay(world, &before, overlay);
    tasks::lay(world, overlay);
    forgotten::forget(world, overlay);
    derived::derive(world, &before, overlay);
    for fault in invariants(world) {
        overlay.remark("the world", fault);
    }
}
