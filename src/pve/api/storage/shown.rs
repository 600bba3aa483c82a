//! A definition as clients see it, and the digest of all of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::proxmox::Product;
use crate::proxmox::arguments::split_list;
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::World;
use crate::pve::world::ids::StorageId;
use crate::pve::world::storage::Storage;

/// `content` as the configuration has it.
pub(in crate::pve::api) fn contents(storage: &Storage) -> String {
    if storage.content.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<&str> = storage.content.iter().map(|one| one.as_str()).collect();
    names.join(",")
}

/// The digest of the file that all definitions stand in.
pub(super) fn digest(world: &World) -> String {
    let sections = world.storages.iter().map(|(id, storage)| {
        let section = Section {
            kind: storage.kind.as_str().to_owned(),
            properties: properties(storage),
        };
        (id.as_str().to_owned(), section)
    });
    Sections(sections.collect::<BTreeMap<_, _>>()).digest(Product::Pve)
}

fn properties(storage: &Storage) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("content".to_owned(), json!(contents(storage)));
    for (name, value) in &storage.options.0 {
        map.insert(name.clone(), value.clone());
    }
    if !storage.nodes.is_empty() {
        let nodes: Vec<&str> = storage.nodes.iter().map(|node| node.as_str()).collect();
        map.insert("nodes".to_owned(), json!(nodes.join(",")));
    }
    if storage.is_shared() {
        map.insert("shared".to_owned(), json!(true));
    }
    if storage.disabled {
        map.insert("disable".to_owned(), json!(true));
    }
    map
}

/// One definition. Passwords and keys are kept elsewhere by the product and are not in it.
pub(super) fn definition(id: &StorageId, storage: &Storage, digest: &str) -> Value {
    let mut map = Map::new();
    map.insert("storage".to_owned(), json!(id.as_str()));
    map.insert("type".to_owned(), json!(storage.kind.as_str()));
    map.extend(properties(storage));
    map.insert("digest".to_owned(), json!(digest));
    // The one option that the product shows taken apart.
    if let Some(Value::String(folders)) = map.get("content-dirs") {
        let folders = split_list(folders).filter_map(|one| one.split_once('='));
        let folders: Map<String, Value> = folders
            .map(|(content, folder)| (content.to_owned(), json!(folder)))
            .collect();
        map.insert("content-dirs".to_owned(), Value::Object(folders));
    }
    Value::Object(map)
}
