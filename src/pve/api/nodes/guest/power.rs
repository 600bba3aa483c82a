//! Starting and stopping guests.
//!
//! What is refused before there is a task and what fails in it is told apart as the product does (proxmox.md 4.1,
//! 4.2, and `PVE::API2::Qemu` and `PVE::API2::LXC::Status`): clients look at one or at the other.

use super::find::{self, lock_text, only_root, skips_lock};
use super::shown;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::UserId;
use crate::proxmox::task::stop_words;
use crate::proxmox::work::{Job, Start};
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind, Lock, Status};
use crate::pve::world::ha::Wanted;
use crate::pve::world::ids::Vmid;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let of = Handler::Write;
    vec![
        post("/nodes/{node}/qemu/{vmid}/status/start", of(start)),
        post("/nodes/{node}/qemu/{vmid}/status/stop", of(stop)),
        post("/nodes/{node}/qemu/{vmid}/status/shutdown", of(shutdown)),
        post("/nodes/{node}/qemu/{vmid}/status/reboot", of(reboot)),
        post("/nodes/{node}/qemu/{vmid}/status/reset", of(reset)),
        post("/nodes/{node}/lxc/{vmid}/status/start", of(start)),
        post("/nodes/{node}/lxc/{vmid}/status/stop", of(stop)),
        post("/nodes/{node}/lxc/{vmid}/status/shutdown", of(shutdown)),
        post("/nodes/{node}/lxc/{vmid}/status/reboot", of(reboot)),
    ]
}

/// The type of a task about a guest: `qmstart`, `vzstart`.
pub(in crate::pve::api) fn task(kind: Kind, verb: &str) -> String {
    match kind {
        Kind::Qemu => format!("qm{verb}"),
        Kind::Lxc => format!("vz{verb}"),
    }
}

/// A guest that is not there at all is told in the task: the call only hands the number to a worker.
fn start(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let kind = find::kind(call);
    for option in [
        "stateuri",
        "skiplock",
        "migratedfrom",
        "migration_type",
        "migration_network",
        "targetstorage",
        "force-cpu",
        "nets-host-mtu",
    ] {
        only_root(call, option)?;
    }
    let vmid = find::vmid(call)?;
    let job = Job::new(task(kind, "start"), vmid);
    let Ok((vmid, guest)) = find::guest(world, call) else {
        let Fault::Failed(text) = find::missing(call) else {
            return Err(find::missing(call));
        };
        return call.start(world, job.failing(text));
    };
    if kind == Kind::Lxc && guest.status.is_running() {
        let text = format!("CT {vmid} already running");
        return Err(Fault::Failed(text));
    }
    let job = started(vmid, guest, job, call.arguments.is_set("skiplock"));
    if shown::is_managed(world, vmid, guest) {
        return through_availability(world, call, vmid, Wanted::Started, job);
    }
    call.start(world, job)
}

/// The task of a start, with what goes wrong in it.
pub(in crate::pve::api) fn started(
    vmid: Vmid,
    guest: &Guest,
    job: Job<Effect>,
    skiplock: bool,
) -> Job<Effect> {
    let word = guest.kind.word();
    if guest.is_template() {
        let article = format!("you can't start a {} if it's a template", word_of(guest));
        return job.failing(article);
    }
    let harmless = match guest.kind {
        Kind::Qemu => Lock::Suspended,
        Kind::Lxc => Lock::Mounted,
    };
    let locked = lock_text(guest).filter(|_| !skiplock && guest.lock != Some(harmless));
    if let Some(text) = locked {
        return job.failing(text);
    }
    if guest.status.is_running() {
        return job.failing(format!("{word} {vmid} already running"));
    }
    let job = match guest.lock {
        Some(Lock::Suspended) => job.saying("Resuming suspended VM"),
        _ => job,
    };
    job.doing(Effect::Power(vmid, Status::Running))
}

/// The product writes it small for machines here and nowhere else.
fn word_of(guest: &Guest) -> &'static str {
    match guest.kind {
        Kind::Qemu => "vm",
        Kind::Lxc => "CT",
    }
}

