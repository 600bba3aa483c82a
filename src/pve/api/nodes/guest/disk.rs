//! Drives that grow, move to another storage, or go to another guest.

use super::config::expect_digest;
use super::{find, inputs};
use crate::proxmox::Edition;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::disk::{Drive, Role};
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::rework::Growth;
use crate::pve::world::size::Size;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::put;

/// Their handlers.
pub(in crate::pve::api) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        put("/nodes/{node}/qemu/{vmid}/resize", Handler::Write(resize)),
        put("/nodes/{node}/lxc/{vmid}/resize", Handler::Write(resize)),
    ]
}

fn resize(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let skips_lock = find::skips_lock(call)?;
    let (vmid, guest) = find::guest(world, call)?;
    expect_digest(call, "digest", guest)?;
    if !skips_lock {
        find::not_locked(guest)?;
    }
    let kind = guest.kind;
    let key = call.text("disk");
    let drive = volume_drive(guest, key)?;
    if drive.role == Role::Cd {
        return Err(Fault::Failed("you can't resize a cdrom".to_owned()));
    }
    let size = wanted_size(world, call, guest, &drive)?;
    let Some(size) = size else {
        return call.start(world, Job::new("resize", vmid));
    };
    let growth = Growth {
        vmid,
        key: key.to_owned(),
        size,
    };
    let node = guest.node.clone();
    let id = drive.volume();
    let refusal = id.and_then(|id| world.growth_refusal(id, &node, size));
    let job = Job::new("resize", vmid);
    let job = match refusal {
        Some(fault) => job.failing(fault.to_string()),
        None => job.doing(Effect::Grow(growth)),
    };
    let answer = call.start(world, job)?;
    // Machines grew without a task before 8.0.
    let is_silent = kind == Kind::Qemu && call.context.edition == Edition::Pve7;
    Ok(if is_silent { Answer::default() } else { answer })
}

/// The drive of a key, which must be backed by a volume.
///
/// # Errors
/// `disk 'scsi1' does not exist`.
pub(in crate::pve::api) fn volume_drive(guest: &Guest, key: &str) -> Result<Drive, Fault> {
    let Some(drive) = guest.drive(key) else {
        return Err(Fault::Failed(format!("disk '{key}' does not exist")));
    };
    match drive.volume() {
        Some(_) => Ok(drive),
        None if drive.role == Role::Cd => Ok(drive),
        None => Err(Fault::Failed(format!(
            "disk '{key}' has no associated volume"
        ))),
    }
}

/// The size that a drive shall have; nothing when it has it.
fn wanted_size(
    world: &World,
    call: &Call<'_>,
    guest: &Guest,
    drive: &Drive,
) -> Result<Option<Size>, Fault> {
    let id = drive.volume();
    let volume = id.and_then(|id| world.volume(id, &guest.node));
    let (Some(id), Some(volume)) = (id, volume) else {
        let name = id.map(ToString::to_string).unwrap_or_default();
        let text = format!("Could not determine current size of volume '{name}'");
        return Err(Fault::Failed(text));
    };
    let path = format!("/storage/{}", id.storage);
    call.demand(world, &path, &["Datastore.AllocateSpace"])?;
    let text = call.text("size");
    let (text, base) = match text.strip_prefix('+') {
        Some(text) => (text, volume.size),
        None => (text, Size::default()),
    };
    let bad = |_| Fault::parameter("size", "value does not match the regex pattern");
    let size = text.parse::<Size>().map_err(bad)?.plus(base);
    if size < volume.size {
        return Err(Fault::Failed(match guest.kind {
            Kind::Qemu => "shrinking disks is not supported".to_owned(),
            Kind::Lxc => "unable to shrink disk size".to_owned(),
        }));
    }
    if size == volume.size && guest.kind == Kind::Lxc {
        return Err(Fault::Failed(
            "disk is already at specified size".to_owned(),
        ));
    }
    Ok(Some(size).filter(|size| *size != volume.size))
}

/// The target guest of a move, where one is named.
///
/// # Errors
/// A number that no guest can have.
pub(in crate::pve::api) fn target(
    call: &Call<'_>,
) -> Result<Option<crate::pve::world::ids::Vmid>, Fault> {
    match call.arguments.has("target-vmid") {
        true => inputs::vmid(call, "target-vmid").map(Some),
        false => Ok(None),
    }
}
