//! `/admin/{prune,verify,sync}`: jobs with their last and next runs, and running one now.

use serde_json::{Value, json};

use super::datastore::{Wanted, keep, places, prune_places};
use crate::pbs::api::{copy, reach, task};
use crate::pbs::world::World;
use crate::pbs::world::ids::{MAX_DEPTH, Namespace};
use crate::pbs::world::task::Effect;
use crate::proxmox::calendar::CalendarEvent;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::Section;
use crate::proxmox::task::Task;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/admin/prune", Handler::Read(list_prunes)),
        post("/admin/prune/{id}/run", Handler::Write(run_prune)),
        get("/admin/verify", Handler::Read(list_verifications)),
        post("/admin/verify/{id}/run", Handler::Write(run_verification)),
        get("/admin/sync", Handler::Read(list_syncs)),
        post("/admin/sync/{id}/run", Handler::Write(run_sync)),
    ]
}

/// The last run of a job.
pub(in crate::pbs::api) struct LastRun<'w> {
    task: &'w Task,
    end: Option<(i64, String)>,
}

impl LastRun<'_> {
    /// Start, end and exit status of one that is over.
    pub(in crate::pbs::api) fn finished(self) -> Option<(i64, i64, String)> {
        let (end, state) = self.end?;
        Some((self.task.started.as_second(), end, state))
    }
}

/// The last run of a job, by its name in the world.
pub(in crate::pbs::api) fn last_run<'w>(
    world: &'w World,
    call: &Call<'_>,
    key: &str,
) -> Option<LastRun<'w>> {
    let task = task::last(world, key)?;
    let end = task::end(task, call.now).map(|(at, outcome)| (at, outcome.exit_status()));
    Some(LastRun { task, end })
}

/// A job as its list shows it: configuration, then its runs (`compute_schedule_status`).
pub(in crate::pbs::api) fn shown(
    world: &World,
    call: &Call<'_>,
    kind: &str,
    (id, job): (&str, &Section),
) -> Value {
    let mut item = job.properties.clone();
    item.insert("id".to_owned(), json!(id));
    let schedule = job.properties.get("schedule").and_then(Value::as_str);
    let is_off = job.properties.get("disable") == Some(&Value::Bool(true));
    let event = schedule
        .filter(|_| !is_off)
        .and_then(|text| CalendarEvent::parse(text).ok());
    if let Some(next) = event.and_then(|event| event.next_after(call.now)) {
        item.insert("next-run".to_owned(), json!(next.as_second()));
    }
    if let Some(last) = last_run(world, call, &format!("{kind}/{id}")) {
        item.insert(
            "last-run-upid".to_owned(),
            json!(last.task.upid.to_string()),
        );
        if let Some((_, end, state)) = last.finished() {
            item.insert("last-run-endtime".to_owned(), json!(end));
            item.insert("last-run-state".to_owned(), json!(state));
        }
    }
    Value::Object(item)
}

/// The jobs of a file that the caller may see and that are about the datastore asked for.
fn list(
    world: &World,
    call: &Call<'_>,
    (file, kind): (&str, &str),
    wanted: impl Fn(&Section) -> bool,
) -> Answer {
    let store = call.arguments.text("store");
    let jobs = world.sections_of(file).filter(|(_, job)| {
        let own = text(job, "store");
        let path = reach::acl_path(own, &space(job, "ns"));
        let privileges = ["Datastore.Audit", "Datastore.Verify"];
        store.is_none_or(|store| store == own)
            && wanted(job)
            && call.may_any(world, &path, &privileges)
    });
    let items: Vec<Value> = jobs.map(|job| shown(world, call, kind, job)).collect();
    Answer::new(items)
}

fn list_prunes(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(list(world, call, ("config/prune", "prunejob"), |_| true))
}

fn list_verifications(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    Ok(list(
        world,
        call,
        ("config/verify", "verificationjob"),
        |_| true,
    ))
}

/// Without a direction only pulls are told of, which is all that older clients know.
fn list_syncs(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let wanted = call.arguments.text("sync-direction").unwrap_or("pull");
    let is_it = |job: &Section| wanted == "all" || wanted == copy::direction(job);
    Ok(list(world, call, ("config/sync", "syncjob"), is_it))
}

