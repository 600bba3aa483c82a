//! `/tape/backup` and `/tape/restore`: datastores onto tape and back.

use serde_json::{Map, Value, json};

use crate::pbs::api::admin::job_shown;
use crate::pbs::api::reach::{self, Use};
use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::ids::{MAX_DEPTH, SnapshotId};
use crate::pbs::world::tape::{Archived, Location, MediaSet, Medium, Status};
use crate::pbs::world::task::Effect;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/tape/backup", Handler::Read(list)),
        post("/tape/backup", Handler::Write(once)),
        post("/tape/backup/{id}", Handler::Write(run)),
        post("/tape/restore", Handler::Write(restore)),
    ]
}

fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let jobs = world.sections_of("config/tape-backup-job");
    let visible =
        jobs.filter(|(id, _)| call.may(world, &format!("/tape/job/{id}"), &["Tape.Audit"]));
    let items = visible.map(|(id, job)| {
        let mut item = job_shown(world, call, "tape-backup-job", (id, job));
        if let Some((_, medium)) = next_medium(world, &job.properties) {
            item["next-media-label"] = json!(medium.label);
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn text<'m>(properties: &'m Map<String, Value>, name: &str) -> &'m str {
    let value = properties.get(name).and_then(Value::as_str);
    value.unwrap_or_default()
}

/// A tape of the pool that can be written to and is within reach.
fn next_medium<'w>(world: &'w World, job: &Map<String, Value>) -> Option<(&'w str, &'w Medium)> {
    let pool = text(job, "pool");
    let mut media = world.media.iter();
    let found = media.find(|(_, medium)| {
        let is_near = matches!(
            medium.location,
            Location::Slot { .. } | Location::Drive { .. }
        );
        medium.labelled
            && is_near
            && medium.status == Status::Writable
            && medium.pool.as_deref() == Some(pool)
    });
    found.map(|(uuid, medium)| (uuid.as_str(), medium))
}

fn once(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let setup = single::given(call);
    let (store, pool, drive) = (
        text(&setup, "store"),
        text(&setup, "pool"),
        text(&setup, "drive"),
    );
    permitted(world, call, &setup)?;
    reach::store(world, store, Use::Read)?;
    if world.section("config/media-pool", pool).is_none() {
        return Err(Fault::no_such_entry("pool", pool));
    }
    if !world.has_drive(drive) {
        return Err(Fault::no_such_entry("lto", drive));
    }
    let job = Job::new("tape-backup", format!("{store}:{pool}:{drive}"));
    let job = plan(world, call, &setup, job);
    call.start(world, job)
}

fn permitted(world: &World, call: &Call<'_>, setup: &Map<String, Value>) -> Result<(), Fault> {
    let (store, pool, drive) = (
        text(setup, "store"),
        text(setup, "pool"),
        text(setup, "drive"),
    );
    call.demand(world, &format!("/datastore/{store}"), &["Datastore.Read"])?;
    call.demand(world, &format!("/tape/device/{drive}"), &["Tape.Write"])?;
    call.demand(world, &format!("/tape/pool/{pool}"), &["Tape.Write"])
}

fn run(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("id").to_owned();
    let Some(job) = world.section("config/tape-backup-job", &id) else {
        return Err(Fault::no_such_entry("backup", &id));
    };
    let setup = job.properties.clone();
    permitted(world, call, &setup)?;
    let (store, pool, drive) = (
        text(&setup, "store"),
        text(&setup, "pool"),
        text(&setup, "drive"),
    );
    let worker = format!("{store}:{pool}:{drive}:{id}");
    let job =
        Job::new("tape-backup-job", &worker).saying(format!("Starting tape backup job '{worker}'"));
    let job = plan(world, call, &setup, job);
    let node = world.node.name.clone();
    let upid = call.begin(world, &node, job);
    world
        .last_runs
        .insert(format!("tape-backup-job/{id}"), upid.clone());
    Ok(Answer::new(upid))
}

