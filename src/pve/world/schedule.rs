//! What the cluster does by the clock: backup jobs, syncs of realms, replications.
//!
//! The product's scheduler looks every minute. Here nobody looks while nobody asks, so a look does what became due
//! since the last one, each at its own time. That is bounded, because a test may step the clock by years: a backup
//! job runs as often as it would have, but at most 400 times and for about 4,000 backups in all, the latest ones; of
//! the syncs of a realm and of replications only the last leaves a trace.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use super::backup::{BackupJob, Selection};
use super::dump::Dump;
use super::ids::NodeName;
use super::is_default;
use super::node::Node;
use super::sync::Sync;
use super::task::Effect;
use crate::proxmox::Product;
use crate::proxmox::calendar::CalendarEvent;
use crate::proxmox::identity::UserId;
use crate::proxmox::work::{Job, Start};

/// How often a backup job runs between two looks, at most.
const RUNS: usize = 400;

/// How many backups a job makes between two looks, about.
const BACKUPS: usize = 4_000;

/// How far what is done by the clock has been done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Scheduler {
    /// When it looked last; what was due before its first look was done by then.
    #[serde(skip_serializing_if = "is_default")]
    pub seen: Option<Timestamp>,
    /// The backup jobs that are to be repeated when their nodes are back, which missed them.
    #[serde(skip_serializing_if = "is_default")]
    pub missed: BTreeMap<String, BTreeSet<NodeName>>,
    /// When syncs of realms ran last, by their jobs.
    #[serde(skip_serializing_if = "is_default")]
    pub synced: BTreeMap<String, Timestamp>,
}

impl Scheduler {
    /// Whether it has to look: once a minute.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let next = |seen| minute_after(seen).is_some_and(|next| now >= next);
        self.seen.is_none_or(next)
    }
}

/// The beginning of the next minute; none at the end of time.
pub(super) fn minute_after(moment: Timestamp) -> Option<Timestamp> {
    let second = moment.as_second();
    Timestamp::from_second(second - second.rem_euclid(60) + 60).ok()
}

/// What is done at a moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A backup job.
    Backup(String),
    /// A sync of a realm.
    Sync(String),
}

impl World {
    /// What became due since the last look, in its order. Replications are done.
    pub(super) fn look_at_schedules(&mut self, now: Timestamp) -> Vec<(Timestamp, Due)> {
        let from = self.scheduler.seen.replace(now);
        self.replicate(from, now);
        let Some(from) = from else {
            return Vec::new();
        };
        let mut due = Vec::new();
        for (id, job) in self.backup_jobs.iter().filter(|(_, job)| !job.disabled) {
            let guests = self.selected(&job.selection).len();
            let most = (BACKUPS / guests.max(1)).clamp(1, RUNS);
            let moments = moments(&job.schedule, from, now, most);
            due.extend(moments.into_iter().map(|at| (at, Due::Backup(id.clone()))));
        }
        for (id, schedule) in self.sync_schedules() {
            let moments = moments(schedule, from, now, 1);
            due.extend(moments.into_iter().map(|at| (at, Due::Sync(id.to_owned()))));
        }
        due.sort();
        self.repeat_missed(now);
        due
    }

    /// The jobs that bring in realms, those that are switched off left out.
    fn sync_schedules(&self) -> impl Iterator<Item = (&str, &str)> {
        let jobs = self.sections.get(SYNCS).into_iter();
        let jobs = jobs.flat_map(|jobs| jobs.0.iter());
        jobs.filter_map(|(id, job)| {
            let is_off = job.properties.get("enabled") == Some(&json!(false));
            let schedule = job.properties.get("schedule")?.as_str()?;
            (!is_off).then_some((id.as_str(), schedule))
        })
    }

    /// Does it.
    pub(super) fn run_scheduled(&mut self, due: &Due, at: Timestamp) {
        match due {
            Due::Backup(id) => {
                let Some(job) = self.backup_jobs.get(id).cloned() else {
                    return;
                };
                let nodes: Vec<(NodeName, bool)> = self
                    .nodes
                    .iter()
                    .filter(|(name, _)| job.node.as_ref().is_none_or(|node| node == *name))
                    .map(|(name, node)| (name.clone(), node.is_online()))
                    .collect();
                for (node, is_there) in nodes {
                    if is_there {
                        self.run_backup(&job, &node, at);
                    } else if job.options.0.get("repeat-missed") == Some(&json!(true)) {
                        let missed = self.scheduler.missed.entry(id.clone()).or_default();
                        missed.insert(node);
                    }
                }
            }
            Due::Sync(id) => self.run_sync(id, at),
        }
    }

