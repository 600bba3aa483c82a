//! `POST .../template`: a guest becomes a template, its disks bases.

use super::find;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::disk::Role;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::VolumeId;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Its handlers.
pub(in crate::pve::api) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post(
            "/nodes/{node}/qemu/{vmid}/template",
            Handler::Write(convert),
        ),
        post("/nodes/{node}/lxc/{vmid}/template", Handler::Write(convert)),
    ]
}

fn convert(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    find::not_locked(guest)?;
    let only = call.arguments.text("disk");
    expect_convertible(guest, only)?;
    let kind = guest.kind;
    let job = Job::new(
        match kind {
            Kind::Qemu => "qmtemplate",
            Kind::Lxc => "vztemplate",
        },
        vmid,
    );
    let job = match unfit(world, guest, only) {
        Some(id) => job.failing(format!("volume '{id}' does not support template/clone")),
        None => job.doing(Effect::Template(vmid, only.map(str::to_owned))),
    };
    let answer = call.start(world, job)?;
    // Containers become templates in a task too, but nobody is told which (proxmox.md 3.3).
    Ok(match kind {
        Kind::Qemu => answer,
        Kind::Lxc => Answer::default(),
    })
}

fn expect_convertible(guest: &Guest, only: Option<&str>) -> Result<(), Fault> {
    let word = guest.kind.word();
    let text = if !guest.snapshots.is_empty() {
        format!("unable to create template, because {word} contains snapshots")
    } else if guest.is_template() && only.is_none() {
        "you can't convert a template to a template".to_owned()
    } else if guest.status.is_running() {
        match guest.kind {
            Kind::Qemu => "you can't convert a VM to template if VM is running".to_owned(),
            Kind::Lxc => "you can't convert a CT to template if the CT is running".to_owned(),
        }
    } else {
        return Ok(());
    };
    Err(Fault::Failed(text))
}

/// A disk that cannot be a base.
fn unfit(world: &World, guest: &Guest, only: Option<&str>) -> Option<VolumeId> {
    let drives = guest.drives().into_iter();
    let wanted = drives
        .filter(|drive| drive.role == Role::Disk && only.is_none_or(|only| drive.key == only));
    let mut volumes = wanted.filter_map(|drive| drive.volume().cloned());
    volumes.find(|id| !world.can_be_base(id, &guest.node))
}