fn text<'s>(job: &'s Section, name: &str) -> &'s str {
    let value = job.properties.get(name).and_then(Value::as_str);
    value.unwrap_or_default()
}

fn space(job: &Section, name: &str) -> Namespace {
    text(job, name).parse().unwrap_or_default()
}

/// The job of the path; `kind` is the type of its section, which refusals name.
fn job(world: &World, call: &Call<'_>, (file, kind): (&str, &str)) -> Result<Section, Fault> {
    let id = call.text("id");
    let found = world.section(file, id);
    found.cloned().ok_or_else(|| Fault::no_such_entry(kind, id))
}

/// Begins the run of a job and remembers it.
fn begin(
    world: &mut World,
    call: &Call<'_>,
    kind: &str,
    job: Job<Effect>,
    effect: impl FnOnce(&str) -> Option<Effect>,
) -> Answer {
    let upid = task::begin(world, call, job, effect);
    let key = format!("{kind}/{}", call.text("id"));
    world.last_runs.insert(key, upid.clone());
    Answer::new(upid)
}

fn run_prune(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let config = job(world, call, ("config/prune", "prune"))?;
    let (name, space) = (text(&config, "store").to_owned(), space(&config, "ns"));
    let privileges = ["Datastore.Modify", "Datastore.Prune"];
    if !call.may_any(world, &reach::acl_path(&name, &space), &privileges) {
        call.demand(
            world,
            &reach::acl_path(&name, &space),
            &["Datastore.Modify"],
        )?;
    }
    let id = match space.is_root() {
        true => name.clone(),
        false => format!("{name}:{space}"),
    };
    let mut job = Job::new("prunejob", id).saying(format!("prune job '{}'", call.text("id")));
    let mut effect = None;
    match reach::store(world, &name, reach::Use::Write) {
        Err(Fault::Failed(why)) => job = job.failing(why),
        Err(fault) => return Err(fault),
        Ok(store) => {
            let depth = config.properties.get("max-depth").and_then(Value::as_i64);
            let keep = keep(&config.properties);
            job = job.saying(format!("Starting datastore prune on datastore '{name}'"));
            let (places, lines) = prune_places(store, &space, depth, keep, |_| true);
            for line in lines {
                job = job.saying(line);
            }
            effect = Some(Effect::Forget(name, places));
        }
    }
    Ok(begin(world, call, "prunejob", job, |_| effect))
}

fn run_verification(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let config = job(world, call, ("config/verify", "verification"))?;
    let (name, space) = (text(&config, "store").to_owned(), space(&config, "ns"));
    call.demand(
        world,
        &reach::acl_path(&name, &space),
        &["Datastore.Verify"],
    )?;
    let id = call.text("id");
    let job = Job::new("verificationjob", format!("{name}:{id}"))
        .saying(format!("Starting datastore verify job '{name}:{id}'"));
    let store = match reach::store(world, &name, reach::Use::Read) {
        Ok(store) => store,
        Err(Fault::Failed(why)) => {
            return Ok(begin(
                world,
                call,
                "verificationjob",
                job.failing(why),
                |_| None,
            ));
        }
        Err(fault) => return Err(fault),
    };
    let depth = config.properties.get("max-depth").and_then(Value::as_u64);
    let wanted = Wanted {
        space,
        depth: depth
            .and_then(|depth| usize::try_from(depth).ok())
            .unwrap_or(MAX_DEPTH),
        group: None,
        time: None,
        ignores_verified: config.properties.get("ignore-verified") != Some(&Value::Bool(false)),
        outdated_after: config
            .properties
            .get("outdated-after")
            .and_then(Value::as_i64),
    };
    let (places, job) = places(store, &wanted, job, call.now.as_second(), |_| true);
    Ok(begin(world, call, "verificationjob", job, |upid| {
        Some(Effect::Verify(name, places, upid.to_owned()))
    }))
}

fn run_sync(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let config = job(world, call, ("config/sync", "sync"))?;
    copy::permitted(world, call, &config)?;
    let (job, effects) = copy::plan(world, call, &config, Some(call.text("id")));
    let job = effects.into_iter().fold(job, Job::doing);
    Ok(begin(world, call, "syncjob", job, |_| None))
}
