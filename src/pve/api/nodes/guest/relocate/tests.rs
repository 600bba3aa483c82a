//! Drives that grow, move and change hands.

use crate::pve::api::nodes::guest::testing::{
    guest, has_volume, holds, must, option, refusal, task, vmid,
};
use crate::pve::testing::{desk, desk_of};
use crate::pve::world::size::Size;

#[test]
fn drives_grow() {
    let desk = desk();
    let upid = task(
        &desk,
        "PUT /nodes/pve01/qemu/101/resize",
        "disk=scsi0&size=%2B5G",
    );
    assert!(upid.contains(":resize:101:"), "{upid}");
    assert_eq!(
        option(&desk, 101, "scsi0"),
        "local-lvm:vm-101-disk-0,iothread=1,size=25G"
    );
    let world = desk.world();
    let id = "local-lvm:vm-101-disk-0".parse().unwrap();
    let volume = world.volume(&id, &"pve01".parse().unwrap()).unwrap();
    assert_eq!(volume.size, Size(25 << 30));
    task(
        &desk,
        "PUT /nodes/pve01/qemu/101/resize",
        "disk=scsi0&size=25G",
    );
    task(&desk, "PUT /nodes/pve01/lxc/102/resize", "disk=mp0&size=6G");
    assert_eq!(
        option(&desk, 102, "mp0"),
        "local-lvm:vm-102-disk-1,mp=/srv/data,size=6G"
    );
    holds(&desk);
    let old = desk_of("7.4");
    assert!(
        must(
            &old,
            "PUT /nodes/pve01/qemu/101/resize",
            "disk=scsi0&size=30G"
        )
        .is_null()
    );
    assert_eq!(
        option(&old, 101, "scsi0"),
        "local-lvm:vm-101-disk-0,iothread=1,size=30G"
    );
}

#[test]
fn drives_that_do_not_grow() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        assert_eq!(
            refusal(&desk, &format!("PUT /nodes/pve01/{line}/resize"), body),
            want
        );
    };
    check(
        "qemu/101",
        "disk=scsi0&size=1G",
        "500 shrinking disks is not supported",
    );
    check(
        "qemu/101",
        "disk=scsi1&size=1G",
        "500 disk 'scsi1' does not exist",
    );
    check(
        "lxc/102",
        "disk=rootfs&size=1G",
        "500 unable to shrink disk size",
    );
    check(
        "lxc/102",
        "disk=rootfs&size=8G",
        "500 disk is already at specified size",
    );
}

#[test]
fn drives_move() {
    let desk = desk();
    let upid = task(
        &desk,
        "POST /nodes/pve01/qemu/103/move_disk",
        "disk=scsi0&storage=ceph-pool",
    );
    assert!(upid.contains(":qmmove:103:"), "{upid}");
    assert_eq!(
        option(&desk, 103, "scsi0"),
        "ceph-pool:vm-103-disk-0,iothread=1,size=40G"
    );
    assert_eq!(option(&desk, 103, "unused0"), "local-lvm:vm-103-disk-0");
    task(
        &desk,
        "POST /nodes/pve01/qemu/103/move_disk",
        "disk=scsi0&storage=local&delete=1&format=qcow2",
    );
    assert_eq!(
        option(&desk, 103, "scsi0"),
        "local:103/vm-103-disk-0.qcow2,iothread=1,size=40G"
    );
    assert!(!has_volume(&desk, "pve01", "ceph-pool:vm-103-disk-0"));
    task(
        &desk,
        "POST /nodes/pve03/lxc/110/move_volume",
        "volume=rootfs&storage=ceph-pool",
    );
    assert_eq!(
        option(&desk, 110, "rootfs"),
        "ceph-pool:vm-110-disk-0,size=16G"
    );
    assert_eq!(guest(&desk, 110).lock, None);
    holds(&desk);
}

#[test]
fn drives_that_do_not_move() {
    let desk = desk();
    let check = |line: &str, body: &str, want: &str| {
        assert_eq!(
            refusal(&desk, &format!("POST /nodes/{line}"), body),
            want,
            "{line} {body}"
        );
    };
    let disk = "pve02/qemu/105/move_disk";
    check(
        disk,
        "disk=scsi3&storage=local",
        "500 disk 'scsi3' does not exist",
    );
    check(
        disk,
        "disk=scsi0&storage=local-lvm",
        "500 you can't move to the same storage with same format",
    );
    check(
        disk,
        "disk=scsi0&storage=local&delete=1",
        "500 you can't move a disk with snapshots and delete the source",
    );
    check(
        disk,
        "disk=scsi0&storage=gone",
        "500 storage 'gone' does not exist",
    );
    check(
        "pve01/lxc/108/move_volume",
        "volume=rootfs&storage=local",
        "500 cannot move volumes of a running container",
    );
    let both = refusal(
        &desk,
        &format!("POST /nodes/{disk}"),
        "disk=scsi0&storage=local&target-vmid=101",
    );
    assert!(
        both.contains("either set 'storage' or 'target-vmid', but not both"),
        "{both}"
    );
}

#[test]
fn drives_change_hands() {
    let desk = desk();
    let create = "POST /nodes/pve01/qemu";
    task(
        &desk,
        create,
        "vmid=200&scsi0=local-lvm:1&scsi1=local-lvm:2",
    );
    task(&desk, create, "vmid=201");
    let give = "POST /nodes/pve01/qemu/200/move_disk";
    let upid = task(
        &desk,
        give,
        "disk=scsi0&target-vmid=201&target-disk=virtio0",
    );
    assert!(upid.contains(":qmmove:"), "{upid}");
    assert_eq!(
        option(&desk, 201, "virtio0"),
        "local-lvm:vm-201-disk-0,size=1G"
    );
    assert_eq!(option(&desk, 200, "scsi0"), "");
    task(
        &desk,
        give,
        "disk=scsi1&target-vmid=201&target-disk=unused0",
    );
    assert_eq!(option(&desk, 201, "unused0"), "local-lvm:vm-201-disk-1");
    holds(&desk);
    let check = |line: &str, body: &str, want: &str| {
        assert_eq!(refusal(&desk, line, body), want, "{body}");
    };
    check(
        give,
        "disk=scsi3&target-vmid=201",
        "500 Disk 'scsi3' for VM '200' does not exist",
    );
    check(
        give,
        "disk=scsi0&target-vmid=105",
        "500 Both VMs need to be on the same node (pve01 != pve02)",
    );
    check(
        "POST /nodes/pve01/qemu/101/move_disk",
        "disk=scsi0&target-vmid=201",
        "500 Can't move disk used by a snapshot to another VM",
    );
    assert!(desk.world().guests.contains_key(&vmid(200)));
}
