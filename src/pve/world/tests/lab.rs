//! The two worlds of the binary: they load, hold what must hold, and come back as they went.

use super::*;
use crate::pve::world::disk::Role;
use crate::pve::world::guest::{Kind, Status};
use crate::pve::world::invariants;
use crate::pve::world::storage::Content;

#[test]
fn both_worlds_hold_and_come_back() {
    for text in [DEFAULT, EMPTY] {
        let world = world(text);
        assert_eq!(invariants(&world), Vec::<String>::new());
        let exported = world.export();
        let again = World::read(&exported).unwrap();
        assert_eq!(again, world);
        assert_eq!(again.export(), exported);
        assert_eq!(again.export().to_string(), exported.to_string());
    }
}

/// What the consumers' end-to-end tests ask for (proxbox.md 1.5 and 1.7).
#[test]
fn the_lab_is_the_lab() {
    let lab = lab();
    assert_eq!(lab.cluster.name.as_deref(), Some("e2e-cluster"));
    let nodes: Vec<_> = lab.nodes.keys().map(NodeName::as_str).collect();
    assert_eq!(nodes, ["pve01", "pve02", "pve03"]);
    assert_eq!(lab.guests.len(), 10);
    let running = lab
        .guests
        .values()
        .filter(|guest| guest.status == Status::Running);
    assert_eq!(running.count(), 8);
    for (number, kind) in [(101, Kind::Qemu), (102, Kind::Lxc)] {
        let guest = &lab.guests[&vmid(number)];
        assert_eq!((guest.kind, guest.node.as_str()), (kind, "pve01"));
        assert!(guest.snapshots.contains_key("base"));
    }
    for volume in [
        "backup:101/vzdump-qemu-101-2026_01_01-00_00_00.vma.zst",
        "backup:102/vzdump-lxc-102-2026_01_01-00_00_00.tar.zst",
    ] {
        let id = volume.parse().unwrap();
        assert!(lab.volume(&id, &node("pve01")).is_some(), "{volume}");
    }
    let backups = lab.volumes.values().flat_map(|volumes| volumes.values());
    let backups = backups.filter(|volume| volume.content == Content::Backup);
    assert_eq!(backups.count(), 17);
    let snapshots = lab.guests.values().map(|guest| guest.snapshots.len());
    assert_eq!(snapshots.sum::<usize>(), 11);
    let drives = lab.guests.values().flat_map(|guest| guest.drives());
    assert_eq!(drives.filter(|drive| drive.role == Role::Disk).count(), 11);
    let cards = lab.guests.values().flat_map(|guest| guest.cards());
    assert_eq!(cards.filter(|card| card.mac.is_some()).count(), 8);
    assert_eq!(lab.tasks.tasks().count(), 10);
}

#[test]
fn every_collection_of_the_lab_has_something_in_it() {
    fn check(path: &str, value: &Value) {
        match value {
            Value::Array(items) => {
                // Only a job that leaves nobody out leaves nobody out.
                assert!(!items.is_empty() || path.ends_with("all-but"), "{path}");
            }
            Value::Object(members) => {
                for (key, value) in members {
                    check(&format!("{path}/{key}"), value);
                }
            }
            _ => {}
        }
    }
    let file = json(DEFAULT);
    check("", &file);
    let whole = json(DEFAULT);
    let exported = lab().export();
    for member in exported.as_object().unwrap().keys() {
        assert!(whole.get(member).is_some(), "default.json has no {member}");
    }
}

/// Proxbox's rule 6 (proxbox.md 2.8). It is no rule of all worlds: the product lets a bridge go that guests use.
#[test]
fn cards_of_the_lab_are_plugged_into_bridges() {
    let lab = lab();
    let vnets = &lab.sdn.running.vnets.0;
    for (vmid, guest) in &lab.guests {
        let network = &lab.nodes[&guest.node].network;
        for bridge in guest.cards().into_iter().filter_map(|card| card.bridge) {
            let known = network.get(&bridge);
            let known = known.is_some_and(|known| known.kind.is_bridge());
            assert!(known || vnets.contains_key(&bridge), "{vmid}: {bridge}");
        }
    }
}

#[test]
fn what_configurations_mean() {
    let lab = lab();
    let (web, ct) = (&lab.guests[&vmid(103)], &lab.guests[&vmid(102)]);
    assert_eq!(web.name(vmid(103)), "web-server-01");
    assert_eq!(web.tags(), Some("production;web"));
    assert_eq!((web.cpus(16), web.memory().bytes()), (4, 4 << 30));
    assert_eq!(web.boot_disk().unwrap().size.unwrap().to_string(), "40G");
    assert_eq!(web.cards()[0].mac.as_deref(), Some("BC:24:11:00:01:03"));
    assert_eq!(ct.name(vmid(102)), "e2e-lxc-102");
    assert_eq!(ct.swap().to_string(), "512M");
    assert_eq!(ct.boot_disk().unwrap().key, "rootfs");
    assert_eq!(lab.pool_of(vmid(103)), Some("production"));
    assert_eq!(lab.pool_of(vmid(105)), None);
    assert_eq!(lab.free_vmid(Vmid::FIRST), Some(vmid(100)));
    assert_eq!(lab.free_vmid(vmid(101)), Some(vmid(111)));
}

#[test]
fn cards_of_the_lab_are_plugged_in() {
    let world = lab();
    for guest in world.guests.values() {
        let network = &world.nodes[&guest.node].network;
        for bridge in guest.cards().into_iter().filter_map(|card| card.bridge) {
            assert!(network[&bridge].kind.is_bridge(), "{bridge}");
        }
    }
}
