//! Nodes that are gone: they are fenced, and their guests come back elsewhere.
//!
//! The manager waits a minute for a node; by then the watchdog of the machine has reset it, as it could not renew
//! its lock. After another minute that lock is free and guests are recovered (`PVE::HA::NodeStatus`,
//! `PVE::HA::Manager`). A guest whose disks no other node has is left in recovery; the product would move its
//! configuration and fail to start it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Sid, Wanted};
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::{Guest, Kind, Status};
use crate::pve::world::ids::NodeName;
use crate::pve::world::is_default;
use crate::pve::world::relocate::StorageMap;
use crate::pve::world::task::Effect;

/// After so many seconds a node is fenced.
const FENCED: i64 = 60;

/// After so many its guests are recovered.
const RECOVERED: i64 = 120;

/// A node that is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Away {
    /// When it was missed first.
    pub since: Timestamp,
    /// How far its fencing is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub stage: Stage,
}

/// What has become of a node that is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It is waited for.
    #[default]
    Missed,
    /// Its machine was reset, and its guests run no more.
    Fenced,
    /// Whatever could come back elsewhere did.
    Recovered,
}

impl Away {
    /// The next stage and when it is reached.
    fn next(self) -> Option<(Timestamp, Stage)> {
        let after = |seconds| {
            self.since
                .saturating_add(SignedDuration::from_secs(seconds))
                .ok()
        };
        match self.stage {
            Stage::Missed => Some((after(FENCED)?, Stage::Fenced)),
            Stage::Fenced => Some((after(RECOVERED)?, Stage::Recovered)),
            Stage::Recovered => None,
        }
    }
}

impl World {
    /// Whether the manager has something to do about nodes.
    pub(in crate::pve::world) fn is_fencing_due(&self, now: Timestamp) -> bool {
        let acts = self.acts();
        self.nodes.iter().any(|(name, node)| {
            let away = self.ha.away.get(name);
            match (node.is_online(), away) {
                (true, away) => away.is_some(),
                (false, None) => true,
                (false, Some(away)) => acts && away.next().is_some_and(|(at, _)| at <= now),
            }
        })
    }

    /// Whether there is a manager that may act: it has resources and most nodes, and is armed.
    fn acts(&self) -> bool {
        !self.ha.resources.is_empty() && self.ha.disarmed.is_none() && self.is_quorate()
    }

    /// Does it.
    pub(in crate::pve::world) fn fence(&mut self, now: Timestamp) {
        let nodes: Vec<(NodeName, bool)> = self
            .nodes
            .iter()
            .map(|(name, node)| (name.clone(), node.is_online()))
            .collect();
        let nodes_left = &self.nodes;
        self.ha.away.retain(|name, _| nodes_left.contains_key(name));
        for (name, is_online) in nodes {
            if !is_online {
                self.ha.away.entry(name.clone()).or_insert(Away {
                    since: now,
                    stage: Stage::Missed,
                });
                self.advance(&name, now);
            } else if let Some(away) = self.ha.away.remove(&name)
                && away.stage >= Stage::Fenced
            {
                self.start_node(&name, now);
            }
        }
    }

    fn advance(&mut self, name: &NodeName, now: Timestamp) {
        while self.acts()
            && let Some(away) = self.ha.away.get(name)
            && let Some((at, stage)) = away.next().filter(|(at, _)| *at <= now)
        {
            let since = away.since;
            self.ha.away.insert(name.clone(), Away { since, stage });
            match stage {
                Stage::Fenced => {
                    let guests = self.guests.values_mut();
                    for guest in guests.filter(|guest| guest.node == *name) {
                        guest.turn(Status::Stopped, at);
                    }
                }
                _ => self.bring_back(name, at),
            }
        }
    }

    /// Brings the resources of a node back elsewhere.
    fn bring_back(&mut self, from: &NodeName, at: Timestamp) {
        let there = |(sid, _): &(&Sid, _)| {
            let guest = self.resource_guest(sid);
            guest.is_some_and(|guest| guest.node == *from)
        };
        let lost: Vec<(Sid, Wanted)> = self
            .ha
            .resources
            .iter()
            .map(|(sid, resource)| (sid, resource.state))
            .filter(there)
            .map(|(sid, wanted)| (*sid, wanted))
            .collect();
        for (sid, wanted) in lost {
            if matches!(wanted, Wanted::Ignored | Wanted::Disabled) {
                continue;
            }
            let Some(target) = self
                .refuge(&sid)
                .filter(|target| self.has_disks(&sid, target))
            else {
                continue;
            };
            self.relocate(sid.vmid, &target, &StorageMap::new(), at);
            let kind = match sid.kind {
                Kind::Qemu => "qmstart",
                Kind::Lxc => "vzstart",
            };
            if let Some(guest) = self.guests.get_mut(&sid.vmid) {
                guest.lock = None;
            }
            if wanted == Wanted::Started {
                let job = Job::new(kind, sid.vmid);
                let job = job.doing(Effect::Power(sid.vmid, Status::Running));
                self.begin_by_itself(&target, job, at);
            }
        }
    }

    /// Whether a node has what a guest needs: storages that both see, or copies by replication.
    fn has_disks(&self, sid: &Sid, target: &NodeName) -> bool {
        let Some(guest) = self.resource_guest(sid) else {
            return false;
        };
        let copied = self.replication.iter().any(|(id, job)| {
            id.guest == sid.vmid && job.target == *target && job.last_sync.is_some()
        });
        copied || self.baggage(guest, &StorageMap::new()).is_empty()
    }

    /// The state of a resource whose node is being fenced, or was.
    pub(super) fn fencing_state(&self, guest: &Guest) -> Option<&'static str> {
        match self.ha.away.get(&guest.node)?.stage {
            Stage::Missed => None,
            Stage::Fenced => Some("fence"),
            Stage::Recovered => Some("recovery"),
        }
    }
}
