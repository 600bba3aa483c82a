//! Pools, users and the tree of permissions: free of the dead.

use std::collections::BTreeMap;

use super::super::World;
use super::super::permission_path::is_permission_path;
use super::Report;
use crate::proxmox::Edition;
use crate::proxmox::acl::{Entry, Subject};
use crate::proxmox::identity::UserId;
use crate::proxmox::role::Catalog;
use crate::proxmox::second_factor::{FactorKind, RECOVERY};

pub(super) fn check(world: &World, report: &mut Report) {
    pools(world, report);
    users(world, report);
    factors(world, report);
    realms(world, report);
    let catalogs = [Edition::Pve7, Edition::Pve8, Edition::Pve9].map(Catalog::new);
    let is_role = |name: &str| {
        let predefined = catalogs.iter().any(|catalog| catalog.role(name).is_some());
        predefined || world.access.directory.roles.contains_key(name)
    };
    for (role, privileges) in &world.access.directory.roles {
        for name in privileges {
            let known = catalogs
                .iter()
                .any(|catalog| catalog.privilege(name).is_some());
            report.expect(
                known,
                format!("access.roles.{role}"),
                format!("privilege {name}"),
            );
        }
    }
    for entry in world.access.acl.entries() {
        let place = format!("access.acl[{:?}]", entry.path);
        report.expect(is_role(entry.role), &*place, format!("role {}", entry.role));
        permission(world, entry, &place, report);
    }
}

/// What realms say about themselves and about whom they know.
fn realms(world: &World, report: &mut Report) {
    let realms = &world.access.realms;
    let defaults = realms
        .values()
        .filter(|realm| realm.is_set("default") == Some(true));
    if defaults.count() > 1 {
        report.add("access.realms", "more than one realm is the default");
    }
    for (name, realm) in realms {
        for (group, members) in &realm.remote.groups {
            for member in members {
                let path = format!("access.realms.{name}.remote.groups.{group}");
                let known = realm.remote.users.contains_key(member);
                report.expect(known, path, format!("user {member}"));
            }
        }
    }
}

/// Recovery keys are found by their id.
fn factors(world: &World, report: &mut Report) {
    for (id, user) in &world.access.directory.users {
        for (name, factor) in &user.factors {
            if (name == RECOVERY) != (factor.kind == FactorKind::Recovery) {
                let path = format!("access.users[\"{id}\"].factors.{name}");
                let text = "recovery keys, and nothing else, have the id `recovery`";
                report.add(path, text);
            }
        }
    }
}

fn pools(world: &World, report: &mut Report) {
    let mut homes = BTreeMap::new();
    for (name, pool) in &world.pools {
        let path = format!("pools[{name:?}]");
        for vmid in &pool.guests {
            let place = format!("{path}.guests");
            report.expect(
                world.guests.contains_key(vmid),
                &*place,
                format!("guest {vmid}"),
            );
            if let Some(other) = homes.insert(vmid, name) {
                report.add(place, format!("guest {vmid} is in pool {other} already"));
            }
        }
        for storage in &pool.storages {
            let known = world.storages.contains_key(storage);
            report.expect(
                known,
                format!("{path}.storages"),
                format!("storage {storage}"),
            );
        }
        if let Some((parent, _)) = name.rsplit_once('/') {
            report.expect(
                world.pools.contains_key(parent),
                path,
                format!("pool {parent}"),
            );
        }
    }
}

fn users(world: &World, report: &mut Report) {
    let directory = &world.access.directory;
    if !directory.users.contains_key(&UserId::root()) {
        report.add("access.users", "root@pam always exists");
    }
    for (name, group) in &directory.groups {
        for user in &group.members {
            report.expect(
                directory.users.contains_key(user),
                format!("access.groups[{name:?}].members"),
                format!("user {user}"),
            );
        }
    }
}

/// Whom an entry is for exists.
fn permission(world: &World, entry: Entry<'_>, place: &str, report: &mut Report) {
    let directory = &world.access.directory;
    match entry.subject {
        Subject::User(user) => {
            let known = directory.users.contains_key(user);
            report.expect(known, place, format!("user {user}"));
        }
        Subject::Group(group) => {
            let known = directory.groups.contains_key(&**group);
            report.expect(known, place, format!("group {group}"));
        }
        Subject::Token(token) => {
            let known = directory.separation(token).is_some();
            report.expect(known, place, format!("token {token}"));
        }
    }
    // Whether there is what the path names does not matter to the product, and so it does not here.
    let editions = [Edition::Pve7, Edition::Pve8, Edition::Pve9];
    if !editions
        .into_iter()
        .any(|edition| is_permission_path(edition, entry.path))
    {
        report.add(place, "no permissions can stand on this path");
    }
}
