//! `/remotes/tasks`: the tasks of all remotes in one list (proxmox.md 3.5).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::relay;
use super::audits;
use crate::pdm::api::resources::filter;
use crate::pdm::world::World;
use crate::pdm::world::remote::{Behind, Kind, Remote};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::permission::Denied;
use crate::proxmox::task::{State, Task};
use crate::proxmox::task_list::{Filter, StatusKind};
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/remotes/tasks/list", Handler::Read(list)),
        get("/remotes/tasks/statistics", Handler::Read(statistics)),
        post("/remotes/tasks/refresh", Handler::Write(refresh)),
    ]
}

/// A task with the remote that it runs at.
#[derive(Clone, Copy)]
struct Found<'w> {
    remote: &'w str,
    kind: Kind,
    task: &'w Task,
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let items = found(world, call)?
        .into_iter()
        .map(|found| shown(found, call));
    Ok(Answer::new(items.collect::<Vec<Value>>()))
}

fn shown(found: Found<'_>, call: &Call<'_>) -> Value {
    let upid = &found.task.upid;
    let mut item = json!({
        "upid": format!("{}:{}!{upid}", found.kind.name(), found.remote),
        "node": upid.node,
        "pid": upid.process.pid,
        "pstart": upid.process.start,
        "starttime": upid.start,
        "worker_type": upid.kind,
        "user": upid.user.to_string(),
    });
    if !upid.id.is_empty() {
        item["worker_id"] = json!(upid.id);
    }
    if let State::Stopped { at, outcome } = found.task.state(call.now) {
        item["endtime"] = json!(at.as_second());
        item["status"] = json!(outcome.exit_status());
    }
    item
}

/// The tasks that the call asks for: running ones first, then the newest.
fn found<'w>(world: &'w World, call: &Call<'_>) -> Result<Vec<Found<'w>>, Fault> {
    let view = filter::view(world, call)?;
    let wanted = call.arguments.text("remote");
    let mut all: Vec<Found<'w>> = Vec::new();
    for (id, remote) in &world.remotes {
        let in_view = match &view {
            Some(view) => !view.skips(id),
            None => audits(world, call, id),
        };
        if in_view && wanted.is_none_or(|wanted| wanted == id) {
            all.extend(of_remote(id, remote));
        }
    }
    all.sort_by_key(|found| found.task.started);
    let tasks = all.iter().map(|found| found.task);
    let selection =
        Filter::asked(call.context.product, &call.arguments).select(tasks, |_| true, call.now);
    let back = |task: &&Task| {
        let same = |found: &&Found<'w>| std::ptr::eq(found.task, *task);
        all.iter().find(same).copied()
    };
    Ok(selection.tasks.iter().filter_map(back).collect())
}

/// The tasks of one remote.
fn of_remote<'w>(id: &'w str, remote: &'w Remote) -> Vec<Found<'w>> {
    let found = |task| Found {
        remote: id,
        kind: remote.kind(),
        task,
    };
    match &remote.behind {
        Behind::Pve(cluster) => cluster.tasks.tasks().map(found).collect(),
        Behind::Pbs(server) => server.tasks.tasks().map(found).collect(),
    }
}

/// How many of each type and of each remote ended how; those that still run are not counted.
fn statistics(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut by_type: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    let mut by_remote: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    for found in found(world, call)? {
        let column = match StatusKind::of(found.task, call.now) {
            None => continue,
            Some(StatusKind::Ok) => 0,
            Some(StatusKind::Warning) => 1,
            Some(StatusKind::Error) => 2,
            Some(StatusKind::Unknown) => 3,
        };
        by_type.entry(&found.task.upid.kind).or_default()[column] += 1;
        by_remote.entry(found.remote).or_default()[column] += 1;
    }
    let counts = |counts: BTreeMap<&str, [u64; 4]>| -> Value {
        let named = counts
            .into_iter()
            .map(|(name, [ok, warning, error, unknown])| {
                let count =
                    json!({"ok": ok, "warning": warning, "error": error, "unknown": unknown});
                (name.to_owned(), count)
            });
        Value::Object(named.collect())
    };
    Ok(Answer::new(json!({
        "by-type": counts(by_type),
        "by-remote": counts(by_remote),
    })))
}

/// What is listed is what there is: the task has nothing to bring in.
fn refresh(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    for id in call.arguments.list("remotes") {
        if !call.may(world, &format!("/resource/{id}"), &["Resource.Modify"]) {
            return Err(Fault::Denied(Denied::because(format!("/resource/{id}"))));
        }
        if !world.remotes.contains_key(&*id) {
            return Err(Fault::NotFound("remote does not exist".to_owned()));
        }
    }
    let job = Job::new("refresh-remote-tasks", "");
    let upid = call.begin(world, &world.machine.node.name.clone(), job);
    Ok(relay::typed(call, Answer::new(upid)))
}
