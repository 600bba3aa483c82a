//! Snapshots of guests: list, take, describe, remove, go back.

use serde_json::{Value, json};

use super::find::{self, lock_text};
use super::power::task;
use super::{feature, settings, status, vmstate};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind, Lock, Status};
use crate::pve::world::ids::{Vmid, VolumeId};
use crate::pve::world::snapshot::{Snapshot, SnapshotState};
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        get("/nodes/{node}/qemu/{vmid}/snapshot", Read(list)),
        post("/nodes/{node}/qemu/{vmid}/snapshot", Write(take)),
        delete(
            "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}",
            Write(remove),
        ),
        get(
            "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config",
            Read(config),
        ),
        put(
            "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config",
            Write(describe),
        ),
        post(
            "/nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback",
            Write(roll_back),
        ),
        get("/nodes/{node}/lxc/{vmid}/snapshot", Read(list)),
        post("/nodes/{node}/lxc/{vmid}/snapshot", Write(take)),
        delete(
            "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}",
            Write(remove),
        ),
        get(
            "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config",
            Read(config),
        ),
        put(
            "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config",
            Write(describe),
        ),
        post(
            "/nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback",
            Write(roll_back),
        ),
    ]
}

/// The snapshots, and the present state at their end, which clients skip by its name.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let mut items: Vec<Value> = guest
        .snapshots
        .iter()
        .map(|(name, snapshot)| item(guest.kind, name, snapshot))
        .collect();
    let mut current = json!({
        "name": "current",
        "description": "You are here!",
        "digest": guest.digest(),
        "running": u8::from(guest.status.is_running()),
    });
    if let Some(parent) = &guest.parent {
        current["parent"] = json!(parent);
    }
    items.push(current);
    Ok(Answer::new(items))
}

fn item(kind: Kind, name: &str, snapshot: &Snapshot) -> Value {
    let mut item = json!({
        "name": name,
        "description": snapshot.description.as_deref().unwrap_or_default(),
        "snaptime": snapshot.taken.as_second(),
    });
    if kind == Kind::Qemu {
        item["vmstate"] = json!(u8::from(snapshot.memory.is_some()));
    }
    if let Some(parent) = &snapshot.parent {
        item["parent"] = json!(parent);
    }
    if let Some(state) = snapshot.state {
        item["snapstate"] = json!(state.as_str());
    }
    item
}

fn config(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let snapshot = settings::snapshot(guest, call.text("snapname"))?;
    Ok(Answer::new(settings::of_snapshot(guest, snapshot, call)))
}

fn describe(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("snapname");
    let (_, guest) = find::guest(world, call)?;
    find::not_locked(guest)?;
    settings::snapshot(guest, name)?;
    let (_, guest) = find::guest_mut(world, call)?;
    if let (Some(text), Some(snapshot)) = (
        call.arguments.text("description"),
        guest.snapshots.get_mut(name),
    ) {
        snapshot.description = Some(text.to_owned());
    }
    Ok(Answer::default())
}

fn take(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let name = call.text("snapname").to_owned();
    if name == "current" || name.eq_ignore_ascii_case("pending") {
        let text = format!("unable to use snapshot name '{name}' (reserved name)");
        return Err(Fault::Failed(text));
    }
    let job = Job::new(task(guest.kind, "snapshot"), vmid);
    let job = job.saying(format!("snapshot {vmid}: {name}"));
    if let Err(text) = may_take(world, guest, &name) {
        return call.start(world, job.failing(text));
    }
    let memory = match memory(world, call, vmid, &name) {
        Ok(memory) => memory,
        Err(text) => return call.start(world, job.failing(text)),
    };
    let (_, guest) = find::guest(world, call)?;
    let mut config = guest.config.clone();
    if memory.is_some() {
        let machine = status::machine(guest, call.context.edition);
        config.set("runningmachine", machine);
    }
    let description = call.arguments.text("description");
    let snapshot = Snapshot {
        taken: call.now,
        description: description.map(str::to_owned),
        parent: guest.parent.clone(),
        state: Some(SnapshotState::Prepare),
        memory,
        config,
    };
    world.begin_snapshot(vmid, &name, snapshot);
    let job = job
        .doing(Effect::EndSnapshot(vmid, name))
        .doing(Effect::Unlock(vmid, Lock::Snapshot));
    call.start(world, job)
}

