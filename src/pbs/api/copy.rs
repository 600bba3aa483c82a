//! Copying backups between datastores: pulls, pushes and the jobs that do them.

use serde_json::Value;

use crate::pbs::api::reach;
use crate::pbs::world::World;
use crate::pbs::world::content::{Content, Group, Snapshot};
use crate::pbs::world::ids::{GroupId, MAX_DEPTH, Namespace, SnapshotId};
use crate::pbs::world::moment::Moment;
use crate::pbs::world::task::{Copy, Effect, Place, Source};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::identity::Identity;
use crate::proxmox::section::Section;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::post;

/// The handlers of `/pull` and `/push`.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/pull", Handler::Write(pull)),
        post("/push", Handler::Write(push)),
    ]
}

fn pull(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    once(world, call, "pull")
}

fn push(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    once(world, call, "push")
}

/// A copy that no job describes.
fn once(world: &mut World, call: &Call<'_>, direction: &str) -> Result<Answer, Fault> {
    let mut config = Section {
        kind: "sync".to_owned(),
        properties: call.arguments.given().clone(),
    };
    config
        .properties
        .insert("sync-direction".to_owned(), Value::from(direction));
    permitted(world, call, &config)?;
    reach::store(
        world,
        text(&config, "store").unwrap_or_default(),
        reach::Use::Write,
    )?;
    if let Some(remote) = text(&config, "remote")
        && world.section("config/remote", remote).is_none()
    {
        return Err(Fault::no_such_entry("remote", remote));
    }
    let (job, effects) = plan(world, call, &config, None);
    call.start(world, effects.into_iter().fold(job, Job::doing))
}

/// `pull` or `push`.
pub(super) fn direction(config: &Section) -> &str {
    text(config, "sync-direction").unwrap_or("pull")
}

fn text<'s>(config: &'s Section, name: &str) -> Option<&'s str> {
    config.properties.get(name).and_then(Value::as_str)
}

/// Refuses who may not write at the target or read at the source (`check_pull_privs`, `check_push_privs`).
pub(super) fn permitted(world: &World, call: &Call<'_>, config: &Section) -> Result<(), Fault> {
    let store = text(config, "store").unwrap_or_default();
    let space = space(config, "ns");
    let remote_store = text(config, "remote-store").unwrap_or_default();
    let theirs = text(config, "remote").map(|remote| format!("/remote/{remote}/{remote_store}"));
    if direction(config) == "push" {
        call.demand(world, &reach::acl_path(store, &space), &["Datastore.Read"])?;
        let path = theirs.unwrap_or_default();
        return call.demand(world, &path, &["Remote.DatastoreBackup"]);
    }
    call.demand(
        world,
        &reach::acl_path(store, &space),
        &["Datastore.Backup"],
    )?;
    if config.properties.get("remove-vanished") == Some(&Value::Bool(true)) {
        call.demand(world, &reach::acl_path(store, &space), &["Datastore.Prune"])?;
    }
    match theirs {
        Some(path) => call.demand(world, &path, &["Remote.Read"]),
        None => call.demand(
            world,
            &format!("/datastore/{remote_store}"),
            &["Datastore.Read"],
        ),
    }
}

