//! Guests: which there are, how they are configured, whether they run, and their snapshots.
//!
//! A guest that the file speaks of is what the file says and nothing of what the world had under its number, so
//! that no disk or note of another machine stays with it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::forgotten;
use super::values::{Row, is_set, number, plain, text};
use crate::proxmox::overlay::Overlay;
use crate::proxmox::world_file;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::{NodeName, Vmid};
use crate::pve::world::ordered::Ordered;
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage};

mod snapshots;

/// A guest as the file shows it, put together from everything that names it.
#[derive(Debug)]
struct Said {
    kind: Kind,
    node: NodeName,
    /// Members of the lists and of `status/current`; what came first stays.
    row: Row,
    config: Option<Ordered<String>>,
    parent: Option<String>,
    lock: Option<String>,
}

pub(super) fn lay(world: &mut World, overlay: &mut Overlay) {
    let mut said: BTreeMap<Vmid, Said> = BTreeMap::new();
    let mut listed = Vec::new();
    let before: Vec<Vmid> = world.guests.keys().copied().collect();
    states(&mut said, overlay);
    if let Some(rows) = overlay.rows("/cluster/resources") {
        let guests = rows.into_iter().filter(|row| row.contains_key("vmid"));
        let rows: Vec<_> = guests.collect();
        if !rows.is_empty() {
            world.guests.clear();
        }
        for row in rows {
            let kind = kind(&text(&row, "type").unwrap_or_default());
            let node = text(&row, "node").and_then(|node| node.parse().ok());
            hear(&mut said, overlay, "/cluster/resources", kind, node, row);
        }
    }
    for form in ["/nodes/{}/qemu", "/nodes/{}/lxc"] {
        for found in overlay.like(form) {
            let kind = kind(form.trim_start_matches("/nodes/{}/"));
            let node = found.parts.first().and_then(|node| node.parse().ok());
            if let Some(rows) = overlay.rows(&found.path) {
                listed.push((kind, node.clone()));
                for row in rows {
                    hear(&mut said, overlay, &found.path, kind, node.clone(), row);
                }
            }
        }
    }
    let is_listed = |guest: &Guest| {
        let mut listed = listed.iter();
        listed.any(|(kind, node)| *kind == Some(guest.kind) && node.as_ref() == Some(&guest.node))
    };
    world.guests.retain(|_, guest| !is_listed(guest));
    configs(&mut said, overlay);
    let guests = &world.guests;
    let is_gone = |vmid| said.contains_key(&vmid) || !guests.contains_key(&vmid);
    let gone: Vec<Vmid> = before.into_iter().filter(|vmid| is_gone(*vmid)).collect();
    forgotten::disks(world, |vmid| gone.contains(&vmid));
    let pools: Vec<_> = said
        .iter()
        .filter_map(|(vmid, said)| Some((*vmid, text(&said.row, "pool")?)))
        .collect();
    for (vmid, said) in said {
        let guest = made(vmid, said, world, overlay);
        world.guests.insert(vmid, guest);
    }
    snapshots::lay(world, overlay);
    enter(world, pools);
}

fn kind(word: &str) -> Option<Kind> {
    match word {
        "qemu" => Some(Kind::Qemu),
        "lxc" | "openvz" => Some(Kind::Lxc),
        _ => None,
    }
}

/// Adds a row of a list to what is known of its guest.
fn hear(
    all: &mut BTreeMap<Vmid, Said>,
    overlay: &mut Overlay,
    path: &str,
    kind: Option<Kind>,
    node: Option<NodeName>,
    row: Row,
) {
    let vmid = text(&row, "vmid").unwrap_or_default();
    let (Ok(vmid), Some(kind), Some(node)) = (vmid.parse::<Vmid>(), kind, node) else {
        overlay.remark(
            path,
            format!("has a guest that is left out: {}", Value::Object(row)),
        );
        return;
    };
    let said = all.entry(vmid).or_insert_with(|| Said::new(kind, node));
    for (name, value) in row {
        said.row.entry(name).or_insert(value);
    }
}

impl Said {
    fn new(kind: Kind, node: NodeName) -> Self {
        Self {
            kind,
            node,
            row: Row::new(),
            config: None,
            parent: None,
            lock: None,
        }
    }
}

/// A guest's own entries: path, kind and number.
fn own(overlay: &Overlay, end: &str) -> Vec<(String, Kind, NodeName, Vmid)> {
    let mut found = Vec::new();
    for word in ["qemu", "lxc"] {
        for entry in overlay.like(&format!("/nodes/{{}}/{word}/{{}}/{end}")) {
            if let [node, vmid, ..] = &entry.parts[..]
                && let (Some(kind), Ok(node), Ok(vmid)) = (kind(word), node.parse(), vmid.parse())
            {
                found.push((entry.path, kind, node, vmid));
            }
        }
    }
    found
}

