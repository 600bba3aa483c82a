//! A cluster as the machinery that the three products share sees it.

use jiff::Timestamp;
use serde_json::Value;

use super::World;
use super::guest::{Kind, Status};
use super::ids::{StorageId, Vmid};
use super::realm::RealmKind;
use super::task::Effect;
use crate::contract::Problem;
use crate::personality::{Lever, Pull, Stuck, Watched};
use crate::proxmox::account::Directory;
use crate::proxmox::acl::AccessList;
use crate::proxmox::call::Call;
use crate::proxmox::fault::{Fault, Unreachable};
use crate::proxmox::gate::Place;
use crate::proxmox::identity::UserId;
use crate::proxmox::overlay::Overlay;
use crate::proxmox::rights::Pool;
use crate::proxmox::second_factor::FactorKind;
use crate::proxmox::section::Sections;
use crate::proxmox::state::State;
use crate::proxmox::task::Outcome;
use crate::proxmox::work::Work;

impl State for World {
    type Effect = Effect;

    fn read(file: &Value) -> Result<Self, Vec<Problem>> {
        Self::read(file)
    }

    fn export(&self) -> Value {
        self.export()
    }

    fn large(self, guests: u32, seed: u64) -> Result<Self, String> {
        Ok(self.grown(guests, seed))
    }

    const TAKES_OVERLAYS: bool = true;

    fn lay(&mut self, overlay: &mut Overlay) {
        crate::pve::overlay::lay(self, overlay);
    }

    fn directory(&self) -> &Directory {
        &self.access.directory
    }

    fn accounts_mut(&mut self) -> (&mut Directory, &mut AccessList) {
        (&mut self.access.directory, &mut self.access.acl)
    }

    fn access_list(&self) -> &AccessList {
        &self.access.acl
    }

    fn required_factor(&self, user: &UserId) -> Option<FactorKind> {
        self.access.realm_of(user)?.required_factor()
    }

    /// A realm that is gone lets nobody in, and one of `OpenID` leaves passwords to its provider.
    fn takes_passwords(&self, user: &UserId) -> bool {
        let realm = self.access.realm_of(user);
        realm.is_some_and(|realm| realm.kind != RealmKind::Openid)
    }

    fn spelled(&self, user: UserId) -> UserId {
        self.access.spelled(user)
    }

    fn pools(&self) -> Vec<Pool<'_>> {
        let pools = self.pools.iter().map(|(name, pool)| {
            let guests = pool.guests.iter().map(|vmid| format!("/vms/{vmid}"));
            let storages = pool.storages.iter().map(|id| format!("/storage/{id}"));
            Pool {
                name,
                members: guests.chain(storages).collect(),
            }
        });
        pools.collect()
    }

    fn pools_of(&self, path: &str) -> Vec<&str> {
        let guest: Option<Vmid> = path
            .strip_prefix("/vms/")
            .and_then(|vmid| vmid.parse().ok());
        let storage: Option<StorageId> = path
            .strip_prefix("/storage/")
            .and_then(|id| id.parse().ok());
        let pools = self.pools.iter().filter(|(_, pool)| {
            guest.is_some_and(|vmid| pool.guests.contains(&vmid))
                || storage
                    .as_ref()
                    .is_some_and(|id| pool.storages.contains(id))
        });
        pools.map(|(name, _)| name.as_str()).collect()
    }

    fn cluster_name(&self) -> Option<&str> {
        self.cluster.name.as_deref()
    }

    /// The first node that is there; a cluster of which none is there is asked through the first one all the
    /// same, because somebody has to answer.
    fn own_node(&self) -> &str {
        let online = self.nodes.iter().find(|(_, node)| node.is_online());
        let node = online.or_else(|| self.nodes.iter().next());
        node.map_or("localhost", |(name, _)| name.as_str())
    }

    /// What a node says that is gone: the words of the library that passes calls on (proxmox.md 1.1).
    fn place(&self, node: &str) -> Place {
        let known = self.nodes.iter().find(|(name, _)| name.as_str() == node);
        match known {
            None => Place::Unknown,
            Some((_, node)) if node.is_online() => Place::Reachable,
            Some(_) => Place::Offline(Unreachable::Connect, "No route to host".to_owned()),
        }
    }

    fn sections(&self, file: &str) -> Option<&Sections> {
        self.sections.get(file)
    }

    fn sections_mut(&mut self, file: &str) -> &mut Sections {
        self.sections.entry(file.to_owned()).or_default()
    }

    fn set_guest_status(
        &mut self,
        vmid: &str,
        status: &str,
        now: Timestamp,
    ) -> Result<bool, String> {
        let status = match status {
            "running" => Status::Running,
            "paused" => Status::Paused,
            "stopped" => Status::Stopped,
            _ => {
                return Err(format!(
                    "a guest is running, paused or stopped, not {status:?}"
                ));
            }
        };
        let number = vmid.parse::<Vmid>().ok();
        let guest = number.and_then(|vmid| Some((vmid, self.guests.get(&vmid)?)));
        let Some((vmid, guest)) = guest else {
            return Ok(false);
        };
        if guest.kind == Kind::Lxc && status == Status::Paused {
            return Err("a container is running or stopped".to_owned());
        }
        self.power(vmid, status, now);
        Ok(true)
    }

    fn position(&self, lever: Lever<'_>, now: Timestamp) -> Result<Value, Stuck> {
        self.lever(lever, now)
    }

    fn pull(&mut self, lever: Lever<'_>, pull: Pull<'_>) -> Result<(), Stuck> {
        self.move_lever(lever, pull)
    }

    fn state_of(&self, watched: Watched<'_>) -> Option<&'static str> {
        self.word_of(watched)
    }

    fn ready_for(&self, call: &Call<'_>) -> Result<(), Fault> {
        match self.is_quorate() {
            true => Ok(()),
            false => crate::pve::quorum::needed(call),
        }
    }

    fn work(&self) -> &Work<Effect> {
        &self.tasks
    }

    fn work_mut(&mut self) -> &mut Work<Effect> {
        &mut self.tasks
    }

    fn apply(&mut self, effect: &Effect, at: Timestamp, outcome: &Outcome) {
        self.finish(effect, at, outcome);
    }

    fn is_due(&self, now: Timestamp) -> bool {
        self.tasks.is_due(now) || self.scheduler.is_due(now) || self.is_fencing_due(now)
    }

    /// What is done by the clock comes in its order among the ends of tasks.
    fn settle(&mut self, now: Timestamp) {
        if self.scheduler.is_due(now) {
            for (at, due) in self.look_at_schedules(now) {
                self.finish_tasks(at);
                self.run_scheduled(&due, at);
            }
        }
        self.finish_tasks(now);
        if self.is_fencing_due(now) {
            self.fence(now);
            self.finish_tasks(now);
        }
    }
}
