//! The node that a path names.

use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::Node;

/// Its name and what it is.
///
/// # Errors
/// That nobody knows it; the gate has refused most of these before.
pub(super) fn node<'w>(
    world: &'w World,
    call: &Call<'_>,
) -> Result<(&'w NodeName, &'w Node), Fault> {
    let wanted = call.text("node");
    let found = world.nodes.iter().find(|(name, _)| name.as_str() == wanted);
    found.ok_or_else(|| Fault::no_such_node(wanted))
}

/// The same to change it.
///
/// # Errors
/// Those of [`node`].
pub(super) fn node_mut<'w>(world: &'w mut World, call: &Call<'_>) -> Result<&'w mut Node, Fault> {
    let wanted = call.text("node");
    let mut nodes = world.nodes.iter_mut();
    let found = nodes.find(|(name, _)| name.as_str() == wanted);
    let found = found.map(|(_, node)| node);
    found.ok_or_else(|| Fault::no_such_node(wanted))
}
