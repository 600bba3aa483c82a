//! Names, numbers and refusals.

use super::*;

fn world() -> World {
    World::read_text(include_str!("../../../../fixtures/pve/default.json")).unwrap()
}

fn wanted(storage: &str, gibibytes: u64) -> Wanted {
    Wanted {
        storage: storage.parse().unwrap(),
        owner: Vmid::new(101).unwrap(),
        content: Content::Images,
        format: None,
        size: Size(gibibytes << 30),
        used: None,
        label: None,
    }
}

#[test]
fn names_on_each_type_of_storage() {
    use Format::{Qcow2, Raw, Subvol};
    use StorageKind::{Btrfs, Dir, Lvm, Rbd, Zfspool};
    let check = |kind: StorageKind, format: Format, want: &str| {
        let owner = Vmid::new(100).unwrap();
        assert_eq!(names::of_disk(kind, owner, "disk-3", format), want);
        assert_eq!(disk_number(want, owner), Some(3));
    };
    check(Dir, Qcow2, "100/vm-100-disk-3.qcow2");
    check(Dir, Subvol, "100/subvol-100-disk-3.subvol");
    check(Btrfs, Raw, "100/vm-100-disk-3.raw");
    check(Zfspool, Subvol, "subvol-100-disk-3");
    check(Lvm, Raw, "vm-100-disk-3");
    check(Rbd, Raw, "vm-100-disk-3");
}

#[test]
fn numbers_of_disks() {
    let check = |name: &str, want: Option<u32>| {
        assert_eq!(disk_number(name, Vmid::new(100).unwrap()), want, "{name}");
    };
    check("base-100-disk-1", Some(1));
    check("base-200-disk-1/vm-100-disk-7", Some(7));
    check("200/base-200-disk-0.qcow2/100/vm-100-disk-2.qcow2", Some(2));
    check("basevol-100-disk-0", Some(0));
    check("vm-100-cloudinit", None);
    check("vm-1000-disk-0", None);
    check("iso/vm.iso", None);
}

#[test]
fn volumes_come_and_go() {
    let mut world = world();
    let now = "2026-01-05T12:00:00Z".parse().unwrap();
    let node: NodeName = "pve01".parse().unwrap();
    let id = world.allocate(&node, wanted("local-lvm", 8), now).unwrap();
    assert_eq!(id.to_string(), "local-lvm:vm-101-disk-1");
    world.resize_volume(&id, &node, Size(9 << 30)).unwrap();
    assert_eq!(
        world.resize_volume(&id, &node, Size(1)),
        Err(VolumeFault::Shrinking)
    );
    assert!(world.remove_volume(&id, &node).is_ok());
    assert!(world.remove_volume(&id, &node).is_err());
    let faults = crate::pve::world::invariants(&world);
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn what_is_refused() {
    let mut world = world();
    let now = "2026-01-05T12:00:00Z".parse().unwrap();
    let node: NodeName = "pve01".parse().unwrap();
    let mut check = |wanted: Wanted, words: &str| {
        let refusal = world.allocate(&node, wanted, now).unwrap_err();
        assert_eq!(refusal.to_string(), words);
    };
    check(wanted("gone", 1), "storage 'gone' does not exist");
    check(
        wanted("backup", 1),
        "storage 'backup' does not support content-type 'images'",
    );
    let vmdk = Wanted {
        format: Some(Format::Vmdk),
        ..wanted("local-lvm", 1)
    };
    check(vmdk, "unsupported format 'vmdk'");
    let taken = Wanted {
        used: Some(Size(1 << 50)),
        ..wanted("ceph-pool", 1 << 20)
    };
    let refusal = world.allocate(&node, taken, now).unwrap_err();
    assert!(matches!(refusal, VolumeFault::Full { .. }));
}
