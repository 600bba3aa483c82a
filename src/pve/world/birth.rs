//! Guests that a task brings into the world: created, restored or cloned.
//!
//! While the task runs there is a guest with nothing but a lock, as in the product; its volumes exist already. A
//! task that fails takes both away again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::World;
use super::destroy::Destruction;
use super::guest::{Guest, Kind, Lock, Status};
use super::guest_file::as_written;
use super::ha::{Sid, Wanted};
use super::ids::{NodeName, Vmid, VolumeId};
use super::is_default;
use super::ordered::Ordered;
use super::task::Effect;
use crate::proxmox::Product;
use crate::proxmox::identity::Identity;
use crate::proxmox::task::Outcome;
use crate::proxmox::work::{Job, Start};

/// What the end of such a task does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Birth {
    /// The guest.
    pub vmid: Vmid,
    /// The lock that it has until then.
    pub lock: Lock,
    /// Where it will be.
    pub node: NodeName,
    /// Its configuration.
    pub config: Ordered<String>,
    /// The volumes that were made for it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub made: Vec<VolumeId>,
    /// The pool that it goes into.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pool: Option<String>,
    /// What high availability shall make of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ha: Option<Wanted>,
    /// Who starts it afterwards.
    #[serde(default, skip_serializing_if = "is_default")]
    pub starter: Option<String>,
    /// Whether there was a guest before, which a failure leaves without its disks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub replaces: bool,
    /// Whether it comes from a backup: then a template's disks become bases again. Those of a container that is
    /// created with `template=1` never do (`PVE::API2::LXC`), so that it has no linked clones.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restored: bool,
}

impl World {
    /// Puts a guest into the world that has nothing but a lock. One that is there loses its configuration and its
    /// snapshots; the caller has removed what they name.
    pub fn expect_guest(&mut self, vmid: Vmid, kind: Kind, node: NodeName, lock: Lock) {
        let guest = Guest {
            kind,
            node,
            status: Status::Stopped,
            lock: Some(lock),
            started: None,
            parent: None,
            config: Ordered::default(),
            pending: Ordered::default(),
            snapshots: BTreeMap::new(),
            cloud_init: None,
            agent: None,
        };
        self.guests.insert(vmid, guest);
    }

    /// Does what the end of a task that makes a guest does.
    pub(super) fn give_birth(&mut self, birth: &Birth, at: Timestamp, outcome: &Outcome) {
        let expected = self.guests.get_mut(&birth.vmid);
        let expected = expected.filter(|guest| guest.lock == Some(birth.lock));
        let Some(guest) = expected else {
            // Somebody took the guest away meanwhile; nobody else knows its new volumes.
            self.discard(&birth.node, &birth.made);
            return;
        };
        guest.lock = None;
        if matches!(outcome, Outcome::Error(_)) {
            self.miscarry(birth);
            return;
        }
        guest.config = as_written(guest.kind, birth.config.clone());
        guest.take_lock();
        guest.node = birth.node.clone();
        let (kind, vmid) = (guest.kind, birth.vmid);
        if guest.is_template() && (birth.restored || guest.kind == Kind::Qemu) {
            self.make_template(vmid, None);
        }
        if let Some(pool) = &birth.pool {
            self.put_into_pool(vmid, pool);
        }
        if let Some(state) = birth.ha {
            let resource = self.ha.resources.entry(Sid { kind, vmid });
            resource.or_default().state = state;
        }
        if let Some(user) = &birth.starter {
            self.autostart(vmid, kind, &birth.node, user, at);
        }
    }

    /// Gives a guest the firewall of another, as a clone has it.
    pub fn copy_firewall(&mut self, from: Vmid, to: Vmid) {
        let below = format!("guests/{from}/firewall/");
        let moved = |path: &String| {
            let rest = path.strip_prefix(&below)?;
            Some(format!("guests/{to}/firewall/{rest}"))
        };
        copy_below(&mut self.sections, moved);
        copy_below(&mut self.lists, moved);
        copy_below(&mut self.options, moved);
    }

    fn miscarry(&mut self, birth: &Birth) {
        self.discard(&birth.node, &birth.made);
        if !birth.replaces {
            self.destroy(&Destruction {
                vmid: birth.vmid,
                purge: false,
                unreferenced: false,
            });
        }
    }

    /// The product starts the guest within the same task, which shows as a task of its own.
    fn autostart(&mut self, vmid: Vmid, kind: Kind, node: &NodeName, user: &str, at: Timestamp) {
        let Ok(user) = Identity::parse(user, Product::Pve) else {
            return;
        };
        let is_template = self.guests.get(&vmid).is_some_and(Guest::is_template);
        let name = match kind {
            Kind::Qemu => "qmstart",
            Kind::Lxc => "vzstart",
        };
        let job = Job::new(name, vmid);
        let job = match is_template {
            true => job.failing("you can't start a vm if it's a template"),
            false => job.doing(Effect::Power(vmid, Status::Running)),
        };
        let start = Start {
            product: Product::Pve,
            node: node.as_str(),
            user,
            now: at,
            duration: std::time::Duration::ZERO,
        };
        self.tasks.begin(start, job);
    }
}

/// Adds a copy of every entry that gets another path.
fn copy_below<V: Clone>(
    entries: &mut BTreeMap<String, V>,
    moved: impl Fn(&String) -> Option<String>,
) {
    let copies = entries.iter().filter_map(|(path, value)| {
        let path = moved(path)?;
        Some((path, value.clone()))
    });
    let copies: Vec<_> = copies.collect();
    entries.extend(copies);
}
