//! `PUT /nodes/{node}/qemu/{vmid}/cloudinit`: the drive is written anew with what the configuration says.

use super::super::guest::find;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::routes::Route;
use crate::routes::route::put;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![put(
        "/nodes/{node}/qemu/{vmid}/cloudinit",
        Handler::Read(regenerate),
    )]
}

/// What is on the drive is made of the configuration whenever somebody looks, so there is nothing left to do. A
/// machine without such a drive is no error to the product.
fn regenerate(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    find::not_locked(guest)?;
    Ok(Answer::default())
}
