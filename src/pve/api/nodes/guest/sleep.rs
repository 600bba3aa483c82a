//! Guests that sleep, in memory or on disk, and wake up.

use super::find::{self, lock_text, only_root, skips_lock};
use super::power::{must_run, started};
use super::{shown, status, vmstate};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::{Lock, Status};
use crate::pve::world::ids::Vmid;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let of = Handler::Write;
    vec![
        post("/nodes/{node}/qemu/{vmid}/status/suspend", of(suspend)),
        post("/nodes/{node}/qemu/{vmid}/status/resume", of(resume)),
        post("/nodes/{node}/lxc/{vmid}/status/suspend", of(checkpoint)),
        post("/nodes/{node}/lxc/{vmid}/status/resume", of(restore)),
    ]
}

fn suspend(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let skiplock = skips_lock(call)?;
    let (vmid, guest) = find::guest(world, call)?;
    must_run(vmid, guest)?;
    if call.arguments.is_set("todisk") {
        return to_disk(world, call, skiplock);
    }
    let job = Job::new("qmpause", vmid);
    let is_harmless = guest.lock == Some(Lock::Backup);
    let job = match lock_text(guest).filter(|_| !skiplock && !is_harmless) {
        Some(text) => job.failing(text),
        None => job.doing(Effect::Power(vmid, Status::Paused)),
    };
    call.start(world, job)
}

fn to_disk(world: &mut World, call: &Call<'_>, skiplock: bool) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    if shown::is_managed(world, vmid, guest) {
        let text = "Cannot suspend HA managed VM to disk";
        return Err(Fault::Failed(text.to_owned()));
    }
    call.demand(world, &format!("/vms/{vmid}"), &["VM.Config.Disk"])?;
    let storage = vmstate::storage(world, guest, call.arguments.text("statestorage"))?;
    let path = format!("/storage/{storage}");
    call.demand(world, &path, &["Datastore.AllocateSpace"])?;
    let job = Job::new("qmsuspend", vmid);
    if guest.lock == Some(Lock::Backup) {
        return call.start(world, job.failing("cannot suspend to disk during backup"));
    }
    if let Some(text) = lock_text(guest).filter(|_| !skiplock) {
        return call.start(world, job.failing(text));
    }
    let label = format!("suspend-{}", call.now.strftime("%Y-%m-%d"));
    match vmstate::allocate(world, vmid, &storage, &label, call.now) {
        Err(text) => call.start(world, job.failing(text)),
        Ok(memory) => {
            let machine = machine(world, vmid, call);
            world.begin_suspension(vmid, &memory, &machine);
            let job = job.doing(Effect::EndSuspension(vmid));
            call.start(world, job.saying("State saved, quit"))
        }
    }
}

fn machine(world: &World, vmid: Vmid, call: &Call<'_>) -> String {
    let guest = world.guests.get(&vmid);
    guest.map_or_else(String::new, |guest| {
        status::machine(guest, call.context.edition)
    })
}

fn resume(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    only_root(call, "nocheck")?;
    let skiplock = skips_lock(call)?;
    let (vmid, guest) = find::guest(world, call)?;
    let is_on_disk = guest.lock == Some(Lock::Suspended);
    if !is_on_disk {
        must_run(vmid, guest)?;
    }
    let job = Job::new("qmresume", vmid);
    let job = if is_on_disk {
        started(vmid, guest, job, skiplock)
    } else if guest.status == Status::Running {
        // Nothing to do, says the product, and looks no further.
        job
    } else {
        let is_harmless = guest.lock == Some(Lock::Backup);
        match lock_text(guest).filter(|_| !skiplock && !is_harmless) {
            Some(text) => job.failing(text),
            None => job.doing(Effect::Power(vmid, Status::Running)),
        }
    };
    call.start(world, job)
}

/// A container is put on disk and ended.
fn checkpoint(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    must_run(vmid, guest)?;
    let job = Job::new("vzsuspend", vmid);
    let job = match lock_text(guest) {
        Some(text) => job.failing(text),
        None => job.doing(Effect::Power(vmid, Status::Stopped)),
    };
    call.start(world, job)
}

fn restore(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    if guest.status.is_running() {
        let text = format!("CT {vmid} already running");
        return Err(Fault::Failed(text));
    }
    let job = Job::new("vzresume", vmid);
    let job = match lock_text(guest) {
        Some(text) => job.failing(text),
        None if guest.is_template() => job.failing("you can't start a CT if it's a template"),
        None => job.doing(Effect::Power(vmid, Status::Running)),
    };
    call.start(world, job)
}
