//! Starting and stopping guests, with all that a start or a stop brings with it.

use jiff::Timestamp;

use super::World;
use super::agent::{Agent, Manners, Presence};
use super::guest::{Guest, Lock, Status};
use super::ids::{Vmid, VolumeId};
use super::ordered::Ordered;

/// What a configuration keeps of a machine that was suspended to disk.
const OF_SUSPENDED: [&str; 4] = [
    "vmstate",
    "runningmachine",
    "runningcpu",
    "running-nets-host-mtu",
];

impl World {
    /// Brings a guest into a state. What waits for the next start is there once the guest stopped or starts, unless
    /// the machine only goes to sleep or wakes up.
    pub fn power(&mut self, vmid: Vmid, status: Status, at: Timestamp) {
        let Some(guest) = self.guests.get(&vmid) else {
            return;
        };
        if status.is_running() && !guest.status.is_running() {
            if guest.lock == Some(Lock::Suspended) {
                self.drop_suspended(vmid);
            } else {
                self.apply_pending(vmid);
            }
        } else if guest.status.is_running()
            && !status.is_running()
            && guest.lock != Some(Lock::Suspending)
        {
            self.apply_pending(vmid);
        }
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.turn(status, at);
            if let Some(agent) = guest.agent.as_mut().filter(|_| !status.is_running()) {
                agent.forget_run();
            }
        }
    }

    /// Stops a guest that runs and starts it again.
    pub fn reboot(&mut self, vmid: Vmid, at: Timestamp) {
        self.power(vmid, Status::Stopped, at);
        self.power(vmid, Status::Running, at);
    }

    /// Ends a suspension to disk that began with [`Self::begin_suspension`].
    pub(super) fn end_suspension(&mut self, vmid: Vmid, at: Timestamp, went_well: bool) {
        if !went_well {
            self.drop_suspended(vmid);
            return;
        }
        self.power(vmid, Status::Stopped, at);
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.lock = Some(Lock::Suspended);
        }
    }

    /// Begins a suspension to disk: the memory goes to this volume, which exists.
    pub fn begin_suspension(&mut self, vmid: Vmid, memory: &VolumeId, machine: &str) {
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.lock = Some(Lock::Suspending);
            guest.config.set("vmstate", memory.to_string());
            guest.config.set("runningmachine", machine.to_owned());
            guest.config.set("runningcpu", running_cpu(&guest.config));
        }
    }

    /// Forgets the memory of a machine that was suspended to disk.
    fn drop_suspended(&mut self, vmid: Vmid) {
        let Some(guest) = self.guests.get_mut(&vmid) else {
            return;
        };
        guest.lock = None;
        let memory = guest.config.text("vmstate").and_then(|id| id.parse().ok());
        for key in OF_SUSPENDED {
            guest.config.remove(key);
        }
        if let Some(memory) = memory {
            self.drop_volume(vmid, &memory);
        }
    }

    /// Removes a volume of a guest, where it is there and nothing else holds it.
    pub(super) fn drop_volume(&mut self, vmid: Vmid, id: &VolumeId) {
        let Some(guest) = self.guests.get(&vmid) else {
            return;
        };
        let Some(shelf) = self.shelf(&id.storage, &guest.node) else {
            return;
        };
        let Some(volumes) = self.volumes.get_mut(&shelf) else {
            return;
        };
        let is_own = volumes
            .get(&id.name)
            .is_some_and(|volume| volume.owner == Some(vmid));
        if is_own {
            volumes.remove(&id.name);
        }
        if volumes.is_empty() {
            self.volumes.remove(&shelf);
        }
    }
}

/// The processor of a machine as its memory has to find it again.
pub(super) fn running_cpu(config: &Ordered<String>) -> String {
    let cpu = config.text("cpu").unwrap_or("kvm64");
    let model = cpu.split(',').next().unwrap_or(cpu);
    let model = model.strip_prefix("cputype=").unwrap_or(model);
    format!("{model},enforce,+kvm_pv_eoi,+kvm_pv_unhalt,vendor=GenuineIntel")
}

impl Guest {
    /// Whether its configuration has an agent.
    pub fn has_agent(&self) -> bool {
        use crate::proxmox::property_string::{PropertyString, Spelling};
        let text = self.config.text("agent").unwrap_or("0");
        let read = PropertyString::parse(text, Some("enabled"), Spelling::Plain);
        read.is_ok_and(|read| read.value("enabled") == Some("1"))
    }

    /// Whether the agent in it answers at a moment, it having started then.
    pub fn agent_answers(&self, since: Option<Timestamp>, now: Timestamp) -> bool {
        let Some(since) = since.filter(|_| self.status == Status::Running) else {
            return false;
        };
        let Some(agent) = &self.agent else {
            return true;
        };
        let passed = now.as_second().saturating_sub(since.as_second());
        agent.presence == Presence::Answering && passed >= i64::from(agent.delay)
    }

    /// Why the agent in it does not answer at a moment, in the product's words; `None` when it does.
    pub fn agent_silence(
        &self,
        vmid: Vmid,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<String> {
        if !self.has_agent() {
            Some("No QEMU guest agent configured".to_owned())
        } else if !self.status.is_running() {
            Some(format!("VM {vmid} is not running"))
        } else if !self.agent_answers(since, now) {
            Some("QEMU guest agent is not running".to_owned())
        } else {
            None
        }
    }

    /// Whether it shuts down when it is asked to.
    pub fn obeys(&self) -> bool {
        self.agent
            .as_ref()
            .is_none_or(|agent| agent.shutdown == Manners::Obeys)
    }

    /// Its script, made where there is none yet.
    pub fn agent_mut(&mut self) -> &mut Agent {
        self.agent.get_or_insert_default()
    }
}
