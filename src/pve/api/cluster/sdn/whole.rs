//! The configuration as a whole: to apply it, to take it back, to lock it, to see what it would change.

use serde_json::{Map, Value};

use super::{interfaces, unlocked, within};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::task::Effect;

/// What was written runs at once, as far as the configuration is concerned; nodes load it in a task.
pub(super) fn apply(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    unlocked(world, call).map_err(|fault| within("could not commit SDN config", fault))?;
    let version = world.commit_sdn();
    released(world, call);
    let mut job = Job::new("reloadnetworkall", "").doing(Effect::LoadNetworks(version));
    for (node, _) in world.nodes.iter().filter(|(_, node)| node.is_online()) {
        job = job.saying(format!("{node}: reloading network config"));
    }
    call.start(world, job)
}

pub(super) fn roll_back(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let what = "could not rollback SDN configuration";
    unlocked(world, call).map_err(|fault| within(what, fault))?;
    world.roll_sdn_back();
    released(world, call);
    Ok(Answer::default())
}

/// A lock that was named goes with what was done under it, unless the caller means to go on.
fn released(world: &mut World, call: &Call<'_>) {
    if call.arguments.has("lock-token") && call.arguments.is_set("release-lock") {
        world.sdn.lock = None;
    }
}

pub(super) fn lock(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let what = "could not acquire lock for SDN config";
    unlocked(world, call).map_err(|fault| within(what, fault))?;
    if world.sdn.pending.is_some() && !call.arguments.is_set("allow-pending") {
        return Err(Fault::Failed(format!(
            "{what}: configuration has pending changes"
        )));
    }
    let token = token(call);
    world.sdn.lock = Some(token.clone());
    Ok(Answer::new(token))
}

pub(super) fn unlock(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if !call.arguments.is_set("force") {
        unlocked(world, call).map_err(|fault| within("could not release lock", fault))?;
    }
    world.sdn.lock = None;
    Ok(Answer::default())
}

/// A UUID of version 7: milliseconds, then what nobody guesses.
fn token(call: &Call<'_>) -> String {
    let time = u64::try_from(call.now.as_millisecond()).unwrap_or_default() & 0xFFFF_FFFF_FFFF;
    let (a, b) = (call.random(), call.random());
    format!(
        "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
        time >> 16,
        time & 0xFFFF,
        a & 0xFFF,
        0x8000 | ((a >> 12) & 0x3FFF),
        b & 0xFFFF_FFFF_FFFF
    )
}

pub(super) fn dry_run(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let node = call.text("node");
    let mut changes = Map::new();
    let files = [
        (
            "interfaces-diff",
            "/etc/network/interfaces.d/sdn",
            interfaces::network as interfaces::File,
        ),
        ("frr-diff", "/etc/frr/frr.conf", interfaces::routing),
    ];
    for (member, path, file) in files {
        let (now, then) = (
            file(world, &world.sdn.running, node),
            file(world, world.sdn.written(), node),
        );
        if let Some(difference) = interfaces::difference(path, &now, &then) {
            changes.insert(member.to_owned(), difference.into());
        }
    }
    Ok(Answer::new(Value::Object(changes)))
}
