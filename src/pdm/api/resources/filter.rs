//! Who may see which resources: by privileges, or by a view.

use crate::pdm::world::World;
use crate::pdm::world::view::View;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;

/// The view that a call names, which opens what it shows to whoever may look at it.
///
/// # Errors
/// A view that the caller may not look at, or that does not exist.
pub(in crate::pdm::api) fn view(world: &World, call: &Call<'_>) -> Result<Option<View>, Fault> {
    let Some(id) = call.arguments.text("view") else {
        return Ok(None);
    };
    let path = format!("/view/{id}");
    if !call.may(world, &path, &["Resource.Audit"]) {
        return Err(Fault::Denied(Denied::because(path)));
    }
    named(world, id).map(Some)
}

/// The view of this name.
///
/// # Errors
/// When there is none.
pub(super) fn named(world: &World, id: &str) -> Result<View, Fault> {
    let view = View::of(world, id);
    view.ok_or_else(|| Fault::Failed(format!("unknown view filter '{id}'")))
}

/// Refuses who may audit nothing below `/resource` (`any_privs_below`).
pub(super) fn sees_anything(world: &World, call: &Call<'_>) -> Result<(), Fault> {
    let may = |path: &str| call.may(world, path, &["Resource.Audit"]);
    let below = || {
        let entries = world.machine.access.acl.entries();
        let mut paths = entries.map(|entry| entry.path.to_string());
        paths.any(|path| path.starts_with("/resource") && may(&path))
    };
    if may("/resource")
        || world
            .remotes
            .keys()
            .any(|id| may(&format!("/resource/{id}")))
        || below()
    {
        return Ok(());
    }
    Err(Fault::Denied(Denied::because("/resource")))
}
