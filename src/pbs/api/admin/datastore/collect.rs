//! Garbage collection: what the last one found, and the next one.

use serde_json::{Map, Value, json};

use crate::pbs::api::admin::last_run;
use crate::pbs::api::reach::{self, Use};
use crate::pbs::api::task;
use crate::pbs::world::World;
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::task::Effect;
use crate::proxmox::calendar::CalendarEvent;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::task::Task;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/admin/datastore/{store}/gc", Handler::Read(one)),
        post("/admin/datastore/{store}/gc", Handler::Write(start)),
        get("/admin/gc", Handler::Read(list)),
        get("/admin/gc/{store}", Handler::Read(list)),
    ]
}

/// `gc-status`: what the last garbage collection found; zeros before the first one.
pub(in crate::pbs::api) fn collection_status(store: &Datastore) -> Map<String, Value> {
    let found = store.collected.clone().unwrap_or_default();
    let mut status = Map::new();
    if let Some(upid) = found.upid {
        status.insert("upid".to_owned(), json!(upid));
    }
    let numbers = [
        ("index-file-count", found.index_file_count),
        ("index-data-bytes", found.index_data_bytes),
        ("disk-bytes", found.disk_bytes),
        ("disk-chunks", found.disk_chunks),
        ("removed-bytes", found.removed_bytes),
        ("removed-chunks", found.removed_chunks),
        ("pending-bytes", found.pending_bytes),
        ("pending-chunks", found.pending_chunks),
        ("removed-bad", found.removed_bad),
        ("still-bad", found.still_bad),
    ];
    for (name, number) in numbers {
        status.insert(name.to_owned(), json!(number));
    }
    status
}

/// The garbage collections of the datastores that the caller may look at, or of one.
fn collections(world: &World, call: &Call<'_>, wanted: Option<&str>) -> Vec<Value> {
    let stores = world.datastores.iter();
    let visible = stores.filter(|(name, _)| {
        let is_it = wanted.is_none_or(|wanted| wanted == *name);
        is_it && call.may_any(world, &format!("/datastore/{name}"), &["Datastore.Audit"])
    });
    let items = visible.map(|(name, store)| shown(world, call, name, store));
    items.collect()
}

fn shown(world: &World, call: &Call<'_>, name: &str, store: &Datastore) -> Value {
    let mut item = collection_status(store);
    item.insert("store".to_owned(), json!(name));
    if let Some(schedule) = store.options.text("gc-schedule") {
        item.insert("schedule".to_owned(), json!(schedule));
        let event = CalendarEvent::parse(schedule).ok();
        if let Some(next) = event.and_then(|event| event.next_after(call.now)) {
            item.insert("next-run".to_owned(), json!(next.as_second()));
        }
    }
    let key = format!("garbage_collection/{name}");
    if let Some((start, end, state)) = last_run(world, call, &key).and_then(|last| last.finished())
    {
        item.insert("last-run-endtime".to_owned(), json!(end));
        item.insert("last-run-state".to_owned(), json!(state));
        item.insert("duration".to_owned(), json!(end.saturating_sub(start)));
    }
    Value::Object(item)
}

fn one(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("store");
    let store = reach::store(world, name, Use::Lookup)?;
    Ok(Answer::new(shown(world, call, name, store)))
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.text("store");
    if let Some(name) = wanted {
        reach::store(world, name, Use::Lookup)?;
    }
    Ok(Answer::new(collections(world, call, wanted)))
}

fn start(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("store").to_owned();
    reach::store(world, &name, Use::Write)?;
    let is_it = |task: &Task| task.upid.kind == "garbage_collection" && task.upid.id == name;
    let is_running = |task: &Task| is_it(task) && task.is_running(call.now);
    if world.tasks.tasks().any(is_running) {
        // From memory of `do_garbage_collection_job`, whose lock is the job's state file.
        let text =
            format!("unable to start garbage collection job on datastore {name} - already running");
        return Err(Fault::Failed(text));
    }
    let job = Job::new("garbage_collection", &name)
        .saying(format!("starting garbage collection on store {name}"))
        .saying("Start GC phase1 (mark used chunks)")
        .saying("Start GC phase2 (sweep unused chunks)");
    let collects = name.clone();
    let upid = task::begin(world, call, job, |upid| {
        Some(Effect::Collect(collects, upid.to_owned()))
    });
    let key = format!("garbage_collection/{name}");
    world.last_runs.insert(key, upid.clone());
    Ok(Answer::new(upid))
}