fn space(config: &Section, name: &str) -> Namespace {
    text(config, name)
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// One side of a copy.
struct Side {
    source: Source,
    space: Namespace,
}

/// The task of a copy with what its end does. What is wrong with the sides is found by the task.
pub(super) fn plan(
    world: &World,
    call: &Call<'_>,
    config: &Section,
    id: Option<&str>,
) -> (Job<Effect>, Vec<Effect>) {
    let (here, there) = sides(config);
    let mut job = job(&here, &there, id);
    let (from, to) = match direction(config) {
        "push" => (here, there),
        _ => (there, here),
    };
    let (to_store, from_store) = (&to.source.store, &from.source.store);
    job = job.saying(format!("sync datastore '{to_store}' from '{from_store}'"));
    let (source, target) = (world.content(&from.source), world.content(&to.source));
    let source = source.filter(|source| source.0.contains_key(&from.space));
    let (Some(source), Some(target)) = (source, target) else {
        return (job.failing("sync failed with some errors."), Vec::new());
    };
    let copied = missing(config, (source, &from.space), (target, &to.space));
    job = job.saying(format!("found {} snapshots to sync", copied.len()));
    for (place, _) in &copied {
        job = job.saying(format!("sync snapshot {}", place.snapshot));
    }
    let mut effects = Vec::new();
    let removes = config.properties.get("remove-vanished") == Some(&Value::Bool(true));
    if removes && to.source.remote.is_none() {
        let vanished = vanished(config, (source, &from.space), (target, &to.space));
        for place in &vanished {
            job = job.saying(format!("delete vanished snapshot {}", place.snapshot));
        }
        effects.push(Effect::Forget(to.source.store.clone(), vanished));
    }
    let owner = text(config, "owner");
    let owner = owner.and_then(|owner| Identity::parse(owner, call.context.product).ok());
    effects.push(Effect::Copy(Box::new(Copy {
        from: from.source,
        to: to.source,
        snapshots: copied,
        owner: owner.unwrap_or_else(|| call.caller.clone()),
    })));
    (job, effects)
}

/// This server's side of a copy, and the other one.
fn sides(config: &Section) -> (Side, Side) {
    let here = Side {
        source: Source {
            remote: None,
            store: text(config, "store").unwrap_or_default().to_owned(),
        },
        space: space(config, "ns"),
    };
    let there = Side {
        source: Source {
            remote: text(config, "remote").map(str::to_owned),
            store: text(config, "remote-store").unwrap_or_default().to_owned(),
        },
        space: space(config, "remote-ns"),
    };
    (here, there)
}

/// The task; that of a job names the job.
fn job(here: &Side, there: &Side, id: Option<&str>) -> Job<Effect> {
    let remote = there.source.remote.as_deref().unwrap_or("-");
    let (theirs, ours) = (&there.source.store, &here.source.store);
    let worker = format!("{remote}:{theirs}:{ours}:{}", here.space);
    let Some(id) = id else {
        return Job::new("sync", worker);
    };
    let worker = format!("{worker}:{id}");
    Job::new("syncjob", &worker).saying(format!("Starting datastore sync job '{worker}'"))
}

/// What the source has and the target has not, with the namespaces it comes to. Only what is newer than the last
/// one there is copied, as the product does.
fn missing(
    config: &Section,
    (source, from): (&Content, &Namespace),
    (target, to): (&Content, &Namespace),
) -> Vec<(Place, Namespace)> {
    let number = |name: &str| {
        let number = config.properties.get(name).and_then(Value::as_u64);
        number.and_then(|number| usize::try_from(number).ok())
    };
    let filter = Filter::of(config);
    let depth = number("max-depth").unwrap_or(MAX_DEPTH);
    let most = number("transfer-last").unwrap_or(usize::MAX);
    let mut copied = Vec::new();
    for (space, content) in source.spaces(from, depth) {
        let Some(goal) = space.moved(from, to) else {
            continue;
        };
        for (id, group) in content.groups.iter().filter(|(id, _)| filter.takes(id)) {
            let known = target.group(&goal, id);
            let last = known.map_or(i64::MIN, Group::last);
            let newer = group.snapshots.range(Moment::new(last.saturating_add(1))..);
            let newer: Vec<_> = newer
                .filter(|(_, snapshot)| is_wanted(config, snapshot))
                .collect();
            let skipped = newer.len().saturating_sub(most);
            copied.extend(newer.into_iter().skip(skipped).map(|(time, _)| {
                let snapshot = SnapshotId {
                    group: id.clone(),
                    time: time.second(),
                };
                let namespace = space.clone();
                (
                    Place {
                        namespace,
                        snapshot,
                    },
                    goal.clone(),
                )
            }));
        }
    }
    copied
}

fn is_wanted(config: &Section, snapshot: &Snapshot) -> bool {
    let is_set = |name: &str| config.properties.get(name) == Some(&Value::Bool(true));
    let is_verified = snapshot.verification.is_some() && !snapshot.is_corrupt();
    (!is_set("verified-only") || is_verified)
        && (!is_set("encrypted-only") || snapshot.fingerprint.is_some())
}

/// What the target has and the source has no more.
fn vanished(
    config: &Section,
    (source, from): (&Content, &Namespace),
    (target, to): (&Content, &Namespace),
) -> Vec<Place> {
    let filter = Filter::of(config);
    let mut gone = Vec::new();
    for (space, id, group) in target.groups() {
        let origin = space.moved(to, from).filter(|_| to.contains(space));
        let Some(origin) = origin.filter(|_| filter.takes(id)) else {
            continue;
        };
        let there = source.group(&origin, id);
        for time in group.snapshots.keys() {
            if !there.is_some_and(|group| group.snapshots.contains_key(time)) {
                gone.push(Place {
                    namespace: space.clone(),
                    snapshot: SnapshotId {
                        group: id.clone(),
                        time: time.second(),
                    },
                });
            }
        }
    }
    gone
}

/// `group-filter`: groups are taken when one of the filters that include takes them (or there is none), and none
/// of those that exclude.
struct Filter<'s>(Vec<&'s str>);

impl<'s> Filter<'s> {
    fn of(config: &'s Section) -> Self {
        let filters = config
            .properties
            .get("group-filter")
            .and_then(Value::as_array);
        let filters = filters.into_iter().flatten().filter_map(Value::as_str);
        Self(filters.collect())
    }

    fn takes(&self, id: &GroupId) -> bool {
        let (out, mut within): (Vec<&str>, Vec<&str>) = self
            .0
            .iter()
            .partition(|filter| filter.starts_with("exclude:"));
        let plain = |filter: &str| {
            filter
                .trim_start_matches("include:")
                .trim_start_matches("exclude:")
                .to_owned()
        };
        let fits = |filter: &&str| matches(&plain(filter), id);
        within.retain(|filter| !filter.is_empty());
        (within.is_empty() || within.iter().any(fits)) && !out.iter().any(fits)
    }
}

fn matches(filter: &str, id: &GroupId) -> bool {
    match filter.split_once(':') {
        Some(("type", kind)) => id.kind.name() == kind,
        Some(("group", group)) => id.to_string() == group,
        Some(("regex", pattern)) => {
            regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(&id.to_string()))
        }
        _ => true,
    }
}
