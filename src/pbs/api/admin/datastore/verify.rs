//! Verifications: of a datastore, a group or a snapshot.
//!
//! A backup whose last verification failed fails again, because nobody repaired it; all others are good unless a
//! test makes the task fail.

use crate::pbs::api::reach::{self, Needs, Use, Whose};
use crate::pbs::api::task;
use crate::pbs::world::World;
use crate::pbs::world::content::{Group, Snapshot};
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::ids::{GroupId, MAX_DEPTH, Namespace, SnapshotId};
use crate::pbs::world::task::{Effect, Place};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Product;
use crate::proxmox::upid::Upid;
use crate::proxmox::work::Job;
use crate::routes::Route;
use crate::routes::route::post;

const FAILED: &str = "verification failed - please check the log for details";

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![post(
        "/admin/datastore/{store}/verify",
        Handler::Write(verify),
    )]
}

/// What is to be verified.
#[derive(Debug, Clone)]
pub(in crate::pbs::api::admin) struct Wanted {
    /// The namespace to begin with.
    pub space: Namespace,
    /// How deep below it.
    pub depth: usize,
    /// One group only.
    pub group: Option<GroupId>,
    /// One backup of it only.
    pub time: Option<i64>,
    /// Whether those that were verified are left out,
    pub ignores_verified: bool,
    /// unless that is so many days ago.
    pub outdated_after: Option<i64>,
}

/// The backups to be verified, and the job that does it.
pub(in crate::pbs::api::admin) fn places(
    store: &Datastore,
    wanted: &Wanted,
    mut job: Job<Effect>,
    now: i64,
    may: impl Fn(&Group) -> bool,
) -> (Vec<Place>, Job<Effect>) {
    let mut places = Vec::new();
    let mut failed = Vec::new();
    for (space, content) in store.namespaces.spaces(&wanted.space, wanted.depth) {
        let groups = content.groups.iter();
        let is_it = |id: &GroupId| wanted.group.as_ref().is_none_or(|group| group == id);
        for (id, group) in groups.filter(|(id, group)| is_it(id) && may(group)) {
            job = job.saying(format!(
                "verify group {id} ({} snapshots)",
                group.snapshots.len()
            ));
            for (time, snapshot) in &group.snapshots {
                let time = time.second();
                let is_it = wanted.time.is_none_or(|wanted| wanted == time);
                if !is_it || !is_due(snapshot, wanted, now) {
                    continue;
                }
                let snapshot_id = SnapshotId {
                    group: id.clone(),
                    time,
                };
                job = job.saying(format!("verify {snapshot_id}"));
                if snapshot.is_corrupt() {
                    failed.push(format!("\t{snapshot_id}"));
                }
                places.push(Place {
                    namespace: space.clone(),
                    snapshot: snapshot_id,
                });
            }
        }
    }
    if !failed.is_empty() {
        job = job.saying("Failed to verify the following snapshots/groups:");
        for line in failed {
            job = job.saying(line);
        }
        job = job.failing(FAILED);
    }
    (places, job)
}

/// Whether a backup is due (`verify_filter`).
fn is_due(snapshot: &Snapshot, wanted: &Wanted, now: i64) -> bool {
    let Some(last) = &snapshot.verification else {
        return true;
    };
    if !wanted.ignores_verified {
        return true;
    }
    let Some(days) = wanted.outdated_after else {
        return false;
    };
    let start = Upid::parse(&last.upid, Product::Pbs).map_or(0, |upid| i64::from(upid.start));
    days == 0 || now.saturating_sub(start) > days.saturating_mul(86_400)
}

fn verify(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let needs = Needs {
        full: &["Datastore.Verify"],
        own: &["Datastore.Backup"],
    };
    let (store, space, whose) = reach::open(world, call, Use::Read, needs)?;
    let name = call.text("store").to_owned();
    let Target {
        kind,
        id,
        group,
        time,
    } = target(call, store, &space, whose)?;
    let depth = call.arguments.integer("max-depth");
    let depth = depth.and_then(|depth| usize::try_from(depth).ok());
    let wanted = Wanted {
        depth: match group {
            Some(_) => 0,
            None => depth.unwrap_or(MAX_DEPTH),
        },
        space,
        group,
        time,
        // One backup is verified in any case.
        ignores_verified: time.is_none()
            && call.arguments.boolean("ignore-verified") != Some(false),
        outdated_after: call.arguments.integer("outdated-after"),
    };
    let job = Job::new(kind, id).saying(format!("verify datastore {name}"));
    let may = |group: &Group| whose == Whose::All || reach::owns(&group.owner, &call.caller);
    let (places, job) = places(store, &wanted, job, call.now.as_second(), may);
    let upid = task::begin(world, call, job, |upid| {
        Some(Effect::Verify(name, places, upid.to_owned()))
    });
    Ok(Answer::new(upid))
}

/// What a call wants verified: all, a group or a backup, with the type and the id of the task.
struct Target {
    kind: &'static str,
    id: String,
    group: Option<GroupId>,
    time: Option<i64>,
}

fn target(
    call: &Call<'_>,
    store: &Datastore,
    space: &Namespace,
    whose: Whose,
) -> Result<Target, Fault> {
    let name = call.text("store");
    let has = |parameter| call.arguments.has(parameter);
    let given = (has("backup-type"), has("backup-id"), has("backup-time"));
    let path = match space.is_root() {
        true => String::new(),
        false => format!("ns/{}", space.as_str().replace('/', "/ns/")),
    };
    let (kind, id, group, time) = match given {
        (true, true, true) => {
            let id = reach::snapshot_id(call)?;
            reach::snapshot(call, store, space, &id, whose)?;
            let worker = format!("{name}:{path}/{}/{:08X}", id.group, id.time);
            ("verify_snapshot", worker, Some(id.group), Some(id.time))
        }
        (true, true, false) => {
            let id = reach::group_id(call)?;
            reach::group(call, store, space, &id, whose)?;
            (
                "verify_group",
                format!("{name}:{path}/{id}"),
                Some(id),
                None,
            )
        }
        (false, false, false) => {
            let worker = match space.is_root() {
                true => name.to_owned(),
                false => format!("{name}:{path}"),
            };
            ("verify", worker, None, None)
        }
        _ => {
            let text = "parameters do not specify a backup group or snapshot";
            return Err(Fault::Failed(text.to_owned()));
        }
    };
    Ok(Target {
        kind,
        id,
        group,
        time,
    })
}
