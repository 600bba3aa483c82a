//! The task of a backup: one guest after the other, what goes wrong with one leaving the others alone.

use super::one::{self, Saved};
use super::wanted::{Target, Wanted};
use crate::proxmox::call::Call;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::{Lock, Status};
use crate::pve::world::ids::Vmid;
use crate::pve::world::storage_effect::{JOB_ERRORS, StorageEffect};
use crate::pve::world::task::Effect;

/// The task, with the guests that it locks.
///
/// # Errors
/// What ends it before it begins.
pub(super) fn job(
    world: &World,
    call: &Call<'_>,
    wanted: &Wanted,
    local: &[Vmid],
    elsewhere: &[Vmid],
) -> Result<(Job<Effect>, Vec<Vmid>), String> {
    let mut job = Job::new("vzdump", "").saying(format!(
        "INFO: starting new backup job: {}",
        command(call, local)
    ));
    if !elsewhere.is_empty() {
        let list: Vec<String> = elsewhere.iter().map(Vmid::to_string).collect();
        job = job.saying(format!("INFO: skip external VMs: {}", list.join(", ")));
    }
    let mut locked = Vec::new();
    let mut has_failed = false;
    for vmid in local {
        let path = format!("/vms/{vmid}");
        let is_known = world.guests.contains_key(vmid);
        if is_known && !call.may(world, &path, &["VM.Backup"]) {
            if wanted.skips_forbidden {
                continue;
            }
            return Err(format!("Permission check failed ({path}, VM.Backup)"));
        }
        match one::save(world, call, wanted, *vmid) {
            Ok(saved) => {
                job = added(job, wanted, *vmid, saved);
                locked.push(*vmid);
            }
            Err((lines, why)) => {
                has_failed = true;
                for line in lines {
                    job = job.saying(line);
                }
                job = job.saying(format!("ERROR: Backup of VM {vmid} failed - {why}"));
            }
        }
    }
    job = match has_failed {
        true => job
            .saying("INFO: Backup job finished with errors")
            .failing(JOB_ERRORS),
        false => job.saying("INFO: Backup job finished successfully"),
    };
    Ok((job, locked))
}

fn added(mut job: Job<Effect>, wanted: &Wanted, vmid: Vmid, saved: Saved) -> Job<Effect> {
    for line in saved.lines {
        job = job.saying(line);
    }
    // Whoever runs is stopped for the backup, and runs again as soon as it has begun.
    if saved.was_stopped {
        job = job
            .doing(Effect::Power(vmid, Status::Stopped))
            .doing(Effect::Power(vmid, Status::Running));
    }
    if let Target::Storage(storage, _) = &wanted.target
        && let Some((id, volume)) = saved.volume
    {
        let node = wanted.node.clone();
        job = job.doing(Effect::Storage(StorageEffect::Add {
            node: node.clone(),
            id,
            volume: Box::new(volume),
        }));
        if wanted.removes {
            job = job.doing(Effect::Storage(StorageEffect::Prune {
                node,
                storage: storage.clone(),
                owner: Some(vmid),
                kind: Some(saved.kind),
                keep: wanted.keep.clone(),
            }));
        }
    }
    job.doing(Effect::Unlock(vmid, Lock::Backup))
}

/// The call as a command line, as the log's first line has it.
fn command(call: &Call<'_>, local: &[Vmid]) -> String {
    let mut line = "vzdump".to_owned();
    let given = call.arguments.given();
    if given.contains_key("vmid") {
        for vmid in local {
            line.push_str(&format!(" {vmid}"));
        }
    }
    for (name, value) in given {
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Bool(set) => i32::from(*set).to_string(),
            other => other.to_string(),
        };
        if !matches!(name.as_str(), "vmid" | "node") {
            line.push_str(&format!(" --{name} {text}"));
        }
    }
    line.push_str(&format!(" --node {}", call.text("node")));
    line
}
