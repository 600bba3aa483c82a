//! Changes of running and stopped guests.

use super::*;
use crate::pve::world::guest::Status;
use crate::pve::world::invariants;
use crate::pve::world::make::{Maker, read_drive};

fn lab() -> World {
    World::read_text(include_str!("../../../../fixtures/pve/default.json")).unwrap()
}

fn vmid(number: u32) -> Vmid {
    Vmid::new(number).unwrap()
}

fn edit(set: &[(&str, &str)], delete: &[&str]) -> Edit {
    Edit {
        set: set
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()))
            .collect(),
        delete: delete.iter().map(|key| (*key).to_owned()).collect(),
        ..Edit::default()
    }
}

fn new_disk(world: &mut World, guest: u32, text: &str) -> String {
    let known = &world.guests[&vmid(guest)];
    let maker = Maker {
        vmid: vmid(guest),
        kind: known.kind,
        node: known.node.clone(),
        storage: None,
        present: known.config.clone(),
        now: "2026-01-05T12:00:00Z".parse().unwrap(),
    };
    let drive = read_drive(maker.kind, text);
    world.make_drive(&maker, "scsi1", &drive).unwrap().text
}

#[test]
fn what_waits_and_what_does_not() {
    // 101 is a running machine, 102 a running container, 105 a stopped machine.
    let check = |guest: u32, key: &str, value: &str, waits: bool| {
        let mut world = lab();
        world.edit(vmid(guest), &edit(&[(key, value)], &[]));
        let known = &world.guests[&vmid(guest)];
        assert_eq!(known.pending.contains(key), waits, "{guest} {key}");
        assert_eq!(
            known.config.text(key) == Some(value),
            !waits,
            "{guest} {key}"
        );
    };
    for (key, value) in [
        ("name", "x"),
        ("tags", "a"),
        ("onboot", "0"),
        ("cpulimit", "1"),
    ] {
        check(101, key, value, false);
    }
    for (key, value) in [
        ("memory", "4096"),
        ("cores", "4"),
        ("cpu", "host"),
        ("vga", "qxl"),
    ] {
        check(101, key, value, true);
        check(105, key, value, false);
    }
    check(101, "net0", "virtio=BC:24:11:00:00:01,bridge=vmbr0", false);
    check(101, "ide2", "none,media=cdrom", true);
    for (key, value) in [("memory", "4096"), ("cores", "4"), ("hostname", "x")] {
        check(102, key, value, false);
    }
    check(102, "features", "fuse=1", true);
}

#[test]
fn disks_come_and_go() {
    let mut world = lab();
    let text = new_disk(&mut world, 101, "local-lvm:8");
    world.edit(vmid(101), &edit(&[("scsi1", &text)], &[]));
    assert!(world.guests[&vmid(101)].pending.is_empty());
    world.edit(vmid(101), &edit(&[], &["scsi1"]));
    let guest = &world.guests[&vmid(101)];
    assert_eq!(
        guest.config.text("unused0"),
        Some("local-lvm:vm-101-disk-1")
    );
    assert!(!guest.config.contains("scsi1"));
    world.edit(vmid(101), &edit(&[("scsi2", &text)], &[]));
    assert!(!world.guests[&vmid(101)].config.contains("unused0"));
    let force = Edit {
        force: true,
        ..edit(&[], &["scsi2"])
    };
    world.edit(vmid(101), &force);
    let node = "pve01".parse().unwrap();
    let id = "local-lvm:vm-101-disk-1".parse().unwrap();
    assert_eq!(world.volume(&id, &node), None);
    // The first disk is in a snapshot.
    let force = Edit {
        force: true,
        ..edit(&[], &["scsi0"])
    };
    let (key, text) = world.edit_refusal(vmid(101), &force).unwrap();
    assert_eq!(key, "scsi0");
    assert!(
        text.ends_with("volume is still in use (snapshot?)"),
        "{text}"
    );
    assert!(invariants(&world).is_empty());
}

#[test]
fn what_waits_comes_with_the_stop() {
    let mut world = lab();
    let changes = edit(&[("cores", "4"), ("memory", "4096")], &["cpu"]);
    world.edit(vmid(101), &changes);
    let revert = Edit {
        revert: vec!["memory".to_owned()],
        ..Edit::default()
    };
    world.edit(vmid(101), &revert);
    let waiting: Vec<_> = world.guests[&vmid(101)].pending.iter().collect();
    let set = Pending::Set("4".to_owned());
    assert_eq!(waiting, [("cpu", &Pending::Delete), ("cores", &set)]);
    world.guests.get_mut(&vmid(101)).unwrap().status = Status::Stopped;
    world.apply_pending(vmid(101));
    let guest = &world.guests[&vmid(101)];
    assert!(guest.pending.is_empty());
    assert_eq!(guest.config.text("cores"), Some("4"));
    assert_eq!(guest.config.text("memory"), Some("2048"));
    assert!(!guest.config.contains("cpu"));
}

#[test]
fn the_order_of_booting_follows() {
    let mut world = lab();
    world.edit(vmid(105), &edit(&[("ide2", "none,media=cdrom")], &[]));
    let boot = |world: &World| {
        world.guests[&vmid(105)]
            .config
            .text("boot")
            .map(str::to_owned)
    };
    assert_eq!(boot(&world).as_deref(), Some("order=scsi0;net0;ide2"));
    world.edit(vmid(105), &edit(&[], &["net0"]));
    assert_eq!(boot(&world).as_deref(), Some("order=scsi0;ide2"));
}
