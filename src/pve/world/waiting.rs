//! What waits for a guest's next start.

use super::World;
use super::disk::{Role, Source, drives};
use super::guest::{Guest, Kind, Pending};
use super::ids::{Vmid, VolumeId};
use super::ordered::Ordered;

impl World {
    /// Applies what waits for the next start. A disk that goes, or that another takes the place of, stays as
    /// `unusedN`, unless its end was asked for with force.
    pub fn apply_pending(&mut self, vmid: Vmid) {
        let Some(guest) = self.guests.get_mut(&vmid) else {
            return;
        };
        let mut doomed = Vec::new();
        for (key, change) in std::mem::take(&mut guest.pending) {
            let old = disk_of(guest.kind, &guest.config, &key);
            match &change {
                Pending::Set(value) => {
                    guest.config.set(&key, value.clone());
                }
                Pending::Delete | Pending::ForceDelete => {
                    guest.config.remove(&key);
                }
            }
            let Some(old) = old else { continue };
            if change == Pending::ForceDelete {
                doomed.push(old);
            } else if disk_of(guest.kind, &guest.config, &key).as_ref() != Some(&old) {
                keep_unused(guest, &old);
            }
        }
        for id in doomed {
            self.drop_volume(vmid, &id);
        }
    }
}

/// The volume of the disk under a key.
fn disk_of(kind: Kind, config: &Ordered<String>, key: &str) -> Option<VolumeId> {
    let drive = drives(kind, config)
        .filter_map(Result::ok)
        .find(|drive| drive.key == key)?;
    match drive.source {
        Source::Volume(id) if drive.role == Role::Disk => Some(id),
        _ => None,
    }
}

/// Keeps a volume that is no drive any more under the first free `unusedN`.
fn keep_unused(guest: &mut Guest, id: &VolumeId) {
    let text = id.to_string();
    let free = |key: &String| !guest.config.contains(key);
    let key = (0..256).map(|n| format!("unused{n}")).find(free);
    if let Some(key) = key {
        guest.config.set(&key, text);
    }
}
