//! Nodes, jobs, high availability, replication, tasks and plain sections.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::World;
use super::super::ceph::{FILE_SYSTEMS, HOSTED, POOLS};
use super::super::ha::{Affinity, Sid};
use super::super::ids::Vmid;
use super::Report;

pub(super) fn check(world: &World, report: &mut Report) {
    nodes(world, report);
    backup_jobs(world, report);
    ha(world, report);
    for (id, job) in &world.replication {
        let path = format!("replication.{id}");
        report.expect(
            world.guests.contains_key(&id.guest),
            &*path,
            format!("guest {}", id.guest),
        );
        report.expect(
            world.nodes.contains_key(&job.target),
            format!("{path}.target"),
            format!("node {}", job.target),
        );
        let home = world.guests.get(&id.guest).map(|guest| &guest.node);
        if home == Some(&job.target) {
            report.add(format!("{path}.target"), "the guest is on this node itself");
        }
    }
    let mut upids = BTreeSet::new();
    // A guest that a task worked on may be gone; the node is where its log is.
    for (n, entry) in world.tasks.entries().enumerate() {
        let upid = &entry.task.upid;
        let known = world.nodes.keys().any(|node| node.as_str() == upid.node);
        report.expect(
            known,
            format!("tasks.list[{n}].upid"),
            format!("node {}", upid.node),
        );
        if !upids.insert(upid.to_string()) {
            report.add(
                format!("tasks.list[{n}].upid"),
                format!("{upid} is there already"),
            );
        }
    }
    sections(world, report);
}

fn nodes(world: &World, report: &mut Report) {
    if world.nodes.is_empty() {
        report.add("nodes", "must have a node");
    }
    if world.cluster.name.is_none() && world.nodes.len() > 1 {
        report.add(
            "cluster.name",
            "several nodes are a cluster, and a cluster has a name",
        );
    }
    let mut numbers = BTreeMap::new();
    for (name, node) in &world.nodes {
        if let Some(other) = numbers.insert(node.id, name) {
            report.add(
                format!("nodes.{name}.id"),
                format!("{} is the number of {other}", node.id),
            );
        }
        let rooms = [
            ("memory", node.memory),
            ("swap", node.swap),
            ("root", node.root),
        ];
        for (what, room) in rooms {
            if room.used > room.size {
                report.add(
                    format!("nodes.{name}.{what}.used"),
                    format!("{} is more than its size {}", room.used, room.size),
                );
            }
        }
    }
}

fn backup_jobs(world: &World, report: &mut Report) {
    for (id, job) in &world.backup_jobs {
        let path = |member: &str| format!("backup-jobs.{id}.{member}");
        if let Some(storage) = &job.storage {
            let known = world.storages.contains_key(storage);
            let known = known || world.hidden.contains_key(storage);
            report.expect(known, path("storage"), format!("storage {storage}"));
        }
        if let Some(node) = &job.node {
            report.expect(
                world.nodes.contains_key(node),
                path("node"),
                format!("node {node}"),
            );
        }
        // A guest that is deleted without `purge` stays in its jobs, as a deleted pool does: so it is in the product.
    }
}

fn ha(world: &World, report: &mut Report) {
    let is_guest = |sid: &Sid| {
        let guest = world.guests.get(&sid.vmid);
        guest.is_some_and(|guest| guest.kind == sid.kind)
    };
    let mut nodes = Vec::new();
    for (sid, resource) in &world.ha.resources {
        let path = format!("ha.resources[\"{sid}\"]");
        report.expect(is_guest(sid), &*path, format!("guest {sid}"));
        if let Some(group) = &resource.group {
            let known = world.ha.groups.contains_key(group);
            report.expect(known, format!("{path}.group"), format!("HA group {group}"));
        }
    }
    for (name, group) in &world.ha.groups {
        nodes.push((format!("ha.groups.{name}.nodes"), &group.nodes));
    }
    for (name, rule) in &world.ha.rules {
        for sid in &rule.resources {
            let known = world.ha.resources.contains_key(sid);
            report.expect(
                known,
                format!("ha.rules.{name}.resources"),
                format!("HA resource {sid}"),
            );
        }
        if let Affinity::Nodes(wanted) = &rule.affinity {
            nodes.push((format!("ha.rules.{name}.affinity"), wanted));
        }
    }
    for (path, wanted) in nodes {
        for node in wanted.keys() {
            report.expect(
                world.nodes.contains_key(node),
                &*path,
                format!("node {node}"),
            );
        }
    }
}

