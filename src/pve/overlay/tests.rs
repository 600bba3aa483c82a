//! Files laid over the lab: what becomes of them, and that the rules of a world hold whatever they leave out.

use serde_json::{Value, json};

use super::*;
use crate::proxmox::overlay::Overlay;

mod parts;

/// A file in the form of proxbox.md 1.7, with as many keys as that has.
const FILE: &str = include_str!("../../../tests/it/pve/overlay.json");

/// The lab.
fn lab() -> World {
    World::read_text(include_str!("../../../fixtures/pve/default.json")).unwrap()
}

/// The lab with a file over it, and what was remarked.
fn laid(file: &str) -> (World, Vec<String>) {
    let mut world = lab();
    let mut overlay = Overlay::parse(file).unwrap();
    lay(&mut world, &mut overlay);
    let remarks = overlay.remarks().iter();
    let remarks = remarks.map(|one| format!("{} {}", one.key, one.text));
    (world, remarks.collect())
}

/// The same of answers by path below `/api2/json`, each what stands under `data`.
fn laid_of(answers: &Value) -> (World, Vec<String>) {
    let answers = answers.as_object().unwrap().iter();
    let file: serde_json::Map<String, Value> = answers
        .map(|(path, data)| (format!("/api2/json{path}"), json!({ "data": data })))
        .collect();
    laid(&Value::Object(file).to_string())
}

#[test]
fn the_whole_file() {
    let (world, remarks) = laid(FILE);
    assert_eq!(remarks, [""; 0]);
    assert_eq!(invariants(&world), [""; 0]);
    assert_eq!(world.nodes.len(), 3);
    assert_eq!(world.guests.len(), 10);
    let storages: Vec<_> = world.storages.keys().map(ToString::to_string).collect();
    assert_eq!(
        storages,
        ["backup", "ceph-pool", "local", "local-lvm", "nfs-backup"]
    );
    let volumes = world.volumes.values().flat_map(|volumes| volumes.values());
    let backups = volumes.filter(|volume| !volume.is_disk()).count();
    assert_eq!(backups, 17);
    let snapshots: usize = world
        .guests
        .values()
        .map(|guest| guest.snapshots.len())
        .sum();
    assert_eq!(snapshots, 11);
    assert_eq!(world.tasks.tasks().count(), 10);
    // The file's own bridge, which the lab does not have.
    let node = world
        .nodes
        .iter()
        .find(|(name, _)| name.as_str() == "pve02");
    assert!(node.unwrap().1.network.contains_key("vmbr2"));
}

#[test]
fn what_is_left_out_of_the_file() {
    let whole: Value = serde_json::from_str(FILE).unwrap();
    let keys: Vec<&String> = whole.as_object().unwrap().keys().collect();
    for (n, key) in keys.iter().enumerate() {
        let mut file = whole.clone();
        file.as_object_mut().unwrap().shift_remove(*key);
        let (world, _) = laid(&file.to_string());
        assert_eq!(invariants(&world), [""; 0], "without {key}");
        // And with nothing but every other key from there on.
        let some: serde_json::Map<String, Value> = keys[n..]
            .iter()
            .step_by(2)
            .map(|key| ((*key).clone(), whole[key.as_str()].clone()))
            .collect();
        let (world, _) = laid(&Value::Object(some).to_string());
        assert_eq!(invariants(&world), [""; 0], "every other from {key}");
    }
}

#[test]
fn nothing_changes_nothing() {
    let (world, remarks) = laid("{}");
    assert_eq!(world, lab());
    assert_eq!(remarks, [""; 0]);
}
