//! Guests on their way to another node, with the volumes that only their old node sees.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::World;
use super::disk::{Drive, Source, drives};
use super::guest::{Guest, Kind, Status};
use super::ids::{NodeName, StorageId, Vmid, VolumeId};
use super::ordered::Ordered;
use super::storage::{Content, Storage, StorageKind};
use super::volume::Format;

/// Which storage takes the place of which on the way; `None` is every other one.
pub type StorageMap = BTreeMap<Option<StorageId>, StorageId>;

/// What is on the way.
#[derive(Debug, Clone)]
pub struct Baggage {
    /// The volume.
    pub id: VolumeId,
    /// The drive that names it, that of a snapshot if the present configuration has none.
    pub drive: Drive,
    /// Whether the present configuration names it.
    pub is_current: bool,
}

impl World {
    /// The volumes that a guest must take along when it goes to another node: those of storages that are not
    /// shared, and those that a map puts elsewhere.
    pub fn baggage(&self, guest: &Guest, map: &StorageMap) -> Vec<Baggage> {
        let mut seen = BTreeSet::new();
        let mut baggage = Vec::new();
        let configs = std::iter::once((&guest.config, true));
        let kept = guest.snapshots.values();
        let memories: Vec<Ordered<String>> = kept
            .clone()
            .filter_map(|snapshot| snapshot.memory.as_ref())
            .map(|id| std::iter::once(("vmstate", id.to_string())).collect())
            .collect();
        let configs = configs
            .chain(kept.map(|snapshot| (&snapshot.config, false)))
            .chain(memories.iter().map(|config| (config, false)));
        for (config, is_current) in configs {
            for drive in drives(guest.kind, config).filter_map(Result::ok) {
                let Source::Volume(id) = &drive.source else {
                    continue;
                };
                let is_shared = self
                    .storages
                    .get(&id.storage)
                    .is_some_and(Storage::is_shared);
                let stays = is_shared && destination(map, &id.storage) == id.storage;
                if !stays && seen.insert(id.clone()) {
                    let id = id.clone();
                    baggage.push(Baggage {
                        id,
                        drive,
                        is_current,
                    });
                }
            }
        }
        baggage
    }

    /// Puts a guest on another node, with its volumes. A replication to that node turns round.
    pub fn relocate(&mut self, vmid: Vmid, target: &NodeName, map: &StorageMap, at: Timestamp) {
        let Some(guest) = self.guests.get(&vmid) else {
            return;
        };
        if !self.nodes.contains_key(target) || guest.node == *target {
            return;
        }
        let from = guest.node.clone();
        let (kind, was_running) = (guest.kind, guest.status.is_running());
        let moved: BTreeMap<VolumeId, VolumeId> = self
            .baggage(guest, map)
            .into_iter()
            .filter_map(|Baggage { id, .. }| {
                let new = self.carry(vmid, &id, &from, target, map)?;
                Some((id, new))
            })
            .collect();
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.node = target.clone();
            rename(guest, &moved);
        }
        for (id, job) in &mut self.replication {
            if id.guest == vmid && job.target == *target {
                job.target = from.clone();
            }
        }
        // A container is stopped for the journey.
        if kind == Kind::Lxc && was_running {
            self.power(vmid, Status::Stopped, at);
            self.power(vmid, Status::Running, at);
        }
    }

    /// Takes one volume to another node and gives its id there; `None` for one that is not there.
    fn carry(
        &mut self,
        vmid: Vmid,
        id: &VolumeId,
        from: &NodeName,
        target: &NodeName,
        map: &StorageMap,
    ) -> Option<VolumeId> {
        let storage = destination(map, &id.storage);
        let old_shelf = self.shelf(&id.storage, from)?;
        let new_shelf = self.shelf(&storage, target)?;
        let kind = self.storages.get(&storage)?.kind;
        let volumes = self.volumes.get_mut(&old_shelf)?;
        // An image that came into a drive while the guest was on its way belongs to nobody and stays.
        volumes.get(&id.name).filter(|volume| volume.is_disk())?;
        let mut volume = volumes.remove(&id.name)?;
        if volumes.is_empty() {
            self.volumes.remove(&old_shelf);
        }
        if !kind.keeps(volume.format) {
            volume.format = kind.plain_format(volume.content);
        }
        // What was a linked clone arrives as a volume of its own.
        volume.parent = None;
        let there = self.volumes.entry(new_shelf).or_default();
        let name = kind.name_of(vmid, &id.name, volume.format);
        let is_free = |name: &String| !there.contains_key(name.as_str());
        let name = if is_free(&name) {
            name
        } else {
            let numbered = (0..1024).map(|n| format!("vm-{vmid}-disk-{n}"));
            let mut names = numbered.map(|name| kind.name_of(vmid, &name, volume.format));
            names.find(is_free).unwrap_or(name)
        };
        there.insert(name.as_str().into(), volume);
        let name = name.into();
        Some(VolumeId { storage, name })
    }
}

