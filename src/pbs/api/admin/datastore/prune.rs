//! Pruning: which backups a retention keeps, and letting go of the others.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::pbs::api::reach::{self, Needs, Use, Whose};
use crate::pbs::world::World;
use crate::pbs::world::content::Group;
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::ids::{GroupId, MAX_DEPTH, Namespace, SnapshotId};
use crate::pbs::world::task::{Effect, Place};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::prune::{Candidate, Keep, Mark, marks};
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::post;

const NEEDS: Needs = Needs {
    full: &["Datastore.Modify"],
    own: &["Datastore.Prune"],
};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/admin/datastore/{store}/prune", Handler::Write(prune)),
        post(
            "/admin/datastore/{store}/prune-datastore",
            Handler::Write(prune_datastore),
        ),
    ]
}

/// The retention in parameters or in the properties of a job.
pub(in crate::pbs::api::admin) fn keep(given: &Map<String, Value>) -> Keep {
    let count = |name: &str| given.get(name).and_then(Value::as_u64).unwrap_or_default();
    Keep {
        all: false,
        last: count("keep-last"),
        hourly: count("keep-hourly"),
        daily: count("keep-daily"),
        weekly: count("keep-weekly"),
        monthly: count("keep-monthly"),
        yearly: count("keep-yearly"),
    }
}

/// The backups of a group with what becomes of them, the oldest first.
fn marked(id: &GroupId, group: &Group, keep: Keep) -> Vec<(SnapshotId, Mark)> {
    let candidates: Vec<Candidate> = group
        .snapshots
        .iter()
        .map(|(time, snapshot)| Candidate {
            made: Timestamp::from_second(time.second()).unwrap_or_default(),
            is_protected: snapshot.protected,
        })
        .collect();
    let snapshots = group.snapshots.keys().map(|time| SnapshotId {
        group: id.clone(),
        time: time.second(),
    });
    snapshots.zip(marks(&candidates, keep)).collect()
}

/// What a retention takes out of a namespace and those below it, and the lines of the log about it.
pub(in crate::pbs::api::admin) fn prune_places(
    store: &Datastore,
    space: &Namespace,
    depth: Option<i64>,
    keep: Keep,
    wanted: impl Fn(&Group) -> bool,
) -> (Vec<Place>, Vec<String>) {
    let depth = depth.and_then(|depth| usize::try_from(depth).ok());
    let mut places = Vec::new();
    let mut lines = Vec::new();
    for (space, content) in store.namespaces.spaces(space, depth.unwrap_or(MAX_DEPTH)) {
        for (id, group) in content.groups.iter().filter(|(_, group)| wanted(group)) {
            lines.push(format!("Pruning group {}:\"{id}\"", display(space)));
            for (snapshot, mark) in marked(id, group, keep) {
                lines.push(format!("{} {snapshot}", mark.as_str()));
                if mark == Mark::Remove {
                    places.push(Place {
                        namespace: space.clone(),
                        snapshot,
                    });
                }
            }
        }
    }
    (places, lines)
}

fn display(space: &Namespace) -> String {
    match space.is_root() {
        true => "Root".to_owned(),
        false => format!("ns '{space}'"),
    }
}

/// One group: what becomes of each backup, at once or by a task.
fn prune(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Write, NEEDS)?;
    let id = reach::group_id(call)?;
    let group = reach::group(call, store, &space, &id, whose)?;
    let is_dry = call.arguments.is_set("dry-run");
    let marked = marked(&id, group, keep(call.arguments.given()));
    let results: Vec<Value> = marked
        .iter()
        .map(|(snapshot, mark)| {
            json!({
                "backup-type": id.kind.name(),
                "backup-id": id.id,
                "backup-time": snapshot.time,
                "keep": *mark != Mark::Remove,
                "protected": *mark == Mark::Protected,
                "mark": mark.as_str(),
            })
        })
        .collect();
    if is_dry {
        return Ok(Answer::new(results));
    }
    let name = call.text("store").to_owned();
    let mut job = Job::new("prune", format!("{name}:{space}:{id}"));
    job = job.saying(format!(
        "Starting prune on datastore '{name}', {} group \"{id}\"",
        display(&space)
    ));
    let mut places = Vec::new();
    for (snapshot, mark) in marked {
        job = job.saying(format!("{} {snapshot}", mark.as_str()));
        if mark == Mark::Remove {
            places.push(Place {
                namespace: space.clone(),
                snapshot,
            });
        }
    }
    if call.arguments.is_set("use-task") {
        return call.start(world, job.doing(Effect::Forget(name, places)));
    }
    call.start(world, job)?;
    if let Some(store) = world.datastores.get_mut(&name) {
        store.forget(&places);
    }
    Ok(Answer::new(results))
}

/// All groups of a namespace and of those below it. Who may only prune what is the own prunes that.
fn prune_datastore(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (store, space, whose) = reach::open(world, call, Use::Write, NEEDS)?;
    let name = call.text("store").to_owned();
    let is_dry = call.arguments.is_set("dry-run");
    let keep = keep(call.arguments.given());
    let depth = call.arguments.integer("max-depth");
    let wanted = |group: &Group| whose == Whose::All || reach::owns(&group.owner, &call.caller);
    let (places, lines) = prune_places(store, &space, depth, keep, wanted);
    let id = match space.is_root() {
        true => name.clone(),
        false => format!("{name}:{space}"),
    };
    let mut job = Job::new("prune", id);
    if keep.keeps_all() {
        job = job.saying("No prune selection - keeping all files.");
    }
    if is_dry {
        job = job.saying("This is a test run - no files will be deleted.");
    }
    for line in lines {
        job = job.saying(line);
    }
    if !is_dry {
        job = job.doing(Effect::Forget(name, places));
    }
    call.start(world, job)
}