/// What a backup to tape does at its end.
fn plan(
    world: &World,
    call: &Call<'_>,
    setup: &Map<String, Value>,
    mut job: Job<Effect>,
) -> Job<Effect> {
    let (store, pool) = (text(setup, "store"), text(setup, "pool"));
    let Some((uuid, medium)) = next_medium(world, setup) else {
        // From memory of `PoolWriter::alloc_writable_media`.
        return job.failing(format!("no writable media found in pool '{pool}'"));
    };
    let Ok(datastore) = reach::store(world, store, Use::Read) else {
        return job.failing(format!("datastore '{store}' is unavailable"));
    };
    let snapshots = missing(datastore, medium, setup);
    for archived in &snapshots {
        job = job.saying(format!("backup snapshot {}", archived.snapshot));
    }
    let set = medium.set.clone().unwrap_or_else(|| MediaSet {
        pool: pool.to_owned(),
        uuid: call.uuid(),
        name: call.now.strftime("%a %b %e %H:%M:%S %Y").to_string(),
        created: call.now.as_second(),
        sequence: 0,
    });
    job.saying(format!("media set uuid: {}", set.uuid))
        .doing(Effect::Archive(uuid.to_owned(), set, snapshots))
        .doing(Effect::MoveMedium(
            uuid.to_owned(),
            afterwards(world, medium, setup),
        ))
}

/// The snapshots of a datastore that are not on the tape yet.
fn missing(store: &Datastore, medium: &Medium, setup: &Map<String, Value>) -> Vec<Archived> {
    let space = text(setup, "ns").parse().unwrap_or_default();
    let depth = setup.get("max-depth").and_then(Value::as_u64);
    let depth = depth.and_then(|depth| usize::try_from(depth).ok());
    let only_last = setup.get("latest-only") == Some(&Value::Bool(true));
    let mut snapshots = Vec::new();
    for (space, content) in store.namespaces.spaces(&space, depth.unwrap_or(MAX_DEPTH)) {
        for (id, group) in &content.groups {
            let skipped = match only_last {
                true => group.snapshots.len().saturating_sub(1),
                false => 0,
            };
            let times = group.snapshots.keys().skip(skipped);
            snapshots.extend(times.map(|time| Archived {
                store: text(setup, "store").to_owned(),
                namespace: space.clone(),
                snapshot: SnapshotId {
                    group: id.clone(),
                    time: time.second(),
                },
            }));
        }
    }
    snapshots.retain(|archived| !medium.snapshots.contains(archived));
    snapshots
}

/// Where the tape lies when a backup is over: in the drive, or where it came from when it is ejected.
fn afterwards(world: &World, medium: &Medium, setup: &Map<String, Value>) -> Location {
    let drive = text(setup, "drive");
    let slot = match &medium.location {
        Location::Slot { slot, .. } => Some(*slot),
        Location::Drive { slot, .. } => *slot,
        _ => None,
    };
    let config = world.section("config/drive", drive);
    let changer = config.and_then(|drive| drive.properties.get("changer")?.as_str());
    let ejects = setup.get("eject-media") == Some(&Value::Bool(true));
    match (ejects, slot, changer) {
        (true, Some(slot), Some(changer)) => Location::Slot {
            changer: changer.to_owned(),
            slot,
        },
        (true, ..) => Location::Offline,
        (false, ..) => Location::Drive {
            drive: drive.to_owned(),
            slot,
        },
    }
}

/// Snapshots of a set come back from the datastores that hold them still: the tape's bytes are not kept here.
fn restore(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let drive = call.text("drive");
    if !world.has_drive(drive) {
        return Err(Fault::no_such_entry("lto", drive));
    }
    let set = call.text("media-set");
    let is_known = world
        .media
        .values()
        .any(|medium| medium.set.as_ref().is_some_and(|of| of.uuid == set));
    if !is_known {
        let text = format!("media set '{set}' is incomplete (missing member 0).");
        return Err(Fault::Failed(text));
    }
    let stores = call.text("store").to_owned();
    for mapping in stores.split(',') {
        let target = mapping.rsplit('=').next().unwrap_or(mapping);
        reach::store(world, target, Use::Write)?;
    }
    let job = Job::new("tape-restore", format!("{drive}:{set}"))
        .saying(format!("Mediaset '{set}'"))
        .saying(format!("Restore target: {stores}"));
    call.start(world, job)
}
