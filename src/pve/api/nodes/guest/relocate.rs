//! `move_disk` and `move_volume`: a volume goes to another storage, or to another guest.

use super::config::expect_digest;
use super::disk::{target, volume_drive};
use super::{find, inputs};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::problem::Problems;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::copy::Target;
use crate::pve::world::disk::{Drive, Role};
use crate::pve::world::guest::{Guest, Kind, Lock};
use crate::pve::world::ids::{StorageId, Vmid, VolumeId};
use crate::pve::world::make::format_of;
use crate::pve::world::rework::{Gift, Relocation};
use crate::pve::world::storage::Content;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(in crate::pve::api) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post(
            "/nodes/{node}/qemu/{vmid}/move_disk",
            Handler::Write(relocate),
        ),
        post(
            "/nodes/{node}/lxc/{vmid}/move_volume",
            Handler::Write(relocate),
        ),
    ]
}

fn relocate(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let storage = match call.arguments.has("storage") {
        true => inputs::storage(call, "storage")?,
        false => None,
    };
    match (storage, target(call)?) {
        (Some(_), Some(_)) => Err(either(
            "either set 'storage' or 'target-vmid', but not both",
        )),
        (None, None) => Err(either("specify either a 'storage' or 'target-vmid'")),
        (Some(storage), None) => to_storage(world, call, storage),
        (None, Some(target)) => to_guest(world, call, target),
    }
}

fn either(text: &str) -> Fault {
    let mut problems = Problems::default();
    problems.add("target-vmid", text);
    problems.add("storage", text);
    Fault::Parameters(problems)
}

/// The parameter that names the drive, which is `disk` for machines and `volume` for containers.
fn key<'a>(call: &'a Call<'_>, kind: Kind) -> &'a str {
    match kind {
        Kind::Qemu => call.text("disk"),
        Kind::Lxc => call.text("volume"),
    }
}

fn to_storage(world: &mut World, call: &Call<'_>, storage: StorageId) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let path = format!("/storage/{storage}");
    call.demand(world, &path, &["Datastore.AllocateSpace"])?;
    find::not_locked(guest)?;
    let (kind, node) = (guest.kind, guest.node.clone());
    let drive = movable(world, call, guest, &storage)?;
    let Some(from) = drive.volume().cloned() else {
        return Err(no_volume(&drive.key));
    };
    let delete = call.arguments.is_set("delete");
    if delete && guest.is_snapshotted(&from) {
        let what = match kind {
            Kind::Qemu => "disk",
            Kind::Lxc => "volume",
        };
        let text = format!("you can't move a {what} with snapshots and delete the source");
        return Err(Fault::Failed(text));
    }
    let job = match kind {
        Kind::Qemu => Job::new("qmmove", vmid).saying(format!(
            "copying volume '{from}' from current storage '{}' to target storage '{storage}'",
            from.storage
        )),
        Kind::Lxc => Job::new("move_volume", vmid),
    };
    let format = call.arguments.text("format").and_then(format_of);
    let wanted = Target {
        node: &node,
        owner: vmid,
        storage: Some(storage),
        format,
        now: call.now,
    };
    let to = match world.copy_volume(&from, &wanted) {
        Ok(to) => to,
        Err(fault) => {
            let text = match kind {
                Kind::Qemu => format!("storage migration failed: {fault}"),
                Kind::Lxc => fault.to_string(),
            };
            return call.start(world, job.failing(text));
        }
    };
    let relocation = Relocation {
        vmid,
        key: drive.key,
        from,
        to,
        delete,
    };
    if kind == Kind::Lxc
        && let Some(guest) = world.guests.get_mut(&vmid)
    {
        guest.lock = Some(Lock::Disk);
    }
    let job = job.doing(Effect::MoveDrive(Box::new(relocation)));
    call.start(world, job.doing(Effect::Unlock(vmid, Lock::Disk)))
}

/// The drive that is to be moved to another storage, if it may be.
fn movable(
    world: &World,
    call: &Call<'_>,
    guest: &Guest,
    storage: &StorageId,
) -> Result<Drive, Fault> {
    let key = key(call, guest.kind);
    let refuse = |text: String| Err(Fault::Failed(text));
    if guest.kind == Kind::Lxc {
        if guest.status.is_running() {
            return refuse("cannot move volumes of a running container".to_owned());
        }
        if key.starts_with("unused") {
            return refuse(format!(
                "cannot move volume '{key}', only configured volumes can be moved to another storage"
            ));
        }
    }
    match guest.kind {
        // The product compares here as it does for everything but machines' configurations.
        Kind::Qemu if !digest::fits(call.arguments.text("digest"), &guest.digest()) => {
            return Err(Fault::configuration_changed());
        }
        Kind::Qemu => {}
        Kind::Lxc => expect_digest(call, "digest", guest)?,
    }
    let drive = volume_drive(guest, key)?;
    if drive.role == Role::Cd {
        return refuse("you can't move a cdrom".to_owned());
    }
    let Some(id) = drive.volume() else {
        return Err(no_volume(key));
    };
    let known = world.usable_storage(storage, &guest.node);
    let known = known.map_err(|fault| Fault::Failed(fault.to_string()))?;
    let format = call.arguments.text("format");
    let old = world.volume(id, &guest.node).map(|volume| volume.format);
    let same_format = format.is_none_or(|format| old.is_some_and(|old| old.as_str() == format));
    if guest.kind == Kind::Qemu && id.storage == *storage && same_format {
        return refuse("you can't move to the same storage with same format".to_owned());
    }
    let (content, what) = match guest.kind {
        Kind::Qemu => (Content::Images, "vm images"),
        Kind::Lxc => (Content::Rootdir, "container directories"),
    };
    if !known.content.contains(&content) {
        let text = format!("storage '{storage}' does not support {what}");
        return Err(Fault::parameter("storage", text));
    }
    Ok(drive)
}

