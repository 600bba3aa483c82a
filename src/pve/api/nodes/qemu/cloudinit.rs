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
    let (_, guest) = find::guest_mut(world, call)?;
    find::not_locked(guest)?;
    if cloud_init_of(&guest.config).is_some() {
        guest.cloud_init = None;
    }
    Ok(Answer::default())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::proxmox::service::testing::Desk;
    use crate::pve::api::nodes::guest::testing::{guest, holds, must, option, vmid};
    use crate::pve::testing::desk;
    use crate::pve::world::World;
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
        let waiting = |desk: &Desk<World>| {
            let list = desk.get("/nodes/pve02/qemu/105/cloudinit");
            let mut rows: Vec<String> = list
                .as_array()
                .unwrap()
                .iter()
                .map(Value::to_string)
                .collect();
            rows.sort();
            rows
        };
        let in_step = [
            r#"{"key":"ciuser","value":"me"}"#,
            r#"{"key":"searchdomain","value":"e2e.example"}"#,
        ];
        assert_eq!(waiting(&desk), in_step);
        let changes = "ciuser=you&ipconfig0=ip=dhcp&cipassword=x&cores=1&delete=searchdomain";
        must(&desk, "PUT /nodes/pve02/qemu/105/config", changes);
        assert_eq!(option(&desk, 105, "ciuser"), "you");
        let behind = [
            r#"{"key":"cipassword","pending":"**********"}"#,
            r#"{"key":"ciuser","value":"me","pending":"you"}"#,
            r#"{"key":"ipconfig0","pending":"ip=dhcp"}"#,
            r#"{"key":"searchdomain","delete":1}"#,
        ];
        assert_eq!(waiting(&desk), behind);
        must(&desk, "PUT /nodes/pve02/qemu/105/config", "ciuser=me");
        assert!(!waiting(&desk).iter().any(|row| row.contains("you")));
        assert!(must(&desk, "PUT /nodes/pve02/qemu/105/cloudinit", "").is_null());
        let written = waiting(&desk);
        assert_eq!(written.len(), 2, "{written:?}");
        assert!(guest(&desk, 105).pending.contains("cores"));
        must(&desk, "PUT /nodes/pve02/qemu/105/config", "ciuser=you");
        desk.task("POST /nodes/pve02/qemu/105/status/stop", "");
        desk.task("POST /nodes/pve02/qemu/105/status/start", "");
        assert!(guest(&desk, 105).cloud_init.is_none());
        holds(&desk);
    }
}
