//! What a client asks before a migration: where a guest may go, and what keeps it.

use serde_json::{Map, Value, json};

use super::{find, journey};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::api::cluster::ha::travel;
use crate::pve::world::World;
use crate::pve::world::disk::{Role, Source};
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::{NodeName, Vmid};
use crate::pve::world::storage::Storage;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/qemu/{vmid}/migrate", Handler::Read(machine)),
        get("/nodes/{node}/lxc/{vmid}/migrate", Handler::Read(container)),
    ]
}

fn machine(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let is_running = guest.status.is_running();
    let mut answer = Map::new();
    answer.insert("running".to_owned(), json!(is_running));
    answer.insert("local_disks".to_owned(), disks(world, guest));
    let devices = journey::local_devices(guest);
    answer.insert("local_resources".to_owned(), json!(devices));
    let (allowed, refused) = nodes(world, vmid, guest);
    // Machines that run take their disks along, so the product says nothing about nodes then before 9.
    if !is_running || call.context.edition == Edition::Pve9 {
        answer.insert("allowed_nodes".to_owned(), json!(allowed));
        answer.insert("not_allowed_nodes".to_owned(), Value::Object(refused));
    }
    if call.context.edition != Edition::Pve7 {
        let mapped = journey::mapped_devices(guest);
        let info = mapped.iter().map(|key| {
            let text = guest.config.text(key).unwrap_or_default();
            let name = text
                .split(',')
                .find_map(|part| part.strip_prefix("mapping="));
            (key.clone(), json!({"name": name.unwrap_or_default()}))
        });
        answer.insert(
            "mapped-resource-info".to_owned(),
            Value::Object(info.collect()),
        );
        answer.insert("mapped-resources".to_owned(), json!(mapped));
    }
    if call.context.edition == Edition::Pve9 {
        answer.insert("has-dbus-vmstate".to_owned(), json!(true));
        let dependants = together(world, vmid, guest);
        if !dependants.is_empty() {
            answer.insert("dependent-ha-resources".to_owned(), json!(dependants));
        }
    }
    Ok(Answer::new(answer))
}

fn container(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let (allowed, refused) = nodes(world, vmid, guest);
    let refused: Map<String, Value> = refused
        .into_iter()
        .filter(|(_, why)| why.get("blocking-ha-resources").is_some())
        .collect();
    let mut answer = Map::new();
    answer.insert("running".to_owned(), json!(guest.status.is_running()));
    answer.insert("allowed-nodes".to_owned(), json!(allowed));
    answer.insert("not-allowed-nodes".to_owned(), Value::Object(refused));
    let dependants = together(world, vmid, guest);
    if !dependants.is_empty() {
        answer.insert("dependent-ha-resources".to_owned(), json!(dependants));
    }
    Ok(Answer::new(answer))
}

/// Volumes that no other node sees.
fn disks(world: &World, guest: &Guest) -> Value {
    let drives = guest.drives().into_iter();
    let local = drives.filter_map(|drive| {
        let Source::Volume(id) = &drive.source else {
            return None;
        };
        let storage = world.storages.get(&id.storage);
        if storage.is_some_and(Storage::is_shared) {
            return None;
        }
        let size = world.volume(id, &guest.node).map(|volume| volume.size);
        Some(json!({
            "volid": id.to_string(),
            "cdrom": drive.role == Role::Cd,
            "is_unused": drive.role == Role::Unused,
            "size": size.unwrap_or_default().bytes(),
            "drivename": drive.key,
        }))
    });
    Value::Array(local.collect())
}

/// The nodes that a guest may go to, and what the others lack.
fn nodes(world: &World, vmid: Vmid, guest: &Guest) -> (Vec<String>, Map<String, Value>) {
    let mut allowed = Vec::new();
    let mut refused = Map::new();
    for (name, node) in &world.nodes {
        if *name == guest.node || !node.is_online() {
            continue;
        }
        let mut why = Map::new();
        let storages = unavailable(world, guest, name);
        if !storages.is_empty() && guest.kind == Kind::Qemu {
            why.insert("unavailable_storages".to_owned(), json!(storages));
        }
        let blocking = world.in_the_way(&super::shown::sid(vmid, guest), name);
        if !blocking.is_empty() {
            why.insert("blocking-ha-resources".to_owned(), travel::shown(&blocking));
        }
        if why.is_empty() {
            allowed.push(name.to_string());
        } else {
            refused.insert(name.to_string(), Value::Object(why));
        }
    }
    (allowed, refused)
}

fn unavailable(world: &World, guest: &Guest, node: &NodeName) -> Vec<String> {
    let mut storages: Vec<String> = Vec::new();
    for drive in guest.drives() {
        if let Source::Volume(id) = &drive.source
            && journey::enabled(world, &id.storage, node).is_err()
            && !storages.iter().any(|known| known == id.storage.as_str())
        {
            storages.push(id.storage.to_string());
        }
    }
    storages
}

/// Resources that high availability takes along.
fn together(world: &World, vmid: Vmid, guest: &Guest) -> Vec<String> {
    let along = world.taken_along(&super::shown::sid(vmid, guest));
    along.iter().map(ToString::to_string).collect()
}
