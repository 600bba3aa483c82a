//! A job as the flat set of options that the product's file has, and back.

use serde_json::{Map, Value, json};

use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::section::drop_empty;
use crate::pve::api::nodes::vzdump::selection;
use crate::pve::world::World;
use crate::pve::world::backup::{BackupJob, Selection};
use crate::pve::world::ids::{NodeName, StorageId, Vmid};
use crate::pve::world::options::Options;

/// The options of a job.
pub(super) fn flat(job: &BackupJob) -> Map<String, Value> {
    let mut map = Map::new();
    let mut set = |name: &str, value: Value| {
        map.insert(name.to_owned(), value);
    };
    set("enabled", json!(!job.disabled));
    set("schedule", json!(job.schedule));
    if let Some(storage) = &job.storage {
        set("storage", json!(storage.as_str()));
    }
    if let Some(node) = &job.node {
        set("node", json!(node.as_str()));
    }
    match &job.selection {
        Selection::Guests(guests) if guests.is_empty() => {}
        Selection::Guests(guests) => set("vmid", json!(list(guests.iter()))),
        Selection::Pool(pool) => set("pool", json!(pool)),
        Selection::AllBut(others) => {
            set("all", json!(true));
            if !others.is_empty() {
                set("exclude", json!(list(others.iter())));
            }
        }
    }
    for (name, value) in &job.options.0 {
        set(name, value.clone());
    }
    map
}

fn list<'v>(guests: impl Iterator<Item = &'v Vmid>) -> String {
    let numbers: Vec<String> = guests.map(Vmid::to_string).collect();
    numbers.join(",")
}

/// The job of these options.
///
/// # Errors
/// A name that leads nowhere. The product finds that out when the job runs; a world has no dangling names.
pub(super) fn job(world: &World, mut flat: Map<String, Value>) -> Result<BackupJob, String> {
    drop_empty(&mut flat);
    let selection = selection(&flat).unwrap_or(Selection::Guests(Vec::new()));
    let text = |flat: &mut Map<String, Value>, name: &str| match flat.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let storage: Option<StorageId> = match text(&mut flat, "storage") {
        None => None,
        Some(name) => {
            let known = world.storages.keys().chain(world.hidden.keys());
            let mut known = known.filter(|id| id.as_str() == name);
            let id = known.next().cloned();
            Some(id.ok_or_else(|| format!("storage '{name}' does not exist"))?)
        }
    };
    let node: Option<NodeName> = match text(&mut flat, "node") {
        None => None,
        Some(name) => {
            let known = world.nodes.keys().find(|node| node.as_str() == name);
            let known = known.cloned();
            Some(known.ok_or_else(|| format!("no such cluster node '{name}'"))?)
        }
    };
    let schedule = text(&mut flat, "schedule").unwrap_or_default();
    let enabled = flat.shift_remove("enabled");
    for name in ["vmid", "all", "pool"] {
        flat.shift_remove(name);
    }
    if !matches!(selection, Selection::Pool(_)) {
        flat.shift_remove("exclude");
    }
    Ok(BackupJob {
        disabled: enabled.and_then(|enabled| enabled.as_bool()) == Some(false),
        schedule,
        storage,
        node,
        selection,
        options: Options(flat),
    })
}

/// The options of a job after a change; what selects guests excludes each other.
pub(super) fn merged(
    mut job: Map<String, Value>,
    given: Map<String, Value>,
    doomed: &[&str],
) -> Map<String, Value> {
    for name in doomed {
        job.shift_remove(*name);
    }
    let selects = given.contains_key("vmid");
    let selects_all = given.get("all") == Some(&Value::Bool(true));
    job.extend(given);
    if job.contains_key("exclude") && !job.contains_key("pool") {
        job.insert("all".to_owned(), Value::Bool(true));
    }
    let others: &[&str] = if selects {
        &["all", "exclude", "pool"]
    } else if selects_all {
        &["vmid", "pool"]
    } else if job.contains_key("pool") {
        &["vmid", "all", "exclude"]
    } else {
        &[]
    };
    for name in others {
        job.shift_remove(*name);
    }
    job
}

/// A job as clients see it: some options are taken apart.
pub(super) fn shown(id: &str, job: &BackupJob) -> Value {
    let mut map = flat(job);
    for name in ["prune-backups", "performance", "fleecing"] {
        if let Some(Value::String(text)) = map.get(name) {
            let object = taken_apart(text);
            map.insert(name.to_owned(), object);
        }
    }
    map.insert("id".to_owned(), json!(id));
    map.insert("type".to_owned(), json!("vzdump"));
    Value::Object(map)
}

fn taken_apart(text: &str) -> Value {
    let read = PropertyString::parse(text, Some("enabled"), Spelling::Plain).unwrap_or_default();
    let members = read.iter().map(|(key, value)| {
        let value = match (key, value.parse::<u64>()) {
            ("keep-all" | "enabled", Ok(number)) => json!(number != 0),
            (_, Ok(number)) => json!(number),
            (_, Err(_)) => json!(value),
        };
        (key.to_owned(), value)
    });
    Value::Object(members.collect())
}
