//! From parameters to a definition, with the refusals of `PVE::SectionConfig` and of the storage plugins.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::proxmox::arguments::split_list;
use crate::pve::world::World;
use crate::pve::world::ids::{NodeName, StorageId};
use crate::pve::world::options::Options;
use crate::pve::world::storage::{Content, Storage, StorageKind};
use crate::pve::world::volname::disk_format;

/// A new storage of these parameters; without `storage` and `type`, and without secrets.
///
/// # Errors
/// What the product says about the first parameter that does not fit.
pub(in crate::pve::api) fn define(
    world: &World,
    id: &StorageId,
    kind: StorageKind,
    mut given: Map<String, Value>,
) -> Result<Storage, String> {
    let is_mounted = matches!(
        kind,
        StorageKind::Nfs | StorageKind::Cifs | StorageKind::Cephfs | StorageKind::Glusterfs
    );
    if is_mounted && !given.contains_key("path") {
        given.insert("path".to_owned(), format!("/mnt/pve/{id}").into());
    }
    for name in given.keys() {
        if kind.choice(name).is_none() {
            return Err(format!("unexpected property '{name}'"));
        }
    }
    let mut required = kind.choices().filter(|choice| choice.is_required);
    if let Some(missing) = required.find(|choice| !given.contains_key(choice.name)) {
        let name = missing.name;
        return Err(format!("missing value for required option '{name}'"));
    }
    let mut storage = Storage {
        kind,
        content: kind.default_contents().iter().copied().collect(),
        nodes: BTreeSet::new(),
        shared: false,
        disabled: false,
        size: Default::default(),
        foreign: Default::default(),
        options: Options::default(),
    };
    for (name, value) in given {
        set(world, &mut storage, &name, value)?;
    }
    if matches!(kind, StorageKind::Dir | StorageKind::Btrfs) {
        let path = storage.options.0.get("path").and_then(Value::as_str);
        let path = folder(path.unwrap_or_default())?;
        storage.options.0.insert("path".to_owned(), path.into());
    }
    (storage.size, storage.foreign) = world.usual_size(&storage);
    Ok(storage)
}

/// A storage after a change.
///
/// # Errors
/// What the product says about the first parameter that does not fit.
pub(super) fn changed(
    world: &World,
    id: &StorageId,
    given: Map<String, Value>,
    doomed: &[&str],
) -> Result<Storage, String> {
    let missing = || format!("storage '{id}' does not exist");
    let mut storage = world.storages.get(id).ok_or_else(missing)?.clone();
    let kind = storage.kind;
    for name in given.keys() {
        match kind.choice(name) {
            None => return Err(format!("unexpected property '{name}'")),
            Some(choice) if choice.is_fixed => {
                return Err(format!("can't change value of fixed parameter '{name}'"));
            }
            Some(_) => {}
        }
    }
    for name in doomed {
        let choice = kind.choice(name);
        let choice = choice.ok_or_else(|| format!("no such option '{name}'"))?;
        if choice.is_required {
            return Err(format!("unable to delete required option '{name}'"));
        }
        if choice.is_fixed {
            return Err(format!("unable to delete fixed option '{name}'"));
        }
        if given.contains_key(*name) {
            return Err(format!(
                "cannot set and delete property '{name}' at the same time!"
            ));
        }
        unset(&mut storage, name);
    }
    for (name, value) in given {
        set(world, &mut storage, &name, value)?;
    }
    Ok(storage)
}

fn unset(storage: &mut Storage, name: &str) {
    match name {
        "content" => storage.content = storage.kind.default_contents().iter().copied().collect(),
        "nodes" => storage.nodes.clear(),
        "shared" => storage.shared = false,
        "disable" => storage.disabled = false,
        _ => {
            storage.options.0.shift_remove(name);
        }
    }
}

fn set(world: &World, storage: &mut Storage, name: &str, value: Value) -> Result<(), String> {
    let text = value.as_str().unwrap_or_default();
    let is_set = value.as_bool().unwrap_or_default();
    if text.contains(['\n', '\r']) {
        return Err("property contains a line feed".to_owned());
    }
    match name {
        "content" => storage.content = contents(storage.kind, text)?,
        "nodes" => storage.nodes = nodes(world, text)?,
        "shared" => storage.shared = is_set,
        "disable" => storage.disabled = is_set,
        // A format that the type does not have is dropped with a warning in the log.
        "format" if !disk_format(text).is_some_and(|one| storage.kind.formats().contains(&one)) => {
        }
        _ => {
            storage.options.0.insert(name.to_owned(), value);
        }
    }
    Ok(())
}

/// What may lie on it. A content that the type does not have is dropped with a warning in the log.
fn contents(kind: StorageKind, text: &str) -> Result<BTreeSet<Content>, String> {
    let names: Vec<&str> = split_list(text).collect();
    let known = names.iter().filter_map(|name| Content::named(name));
    let known: BTreeSet<_> = known.filter(|one| kind.contents().contains(one)).collect();
    let is_none = kind.may_be_empty() && names.contains(&"none");
    if is_none && !known.is_empty() {
        return Err("unable to combine 'none' with other content types".to_owned());
    }
    if known.is_empty() && !kind.may_be_empty() {
        return Err("storage does not support content type 'none'".to_owned());
    }
    Ok(known)
}

/// Its nodes. The product takes any name; here a name leads somewhere, and the words are those that it has for
/// other places.
fn nodes(world: &World, text: &str) -> Result<BTreeSet<NodeName>, String> {
    let mut nodes = BTreeSet::new();
    for name in split_list(text) {
        let known = world.nodes.keys().find(|known| known.as_str() == name);
        let known = known.ok_or_else(|| format!("no such cluster node '{name}'"))?;
        nodes.insert(known.clone());
    }
    Ok(nodes)
}

/// A folder of the host in its one spelling: no `.`, no double slashes, none at the end.
fn folder(path: &str) -> Result<String, String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-/_.@".contains(c);
    if !path.starts_with('/') || path.len() < 2 || !path.chars().all(inner) {
        return Err(format!("illegal path for directory storage: {path}"));
    }
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    Ok(format!("/{}", parts.join("/")))
}