/// What a guest does at the moment comes first: only of it is it known for certain.
fn states(all: &mut BTreeMap<Vmid, Said>, overlay: &mut Overlay) {
    for (path, kind, node, vmid) in own(overlay, "status/current") {
        let Some(mut row) = overlay.object(&path) else {
            continue;
        };
        row.insert("vmid".to_owned(), json!(vmid.number()));
        hear(all, overlay, &path, Some(kind), Some(node), row);
    }
}

fn configs(all: &mut BTreeMap<Vmid, Said>, overlay: &mut Overlay) {
    for (path, kind, node, vmid) in own(overlay, "config") {
        let Some(answer) = overlay.object(&path) else {
            continue;
        };
        let said = all
            .entry(vmid)
            .or_insert_with(|| Said::new(kind, node.clone()));
        // The place of the configuration is where the guest's own calls go.
        (said.kind, said.node) = (kind, node);
        said.parent = text(&answer, "parent");
        said.lock = text(&answer, "lock");
        let mut config = Ordered::default();
        for (key, value) in answer {
            match plain(&value) {
                _ if matches!(key.as_str(), "digest" | "parent" | "lock") => {}
                Some(value) => drop(config.set(&key, value)),
                None => {
                    overlay.remark(&path, format!("{key} is left out: it is no text or number"))
                }
            }
        }
        said.config = Some(config);
    }
}

/// The guest of all that was said.
fn made(vmid: Vmid, said: Said, world: &World, overlay: &mut Overlay) -> Guest {
    let path = format!("guest {vmid}");
    let config = config(vmid, &said, world);
    let is_template = config.text("template") == Some("1");
    let Said {
        kind, node, row, ..
    } = said;
    let status = text(&row, "qmpstatus").or_else(|| text(&row, "status"));
    let status = match status.as_deref() {
        Some("running") if is_template => "stopped",
        Some("running" | "prelaunch" | "suspended") => "running",
        Some("paused") if kind == Kind::Qemu => "paused",
        Some("stopped") | None => "stopped",
        Some(other) => {
            let text = format!("has the status {other}, which is taken for stopped");
            overlay.remark(&path, text);
            "stopped"
        }
    };
    let mut file = json!({
        "kind": kind.as_str(),
        "node": node.as_str(),
        "status": status,
        "parent": said.parent,
        "config": config,
    });
    if let Some(lock) = said.lock.or_else(|| text(&row, "lock")) {
        file["lock"] = lock.into();
    }
    read(&file).unwrap_or_else(|why| {
        overlay.remark(&path, format!("has a lock that is left out: {why}"));
        file["lock"] = Value::Null;
        read(&file).expect("every other member was made here from what had been read")
    })
}

/// The configuration that was said, with what it must have to agree with the lists.
fn config(vmid: Vmid, said: &Said, world: &World) -> Ordered<String> {
    let Said { kind, row, .. } = said;
    let mut config = said.config.clone().unwrap_or_default();
    let mut fill = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| !config.contains(key)) {
            config.set(key, value);
        }
    };
    let (name, disk, content) = match kind {
        Kind::Qemu => ("name", "scsi0", Content::Images),
        Kind::Lxc => ("hostname", "rootfs", Content::Rootdir),
    };
    fill(name, text(row, "name"));
    let mebibytes = |bytes: u64| (bytes >> 20).max(16).to_string();
    fill("memory", number(row, "maxmem").map(mebibytes));
    if said.config.is_none() {
        let cores = number(row, "maxcpu").filter(|count| *count > 0);
        fill("cores", cores.map(|count| count.to_string()));
        let size = number(row, "maxdisk").filter(|bytes| *bytes > 0);
        let storage = home(world, &said.node, content);
        let drive = size.map(|size| format!("{storage}:vm-{vmid}-disk-0,size={}", Size(size)));
        fill(disk, drive);
    }
    fill("tags", text(row, "tags"));
    fill("template", is_set(row, "template").then(|| "1".to_owned()));
    config
}

fn read(file: &Value) -> Result<Guest, String> {
    world_file::read(file).map_err(|problem| world_file::sentence(&problem))
}

/// Where a disk goes whose place nobody said: the first local storage of the node that takes it.
fn home(world: &World, node: &NodeName, content: Content) -> String {
    let takes = |storage: &Storage| storage.content.contains(&content) && !storage.is_shared();
    let mut here = world
        .storages_on(node)
        .filter(|(_, storage)| takes(storage));
    here.next()
        .map_or_else(|| "local-lvm".to_owned(), |(id, _)| id.to_string())
}

/// Puts guests into the pools that their rows name.
fn enter(world: &mut World, pools: Vec<(Vmid, String)>) {
    for (vmid, name) in pools {
        for pool in world.pools.values_mut() {
            pool.guests.remove(&vmid);
        }
        // A pool below another one is not there without it.
        for (at, _) in name.match_indices('/') {
            world.pools.entry(name[..at].to_owned()).or_default();
        }
        world.pools.entry(name).or_default().guests.insert(vmid);
    }
}