/// Asks high availability for it. The real task is the work of the local resource manager, which is root; both
/// are over when the time of a task is up, since nobody waits here between them.
pub(super) fn through_availability(
    world: &mut World,
    call: &Call<'_>,
    vmid: Vmid,
    wanted: Wanted,
    real: Job<Effect>,
) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let sid = shown::sid(vmid, guest);
    let (verb, kind) = match wanted {
        Wanted::Started => ("start", "hastart"),
        _ => ("stop", "hastop"),
    };
    let word = guest.kind.word();
    let asked = Job::new(kind, vmid)
        .saying(format!("Requesting HA {verb} for {word} {vmid}"))
        .doing(Effect::Want(sid, wanted));
    let answer = call.start(world, asked)?;
    by_manager(world, call, call.text("node"), real);
    Ok(answer)
}

/// Begins a task that the resource manager of a node starts.
pub(super) fn by_manager(world: &mut World, call: &Call<'_>, node: &str, job: Job<Effect>) {
    let start = Start {
        product: call.context.product,
        node,
        user: UserId::root().into(),
        now: call.now,
        duration: call.context.task_time,
    };
    world.tasks.begin(start, job);
}

fn stop(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    for option in ["skiplock", "keepActive", "migratedfrom"] {
        only_root(call, option)?;
    }
    let kind = find::kind(call);
    let overruled = overrule(world, call)?;
    let Some((vmid, guest)) = known_or_idle(world, call)? else {
        return idle(world, call, "stop");
    };
    let mut job = Job::new(task(kind, "stop"), vmid);
    for upid in overruled {
        job = job.saying(format!(
            "overruled {} task '{upid}'",
            task(kind, "shutdown")
        ));
    }
    let job = if !guest.status.is_running() {
        job
    } else {
        match lock_text(guest).filter(|_| !call.arguments.is_set("skiplock")) {
            Some(text) => job.failing(text),
            None => job.doing(Effect::Power(vmid, Status::Stopped)),
        }
    };
    if shown::is_managed(world, vmid, guest) {
        return through_availability(world, call, vmid, Wanted::Stopped, job);
    }
    call.start(world, job)
}

/// Ends the shutdowns of the guest that still wait (`overrule-shutdown`), and gives their ids.
fn overrule(world: &mut World, call: &Call<'_>) -> Result<Vec<String>, Fault> {
    if !call.arguments.is_set("overrule-shutdown") {
        return Ok(Vec::new());
    }
    let kind = task(find::kind(call), "shutdown");
    let vmid = find::vmid(call)?.to_string();
    let waiting: Vec<_> = world
        .tasks
        .tasks()
        .filter(|task| task.upid.kind == kind && task.upid.id == vmid)
        .filter(|task| task.is_running(call.now))
        .map(|task| task.upid.clone())
        .collect();
    for upid in &waiting {
        if let Some(task) = world.tasks.find_mut(upid) {
            task.stop(call.now, stop_words(call.context.product));
        }
    }
    Ok(waiting.iter().map(ToString::to_string).collect())
}

/// The guest, or nothing for a machine that is not there: what only a worker looks at fails in the task.
/// Containers that do not run are refused at once.
fn known_or_idle<'w>(
    world: &'w World,
    call: &Call<'_>,
) -> Result<Option<(Vmid, &'w Guest)>, Fault> {
    match (find::guest(world, call), find::kind(call)) {
        (Ok((vmid, guest)), Kind::Lxc) => {
            must_run(vmid, guest)?;
            Ok(Some((vmid, guest)))
        }
        (Ok(found), Kind::Qemu) => Ok(Some(found)),
        (Err(_), Kind::Qemu) => Ok(None),
        (Err(fault), Kind::Lxc) => Err(fault),
    }
}

