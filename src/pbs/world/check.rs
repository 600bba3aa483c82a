//! What must be true of every backup server: names lead somewhere, trees are trees. A world file is refused by
//! these rules, and every change of a world keeps them: [`invariants`] is what tests ask after each step.

use serde_json::Value;

use super::World;
use super::content::Content;
use super::ids::Namespace;
use super::tape::Location;
use crate::contract::Problem;
use crate::proxmox::Edition;
use crate::proxmox::acl::Subject;
use crate::proxmox::identity::UserId;
use crate::proxmox::role::Catalog;
use crate::proxmox::rust_access::REALMS;
use crate::proxmox::world_file::Report;

/// Everything that is wrong with a world, each in a sentence with its path; nothing is the only good answer.
pub fn invariants(world: &World) -> Vec<String> {
    let problems = problems(world).into_iter();
    problems
        .map(|Problem { path, message }| format!("{path}: {message}"))
        .collect()
}

/// The same as problems of a world file.
pub(super) fn problems(world: &World) -> Vec<Problem> {
    let mut report = Report::default();
    stores(world, &mut report);
    tapes(world, &mut report);
    accounts(world, &mut report);
    sections(world, &mut report);
    for (n, entry) in world.tasks.entries().enumerate() {
        let node = &entry.task.upid.node;
        let path = format!("tasks.list[{n}].upid");
        report.expect(*node == world.node.name, path, format!("node {node}"));
    }
    report.into_problems()
}

fn stores(world: &World, report: &mut Report) {
    let mut paths = std::collections::BTreeMap::new();
    for (name, store) in &world.datastores {
        let path = format!("datastores.{name}");
        content(&store.namespaces, &format!("{path}.namespaces"), report);
        let device = store.options.text("backing-device").unwrap_or_default();
        if let Some(other) = paths.insert((device, &store.path), name) {
            report.add(
                format!("{path}.path"),
                format!("is that of {other} already"),
            );
        }
        let taken = store.namespaces.stored().saturating_add(store.garbage);
        if taken.saturating_add(store.foreign) > store.size {
            report.add(format!("{path}.size"), "is less than what is used");
        }
    }
    for (remote, stores) in &world.remotes {
        let path = format!("remotes.{remote}");
        let known = world.section("config/remote", remote).is_some();
        report.expect(known, &*path, format!("remote {remote}"));
        for (name, store) in stores {
            content(store, &format!("{path}.{name}"), report);
        }
    }
}

fn content(content: &Content, path: &str, report: &mut Report) {
    let root = Namespace::root();
    if !content.0.contains_key(&root) {
        report.add(path, "the root namespace (\"\") always exists");
    }
    for namespace in content.0.keys() {
        let parent = namespace.parent().unwrap_or_default();
        let known = content.0.contains_key(&parent);
        report.expect(
            known,
            format!("{path}[\"{namespace}\"]"),
            format!("namespace {parent}"),
        );
    }
    for (namespace, id, group) in content.groups() {
        let place = format!("{path}[\"{namespace}\"].groups[\"{id}\"]");
        if group.snapshots.is_empty() {
            report.add(&*place, "a group has a snapshot");
        }
        for (time, snapshot) in &group.snapshots {
            let mut names: Vec<_> = snapshot.files.iter().map(|file| &file.name).collect();
            names.sort();
            names.dedup();
            if names.len() != snapshot.files.len() {
                report.add(format!("{place}.snapshots[\"{time}\"]"), "has a file twice");
            }
        }
    }
}

fn tapes(world: &World, report: &mut Report) {
    for (id, drive) in world.sections_of("config/drive") {
        if let Some(changer) = drive.properties.get("changer").and_then(Value::as_str) {
            let known = world.section("config/changer", changer).is_some();
            let path = format!("sections[\"config/drive\"].{id}.changer");
            report.expect(known, path, format!("changer {changer}"));
        }
    }
    for (uuid, medium) in &world.media {
        let path = format!("media[\"{uuid}\"]");
        let place = format!("{path}.location");
        match &medium.location {
            Location::Slot { changer, .. } => {
                let known = world.section("config/changer", changer).is_some();
                report.expect(known, place, format!("changer {changer}"));
            }
            Location::Drive { drive, .. } => {
                report.expect(world.has_drive(drive), place, format!("drive {drive}"));
            }
            Location::Offline | Location::Vault(_) => {}
        }
        if medium.set.is_none() && !medium.snapshots.is_empty() {
            report.add(format!("{path}.snapshots"), "a tape of no set is empty");
        }
    }
}

fn accounts(world: &World, report: &mut Report) {
    let directory = &world.access.directory;
    if !directory.users.contains_key(&UserId::root()) {
        report.add("access.users", "root@pam always exists");
    }
    for user in directory.users.keys() {
        let realm = user.realm();
        let known = world.section(REALMS, realm).is_some();
        report.expect(
            known,
            format!("access.users[\"{user}\"]"),
            format!("realm {realm}"),
        );
    }
    let catalog = Catalog::new(Edition::Pbs);
    for entry in world.access.acl.entries() {
        let place = format!("access.acl[{:?}]", entry.path);
        let known = catalog.role(entry.role).is_some();
        report.expect(known, &*place, format!("role {}", entry.role));
        match entry.subject {
            Subject::User(user) => {
                report.expect(directory.has_user(user), place, format!("user {user}"));
            }
            Subject::Token(token) => {
                let known = directory.separation(token).is_some();
                report.expect(known, place, format!("token {token}"));
            }
            Subject::Group(group) => report.add(place, format!("there are no groups ({group})")),
        }
    }
}

/// The sections that every installation has.
fn sections(world: &World, report: &mut Report) {
    for realm in ["pam", "pbs"] {
        let known = world.section(REALMS, realm).is_some();
        report.expect(
            known,
            format!("sections[\"{REALMS}\"]"),
            format!("realm {realm}"),
        );
    }
}
