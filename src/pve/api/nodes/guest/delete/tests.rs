//! The end of guests, and what ends with them.

use crate::proxmox::service::testing::Desk;
use crate::pve::api::nodes::guest::testing::{has_volume, holds, must, refusal, task, vmid};
use crate::pve::testing::desk;
use crate::pve::world::World;
use crate::pve::world::guest::Status;

fn stop(desk: &Desk<World>, number: u32) {
    let now = desk.now();
    desk.change(|world| {
        world
            .guests
            .get_mut(&vmid(number))
            .unwrap()
            .turn(Status::Stopped, now)
    });
}

#[test]
fn a_machine_goes_with_everything() {
    let desk = desk();
    stop(&desk, 101);
    let upid = task(&desk, "DELETE /nodes/pve01/qemu/101", "");
    assert!(upid.contains(":qmdestroy:101:"), "{upid}");
    let world = desk.world();
    assert!(!world.guests.contains_key(&vmid(101)));
    assert!(!world.pools["tests"].guests.contains(&vmid(101)));
    assert!(
        !world
            .sections
            .keys()
            .any(|path| path.starts_with("guests/101/"))
    );
    assert!(
        !world
            .lists
            .keys()
            .any(|path| path.starts_with("guests/101/"))
    );
    assert!(
        !world
            .options
            .keys()
            .any(|path| path.starts_with("guests/101/"))
    );
    assert!(!world.access.acl.paths().any(|path| path == "/vms/101"));
    assert!(!has_volume(&desk, "pve01", "local-lvm:vm-101-disk-0"));
    assert!(has_volume(
        &desk,
        "pve01",
        "backup:101/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst"
    ));
    holds(&desk);
}

#[test]
fn what_is_refused() {
    let desk = desk();
    let check = |line: &str, want: &str| {
        assert_eq!(
            refusal(&desk, &format!("DELETE /nodes/{line}"), ""),
            want,
            "{line}"
        );
    };
    check("pve01/qemu/101", "500 VM 101 is running - destroy failed");
    check(
        "pve01/lxc/102",
        "500 unable to destroy CT 102 - container is running",
    );
    check(
        "pve01/qemu/103",
        "500 unable to remove VM 103 - used in HA resources and purge parameter not set.",
    );
    check(
        "pve02/qemu/104",
        "500 There is a replication job '104-0' for guest '104' - Please remove that first.",
    );
    check(
        "pve01/qemu/999",
        "500 Configuration file 'nodes/pve01/qemu-server/999.conf' does not exist",
    );
    must(&desk, "PUT /nodes/pve02/qemu/105/config", "protection=1");
    check(
        "pve02/qemu/105",
        "500 can't remove VM 105 - protection mode enabled",
    );
}

#[test]
fn purging_and_force() {
    let desk = desk();
    stop(&desk, 103);
    task(&desk, "DELETE /nodes/pve01/qemu/103?purge=1", "");
    let world = desk.world();
    assert!(!world.replication.keys().any(|job| job.guest == vmid(103)));
    assert!(!world.ha.resources.keys().any(|sid| sid.vmid == vmid(103)));
    let job = &world.backup_jobs["backup-job-01"].selection;
    assert_eq!(
        *job,
        crate::pve::world::backup::Selection::Guests(vec![vmid(104)])
    );
    task(&desk, "DELETE /nodes/pve01/lxc/102?force=1&purge=1", "");
    assert!(!has_volume(&desk, "pve01", "local-lvm:vm-102-disk-1"));
    holds(&desk);
}

#[test]
fn jobs_keep_who_is_not_purged() {
    let desk = desk();
    stop(&desk, 104);
    desk.change(|world| world.replication.clear());
    task(&desk, "DELETE /nodes/pve02/qemu/104", "");
    let world = desk.world();
    let job = &world.backup_jobs["backup-job-01"].selection;
    assert_eq!(
        *job,
        crate::pve::world::backup::Selection::Guests(vec![vmid(103), vmid(104)])
    );
    holds(&desk);
}

#[test]
fn a_base_in_use_stays() {
    let desk = desk();
    desk.change(|world| world.guests.get_mut(&vmid(105)).unwrap().snapshots.clear());
    desk.change(|world| world.guests.get_mut(&vmid(105)).unwrap().parent = None);
    task(&desk, "POST /nodes/pve02/qemu/105/template", "");
    task(&desk, "POST /nodes/pve02/qemu/105/clone", "newid=200");
    let words = refusal(&desk, "DELETE /nodes/pve02/qemu/105", "");
    assert_eq!(
        words,
        "task: base volume 'local-lvm:base-105-disk-0' is still in use by linked cloned"
    );
    task(&desk, "DELETE /nodes/pve02/qemu/200", "");
    task(&desk, "DELETE /nodes/pve02/qemu/105", "");
    assert!(!has_volume(&desk, "pve02", "local-lvm:base-105-disk-0"));
    holds(&desk);
}