/// What the worker checks before it begins (`PVE::AbstractConfig`, `__snapshot_prepare`).
fn may_take(world: &World, guest: &Guest, name: &str) -> Result<(), String> {
    if guest.is_template() {
        let text = "you can't take a snapshot if it's a template";
        return Err(text.to_owned());
    }
    if let Some(text) = lock_text(guest) {
        return Err(text);
    }
    if guest.snapshots.contains_key(name) {
        return Err(format!("snapshot name '{name}' already used"));
    }
    if !feature::of_guest(world, guest, &guest.config, feature::Feature::Snapshot) {
        return Err("snapshot feature is not available".to_owned());
    }
    Ok(())
}

/// The volume for the memory, where it is to be kept and there is any.
fn memory(
    world: &mut World,
    call: &Call<'_>,
    vmid: Vmid,
    name: &str,
) -> Result<Option<VolumeId>, String> {
    let Some(guest) = world.guests.get(&vmid) else {
        return Ok(None);
    };
    let is_wanted = guest.kind == Kind::Qemu && call.arguments.is_set("vmstate");
    if !is_wanted || !guest.status.is_running() {
        return Ok(None);
    }
    let storage = vmstate::storage(world, guest, None).map_err(|fault| match fault {
        Fault::Failed(text) => text,
        fault => format!("{fault:?}"),
    })?;
    vmstate::allocate(world, vmid, &storage, name, call.now).map(Some)
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let name = call.text("snapname").to_owned();
    let job = Job::new(task(guest.kind, "delsnapshot"), vmid);
    let job = job.saying(format!("delete snapshot {vmid}: {name}"));
    let refused = refused(guest, &name, "delete");
    if let Some(text) = refused {
        return call.start(world, job.failing(text));
    }
    let (_, guest) = find::guest_mut(world, call)?;
    guest.lock = Some(Lock::SnapshotDelete);
    if let Some(snapshot) = guest.snapshots.get_mut(&name) {
        snapshot.state = Some(SnapshotState::Delete);
    }
    let job = job
        .doing(Effect::RemoveSnapshot(vmid, name))
        .doing(Effect::Unlock(vmid, Lock::SnapshotDelete));
    call.start(world, job)
}

/// Why a worker does nothing with a snapshot.
fn refused(guest: &Guest, name: &str, verb: &str) -> Option<String> {
    let Some(snapshot) = guest.snapshots.get(name) else {
        return Some(format!("snapshot '{name}' does not exist"));
    };
    if guest.is_template() && verb == "rollback" {
        return Some("you can't rollback if it is a template".to_owned());
    }
    if snapshot.state.is_some() && verb == "rollback" {
        let text = format!(
            "unable to rollback to incomplete snapshot (snapstate = {})",
            { snapshot.state.map_or("", SnapshotState::as_str) }
        );
        return Some(text);
    }
    lock_text(guest)
}

fn roll_back(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let name = call.text("snapname").to_owned();
    let job = Job::new(task(guest.kind, "rollback"), vmid);
    let job = job.saying(format!("rollback snapshot {vmid}: {name}"));
    let refused = refused(guest, &name, "rollback");
    let refused = refused.or_else(|| feature::blocked_rollback(world, guest, &name));
    if let Some(text) = refused {
        return call.start(world, job.failing(text));
    }
    // The product stops the guest before it begins.
    world.power(vmid, Status::Stopped, call.now);
    let (_, guest) = find::guest_mut(world, call)?;
    guest.lock = Some(Lock::Rollback);
    let after = match call.arguments.is_set("start") {
        true => Status::Running,
        false => Status::Stopped,
    };
    let job = job
        .doing(Effect::RollBack(vmid, name, after))
        .doing(Effect::Unlock(vmid, Lock::Rollback));
    call.start(world, job)
}