pub(super) fn must_run(vmid: Vmid, guest: &Guest) -> Result<(), Fault> {
    if guest.status.is_running() {
        return Ok(());
    }
    let text = format!("{} {vmid} not running", guest.kind.word());
    Err(Fault::Failed(text))
}

/// A task about a machine that is not there.
fn idle(world: &mut World, call: &Call<'_>, verb: &str) -> Result<Answer, Fault> {
    let job = Job::new(task(find::kind(call), verb), find::vmid(call)?);
    match find::missing(call) {
        Fault::Failed(text) => call.start(world, job.failing(text)),
        fault => Err(fault),
    }
}

fn shutdown(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    for option in ["skiplock", "keepActive"] {
        only_root(call, option)?;
    }
    let Some((vmid, guest)) = known_or_idle(world, call)? else {
        return idle(world, call, "shutdown");
    };
    let force = call.arguments.is_set("forceStop");
    let is_paused = guest.status == Status::Paused;
    if is_paused && !force {
        return Err(paused());
    }
    let mut job = Job::new(task(guest.kind, "shutdown"), vmid);
    if is_paused {
        job = job.saying("VM is paused - stop instead of shutdown");
    }
    let job = if guest.status.is_running() {
        let way = Way {
            skiplock: call.arguments.is_set("skiplock"),
            force,
            is_paused,
            timeout: call.arguments.integer("timeout"),
        };
        asked(vmid, guest, job, way)
    } else {
        job
    };
    if shown::is_managed(world, vmid, guest) {
        return through_availability(world, call, vmid, Wanted::Stopped, job);
    }
    call.start(world, job)
}

fn paused() -> Fault {
    Fault::Failed("VM is paused - cannot shutdown".to_owned())
}

/// How a guest is asked to shut down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// Whatever its lock.
    pub(super) skiplock: bool,
    /// By force when it does not.
    pub(super) force: bool,
    /// By force at once.
    pub(super) is_paused: bool,
    /// In so many seconds; 0 is too short for every guest.
    pub(super) timeout: Option<i64>,
}

/// The task of a shutdown of a guest that runs, with what goes wrong in it.
pub(super) fn asked(vmid: Vmid, guest: &Guest, job: Job<Effect>, way: Way) -> Job<Effect> {
    if let Some(text) = lock_text(guest).filter(|_| !way.skiplock) {
        return job.failing(text);
    }
    let stops = Effect::Power(vmid, Status::Stopped);
    if way.is_paused || (guest.obeys() && way.timeout != Some(0)) {
        return job.doing(stops);
    }
    match (way.force, guest.kind) {
        (true, Kind::Qemu) => job
            .saying("VM still running - terminating now with SIGTERM")
            .doing(stops),
        (true, Kind::Lxc) => job.doing(stops),
        (false, Kind::Qemu) => job.failing("VM quit/powerdown failed - got timeout"),
        // From memory: what `PVE::LXC::vm_stop` says when the container does not end.
        (false, Kind::Lxc) => job.failing("container did not stop"),
    }
}

fn reboot(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    if guest.status == Status::Paused {
        return Err(paused());
    }
    must_run(vmid, guest)?;
    let job = Job::new(task(guest.kind, "reboot"), vmid);
    let is_too_short = call.arguments.integer("timeout") == Some(0);
    let job = match lock_text(guest) {
        Some(text) => job.failing(text),
        None if !guest.obeys() || is_too_short => match guest.kind {
            Kind::Qemu => job.failing("VM quit/powerdown failed - got timeout"),
            Kind::Lxc => job.failing("container did not stop"),
        },
        None => job.doing(Effect::Reboot(vmid)),
    };
    call.start(world, job)
}

/// Neither configuration nor process change: the machine just begins anew.
fn reset(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let skiplock = skips_lock(call)?;
    let (vmid, guest) = find::guest(world, call)?;
    must_run(vmid, guest)?;
    let job = Job::new("qmreset", vmid);
    let job = match lock_text(guest).filter(|_| !skiplock) {
        Some(text) => job.failing(text),
        None => job,
    };
    call.start(world, job)
}