/// Where the volumes of a storage go.
pub fn destination(map: &StorageMap, from: &StorageId) -> StorageId {
    let named = map.get(&Some(from.clone()));
    named.or_else(|| map.get(&None)).unwrap_or(from).clone()
}

impl StorageKind {
    /// Whether volumes lie in it as files.
    pub fn keeps_files(self) -> bool {
        matches!(
            self,
            Self::Dir | Self::Nfs | Self::Cifs | Self::Glusterfs | Self::Cephfs | Self::Btrfs
        )
    }

    /// Whether a disk can keep this format there.
    fn keeps(self, format: Format) -> bool {
        match format {
            Format::Raw => true,
            Format::Subvol => matches!(self, Self::Zfspool | Self::Btrfs) || self.keeps_files(),
            _ => self.keeps_files() && self != Self::Btrfs,
        }
    }

    fn plain_format(self, content: Content) -> Format {
        match (self, content) {
            (Self::Zfspool, Content::Rootdir) => Format::Subvol,
            _ => Format::Raw,
        }
    }

    /// The name that a disk gets there (proxmox.md 4.1): its file has a folder of the guest's and an ending.
    pub fn name_of(self, vmid: Vmid, name: &str, format: Format) -> String {
        let file = name.rsplit('/').next().unwrap_or(name);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let stem = match (self, format) {
            (Self::Zfspool, Format::Subvol) => stem.replacen("vm-", "subvol-", 1),
            _ => stem.replacen("subvol-", "vm-", 1),
        };
        match self.keeps_files() && self != Self::Btrfs {
            true => format!("{vmid}/{stem}.{}", format.as_str()),
            false => stem,
        }
    }
}

/// Lets all configurations of a guest name its volumes by their new ids.
fn rename(guest: &mut Guest, moved: &BTreeMap<VolumeId, VolumeId>) {
    let kind = guest.kind;
    rename_in(kind, &mut guest.config, moved);
    for snapshot in guest.snapshots.values_mut() {
        rename_in(kind, &mut snapshot.config, moved);
        if let Some(memory) = &mut snapshot.memory
            && let Some(new) = moved.get(memory)
        {
            *memory = new.clone();
        }
    }
}

fn rename_in(kind: Kind, config: &mut Ordered<String>, moved: &BTreeMap<VolumeId, VolumeId>) {
    let found: Vec<(String, VolumeId)> = drives(kind, config)
        .filter_map(Result::ok)
        .filter_map(|drive| match drive.source {
            Source::Volume(id) => Some((drive.key, id)),
            Source::Host(_) => None,
        })
        .collect();
    for (key, old) in found {
        if let Some(new) = moved.get(&old)
            && let Some(text) = config.get_mut(&key)
        {
            *text = text.replacen(&old.to_string(), &new.to_string(), 1);
        }
    }
}
