//! `DELETE` of a guest.

use super::find;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::destroy::Destruction;
use crate::pve::world::guest::{Guest, Kind, Lock, Status};
use crate::pve::world::ha::Sid;
use crate::pve::world::ids::Vmid;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::delete;

/// Its handlers.
pub(in crate::pve::api) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        delete("/nodes/{node}/qemu/{vmid}", Handler::Write(destroy)),
        delete("/nodes/{node}/lxc/{vmid}", Handler::Write(destroy)),
    ]
}

fn destroy(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let skips_lock = find::skips_lock(call)?;
    let (vmid, guest) = find::guest(world, call)?;
    let word = guest.kind.word();
    if guest.is_protected() {
        let text = format!("can't remove {word} {vmid} - protection mode enabled");
        return Err(Fault::Failed(text));
    }
    if guest.kind == Kind::Lxc {
        find::not_locked(guest)?;
    }
    let purge = call.arguments.is_set("purge");
    expect_forgotten(world, vmid, guest.kind, purge)?;
    let forced = guest.kind == Kind::Lxc && call.arguments.is_set("force");
    let runs = guest.status.is_running();
    if runs && !forced {
        return Err(Fault::Failed(match guest.kind {
            Kind::Qemu => format!("VM {vmid} is running - destroy failed"),
            Kind::Lxc => format!("unable to destroy CT {vmid} - container is running"),
        }));
    }
    let job = Job::new(
        match guest.kind {
            Kind::Qemu => "qmdestroy",
            Kind::Lxc => "vzdestroy",
        },
        vmid,
    );
    if let Some(text) = hindrance(world, guest, skips_lock) {
        return call.start(world, job.failing(text));
    }
    let mut job = job;
    if runs {
        job = job.saying(format!("forced to stop CT {vmid} before destroying!"));
        job = job.doing(Effect::Power(vmid, Status::Stopped));
    }
    if purge {
        let what = format!("purging {word} {vmid} from related configurations..");
        job = job.saying(what);
    }
    let how = Destruction {
        vmid,
        purge,
        unreferenced: call.arguments.is_set("destroy-unreferenced-disks"),
    };
    call.start(world, job.doing(Effect::Destroy(how)))
}

/// Refuses a guest that high availability or replication still knows, unless they shall forget it.
fn expect_forgotten(world: &World, vmid: Vmid, kind: Kind, purge: bool) -> Result<(), Fault> {
    if purge {
        return Ok(());
    }
    if world.ha.resources.contains_key(&Sid { kind, vmid }) {
        let word = kind.word();
        let text = format!(
            "unable to remove {word} {vmid} - used in HA resources and purge parameter not set."
        );
        return Err(Fault::Failed(text));
    }
    let mut jobs = world.replication.keys();
    match jobs.find(|job| job.guest == vmid) {
        None => Ok(()),
        Some(job) => Err(Fault::Failed(format!(
            "There is a replication job '{job}' for guest '{vmid}' - Please remove that first."
        ))),
    }
}

/// What the task finds in its way.
fn hindrance(world: &World, guest: &Guest, skips_lock: bool) -> Option<String> {
    // A machine that is suspended to disk may go, with its memory.
    let is_weak = guest.lock == Some(Lock::Suspended);
    if let Some(text) = find::lock_text(guest).filter(|_| !skips_lock && !is_weak) {
        return Some(text);
    }
    let base = world.base_in_use(guest)?;
    Some(format!(
        "base volume '{base}' is still in use by linked cloned"
    ))
}

#[cfg(test)]
mod tests;
