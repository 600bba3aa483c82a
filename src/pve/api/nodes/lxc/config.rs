//! `PUT /nodes/{node}/lxc/{vmid}/config`.

use super::super::guest::config::{Request, expect_free, expect_unprotected};
use super::super::guest::find;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::make::Backing;
use crate::pve::world::storage::Content;
use crate::routes::Route;
use crate::routes::route::put;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![put(
        "/nodes/{node}/lxc/{vmid}/config",
        Handler::Write(change),
    )]
}

fn change(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let request = Request::read(world, call, Kind::Lxc)?;
    let (vmid, guest) = find::guest(world, call)?;
    find::not_locked(guest)?;
    expect_free(call, guest)?;
    expect_contents(world, &request)?;
    request.expect_rights(world, call)?;
    expect_changeable(guest, &request)?;
    expect_unprotected(guest, &request)?;
    let edit = request.prepare(world, call)?;
    world.edit(vmid, &edit);
    Ok(Answer::default())
}

/// What a container is made with stays.
fn expect_changeable(guest: &Guest, request: &Request) -> Result<(), Fault> {
    for key in &request.delete {
        if !guest.config.contains(key) && !guest.pending.contains(key) {
            continue;
        }
        let text = match key.as_str() {
            "memory" | "rootfs" | "ostype" => format!("unable to delete required option '{key}'"),
            "unprivileged" => format!("unable to delete read-only option: '{key}'"),
            _ => continue,
        };
        return Err(Fault::Failed(text));
    }
    if request.options.contains("unprivileged") {
        let text = "unable to modify read-only option: 'unprivileged'";
        return Err(Fault::Failed(text.to_owned()));
    }
    Ok(())
}

/// Storages of mount points take containers.
fn expect_contents(world: &World, request: &Request) -> Result<(), Fault> {
    for drive in request.drives.values() {
        let backing = drive.value("volume").unwrap_or_default();
        let storage = match Backing::read(backing) {
            Ok(Backing::New(Some(storage), _)) => storage,
            Ok(Backing::Existing(id)) => id.storage,
            _ => continue,
        };
        let Some(known) = world.storages.get(&storage) else {
            return Err(Fault::Failed(format!("storage '{storage}' does not exist")));
        };
        if !known.content.contains(&Content::Rootdir) {
            let text =
                format!("storage '{storage}' does not allow content type 'rootdir' (Container)");
            return Err(Fault::Failed(text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