fn no_volume(key: &str) -> Fault {
    Fault::Failed(format!("disk '{key}' has no associated volume"))
}

fn to_guest(world: &mut World, call: &Call<'_>, to: Vmid) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let kind = guest.kind;
    call.demand(world, &format!("/vms/{to}"), &["VM.Config.Disk"])?;
    if to == vmid && kind == Kind::Qemu {
        let text = "must be different than source VMID to reassign disk";
        return Err(Fault::parameter("target-vmid", text));
    }
    let key = key(call, kind);
    let target_key = match kind {
        Kind::Qemu => call.arguments.text("target-disk"),
        Kind::Lxc => call.arguments.text("target-volume"),
    };
    let target_key = target_key.unwrap_or(key);
    let id = givable(world, call, guest, (vmid, key), (to, target_key))?;
    let path = format!("/storage/{}", id.storage);
    call.demand(world, &path, &["Datastore.AllocateSpace"])?;
    let gift = Gift {
        from: vmid,
        key: key.to_owned(),
        to,
        target_key: target_key.to_owned(),
    };
    let name = match kind {
        Kind::Qemu => "qmmove",
        Kind::Lxc => "move_volume",
    };
    let job = Job::new(name, format!("{vmid}-{key}>{to}-{target_key}"));
    call.start(world, job.doing(Effect::Give(Box::new(gift))))
}

/// The volume that is to be given away, if it may be.
fn givable(
    world: &World,
    call: &Call<'_>,
    guest: &Guest,
    (vmid, key): (Vmid, &str),
    (to, target_key): (Vmid, &str),
) -> Result<VolumeId, Fault> {
    let words = Words::of(guest.kind);
    let refuse = |text: String| Err(Fault::Failed(text));
    if guest.kind == Kind::Lxc && (key == "rootfs" || target_key == "rootfs") {
        return refuse("Cannot move to/from 'rootfs'".to_owned());
    }
    let target = world
        .guests
        .get(&to)
        .filter(|other| other.kind == guest.kind);
    let Some(target) = target else {
        return refuse(format!("could not find {} {to}", words.target));
    };
    if target.node != guest.node {
        let (from, to) = (&guest.node, &target.node);
        let what = words.plural;
        return refuse(format!(
            "Both {what} need to be on the same node ({from} != {to})"
        ));
    }
    find::not_locked(guest)?;
    find::not_locked(target)?;
    if guest.is_template() || target.is_template() {
        return refuse(words.no_templates.to_owned());
    }
    for (parameter, number, guest) in [("digest", vmid, guest), ("target-digest", to, target)] {
        if !digest::fits(call.arguments.text(parameter), &guest.digest()) {
            let Fault::Failed(text) = Fault::configuration_changed() else {
                continue;
            };
            return refuse(format!("{} {number}: {text}", words.one));
        }
    }
    let Some(drive) = guest.drive(key) else {
        return refuse(match guest.kind {
            Kind::Qemu => format!("Disk '{key}' for VM '{vmid}' does not exist"),
            Kind::Lxc => format!("volume '{key}' for container '{vmid}' does not exist"),
        });
    };
    if target.config.contains(target_key) {
        return refuse(match guest.kind {
            Kind::Qemu => format!("Target disk key '{target_key}' is already in use for VM '{to}'"),
            Kind::Lxc => {
                format!("Target volume key '{target_key}' is already in use for container '{to}'")
            }
        });
    }
    if drive.role == Role::Cd {
        return refuse("CD drive contents can't be moved to another VM".to_owned());
    }
    let Some(id) = drive.volume() else {
        return refuse(format!("Volume '{key}' not managed by PVE"));
    };
    if guest.is_snapshotted(id) {
        return refuse(words.no_snapshots.to_owned());
    }
    if guest.status.is_running() && !key.starts_with("unused") {
        return refuse(words.not_running.to_owned());
    }
    Ok(id.clone())
}

/// The same refusals in the words of each kind.
struct Words {
    one: &'static str,
    target: &'static str,
    plural: &'static str,
    no_templates: &'static str,
    no_snapshots: &'static str,
    not_running: &'static str,
}

impl Words {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Qemu => Self {
                one: "VM",
                target: "target VM",
                plural: "VMs",
                no_templates: "Can't move disks from or to template VMs",
                no_snapshots: "Can't move disk used by a snapshot to another VM",
                not_running: "Cannot move disk to another VM while the source VM is running - detach first",
            },
            Kind::Lxc => Self {
                one: "Container",
                target: "CT",
                plural: "containers",
                no_templates: "Can't move volumes from or to template CT",
                no_snapshots: "Cannot move volume used by a snapshot to another container",
                not_running: "Cannot move in-use volume while the source CT is running - detach or shutdown first",
            },
        }
    }
}

#[cfg(test)]
mod tests;
