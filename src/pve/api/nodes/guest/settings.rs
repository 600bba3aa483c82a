//! Configurations read: as they are, as they will be, and what waits.

use serde_json::{Value, json};

use super::{find, values};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::problem::Problems;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Pending};
use crate::pve::world::ordered::Ordered;
use crate::pve::world::snapshot::Snapshot;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/qemu/{vmid}/config", Handler::Read(config)),
        get("/nodes/{node}/lxc/{vmid}/config", Handler::Read(config)),
        get("/nodes/{node}/qemu/{vmid}/pending", Handler::Read(pending)),
        get("/nodes/{node}/lxc/{vmid}/pending", Handler::Read(pending)),
    ]
}

/// The configuration with what waits for the next start; without it on request, or that of a snapshot.
fn config(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let current = call.arguments.is_set("current");
    let text = "cannot use 'snapshot' parameter with 'current'";
    let shown = match call.arguments.text("snapshot") {
        Some(_) if current => {
            let mut problems = Problems::default();
            problems.add("snapshot", text);
            problems.add("current", text);
            return Err(Fault::Parameters(problems));
        }
        Some(name) => of_snapshot(guest, snapshot(guest, name)?, call),
        None if current => present(guest, &guest.config, call),
        None => present(guest, &applied(guest), call),
    };
    let Value::Object(mut shown) = shown else {
        return Ok(Answer::new(shown));
    };
    shown.insert("digest".to_owned(), json!(guest.digest()));
    Ok(Answer::new(shown))
}

/// The snapshot of that name.
///
/// # Errors
/// `snapshot 'x' does not exist`.
pub(super) fn snapshot<'g>(guest: &'g Guest, name: &str) -> Result<&'g Snapshot, Fault> {
    let missing = || Fault::Failed(format!("snapshot '{name}' does not exist"));
    guest.snapshots.get(name).ok_or_else(missing)
}

/// A configuration as it will be after the next start.
pub(in crate::pve::api) fn applied(guest: &Guest) -> Ordered<String> {
    let mut config = guest.config.clone();
    for (key, change) in guest.pending.iter() {
        match change {
            Pending::Set(value) => {
                config.set(key, value.clone());
            }
            Pending::Delete | Pending::ForceDelete => {
                config.remove(key);
            }
        }
    }
    config
}

fn present(guest: &Guest, config: &Ordered<String>, call: &Call<'_>) -> Value {
    let mut object = values::object(guest.kind, call.context.edition, config);
    if let Some(lock) = guest.lock {
        object.insert("lock".to_owned(), json!(lock.as_str()));
    }
    if let Some(parent) = &guest.parent {
        object.insert("parent".to_owned(), json!(parent));
    }
    Value::Object(object)
}

/// The configuration of a snapshot, with what the file keeps of the snapshot itself.
pub(super) fn of_snapshot(guest: &Guest, snapshot: &Snapshot, call: &Call<'_>) -> Value {
    let mut object = values::object(guest.kind, call.context.edition, &snapshot.config);
    object.insert("snaptime".to_owned(), json!(snapshot.taken.as_second()));
    if let Some(description) = &snapshot.description {
        object.insert("description".to_owned(), json!(description));
    }
    if let Some(parent) = &snapshot.parent {
        object.insert("parent".to_owned(), json!(parent));
    }
    if let Some(memory) = &snapshot.memory {
        object.insert("vmstate".to_owned(), json!(memory.to_string()));
    }
    if let Some(state) = snapshot.state {
        object.insert("snapstate".to_owned(), json!(state.as_str()));
    }
    Value::Object(object)
}

/// Every option with its value and what will become of it. Values are of the types that the configuration has them in
/// (`config_with_pending_array`), whatever is declared.
fn pending(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let typed = |key: &str, text: &str| values::typed(guest.kind, call.context.edition, key, text);
    let mut items = Vec::new();
    for (key, value) in guest.config.iter() {
        let mut item = json!({"key": key, "value": typed(key, value)});
        if let Some(change) = guest.pending.get(key) {
            change_of(&mut item, change, |text| typed(key, text));
        }
        items.push(item);
    }
    for (key, change) in guest.pending.iter() {
        if !guest.config.contains(key) {
            let mut item = json!({ "key": key });
            change_of(&mut item, change, |text| typed(key, text));
            items.push(item);
        }
    }
    if let Some(parent) = &guest.parent {
        items.push(json!({"key": "parent", "value": parent}));
    }
    if let Some(lock) = guest.lock {
        items.push(json!({"key": "lock", "value": lock.as_str()}));
    }
    items.push(json!({"key": "digest", "value": guest.digest()}));
    Ok(Answer::new(items))
}

fn change_of(item: &mut Value, change: &Pending, typed: impl Fn(&str) -> Value) {
    let Some(item) = item.as_object_mut() else {
        return;
    };
    match change {
        Pending::Set(value) => item.insert("pending".to_owned(), typed(value)),
        Pending::Delete => item.insert("delete".to_owned(), json!(1)),
        Pending::ForceDelete => item.insert("delete".to_owned(), json!(2)),
    };
}

/// Passwords of cloud-init are never shown.
pub(in crate::pve::api) fn veiled<'t>(key: &str, value: &'t str) -> &'t str {
    match key {
        "cipassword" => "**********",
        _ => value,
    }
}
