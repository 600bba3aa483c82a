//! `/cluster/backup` and `/cluster/backup-info`: backup jobs, what they save, and what nobody saves.
//!
//! `PVE::API2::Backup` and `PVE::API2::Cluster::BackupInfo` of pve-manager.

use serde_json::{Map, Value, json};

use crate::proxmox::arguments::split_list;
use crate::proxmox::calendar::CalendarEvent;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::api::nodes::vzdump::{Selecting, permitted, storage, verify};
use crate::pve::world::World;
use crate::pve::world::backup::BackupJob;
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

mod flat;

mod info;

mod schedule;

#[cfg(test)]
mod tests;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/backup", Handler::Read(list)),
        post("/cluster/backup", Handler::Write(create)),
        get("/cluster/backup/{id}", Handler::Read(read)),
        put("/cluster/backup/{id}", Handler::Write(update)),
        delete("/cluster/backup/{id}", Handler::Write(remove)),
        get(
            "/cluster/backup/{id}/included_volumes",
            Handler::Read(info::included_volumes),
        ),
        get(
            "/cluster/backup-info/not-backed-up",
            Handler::Read(info::not_backed_up),
        ),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let items = world.backup_jobs.iter().map(|(id, job)| {
        let mut item = flat::shown(id, job);
        let event = CalendarEvent::parse(&job.schedule).ok();
        let next = event.and_then(|event| event.next_after(call.now));
        if let Some(next) = next {
            item["next-run"] = json!(next.as_second());
        }
        item
    });
    Ok(Answer::new(items.collect::<Value>()))
}

/// The job of the path.
fn known<'w>(world: &'w World, call: &Call<'_>) -> Result<(&'w String, &'w BackupJob), Fault> {
    let id = call.text("id");
    let found = world.backup_jobs.get_key_value(id);
    found.ok_or_else(|| Fault::parameter("id", format!("No such job '{id}'")))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, job) = known(world, call)?;
    Ok(Answer::new(flat::shown(id, job)))
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut given = call.arguments.given().clone();
    permitted(world, call, &given)?;
    if let Some(storage) = storage(&given).filter(|_| !call.is_root()) {
        call.demand(
            world,
            &format!("/storage/{storage}"),
            &["Datastore.Allocate"],
        )?;
    }
    of_pool(world, call, &given)?;
    schedule::take(&mut given, schedule::Due::Needed)?;
    given
        .entry("enabled".to_owned())
        .or_insert(Value::Bool(true));
    let id = match given.shift_remove("id") {
        Some(Value::String(id)) => id,
        _ => format!("backup-{}", call.uuid()),
    };
    if world.backup_jobs.contains_key(&id) {
        return Err(Fault::Failed(format!("Job '{id}' already exists")));
    }
    verify(&given, Selecting::Needed)?;
    let job = flat::job(world, given).map_err(Fault::Failed)?;
    world.backup_jobs.insert(id, job);
    Ok(Answer::default())
}

/// Whether the caller may save a pool, which must exist.
fn of_pool(world: &World, call: &Call<'_>, given: &Map<String, Value>) -> Result<(), Fault> {
    let pool = given.get("pool").and_then(Value::as_str);
    let Some(pool) = pool.filter(|pool| !pool.is_empty()) else {
        return Ok(());
    };
    if !world.pools.contains_key(pool) {
        return Err(Fault::Failed(format!("pool '{pool}' does not exist")));
    }
    call.demand(world, &format!("/pool/{pool}"), &["VM.Backup"])
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut given = call.arguments.given().clone();
    let id = call.text("id").to_owned();
    given.shift_remove("id");
    let doomed = given.shift_remove("delete");
    let doomed = doomed.as_ref().and_then(Value::as_str).unwrap_or_default();
    let doomed: Vec<&str> = split_list(doomed).collect();
    permitted(world, call, &given)?;
    let named: Map<String, Value> = doomed
        .iter()
        .filter(|name| **name != "fleecing")
        .map(|name| ((*name).to_owned(), Value::Bool(true)))
        .collect();
    permitted(world, call, &named)?;
    of_storage(world, call, &given, &doomed)?;
    of_pool(world, call, &given)?;
    schedule::take(&mut given, schedule::Due::Optional)?;
    if given.is_empty() && doomed.is_empty() {
        return Err(Fault::Failed("no options specified".to_owned()));
    }
    verify(&given, Selecting::Optional)?;
    let job = world.backup_jobs.get(&id);
    let job = job.ok_or_else(|| Fault::Failed("no such vzdump job".to_owned()))?;
    of_present(world, call, job)?;
    for name in &doomed {
        if !is_deletable(call, name) {
            return Err(Fault::parameter(
                "delete",
                format!("unknown option '{name}'"),
            ));
        }
    }
    let changed = flat::merged(flat::flat(job), given, &doomed);
    verify(&changed, Selecting::Needed)?;
    let job = flat::job(world, changed).map_err(Fault::Failed)?;
    world.backup_jobs.insert(id, job);
    Ok(Answer::default())
}

/// Whether the caller may have backups where they will be.
fn of_storage(
    world: &World,
    call: &Call<'_>,
    given: &Map<String, Value>,
    doomed: &[&str],
) -> Result<(), Fault> {
    let storage = given.get("storage").and_then(Value::as_str);
    let back = doomed.contains(&"storage").then_some("local");
    match storage.or(back) {
        Some(storage) if !call.is_root() => call.demand(
            world,
            &format!("/storage/{storage}"),
            &["Datastore.Allocate"],
        ),
        _ => Ok(()),
    }
}

/// Whether the caller may change a job that is there.
fn of_present(world: &World, call: &Call<'_>, job: &BackupJob) -> Result<(), Fault> {
    if call.is_root() {
        return Ok(());
    }
    if job.options.0.contains_key("dumpdir") {
        let text = "only root@pam may edit jobs with a 'dumpdir' option.";
        return Err(Fault::Failed(text.to_owned()));
    }
    let storage = job.storage.as_ref().map_or("local", |id| id.as_str());
    call.demand(
        world,
        &format!("/storage/{storage}"),
        &["Datastore.Allocate"],
    )
}

/// Whether an option can be deleted: those of backups can, those of jobs cannot, but for two.
fn is_deletable(call: &Call<'_>, name: &str) -> bool {
    let of_jobs = ["id", "delete", "schedule", "starttime", "dow", "enabled"];
    call.operation.parameter(name).is_some() && !of_jobs.contains(&name)
}

fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, _) = known(world, call)?;
    let id = id.clone();
    world.backup_jobs.remove(&id);
    Ok(Answer::default())
}
