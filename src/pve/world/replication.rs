//! Replication: copies of guests on other nodes, made from time to time.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::World;
use super::ids::{BadName, NodeName, Vmid, text_in_files};
use super::is_default;
use super::options::Options;
use crate::proxmox::calendar::CalendarEvent;

text_in_files!(ReplicationId);

/// The id of a job, `<guest>-<number>`, so that `guest` and `jobnum` cannot disagree with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicationId {
    /// The guest.
    pub guest: Vmid,
    /// The number of the job among the guest's.
    pub number: u32,
}

impl FromStr for ReplicationId {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let read = || {
            let (guest, number) = text.split_once('-')?;
            let id = Self {
                guest: guest.parse().ok()?,
                number: number.parse().ok()?,
            };
            (id.to_string() == text).then_some(id)
        };
        read().ok_or_else(|| BadName::new(text, "id of a replication job (<guest>-<number>)"))
    }
}

impl fmt::Display for ReplicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.guest, self.number)
    }
}

/// A job. Its source is the node that the guest is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Replication {
    /// Where to.
    pub target: NodeName,
    /// When: a calendar event; every quarter of an hour where nothing is said.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schedule: Option<String>,
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub disabled: bool,
    /// When it was done last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_sync: Option<Timestamp>,
    /// From when on it is done: since it was made, changed or switched on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub since: Option<Timestamp>,
    /// Everything else: `rate`, `comment`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}

/// When a job is done where nothing is said.
const QUARTERS: &str = "*/15";

/// How a job stands at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// When it was done last.
    pub last_sync: Option<Timestamp>,
    /// When it was tried last.
    pub last_try: Option<Timestamp>,
    /// When it is due next; never when it is switched off.
    pub next_sync: Option<Timestamp>,
    /// Why it does not work at present.
    pub error: Option<String>,
}

impl World {
    /// How a job stands. Nothing runs: what is due by its schedule has been done, unless a node is away.
    pub fn progress(&self, id: ReplicationId, job: &Replication, now: Timestamp) -> Progress {
        let event = CalendarEvent::parse(job.schedule.as_deref().unwrap_or(QUARTERS)).ok();
        let event = event.filter(|_| !job.disabled);
        let due = event.as_ref().and_then(|event| latest(event, now));
        let begun = job.last_sync.max(job.since);
        let due = due.filter(|due| begun.is_none_or(|begun| *due > begun));
        let is_there = |node: &NodeName| self.nodes.get(node).is_some_and(|node| node.is_online());
        let source = self.guests.get(&id.guest).map(|guest| &guest.node);
        let next_sync = event.and_then(|event| event.next_after(now));
        if !source.is_some_and(is_there) {
            return Progress {
                last_sync: job.last_sync,
                last_try: job.last_sync,
                next_sync: None,
                error: None,
            };
        }
        let error = (!is_there(&job.target) && !job.disabled).then(|| {
            let target = &job.target;
            format!("command 'ssh root@{target} -- pvesr prepare-local-job' failed: exit code 255")
        });
        Progress {
            last_sync: match error {
                None => due.or(job.last_sync),
                Some(_) => job.last_sync,
            },
            last_try: due.or(job.last_sync),
            next_sync,
            error,
        }
    }

    /// Keeps how far a job has come, before it changes.
    pub fn keep_progress(&mut self, id: ReplicationId, now: Timestamp) {
        let known = self.replication.get(&id);
        let reached = known.and_then(|job| self.progress(id, job, now).last_sync);
        if let Some(job) = self.replication.get_mut(&id) {
            job.last_sync = reached;
            job.since = Some(now);
        }
    }

    /// Does a job now.
    pub fn replicate(&mut self, id: ReplicationId, at: Timestamp) {
        if let Some(job) = self.replication.get_mut(&id) {
            job.last_sync = Some(at);
        }
    }
}

/// The last instant of an event that is not after a moment. It is looked for in longer and longer times before, so
/// that frequent events do not take long and rare ones are found.
fn latest(event: &CalendarEvent, now: Timestamp) -> Option<Timestamp> {
    const HOUR: i64 = 3_600;
    let windows = [HOUR, 24 * HOUR, 40 * 24 * HOUR, 400 * 24 * HOUR];
    windows.into_iter().find_map(|seconds| {
        let mut found = None;
        let mut moment = now.checked_sub(SignedDuration::from_secs(seconds)).ok()?;
        while let Some(next) = event.next_after(moment).filter(|next| *next <= now) {
            found = Some(next);
            moment = next;
        }
        found
    })
}
