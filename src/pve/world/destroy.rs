//! The end of a guest: what goes with it, and what only goes when somebody says so.

use serde::{Deserialize, Serialize};

use super::World;
use super::backup::Selection;
use super::disk::{Drive, drives};
use super::guest::Guest;
use super::ha::Sid;
use super::ids::{NodeName, Vmid, VolumeId};

/// How a guest is destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Destruction {
    /// The guest.
    pub vmid: Vmid,
    /// Whether backup jobs, replication and high availability forget it too.
    #[serde(default)]
    pub purge: bool,
    /// Whether volumes go that belong to it and that its configuration does not name.
    #[serde(default)]
    pub unreferenced: bool,
}

impl World {
    /// A volume of a guest of which linked clones are made, which keeps the guest from being destroyed.
    pub fn base_in_use(&self, guest: &Guest) -> Option<VolumeId> {
        let volumes = guest.drives().into_iter();
        let volumes = volumes.filter_map(|drive| drive.volume().cloned());
        let mut volumes = volumes.filter(|id| self.has_clones(id, &guest.node));
        volumes.next()
    }

    /// Destroys a guest with everything that is its own: volumes, snapshots, membership, permissions, firewall.
    pub fn destroy(&mut self, how: &Destruction) {
        let vmid = how.vmid;
        self.remove_disks(vmid);
        let Some(guest) = self.guests.remove(&vmid) else {
            return;
        };
        if how.unreferenced {
            for id in self.volumes_of(vmid, &guest.node) {
                let _ = self.remove_volume(&id, &guest.node);
            }
        }
        for pool in self.pools.values_mut() {
            pool.guests.remove(&vmid);
        }
        self.access.acl.forget_path(&format!("/vms/{vmid}"));
        let below = format!("guests/{vmid}/");
        self.sections.retain(|path, _| !path.starts_with(&below));
        self.lists.retain(|path, _| !path.starts_with(&below));
        self.options.retain(|path, _| !path.starts_with(&below));
        if how.purge {
            self.leave_backups(vmid);
        }
        // Who did not say `purge` was refused while the guest had these; they came while the task ran.
        let kind = guest.kind;
        self.end_duties(Sid { kind, vmid });
    }

    /// Removes the volumes that a guest's configuration, its pending changes and its snapshots name.
    pub fn remove_disks(&mut self, vmid: Vmid) {
        let Some(guest) = self.guests.get(&vmid) else {
            return;
        };
        let mut all: Vec<Drive> = guest.drives();
        all.extend(guest.pending_drives());
        for snapshot in guest.snapshots.values() {
            all.extend(drives(guest.kind, &snapshot.config).filter_map(Result::ok));
        }
        let memories = guest.snapshots.values();
        let memories = memories.filter_map(|snapshot| snapshot.memory.clone());
        let named = all.iter().filter_map(|drive| drive.volume().cloned());
        let volumes: Vec<VolumeId> = named.chain(memories).collect();
        for id in &volumes {
            self.free_owned(vmid, id);
        }
    }

    fn volumes_of(&self, vmid: Vmid, node: &NodeName) -> Vec<VolumeId> {
        let storages = self.storages_on(node);
        let volumes = storages.flat_map(|(storage, _)| {
            let volumes = self.volumes_on(storage, node);
            let own = volumes.filter(|(_, volume)| volume.is_disk() && volume.owner == Some(vmid));
            own.map(|(name, _)| VolumeId {
                storage: storage.clone(),
                name: name.into(),
            })
        });
        volumes.collect()
    }

    /// A backup job that has no guest left goes as well (`remove_vmid_from_backup_jobs`).
    fn leave_backups(&mut self, vmid: Vmid) {
        self.backup_jobs.retain(|_, job| match &mut job.selection {
            Selection::Guests(guests) => {
                guests.retain(|known| *known != vmid);
                !guests.is_empty()
            }
            Selection::AllBut(guests) => {
                guests.remove(&vmid);
                true
            }
            Selection::Pool(_) => true,
        });
    }

    /// High availability and replication forget a guest.
    fn end_duties(&mut self, sid: Sid) {
        self.replication.retain(|id, _| id.guest != sid.vmid);
        self.ha.resources.remove(&sid);
        self.ha.rules.retain(|_, rule| {
            rule.resources.remove(&sid);
            !rule.resources.is_empty()
        });
    }
}
