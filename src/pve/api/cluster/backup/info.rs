//! What a job saves of each guest, and which guests no job saves.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::known;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::backup::{BackupJob, saved_disks};
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::Vmid;

/// The guests of a job; those on another node than its own are not.
fn guests(world: &World, job: &BackupJob) -> Vec<Vmid> {
    let all = world.selected(&job.selection).into_iter();
    let is_here = |vmid: &Vmid| match (world.guests.get(vmid), &job.node) {
        (Some(guest), Some(node)) => guest.node == *node,
        _ => true,
    };
    all.filter(is_here).collect()
}

fn may_see(world: &World, call: &Call<'_>, vmid: Vmid) -> bool {
    call.may(world, &format!("/vms/{vmid}"), &["VM.Audit"])
}

fn name(guest: &Guest) -> Option<&str> {
    guest.config.text(match guest.kind {
        Kind::Qemu => "name",
        Kind::Lxc => "hostname",
    })
}

/// Answers `included_volumes`: a tree of guests and their disks.
pub(super) fn included_volumes(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, job) = known(world, call)?;
    let guests = guests(world, job).into_iter();
    let guests = guests.filter(|vmid| may_see(world, call, *vmid));
    let children: Vec<Value> = guests
        .map(|vmid| match world.guests.get(&vmid) {
            None => json!({"id": vmid.number(), "type": "unknown", "leaf": true}),
            Some(guest) => tree(vmid, guest),
        })
        .collect();
    Ok(Answer::new(json!({ "children": children })))
}

fn tree(vmid: Vmid, guest: &Guest) -> Value {
    let disks: Vec<Value> = saved_disks(guest)
        .into_iter()
        .map(|disk| {
            json!({
                "id": format!("{vmid}:{}", disk.key),
                "name": disk.file,
                "included": disk.is_included,
                "reason": disk.reason,
                "leaf": true,
            })
        })
        .collect();
    let mut item = json!({
        "id": vmid.number(),
        "type": guest.kind.as_str(),
        "leaf": disks.is_empty(),
        "children": disks,
    });
    if let Some(name) = name(guest) {
        item["name"] = json!(name);
    }
    item
}

/// Answers `not-backed-up`: the guests of no job, switched on or not.
pub(super) fn not_backed_up(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let jobs = world.backup_jobs.values();
    let saved: BTreeSet<Vmid> = jobs.flat_map(|job| guests(world, job)).collect();
    let others = world
        .guests
        .iter()
        .filter(|(vmid, _)| !saved.contains(vmid));
    let rows = others.filter(|(vmid, _)| may_see(world, call, **vmid));
    let rows = rows.map(|(vmid, guest)| {
        let mut row = json!({"vmid": vmid.number(), "type": guest.kind.as_str()});
        if let Some(name) = name(guest) {
            row["name"] = json!(name);
        }
        row
    });
    Ok(Answer::new(rows.collect::<Value>()))
}
