//! `/cluster/replication`: which guests are copied to which nodes, and when.
//!
//! Words without a place in proxmox.md are from memory of `PVE::API2::ReplicationConfig`.

use serde_json::{Map, Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::section::{Section, Sections, drop_empty};
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::options::Options;
use crate::pve::world::replication::{Replication, ReplicationId};
use crate::routes::Route;
use crate::routes::route::{delete, get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/replication", Handler::Read(list)),
        post("/cluster/replication", Handler::Write(create)),
        get("/cluster/replication/{id}", Handler::Read(read)),
        put("/cluster/replication/{id}", Handler::Write(update)),
        delete("/cluster/replication/{id}", Handler::Write(remove)),
    ]
}

/// What a job may have besides what the world knows of it.
const OPTIONS: [&str; 3] = ["comment", "rate", "remove_job"];

/// A job's configuration as it is shown.
pub(in crate::pve::api) fn members(
    world: &World,
    id: ReplicationId,
    job: &Replication,
) -> Map<String, Value> {
    let mut members = job.options.0.clone();
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("id", json!(id.to_string()));
    set("type", json!("local"));
    set("guest", json!(id.guest.number()));
    set("jobnum", json!(id.number));
    set("target", json!(job.target.as_str()));
    if let Some(guest) = world.guests.get(&id.guest) {
        set("source", json!(guest.node.as_str()));
    }
    if let Some(schedule) = &job.schedule {
        set("schedule", json!(schedule));
    }
    if job.disabled {
        set("disable", json!(true));
    }
    members
}

/// Jobs are for those who may look at the guest.
pub(in crate::pve::api) fn may_see(world: &World, call: &Call<'_>, id: ReplicationId) -> bool {
    call.may(world, &format!("/vms/{}", id.guest), &["VM.Audit"])
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let jobs = world.replication.iter();
    let jobs = jobs.filter(|(id, _)| may_see(world, call, **id));
    let rows = jobs.map(|(id, job)| Value::Object(members(world, *id, job)));
    Ok(Answer::new(rows.collect::<Value>()))
}

fn digest_of(world: &World, call: &Call<'_>) -> String {
    let jobs = world.replication.iter().map(|(id, job)| {
        let section = Section {
            kind: "local".to_owned(),
            properties: members(world, *id, job),
        };
        (id.to_string(), section)
    });
    Sections(jobs.collect()).digest(call.context.product)
}

/// The job that a path names.
///
/// # Errors
/// That there is none, in these words.
pub(in crate::pve::api) fn known<'a>(
    world: &'a World,
    call: &Call<'_>,
    words: &str,
) -> Result<(ReplicationId, &'a Replication), Fault> {
    let text = call.text("id");
    let id: Option<ReplicationId> = text.parse().ok();
    let found = id.and_then(|id| Some((id, world.replication.get(&id)?)));
    found.ok_or_else(|| Fault::Failed(format!("{words} '{text}'")))
}

fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, job) = known(world, call, "no such replication job")?;
    call.demand(world, &format!("/vms/{}", id.guest), &["VM.Audit"])?;
    let mut shown = members(world, id, job);
    shown.insert("digest".to_owned(), json!(digest_of(world, call)));
    Ok(Answer::new(Value::Object(shown)))
}

/// Refuses who may not change a job; before release 9 the contract itself says who may.
///
/// # Errors
/// [`Fault::Denied`].
pub(in crate::pve::api) fn demand_change(
    world: &World,
    call: &Call<'_>,
    id: ReplicationId,
) -> Result<(), Fault> {
    if call.context.edition != Edition::Pve9 {
        return Ok(());
    }
    call.demand(world, &format!("/vms/{}", id.guest), &["VM.Replicate"])
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let text = call.text("id");
    let id: ReplicationId = text
        .parse()
        .map_err(|_| Fault::parameter("id", "value does not match the regex pattern"))?;
    demand_change(world, call, id)?;
    let Some(guest) = world.guests.get(&id.guest) else {
        return Err(Fault::Failed(format!("No such guest '{}'", id.guest)));
    };
    let target = target(world, call)?;
    if world.replication.contains_key(&id) {
        return Err(Fault::Failed(format!(
            "replication job '{id}' already exists"
        )));
    }
    if guest.node == target {
        let text = "Source and target of a replication job must not be the same node";
        return Err(Fault::parameter("target", text));
    }
    let mut others = world.replication.iter();
    if others.any(|(other, job)| other.guest == id.guest && job.target == target) {
        let guest = id.guest;
        return Err(Fault::Failed(format!(
            "replication job for guest '{guest}' to target '{target}' already exists"
        )));
    }
    let mut job = Replication {
        target,
        schedule: None,
        disabled: false,
        last_sync: None,
        last_try: None,
        fail_count: 0,
        error: None,
        options: Options::default(),
    };
    set(call, &mut job);
    world.replication.insert(id, job);
    Ok(Answer::default())
}

fn target(world: &World, call: &Call<'_>) -> Result<NodeName, Fault> {
    let text = call.text("target");
    let known = world.nodes.keys().find(|node| node.as_str() == text);
    known
        .cloned()
        .ok_or_else(|| Fault::parameter("target", format!("Node '{text}' not in cluster.")))
}

/// Takes over what the caller gave.
fn set(call: &Call<'_>, job: &mut Replication) {
    let given = call.arguments.given();
    if let Some(schedule) = given.get("schedule").and_then(Value::as_str) {
        job.schedule = Some(schedule.to_owned());
    }
    if let Some(disabled) = given.get("disable").and_then(Value::as_bool) {
        job.disabled = disabled;
    }
    for name in OPTIONS {
        if let Some(value) = given.get(name) {
            job.options.0.insert(name.to_owned(), value.clone());
        }
    }
    drop_empty(&mut job.options.0);
}

fn update(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, job) = known(world, call, "no such job")?;
    demand_change(world, call, id)?;
    if !digest::fits(call.arguments.text("digest"), &digest_of(world, call)) {
        return Err(Fault::configuration_changed());
    }
    let mut job = job.clone();
    for name in call.arguments.list("delete") {
        match &*name {
            "schedule" => job.schedule = None,
            "disable" => job.disabled = false,
            name if OPTIONS.contains(&name) => {
                job.options.0.shift_remove(name);
            }
            "source" => {}
            "target" => {
                let text = format!("unable to delete required option '{name}'");
                return Err(Fault::Failed(text));
            }
            name => return Err(Fault::Failed(format!("no such option '{name}'"))),
        }
    }
    set(call, &mut job);
    world.replication.insert(id, job);
    Ok(Answer::default())
}

/// The product marks the job and lets its scheduler remove it within a minute, unless `force` is given; nobody
/// waits here.
fn remove(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (id, _) = known(world, call, "no such job")?;
    demand_change(world, call, id)?;
    world.replication.remove(&id);
    Ok(Answer::default())
}
