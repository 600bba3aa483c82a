//! What clients say of drives, and what becomes of it.

use super::*;

fn maker(kind: Kind) -> Maker {
    Maker {
        vmid: Vmid::new(200).unwrap(),
        kind,
        node: "pve01".parse().unwrap(),
        storage: Some("local-lvm".parse().unwrap()),
        present: Ordered::default(),
        now: "2026-01-05T12:00:00Z".parse().unwrap(),
    }
}

fn lab() -> World {
    World::read_text(include_str!("../../../../fixtures/pve/default.json")).unwrap()
}

fn check(key: &str, wanted: &str, want: &str) {
    let drive = read_drive(Kind::Qemu, wanted);
    let made = lab().make_drive(&maker(Kind::Qemu), key, &drive);
    let text = made.map_or_else(|fault| fault.to_string(), |made| made.text);
    assert_eq!(text, want, "{key}: {wanted}");
}

#[test]
fn drives_of_machines() {
    check("scsi0", "8", "local-lvm:vm-200-disk-0,size=8G");
    check(
        "scsi0",
        "local:32,ssd=1,format=raw",
        "local:200/vm-200-disk-0.raw,size=32G,ssd=1",
    );
    check(
        "scsi0",
        "local:1.5",
        "local:200/vm-200-disk-0.qcow2,size=1536M",
    );
    check("ide2", "none,media=cdrom,size=4K", "none,media=cdrom");
    check(
        "ide2",
        "local:iso/debian-12.9.0-amd64-netinst.iso,media=cdrom",
        "local:iso/debian-12.9.0-amd64-netinst.iso,media=cdrom,size=632M",
    );
    check(
        "ide2",
        "local-lvm:cloudinit",
        "local-lvm:vm-200-cloudinit,media=cdrom",
    );
    check(
        "ide2",
        "local:cloudinit",
        "local:200/vm-200-cloudinit.qcow2,media=cdrom",
    );
    check(
        "efidisk0",
        "local-lvm:1,efitype=4m",
        "local-lvm:vm-200-disk-0,efitype=4m,size=4M",
    );
    check(
        "efidisk0",
        "local:1,efitype=4m,format=raw",
        "local:200/vm-200-disk-0.raw,efitype=4m,size=528K",
    );
    check(
        "tpmstate0",
        "local-lvm:1,version=v2.0",
        "local-lvm:vm-200-disk-0,size=4M,version=v2.0",
    );
    check(
        "scsi0",
        "ceph-pool:0,import-from=local:import/appliance.qcow2",
        "ceph-pool:vm-200-disk-0,size=2G",
    );
    check("scsi0", "/dev/sdb,size=1T", "/dev/sdb,size=1T");
}

#[test]
fn drives_that_cannot_be() {
    check("scsi0", "gone:8", "storage 'gone' does not exist");
    check(
        "ide2",
        "local:iso/gone.iso",
        "volume 'local:iso/gone.iso' does not exist",
    );
    check(
        "scsi0",
        "local-lvm:vm-101-disk-0",
        "volume 'local-lvm:vm-101-disk-0' is already in use by guest 101",
    );
    check(
        "scsi0",
        "local:0,import-from=local:import/gone.qcow2",
        "cannot import from 'local:import/gone.qcow2' - volume 'local:import/gone.qcow2' does not exist",
    );
}

#[test]
fn drives_of_containers() {
    let check = |wanted: &str, want: &str| {
        let drive = read_drive(Kind::Lxc, wanted);
        let made = lab().make_drive(&maker(Kind::Lxc), "mp0", &drive);
        assert_eq!(made.unwrap().text, want, "{wanted}");
    };
    check("local-lvm:8,mp=/a", "local-lvm:vm-200-disk-0,mp=/a,size=8G");
    check("local:8", "local:200/vm-200-disk-0.raw,size=8G");
    check("local:0", "local:200/subvol-200-disk-0.subvol,size=0");
    check("/mnt/a,mp=/b", "/mnt/a,mp=/b");
}

#[test]
fn one_drive_for_cloud_init() {
    let mut world = lab();
    let mut maker = maker(Kind::Qemu);
    let first = world.make_drive(&maker, "ide2", &read_drive(Kind::Qemu, "local:cloudinit"));
    maker.present.set("ide2", first.unwrap().text);
    let second = world.make_drive(&maker, "ide3", &read_drive(Kind::Qemu, "local:cloudinit"));
    let words = second.unwrap_err().to_string();
    assert_eq!(
        words,
        "ide3 - cloud-init drive is already attached at 'ide2'"
    );
}
