//! Disks themselves: an empty partition table, and nothing at all.

use super::{device, has_holder, machine, mounted};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::disk_effect::DiskEffect;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/disks/initgpt", Handler::Write(init)),
        put("/nodes/{node}/disks/wipedisk", Handler::Write(wipe)),
    ]
}

fn init(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine(world, call)?;
    let device = device(node, call.text("disk"))?;
    let path = device.given().to_owned();
    if device.partition.is_some() {
        return Err(Fault::Failed(format!("{path} is a partition")));
    }
    if device.disk.usage.is_some() {
        return Err(Fault::Failed(format!("disk {path} already in use")));
    }
    let job = Job::new("diskinit", device.name())
        .saying("The operation has completed successfully.")
        .doing(Effect::Disk(DiskEffect::Init(name, device.path.to_owned())));
    call.start(world, job)
}

fn wipe(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine(world, call)?;
    let device = device(node, call.text("disk"))?;
    if let Some(mounted) = mounted(world, &name, device.path) {
        return Err(Fault::Failed(format!(
            "disk/partition '{mounted}' is mounted"
        )));
    }
    if has_holder(world, &name, device.path, device.disk) {
        let held = device.given();
        return Err(Fault::Failed(format!(
            "disk/partition '{held}' has a holder"
        )));
    }
    let path = device.given().to_owned();
    let mut job = Job::new("wipedisk", device.name()).saying(format!("wiping block device {path}"));
    let pools = crate::pve::world::machine::zfs_pools(world, &name);
    let mut devices = pools.iter().flat_map(|pool| &pool.devices);
    let is_pooled = devices.any(|(known, _)| *known == device.path);
    job = match is_pooled {
        true => job.failing(format!(
            "error wiping '{path}': wipefs: error: {path}: probing initialization failed: Device or resource busy"
        )),
        false => {
            let whole = device.path.to_owned();
            job.doing(Effect::Disk(DiskEffect::Wipe(name.clone(), whole)))
        }
    };
    drop(pools);
    call.start(world, job)
}
