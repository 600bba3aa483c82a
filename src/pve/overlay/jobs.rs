//! Jobs: backups and replication.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::derived::add_storage;
use super::values::{Row, is_set, moment, parts, rest, text};
use crate::proxmox::overlay::Overlay;
use crate::proxmox::world_file;
use crate::pve::world::World;
use crate::pve::world::backup::BackupJob;
use crate::pve::world::ids::{StorageId, Vmid};
use crate::pve::world::replication::{Replication, ReplicationId};
use crate::pve::world::storage::Content;

pub(super) fn lay(world: &mut World, before: &World, overlay: &mut Overlay) {
    for (path, id, row) in entries(
        "/cluster/backup",
        overlay,
        |world| world.backup_jobs.clear(),
        world,
    ) {
        match backup(&row, world) {
            Ok(job) => {
                let node = job.node.clone();
                let node = node.or_else(|| world.nodes.keys().next().cloned());
                if let Some((node, storage)) = node.zip(job.storage.as_ref()) {
                    add_storage(world, before, storage, &node, Content::Backup);
                }
                world.backup_jobs.insert(id, job);
            }
            Err(why) => overlay.remark(&path, format!("job {id} is left out: {why}")),
        }
    }
    let jobs = entries(
        "/cluster/replication",
        overlay,
        |world| world.replication.clear(),
        world,
    );
    for (path, id, row) in jobs {
        let read = id.parse::<ReplicationId>().map_err(|bad| bad.to_string());
        match read.and_then(|id| Ok((id, replication(&row)?))) {
            Ok((id, job)) => drop(world.replication.insert(id, job)),
            Err(why) => overlay.remark(&path, format!("job {id} is left out: {why}")),
        }
    }
}

/// The jobs of a list and those that have entries of their own, which know more of them.
fn entries(
    list: &str,
    overlay: &mut Overlay,
    clear: impl FnOnce(&mut World),
    world: &mut World,
) -> Vec<(String, String, Row)> {
    let mut jobs = Vec::new();
    if let Some(rows) = overlay.rows(list) {
        clear(world);
        let rows = rows.into_iter();
        jobs.extend(rows.map(|row| (list.to_owned(), text(&row, "id").unwrap_or_default(), row)));
    }
    for found in overlay.like(&format!("{list}/{{}}")) {
        let id = found.parts.into_iter().next().unwrap_or_default();
        if let Some(row) = overlay.object(&found.path) {
            jobs.push((found.path, id, row));
        }
    }
    jobs
}

const BACKUP: &[&str] = &[
    "id",
    "type",
    "digest",
    "enabled",
    "schedule",
    "storage",
    "node",
    "vmid",
    "all",
    "exclude",
    "pool",
    "next-run",
    "dow",
    "starttime",
];

fn backup(row: &Row, world: &World) -> Result<BackupJob, String> {
    let numbers = |key: &str| -> Result<Vec<Vmid>, String> {
        let list = text(row, key).unwrap_or_default();
        let guests = parts(&list).map(|vmid| vmid.parse::<Vmid>().map_err(|bad| bad.to_string()));
        guests.collect()
    };
    let selection = match (text(row, "vmid").as_deref(), text(row, "pool")) {
        (Some("all"), _) => json!({ "all-but": numbers("exclude")? }),
        (Some(_), _) => json!({ "guests": numbers("vmid")? }),
        (None, Some(pool)) => json!({ "pool": pool }),
        (None, None) => json!({ "all-but": numbers("exclude")? }),
    };
    let storage = text(row, "storage").or_else(|| any_storage(world).map(ToString::to_string));
    let enabled = !row.contains_key("enabled") || is_set(row, "enabled");
    let mut options = rest(row, BACKUP);
    if let Some(Value::Object(kept)) = row.get("prune-backups") {
        let kept: Vec<String> = kept
            .iter()
            .filter_map(|(key, value)| Some(format!("{key}={}", super::values::plain(value)?)))
            .collect();
        options
            .0
            .insert("prune-backups".to_owned(), kept.join(",").into());
    }
    let mut file = json!({
        "disabled": !enabled,
        "schedule": schedule(row),
        "storage": storage,
        "selection": selection,
        "options": options,
    });
    if let Some(node) = text(row, "node") {
        file["node"] = node.into();
    }
    if let Some(tried) = moment(row, "last_try").filter(|at| at.as_second() > 0) {
        file["last-try"] = tried.to_string().into();
    }
    if let Some(count) = row.get("fail_count").and_then(Value::as_u64) {
        file["fail-count"] = u32::try_from(count).unwrap_or(u32::MAX).into();
    }
    if let Some(error) = text(row, "error") {
        file["error"] = error.into();
    }
    world_file::read(&file).map_err(|problem| world_file::sentence(&problem))
}

/// A calendar event, or the day and hour that older releases had instead.
fn schedule(row: &Row) -> String {
    let older = || {
        let days = text(row, "dow").filter(|days| !days.is_empty());
        let time = text(row, "starttime")?;
        Some(days.map_or(time.clone(), |days| format!("{days} {time}")))
    };
    let schedule = text(row, "schedule").or_else(older);
    schedule.unwrap_or_else(|| "sat 01:00".to_owned())
}

fn any_storage(world: &World) -> Option<&StorageId> {
    let takes = |content: &BTreeSet<Content>| content.contains(&Content::Backup);
    let mut storages = world.storages.iter();
    let found = storages.find(|(_, storage)| takes(&storage.content));
    found.map(|(id, _)| id)
}

const REPLICATION: &[&str] = &[
    "id",
    "type",
    "digest",
    "target",
    "source",
    "guest",
    "jobnum",
    "schedule",
    "disable",
    "remove_job",
    "last_sync",
    "last_try",
    "next_sync",
    "duration",
    "error",
    "fail_count",
    "vmtype",
    "pid",
];

fn replication(row: &Row) -> Result<Replication, String> {
    let mut file = json!({
        "target": text(row, "target").unwrap_or_default(),
        "disabled": is_set(row, "disable"),
        "options": rest(row, REPLICATION),
    });
    if let Some(schedule) = text(row, "schedule") {
        file["schedule"] = schedule.into();
    }
    if let Some(synced) = moment(row, "last_sync").filter(|at| at.as_second() > 0) {
        file["last-sync"] = synced.to_string().into();
    }
    if let Some(tried) = moment(row, "last_try").filter(|at| at.as_second() > 0) {
        file["last-try"] = tried.to_string().into();
    }
    if let Some(count) = row.get("fail_count").and_then(Value::as_u64) {
        file["fail-count"] = u32::try_from(count).unwrap_or(u32::MAX).into();
    }
    if let Some(error) = text(row, "error") {
        file["error"] = error.into();
    }
    world_file::read(&file).map_err(|problem| world_file::sentence(&problem))
}
