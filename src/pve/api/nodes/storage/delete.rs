//! The end of a volume.

use super::access;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::upid::Upid;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::disk::{Role, Source, drives};
use crate::pve::world::ids::{NodeName, VolumeId};
use crate::pve::world::storage::{Content, Storage, StorageKind};
use crate::pve::world::storage_effect::StorageEffect;
use crate::pve::world::task::Effect;
use crate::pve::world::volname;
use crate::routes::Route;
use crate::routes::route::delete;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![delete(
        "/nodes/{node}/storage/{storage}/content/{volume}",
        Handler::Write(remove),
    )]
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let named = access::named(world, call, call.text("volume"))?;
    let (id, node) = (named.id, named.place.node);
    let storage = format!("/storage/{}", id.storage);
    match (named.parsed.content, named.parsed.owner) {
        (Content::Backup, Some(owner)) => {
            call.demand(world, &storage, &["Datastore.AllocateSpace"])?;
            call.demand(world, &format!("/vms/{owner}"), &["VM.Backup"])?;
        }
        _ => call.demand(world, &storage, &["Datastore.Allocate"])?,
    }
    let task = match named.parsed.owner {
        Some(owner) => format!("{owner}@{}", id.storage),
        None => id.storage.to_string(),
    };
    let mut job = Job::new("imgdel", task);
    job = match refusal(world, &id, &node, named.place.storage) {
        Some(text) => job.failing(text),
        None => job
            .saying(format!("Removed volume '{id}'"))
            .doing(Effect::Storage(StorageEffect::Remove {
                node: node.clone(),
                id,
            })),
    };
    let upid = call.begin(world, node.as_str(), job);
    waited(world, call, upid)
}

/// Why the task fails.
fn refusal(world: &World, id: &VolumeId, node: &NodeName, storage: &Storage) -> Option<String> {
    if let Err(fault) = world.usable_storage(&id.storage, node) {
        return Some(fault.to_string());
    }
    let Some(volume) = world.volume(id, node) else {
        return missing(storage, id);
    };
    if volume.protected {
        let (name, storage) = (&id.name, &id.storage);
        return Some(format!(
            "cannot remove protected volume '{name}' on '{storage}'"
        ));
    }
    if world.has_clones(id, node) {
        let name = &id.name;
        return Some(format!(
            "base volume '{name}' is still in use by linked clones"
        ));
    }
    is_drive(world, id, node).then(|| in_use(storage, id))
}

/// A file that is gone is only warned of; everywhere else the tools fail.
fn missing(storage: &Storage, id: &VolumeId) -> Option<String> {
    let name = &id.name;
    match storage.kind {
        kind if kind.has_files() => None,
        StorageKind::Lvm | StorageKind::Lvmthin => {
            let device = volname::path(&id.storage, storage, name);
            let device = device.trim_start_matches("/dev/");
            Some(format!(
                "lvremove '{device}' error:   Failed to find logical volume \"{device}\""
            ))
        }
        _ => Some(format!("volume '{id}' does not exist")),
    }
}

/// Whether a guest names it as one of its disks. An image in a CD drive is no reason to keep it.
fn is_drive(world: &World, id: &VolumeId, node: &NodeName) -> bool {
    let shelf = world.shelf(&id.storage, node);
    world.guests.values().any(|guest| {
        let snapshots = guest.snapshots.values();
        let mut memories = snapshots.clone().filter_map(|one| one.memory.as_ref());
        let configs = std::iter::once(&guest.config).chain(snapshots.map(|one| &one.config));
        let mut drives = configs
            .flat_map(|config| drives(guest.kind, config))
            .filter_map(Result::ok);
        let is_here = world.shelf(&id.storage, &guest.node) == shelf;
        let is_it = |source: &Source| *source == Source::Volume(id.clone());
        let holds =
            |role: Role| role != Role::Cd || world.volume(id, node).is_some_and(|v| v.is_disk());
        is_here
            && (drives.any(|drive| is_it(&drive.source) && holds(drive.role))
                || memories.any(|memory| memory == id))
    })
}

/// The words of what holds it. A folder would let it go, and with it the guest's data; nobody means that, so this
/// is refused there as well.
fn in_use(storage: &Storage, id: &VolumeId) -> String {
    let path = volname::path(&id.storage, storage, &id.name);
    let device = path.trim_start_matches("/dev/");
    let name = &id.name;
    match storage.kind {
        StorageKind::Lvm | StorageKind::Lvmthin => {
            format!("lvremove '{device}' error:   Logical volume {device} in use.")
        }
        StorageKind::Rbd => format!("rbd rm '{name}' error: rbd: error: image still has watchers"),
        StorageKind::Zfspool | StorageKind::Zfs => {
            let device = path
                .trim_start_matches("/dev/zvol/")
                .trim_start_matches('/');
            format!("zfs error: cannot destroy '{device}': dataset is busy")
        }
        _ => format!("unlink '{path}' failed - Device or resource busy"),
    }
}

/// With `delay` the product waits for the task and answers nothing when it ended in time.
fn waited(world: &mut World, call: &Call<'_>, upid: String) -> Result<Answer, Fault> {
    let Some(seconds) = call.arguments.integer("delay") else {
        return Ok(Answer::new(upid));
    };
    let parsed = Upid::parse(&upid, call.context.product).ok();
    let task = parsed.and_then(|upid| world.tasks.find(&upid));
    let until = call
        .now
        .saturating_add(jiff::SignedDuration::from_secs(seconds));
    let until = until.unwrap_or(call.now);
    match task.and_then(|task| task.status(until).1) {
        None => Ok(Answer::new(upid)),
        Some(exit) if exit == "OK" || exit.starts_with("WARNINGS") => Ok(Answer::default()),
        Some(error) => Err(Fault::Failed(error)),
    }
}
