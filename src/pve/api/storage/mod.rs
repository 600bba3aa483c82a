//! `/storage`: the definitions of the cluster's storages.
//!
//! `PVE::API2::Storage::Config` of pve-storage. A definition says where a storage is and what may lie on it; its
//! volumes are below `/nodes/{node}/storage`.

use serde_json::{Map, Value, json};

use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::ids::StorageId;
use crate::pve::world::storage::{Storage, StorageKind};
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

mod define;

mod secrets;

mod shown;

#[cfg(test)]
mod tests;

pub(in crate::pve::api) use define::define;
pub(in crate::pve::api) use shown::contents;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/storage", Handler::Read(list)),
        post("/storage", Handler::Write(create)),
        get("/storage/{storage}", Handler::Read(read)),
        put("/storage/{storage}", Handler::Write(update)),
        delete("/storage/{storage}", Handler::Write(remove)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let digest = shown::digest(world);
    let wanted = call.arguments.text("type");
    let storages = world.storages.iter().filter(|(id, storage)| {
        wanted.is_none_or(|wanted| wanted == storage.kind.as_str()) && may_see(world, call, id)
    });
    let items = storages.map(|(id, storage)| shown::definition(id, storage, &digest));
    Ok(Answer::new(items.collect::<Value>()))
}

/// Whether the caller may see that a storage exists.
pub(in crate::pve::api) fn may_see(world: &World, call: &Call<'_>, id: &StorageId) -> bool {
    let privileges = &["Datastore.Audit", "Datastore.AllocateSpace"];
    call.may_any(world, &format!("/storage/{id}"), privileges)
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, storage) = known(world, call.text("storage")).map_err(Fault::Failed)?;
    let digest = shown::digest(world);
    Ok(Answer::new(shown::definition(id, storage, &digest)))
}

/// The storage of that name.
///
/// # Errors
/// The product's sentence.
pub(in crate::pve::api) fn known<'w>(
    world: &'w World,
    name: &str,
) -> Result<(&'w StorageId, &'w Storage), String> {
    let id: Option<StorageId> = name.parse().ok();
    let found = id.and_then(|id| world.storages.get_key_value(&id));
    found.ok_or_else(|| format!("storage '{name}' does not exist"))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut given = call.arguments.given().clone();
    let name = take(&mut given, "storage");
    let kind = StorageKind::named(&take(&mut given, "type"));
    let kind = kind.ok_or_else(|| Fault::Failed("unknown section type".to_owned()))?;
    let bad_name = |_| Fault::parameter("storage", format!("invalid storage ID '{name}'"));
    let id: StorageId = name.parse().map_err(bad_name)?;
    if given.get("nodes").and_then(Value::as_str) == Some("") {
        given.shift_remove("nodes");
    }
    let secrets = secrets::taken(kind, &mut given);
    let mut storage = define(world, &id, kind, given).map_err(Fault::Failed)?;
    let failed = |text: String| Fault::Failed(format!("create storage failed: {text}"));
    if world.storages.contains_key(&id) {
        return Err(failed(format!("storage ID '{id}' already defined")));
    }
    let config = secrets::added(call, &mut storage, &secrets).map_err(failed)?;
    world.put_storage(&id, storage);
    Ok(Answer::new(echo(&id, kind, config)))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let failed = |text: String| Fault::Failed(format!("update storage failed: {text}"));
    let mut given = call.arguments.given().clone();
    let name = take(&mut given, "storage");
    let stated = given.shift_remove("digest");
    let stated = stated.as_ref().and_then(Value::as_str);
    if !digest::fits(stated, &shown::digest(world)) {
        return Err(failed(changed()));
    }
    let doomed = take(&mut given, "delete");
    let doomed: Vec<&str> = split_list(&doomed).collect();
    let (id, storage) = known(world, &name).map_err(failed)?;
    let (id, kind) = (id.clone(), storage.kind);
    let secrets = secrets::taken(kind, &mut given);
    let mut storage = define::changed(world, &id, given, &doomed).map_err(failed)?;
    let config = secrets::changed(call, &mut storage, &secrets, &doomed).map_err(failed)?;
    world.put_storage(&id, storage);
    Ok(Answer::new(echo(&id, kind, config)))
}

fn changed() -> String {
    match Fault::configuration_changed() {
        Fault::Failed(text) => text,
        _ => String::new(),
    }
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let failed = |text: String| Fault::Failed(format!("delete storage failed: {text}"));
    let (id, _) = known(world, call.text("storage")).map_err(failed)?;
    let id = id.clone();
    let is_base = |storage: &Storage| {
        let base = storage.options.0.get("base").and_then(Value::as_str);
        base.and_then(|base| base.split(':').next()) == Some(id.as_str())
    };
    if world.storages.values().any(is_base) {
        let text = "can't remove storage - storage is used as base of another storage";
        return Err(failed(text.to_owned()));
    }
    world.remove_storage(&id);
    Ok(Answer::default())
}

fn take(given: &mut Map<String, Value>, name: &str) -> String {
    match given.shift_remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

fn echo(id: &StorageId, kind: StorageKind, config: Option<Value>) -> Value {
    let mut answer = json!({"storage": id.as_str(), "type": kind.as_str()});
    if let Some(config) = config {
        answer["config"] = config;
    }
    answer
}
