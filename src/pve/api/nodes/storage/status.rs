//! Which storages a node has, and how full they are.

use serde_json::{Value, json};

use super::{node, shown, usable};
use crate::http::checksum::Checksum;
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::storage::may_see;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::storage::{Storage, StorageKind};
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/storage", Handler::Read(list)),
        get(
            "/nodes/{node}/storage/{storage}/status",
            Handler::Read(status),
        ),
        get(
            "/nodes/{node}/storage/{storage}/identity",
            Handler::Read(identity),
        ),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let here = node(call)?;
    let wanted = call.arguments.text("storage");
    let contents = call.arguments.text("content");
    let shows = |storage: &Storage| {
        contents.is_none_or(|contents| {
            let is_enabled = !storage.disabled && storage.is_on(&here);
            let mut known = storage.content.iter();
            is_enabled && known.any(|one| split_list(contents).any(|name| name == one.as_str()))
        })
    };
    if let Some(wanted) = wanted {
        let mut known = world.storages.iter();
        if !known.any(|(id, storage)| id.as_str() == wanted && shows(storage)) {
            return Err(no_such_storage());
        }
    }
    let target: Option<NodeName> = match call.arguments.text("target") {
        None | Some("localhost") => None,
        Some(name) => Some(name.parse().map_err(|_| Fault::no_such_node(name))?),
    };
    let target = target.filter(|target| *target != here);
    let storages = world.storages.iter().filter(|(id, storage)| {
        let is_reachable = target.as_ref().is_none_or(|target| {
            storage.is_shared() && storage.is_on(&here) && storage.is_on(target)
        });
        shows(storage)
            && may_see(world, call, id)
            && wanted.is_none_or(|wanted| wanted == id.as_str())
            && !(call.arguments.is_set("enabled") && storage.disabled)
            && is_reachable
    });
    let rows = storages.map(|(id, storage)| {
        let mut row = shown::row(world, &here, id, storage);
        if call.arguments.is_set("format") {
            shown::add_formats(&mut row, storage, call.context.edition);
        }
        row
    });
    Ok(Answer::new(rows.collect::<Value>()))
}

fn no_such_storage() -> Fault {
    Fault::parameter("storage", "No such storage.")
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let here = node(call)?;
    let name = call.text("storage");
    let mut storages = world.storages.iter();
    let found = storages.find(|(id, _)| id.as_str() == name);
    let (id, storage) = found.ok_or_else(no_such_storage)?;
    Ok(Answer::new(shown::status(world, &here, id, storage)))
}

/// What tells one storage from another wherever it is defined. The products ask file systems and servers; here it
/// follows from where the storage is, and a local one is another on each node.
fn identity(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let place = usable(world, call)?;
    let storage = place.storage;
    let mut text = storage.kind.as_str().to_owned();
    for name in [
        "path", "server", "export", "share", "vgname", "pool", "portal", "target",
    ] {
        if let Some(Value::String(value)) = storage.options.0.get(name) {
            text.push('|');
            text.push_str(value);
        }
    }
    if !storage.is_shared() {
        text.push('|');
        text.push_str(place.node.as_str());
    }
    let digest = Checksum::Sha256.hex(text.as_bytes());
    let id = match storage.kind {
        StorageKind::Dir | StorageKind::Btrfs | StorageKind::Pbs => uuid(&digest),
        StorageKind::Lvm | StorageKind::Lvmthin => digest.get(..32).unwrap_or_default().to_owned(),
        _ => digest,
    };
    Ok(Answer::new(
        json!({"type": storage.kind.as_str(), "id": id}),
    ))
}

/// The form of a UUID, from the first digits of a checksum.
fn uuid(digits: &str) -> String {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let parts = [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ];
    parts.join("-")
}