    /// Runs what nodes missed that are back.
    fn repeat_missed(&mut self, now: Timestamp) {
        for (id, nodes) in std::mem::take(&mut self.scheduler.missed) {
            let Some(job) = self.backup_jobs.get(&id).cloned() else {
                continue;
            };
            for node in nodes {
                match self.nodes.get(&node).map(Node::is_online) {
                    Some(true) if !job.disabled => self.run_backup(&job, &node, now),
                    Some(false) => {
                        let missed = self.scheduler.missed.entry(id.clone()).or_default();
                        missed.insert(node);
                    }
                    _ => {}
                }
            }
        }
    }

    /// A backup job on one node; nothing where it has nothing to do.
    fn run_backup(&mut self, job: &BackupJob, node: &NodeName, at: Timestamp) {
        let (local, elsewhere) = self.selected_on(&job.selection, node);
        let is_all = matches!(job.selection, Selection::AllBut(_));
        if local.is_empty() && !is_all {
            return;
        }
        let mut options = job.options.0.clone();
        for name in ["comment", "repeat-missed"] {
            options.shift_remove(name);
        }
        options.insert("quiet".to_owned(), json!(true));
        if let Some(storage) = &job.storage {
            options.insert("storage".to_owned(), json!(storage.as_str()));
        }
        match &job.selection {
            Selection::Guests(_) => options.insert("vmid".to_owned(), Value::Null),
            Selection::Pool(pool) => options.insert("pool".to_owned(), json!(pool)),
            Selection::AllBut(_) => options.insert("all".to_owned(), json!(true)),
        };
        let dump = Dump {
            node: node.clone(),
            options: &options,
            local: &local,
            elsewhere: &elsewhere,
            is_all,
            now: at,
            may: &|_, _| true,
        };
        let (job, locked) = dump.job(self);
        self.lock_for_backup(&locked);
        self.begin_by_itself(node, job, at);
    }

    fn run_sync(&mut self, id: &str, at: Timestamp) {
        let job = self.sections.get(SYNCS).and_then(|jobs| jobs.0.get(id));
        let Some(properties) = job.map(|job| job.properties.clone()) else {
            return;
        };
        let name = properties.get("realm").and_then(Value::as_str);
        let realm = name.and_then(|name| Some((name, self.access.realms.get(name)?)));
        let Some((name, realm)) = realm.filter(|(_, realm)| realm.kind.is_directory()) else {
            return;
        };
        self.scheduler.synced.insert(id.to_owned(), at);
        let Some(sync) = Sync::of(name, realm, |option| properties.get(option)) else {
            return;
        };
        let log = sync.run(&mut self.access.clone());
        let job = Job::new("auth-realm-sync", name).doing(Effect::SyncRealm(sync));
        let job = log.into_iter().fold(job, Job::saying);
        let online = self.nodes.iter().find(|(_, node)| node.is_online());
        if let Some(node) = online.map(|(name, _)| name.clone()) {
            self.begin_by_itself(&node, job, at);
        }
    }

    /// Begins a task that nobody asked for: the superuser's.
    pub(super) fn begin_by_itself(&mut self, node: &NodeName, job: Job<Effect>, at: Timestamp) {
        let start = Start {
            product: Product::Pve,
            node: node.as_str(),
            user: UserId::root().into(),
            now: at,
            duration: Duration::ZERO,
        };
        self.tasks.begin(start, job);
    }
}

/// The plain collection of the jobs that bring in realms.
const SYNCS: &str = "cluster/jobs/realm-sync";

/// When an event came between two looks, as the scheduler notices it: at whole minutes. The latest `most` of them.
fn moments(schedule: &str, from: Timestamp, now: Timestamp, most: usize) -> Vec<Timestamp> {
    let Ok(event) = CalendarEvent::parse(schedule) else {
        return Vec::new();
    };
    let start = |moment: Timestamp| {
        let second = moment.as_second();
        Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(moment)
    };
    let found = event.last_between(start(from), start(now), most);
    let mut moments: Vec<Timestamp> = found
        .into_iter()
        .map(|at| match at.as_second().rem_euclid(60) {
            0 => at,
            _ => minute_after(at).unwrap_or(at),
        })
        .collect();
    moments.dedup();
    moments
}

#[cfg(test)]
mod tests;
