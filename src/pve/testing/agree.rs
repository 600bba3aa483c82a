//! Whether all endpoints that show the same thing agree (proxmox.md 4.10).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::proxmox::service::testing::Desk;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;

mod access;

/// Everything that two endpoints tell differently; a sentence for each.
pub(in crate::pve) fn disagreements(desk: &Desk<World>) -> Vec<String> {
    let mut look = Look {
        desk,
        world: desk.world(),
        faults: Vec::new(),
    };
    let resources = look.list("/cluster/resources");
    for node in of_kind(&resources, "node") {
        look.node(node, &resources);
    }
    look.pools(&resources);
    look.access();
    look.faults
}

struct Look<'d> {
    desk: &'d Desk<World>,
    world: World,
    faults: Vec<String>,
}

/// The rows of `/cluster/resources` of one type.
fn of_kind<'r>(rows: &'r [Value], kind: &'r str) -> impl Iterator<Item = &'r Value> {
    rows.iter().filter(move |row| row["type"] == kind)
}

fn word<'r>(row: &'r Value, key: &str) -> &'r str {
    row[key].as_str().unwrap_or_default()
}

/// A value as it compares: what is left out is as good as nothing.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    if text == "0" { String::new() } else { text }
}

impl Look<'_> {
    fn ask(&mut self, path: &str) -> Value {
        let mut got = self.desk.look(path);
        if !got.status.starts_with("200") {
            self.faults.push(format!("GET {path}: {}", got.status));
        }
        got.body["data"].take()
    }

    fn list(&mut self, path: &str) -> Vec<Value> {
        match self.ask(path) {
            Value::Array(rows) => rows,
            _ => Vec::new(),
        }
    }

    /// Members of the same meaning have the same value; a pair of names where they are called differently.
    fn same(&mut self, of: &str, left: &Value, right: &Value, keys: &[(&str, &str)]) {
        for (one, other) in keys {
            let (left, right) = (plain(&left[one]), plain(&right[other]));
            self.equal(&format!("{of}: {one}"), &left, &right);
        }
    }

    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, of: &str, left: &T, right: &T) {
        if left != right {
            self.faults.push(format!("{of}: {left:?}, but {right:?}"));
        }
    }

    fn node(&mut self, row: &Value, resources: &[Value]) {
        let name = word(row, "node").to_owned();
        let listed = self.list("/nodes");
        let listed = listed.iter().find(|one| one["node"] == *name);
        let keys = [
            ("status", "status"),
            ("maxcpu", "maxcpu"),
            ("maxmem", "maxmem"),
            ("maxdisk", "maxdisk"),
        ];
        self.same(
            &format!("/nodes, {name}"),
            listed.unwrap_or(&Value::Null),
            row,
            &keys,
        );
        let here = |kind| of_kind(resources, kind).filter(|one| one["node"] == *name);
        if row["status"] != "online" {
            for guest in here("qemu").chain(here("lxc")) {
                self.equal(
                    &format!("{} of a node that is gone", guest["id"]),
                    &word(guest, "status"),
                    &"unknown",
                );
            }
            return;
        }
        let status = self.ask(&format!("/nodes/{name}/status"));
        let told = [
            &status["cpuinfo"]["cpus"],
            &status["memory"]["total"],
            &status["rootfs"]["total"],
        ];
        let shown = [&row["maxcpu"], &row["maxmem"], &row["maxdisk"]];
        self.equal(&format!("/nodes/{name}/status"), &told, &shown);
        for kind in ["qemu", "lxc"] {
            self.guests(&name, kind, &here(kind).collect::<Vec<_>>());
        }
        self.storages(&name, &here("storage").collect::<Vec<_>>());
    }

    fn guests(&mut self, node: &str, kind: &str, rows: &[&Value]) {
        let path = format!("/nodes/{node}/{kind}");
        let listed: BTreeMap<String, Value> = self
            .list(&path)
            .into_iter()
            .map(|row| (plain(&row["vmid"]), row))
            .collect();
        let shown: Vec<String> = rows.iter().map(|row| plain(&row["vmid"])).collect();
        let mut names: Vec<&String> = listed.keys().collect();
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or_default());
        self.equal(&path, &names, &shown.iter().collect());
        for row in rows {
            let path = format!("{path}/{}", row["vmid"]);
            let list = listed
                .get(&plain(&row["vmid"]))
                .cloned()
                .unwrap_or_default();
            let current = self.ask(&format!("{path}/status/current"));
            let config = self.ask(&format!("{path}/config"));
            for (place, told) in [("the list", &list), ("status/current", &current)] {
                let same = [
                    "name", "status", "tags", "template", "lock", "maxmem", "maxdisk", "uptime",
                ];
                let keys = same.map(|key| (key, key));
                let of = format!("{path}, {place}");
                self.same(&of, told, row, &keys);
                self.same(&of, told, row, &[("cpus", "maxcpu")]);
            }
            self.same(
                &format!("{path}/config"),
                &config,
                row,
                &[("tags", "tags"), ("template", "template"), ("lock", "lock")],
            );
            let name = if kind == "qemu" { "name" } else { "hostname" };
            if config.get(name).is_some() {
                self.same(&format!("{path}/config"), &config, row, &[(name, "name")]);
            }
            let managed = current["ha"]["managed"] == 1;
            self.equal(
                &format!("{path}: high availability"),
                &managed,
                &row.get("hastate").is_some(),
            );
        }
    }

    fn storages(&mut self, node: &str, rows: &[&Value]) {
        let path = format!("/nodes/{node}/storage");
        let listed = self.list(&path);
        for list in listed.iter().filter(|one| one["active"] == 1) {
            let id = word(list, "storage");
            let row = rows
                .iter()
                .find(|row| row["storage"] == id)
                .copied()
                .cloned()
                .unwrap_or_default();
            let keys = [
                ("used", "disk"),
                ("total", "maxdisk"),
                ("shared", "shared"),
                ("type", "plugintype"),
                ("content", "content"),
            ];
            self.same(&format!("{path}, {id}"), list, &row, &keys);
            let keys = [
                "used", "total", "avail", "active", "enabled", "shared", "type", "content",
            ];
            let status = self.ask(&format!("{path}/{id}/status"));
            self.same(
                &format!("{path}/{id}/status"),
                &status,
                list,
                &keys.map(|key| (key, key)),
            );
            self.volumes(node, id, list);
        }
        for row in rows.iter().filter(|row| row["status"] == "available") {
            let known = listed
                .iter()
                .any(|one| one["storage"] == row["storage"] && one["active"] == 1);
            self.equal(&format!("{path} has {}", row["storage"]), &known, &true);
        }
    }

    /// What a storage lists is what lies there, and fills it.
    fn volumes(&mut self, node: &str, id: &str, list: &Value) {
        let Ok(name) = node.parse::<NodeName>() else {
            return;
        };
        let Ok(storage) = id.parse() else { return };
        let path = format!("/nodes/{node}/storage/{id}/content");
        let told: BTreeSet<String> = self
            .list(&path)
            .iter()
            .map(|one| plain(&one["volid"]))
            .collect();
        let there = self.world.volumes_on(&storage, &name);
        let there: BTreeSet<String> = there.map(|(volume, _)| format!("{id}:{volume}")).collect();
        self.equal(&path, &told, &there);
        if let Some(shelf) = self.world.shelf(&storage, &name) {
            let used = self.world.used(&shelf).bytes();
            self.equal(
                &format!("{path}: used"),
                &list["used"].as_u64(),
                &Some(used),
            );
        }
    }

    fn pools(&mut self, resources: &[Value]) {
        let mut homes: BTreeMap<String, String> = BTreeMap::new();
        for pool in self.list("/pools") {
            let pool = word(&pool, "poolid").to_owned();
            // Older releases have no question for one pool.
            let index = self.desk.operation("GET /pools");
            let is_new = index.is_some_and(|index| index.parameter("poolid").is_some());
            let told = match is_new {
                true => self.list(&format!("/pools?poolid={pool}")),
                false => vec![self.ask(&format!("/pools/{pool}"))],
            };
            for member in told
                .first()
                .and_then(|told| told["members"].as_array())
                .into_iter()
                .flatten()
            {
                if member.get("vmid").is_some() {
                    homes.insert(plain(&member["id"]), pool.clone());
                }
            }
        }
        for row in of_kind(resources, "qemu").chain(of_kind(resources, "lxc")) {
            let id = plain(&row["id"]);
            let home = homes.get(&id).cloned().unwrap_or_default();
            self.equal(&format!("{id}: pool"), &plain(&row["pool"]), &home);
        }
    }
}
