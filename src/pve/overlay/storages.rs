//! Storages: their definitions, and how large they are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::values::{Row, is_set, number, parts, rest, text};
use crate::proxmox::overlay::Overlay;
use crate::proxmox::world_file;
use crate::pve::world::World;
use crate::pve::world::ids::StorageId;
use crate::pve::world::size::Size;
use crate::pve::world::storage::{Content, Storage};

/// How large a storage is of which nobody says it.
const SIZE: Size = Size(1 << 40);

/// Members with fields of their own, and those that are figures of the moment.
const OWN: &[&str] = &[
    "storage",
    "id",
    "type",
    "plugintype",
    "content",
    "nodes",
    "node",
    "shared",
    "disable",
    "digest",
    "enabled",
    "active",
    "status",
    "total",
    "used",
    "avail",
    "used_fraction",
    "disk",
    "maxdisk",
    "size",
];

pub(super) fn lay(world: &mut World, overlay: &mut Overlay) {
    let mut said: BTreeMap<StorageId, Row> = BTreeMap::new();
    let mut says_all = false;
    if let Some(rows) = overlay.rows("/storage") {
        says_all = true;
        for row in rows {
            hear(&mut said, overlay, "/storage", &row);
        }
    }
    for found in overlay.like("/storage/{}") {
        if let Some(mut row) = overlay.object(&found.path) {
            row.insert("storage".to_owned(), json!(found.parts.first()));
            hear(&mut said, overlay, &found.path, &row);
        }
    }
    for (path, row) in shown(overlay) {
        let known = text(&row, "storage").and_then(|id| id.parse::<StorageId>().ok());
        let is_known = known.is_some_and(|id| said.contains_key(&id));
        // Lists of figures name every storage, and those that are only there the file knows nothing else of.
        if is_known || !says_all {
            hear(&mut said, overlay, &path, &row);
        }
    }
    if says_all {
        world.storages.clear();
    }
    for (id, row) in said {
        match storage(&row, world.storages.get(&id), overlay, &id) {
            Ok(storage) => drop(world.storages.insert(id, storage)),
            Err(why) => overlay.remark("/storage", format!("storage {id} is left out: {why}")),
        }
    }
}

/// Rows about storages in lists of figures. Definitions come first, so those only add what they leave out.
fn shown(overlay: &mut Overlay) -> Vec<(String, Row)> {
    let mut rows = Vec::new();
    let mut add = |path: &str, list: Option<Vec<Row>>| {
        let storages = list.into_iter().flatten();
        let storages = storages.filter(|row| row.contains_key("storage"));
        rows.extend(storages.map(|row| (path.to_owned(), row)));
    };
    add("/cluster/resources", overlay.rows("/cluster/resources"));
    for found in overlay.like("/nodes/{}/storage") {
        let list = overlay.rows(&found.path);
        add(&found.path, list);
    }
    for found in overlay.like("/nodes/{}/storage/{}/status") {
        let row = overlay.object(&found.path).map(|mut row| {
            row.insert("storage".to_owned(), json!(found.parts.get(1)));
            vec![row]
        });
        add(&found.path, row);
    }
    rows
}

fn hear(all: &mut BTreeMap<StorageId, Row>, overlay: &mut Overlay, path: &str, row: &Row) {
    let id = text(row, "storage").unwrap_or_default();
    match id.parse() {
        Ok(id) => {
            let said = all.entry(id).or_default();
            for (name, value) in row {
                said.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        Err(bad) => overlay.remark(path, format!("has a storage that is left out: {bad}")),
    }
}

fn storage(
    row: &Row,
    known: Option<&Storage>,
    overlay: &mut Overlay,
    id: &StorageId,
) -> Result<Storage, String> {
    let kind = text(row, "type").filter(|kind| kind != "storage");
    let kind = kind.or_else(|| text(row, "plugintype"));
    let kind = kind.or_else(|| known.map(|known| known.kind.as_str().to_owned()));
    let mut content = Vec::new();
    for word in parts(&text(row, "content").unwrap_or_default()) {
        match serde_json::from_value::<Content>(json!(word)) {
            Ok(known) => content.push(known.as_str()),
            Err(_) if word == "none" => {}
            Err(_) => overlay.remark(
                "/storage",
                format!("storage {id}: content {word} is left out"),
            ),
        }
    }
    let nodes = text(row, "nodes").unwrap_or_default();
    let nodes: Vec<&str> = parts(&nodes).collect();
    let size = ["total", "maxdisk", "size"];
    let size = size
        .iter()
        .find_map(|key| number(row, key).filter(|bytes| *bytes > 0));
    let size = size.map(Size).or_else(|| known.map(|known| known.size));
    let file = json!({
        "kind": kind.unwrap_or_else(|| "dir".to_owned()),
        "content": content,
        "nodes": nodes,
        "shared": is_set(row, "shared"),
        "disabled": is_set(row, "disable"),
        "size": size.unwrap_or(SIZE),
        "options": rest(row, OWN),
    });
    read(&file).or_else(|why| {
        // A type that this world does not have: of another release, or of a plugin.
        let mut file = file;
        file["kind"] = Value::from("dir");
        let storage = read(&file).map_err(|_| why.clone())?;
        overlay.remark(
            "/storage",
            format!("storage {id} is taken for a dir: {why}"),
        );
        Ok(storage)
    })
}

fn read(file: &Value) -> Result<Storage, String> {
    world_file::read(file).map_err(|problem| world_file::sentence(&problem))
}
