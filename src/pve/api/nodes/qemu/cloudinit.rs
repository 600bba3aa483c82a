//! `PUT /nodes/{node}/qemu/{vmid}/cloudinit`: the drive is written anew with what the configuration says.

use super::super::guest::find;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::make::cloud_init_of;
use crate::routes::Route;
use crate::routes::route::put;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![put(
        "/nodes/{node}/qemu/{vmid}/cloudinit",
        Handler::Write(regenerate),
    )]
}

/// A machine without such a drive is no error to the product.
fn regenerate(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    find::not_locked(guest)?;
    if cloud_init_of(&guest.config).is_some() {
        world.write_cloud_init(vmid);
    }
    Ok(Answer::default())
}

#[cfg(test)]
mod tests {
    use crate::pve::api::nodes::guest::testing::{guest, holds, must, option, vmid};
    use crate::pve::testing::desk;
    use crate::pve::world::guest::Status;

    #[test]
    fn what_waits_for_the_drive() {
        let desk = desk();
        let now = desk.now();
        must(
            &desk,
            "PUT /nodes/pve02/qemu/105/config",
            "ide2=local-lvm:cloudinit&ciuser=me",
        );
        assert_eq!(option(&desk, 105, "ciuser"), "me");
        desk.change(|world| {
            let guest = world.guests.get_mut(&vmid(105)).unwrap();
            guest.turn(Status::Running, now);
        });
        let changes = "ciuser=you&ipconfig0=ip=dhcp&cores=1";
        must(&desk, "PUT /nodes/pve02/qemu/105/config", changes);
        assert_eq!(option(&desk, 105, "ciuser"), "me");
        assert!(must(&desk, "PUT /nodes/pve02/qemu/105/cloudinit", "").is_null());
        assert_eq!(option(&desk, 105, "ciuser"), "you");
        assert_eq!(option(&desk, 105, "ipconfig0"), "ip=dhcp");
        assert!(guest(&desk, 105).pending.contains("cores"));
        holds(&desk);
    }
}
