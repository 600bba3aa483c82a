//! A datacenter manager as the machinery that the three products share sees it.

use jiff::Timestamp;
use serde_json::Value;

use super::World;
use super::remote::Behind;
use crate::contract::Problem;
use crate::pbs::world::task::Effect;
use crate::proxmox::account::Directory;
use crate::proxmox::acl::AccessList;
use crate::proxmox::gate::Place;
use crate::proxmox::section::Sections;
use crate::proxmox::state::State;
use crate::proxmox::task::{Outcome, Task};
use crate::proxmox::upid::RemoteUpid;
use crate::proxmox::work::Work;

impl State for World {
    type Effect = Effect;

    fn read(file: &Value) -> Result<Self, Vec<Problem>> {
        Self::read(file)
    }

    fn export(&self) -> Value {
        self.export()
    }

    fn directory(&self) -> &Directory {
        self.machine.directory()
    }

    fn accounts_mut(&mut self) -> (&mut Directory, &mut AccessList) {
        self.machine.accounts_mut()
    }

    fn access_list(&self) -> &AccessList {
        self.machine.access_list()
    }

    fn own_node(&self) -> &str {
        self.machine.own_node()
    }

    /// Some calls below `/nodes` are about a node of a cluster that is managed.
    fn place(&self, node: &str) -> Place {
        let mut clusters = self
            .remotes
            .values()
            .filter_map(|remote| match &remote.behind {
                Behind::Pve(world) => Some(world),
                Behind::Pbs(_) => None,
            });
        match clusters.any(|world| world.nodes.keys().any(|name| name.as_str() == node)) {
            true => Place::Reachable,
            false => self.machine.place(node),
        }
    }

    fn sections(&self, file: &str) -> Option<&Sections> {
        self.machine.sections.get(file)
    }

    fn sections_mut(&mut self, file: &str) -> &mut Sections {
        self.machine.sections_mut(file)
    }

    /// The guest of this number of the first cluster that has one.
    fn set_guest_status(
        &mut self,
        vmid: &str,
        status: &str,
        now: Timestamp,
    ) -> Result<bool, String> {
        for remote in self.remotes.values_mut() {
            if let Behind::Pve(world) = &mut remote.behind
                && world.set_guest_status(vmid, status, now)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn tasks_elsewhere(&self) -> Vec<(String, &Task)> {
        let remotes = self.remotes.iter();
        remotes.flat_map(|(id, remote)| remote.tasks(id)).collect()
    }

    fn task_elsewhere_mut(&mut self, id: &str) -> Option<&mut Task> {
        let upid = RemoteUpid::parse(id).ok()?;
        let remote = self.remotes.get_mut(&upid.remote)?;
        match &mut remote.behind {
            Behind::Pve(world) => world.tasks.find_mut(&upid.upid),
            Behind::Pbs(world) => world.tasks.find_mut(&upid.upid),
        }
    }

    fn work(&self) -> &Work<Effect> {
        self.machine.work()
    }

    fn work_mut(&mut self) -> &mut Work<Effect> {
        self.machine.work_mut()
    }

    fn apply(&mut self, effect: &Effect, at: Timestamp, outcome: &Outcome) {
        self.machine.apply(effect, at, outcome);
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.machine.is_due(now) || self.remotes.values().any(|remote| remote.is_due(now))
    }

    fn settle(&mut self, now: Timestamp) {
        self.machine.settle(now);
        for remote in self.remotes.values_mut() {
            remote.settle(now);
        }
    }
}
