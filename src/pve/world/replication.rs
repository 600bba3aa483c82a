//! Replication: copies of guests on other nodes, made from time to time.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::World;
use super::ids::{BadName, NodeName, Vmid, text_in_files};
use super::is_default;
use super::options::Options;
use super::schedule::minute_after;
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
    /// When it was tried last; never, or to be tried as soon as possible, where nothing is said.
    #[serde(default, skip_serializing_if = "is_default")]
    pub last_try: Option<Timestamp>,
    /// How often it failed since it was done last.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fail_count: u32,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub error: Option<String>,
    /// Everything else: `rate`, `comment`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub options: Options,
}

/// When a job is done where nothing is said.
const QUARTERS: &str = "*/15";

impl Replication {
    /// When it is due next, or was and is not done yet: by its schedule, or some time after it failed
    /// (`PVE::ReplicationState`, `job_status`). Never while it is switched off, or fails and its target is away.
    pub fn next_sync(&self, is_target_there: bool) -> Option<Timestamp> {
        if self.disabled || (self.fail_count > 0 && !is_target_there) {
            return None;
        }
        let last = self.last_try.unwrap_or(Timestamp::UNIX_EPOCH);
        let minutes = match self.fail_count {
            0 => {
                let event = CalendarEvent::parse(self.schedule.as_deref().unwrap_or(QUARTERS));
                return event.ok()?.next_after(last);
            }
            count @ 1..=3 => i64::from(count) * 5,
            _ => 30,
        };
        last.checked_add(SignedDuration::from_mins(minutes)).ok()
    }

    /// The last time by its schedule up to a moment, not before another.
    fn latest(&self, due: Timestamp, now: Timestamp) -> Timestamp {
        let event = CalendarEvent::parse(self.schedule.as_deref().unwrap_or(QUARTERS));
        let found = event.ok().map(|event| event.last_between(due, now, 1));
        found.and_then(|found| found.last().copied()).unwrap_or(due)
    }
}

impl World {
    /// Whether the target of a job is there.
    pub fn is_target_there(&self, job: &Replication) -> bool {
        let node = self.nodes.get(&job.target);
        node.is_some_and(super::node::Node::is_online)
    }

    /// Does the jobs that became due between two looks of the scheduler. Of what was due several times only the
    /// last is done: a copy leaves nothing of the copies before it.
    pub(super) fn replicate(&mut self, from: Option<Timestamp>, now: Timestamp) {
        let there = |node: &NodeName| self.nodes.get(node).is_some_and(|node| node.is_online());
        let away: Vec<NodeName> = self
            .nodes
            .keys()
            .filter(|node| !there(node))
            .cloned()
            .collect();
        for (id, job) in &mut self.replication {
            let guest = self.guests.get(&id.guest);
            let source = guest
                .map(|guest| &guest.node)
                .filter(|node| !away.contains(node));
            let is_target_there =
                !away.contains(&job.target) && self.nodes.contains_key(&job.target);
            let due = job.next_sync(is_target_there).filter(|due| *due <= now);
            let (Some(source), Some(due)) = (source, due) else {
                continue;
            };
            if *source == job.target {
                continue;
            }
            // What was asked for is done at the next look.
            let due = match from {
                Some(from) if due <= from => minute_after(from).unwrap_or(now).min(now),
                _ => due,
            };
            if !is_target_there {
                let target = &job.target;
                job.last_try = Some(due);
                job.fail_count += 1;
                job.error = Some(format!(
                    "command 'ssh root@{target} -- pvesr prepare-local-job' failed: exit code 255"
                ));
                continue;
            }
            let at = job.latest(due, now).max(due);
            job.last_sync = Some(at);
            job.last_try = Some(at);
            job.fail_count = 0;
            job.error = None;
        }
    }
}