/// Collections stand under something that exists.
fn sections(world: &World, report: &mut Report) {
    let collections = world.sections.keys().map(|path| ("sections", path));
    let lists = world.lists.keys().map(|path| ("lists", path));
    let options = world.options.keys().map(|path| ("options", path));
    for (member, path) in collections.chain(lists).chain(options) {
        let place = format!("{member}[{path:?}]");
        match path.split('/').collect::<Vec<_>>()[..] {
            ["nodes", node, ..] => {
                let known = world.nodes.keys().any(|known| known.as_str() == node);
                report.expect(known, place, format!("node {node}"));
            }
            // A file of rules may come before its guest, as in the product.
            ["guests", vmid, "firewall", ..] if vmid.parse::<Vmid>().is_ok() => {}
            ["guests", vmid, ..] => {
                let known = vmid
                    .parse()
                    .is_ok_and(|vmid| world.guests.contains_key(&vmid));
                report.expect(known, place, format!("guest {vmid}"));
            }
            ["cluster", "sdn", ..] if member == "sections" => {
                report.add(place, "software-defined networks are in `sdn`");
            }
            ["cluster", "sdn", "vnets", vnet, ..] => {
                let known = world.sdn.running.vnets.0.contains_key(vnet);
                report.expect(known, place, format!("vnet {vnet}"));
            }
            ["cluster", "firewall", "groups", name] => {
                let known = has_section(world, "cluster/firewall/groups", name);
                report.expect(known, place, format!("security group {name}"));
            }
            ["cluster", "firewall", "ipset", name] => {
                let known = has_section(world, "cluster/firewall/ipset", name);
                report.expect(known, place, format!("ipset {name}"));
            }
            _ => {}
        }
    }
    ceph(world, report);
    matchers(world, report);
}

/// Messages go somewhere.
fn matchers(world: &World, report: &mut Report) {
    let kinds = ["sendmail", "gotify", "smtp", "webhook"];
    let endpoints = kinds.map(|kind| format!("cluster/notifications/endpoints/{kind}"));
    let file = "cluster/notifications/matchers";
    for (name, matcher) in world.sections.get(file).into_iter().flat_map(|all| &all.0) {
        let targets = matcher.properties.get("target").and_then(Value::as_array);
        for target in targets.into_iter().flatten().filter_map(Value::as_str) {
            let known = endpoints
                .iter()
                .any(|file| has_section(world, file, target));
            let place = format!("sections[{file:?}][{name:?}].target");
            report.expect(known, place, format!("target {target}"));
        }
    }
}

/// What Ceph has on nodes, it has on nodes that are there; file systems lie in pools that are.
fn ceph(world: &World, report: &mut Report) {
    for file in HOSTED {
        for (id, thing) in world.ceph_things(file) {
            let host = thing
                .get("host")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let known = world.nodes.keys().any(|node| node.as_str() == host);
            let place = format!("sections[{file:?}][{id:?}].host");
            report.expect(known, place, format!("node {host}"));
        }
    }
    for (name, system) in world.ceph_things(FILE_SYSTEMS) {
        for member in ["data_pool", "metadata_pool"] {
            let pool = system
                .get(member)
                .and_then(Value::as_str)
                .unwrap_or_default();
            let place = format!("sections[{FILE_SYSTEMS:?}][{name:?}].{member}");
            let known = has_section(world, POOLS, pool);
            report.expect(known, place, format!("pool {pool}"));
        }
    }
}

fn has_section(world: &World, path: &str, id: &str) -> bool {
    let sections = world.sections.get(path);
    sections.is_some_and(|sections| sections.0.contains_key(id))
}
