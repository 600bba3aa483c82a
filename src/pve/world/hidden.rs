//! What is there and no longer to be seen: volumes on storages that were removed, that were taken from a node, or
//! that no longer take what the volumes are.
//!
//! The product changes a storage's definition and leaves alone what lies there, so it comes back when the change is
//! taken back, and guests may name volumes that lead nowhere in the meantime. The world keeps such volumes apart:
//! what it shows has no dangling names but for the storages that stand here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::World;
use super::disk::{Source, drives};
use super::ids::{NodeName, Shelf, StorageId, Vmid, VolumeId};
use super::is_default;
use super::storage::Storage;
use super::volume::Volume;
use crate::proxmox::section::drop_empty;

/// Volumes by name, on each shelf.
type Shelves = BTreeMap<Shelf, BTreeMap<Box<str>, Volume>>;

/// What is hidden of one storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Hidden {
    /// The storage as it was when it was removed; nothing while it is still there.
    #[serde(skip_serializing_if = "is_default")]
    pub removed: Option<Storage>,
    /// Its volumes, by shelf.
    #[serde(skip_serializing_if = "is_default")]
    pub volumes: Shelves,
}

/// The options that say where a storage really is.
const PLACE: [&str; 12] = [
    "path",
    "server",
    "export",
    "share",
    "vgname",
    "thinpool",
    "pool",
    "portal",
    "target",
    "datastore",
    "namespace",
    "volume",
];

impl World {
    /// Adds a storage, or changes it, and sorts its volumes anew into those that are seen and those that are not.
    pub fn put_storage(&mut self, id: &StorageId, mut storage: Storage) {
        drop_empty(&mut storage.options.0);
        let mut all = self.take_volumes(id);
        let hidden = self.hidden.remove(id).unwrap_or_default();
        let is_back = hidden
            .removed
            .as_ref()
            .is_none_or(|old| is_same_place(old, &storage));
        if let Some(old) = hidden.removed.as_ref().filter(|_| is_back) {
            (storage.size, storage.foreign) = (old.size, old.foreign);
        }
        if is_back {
            join(&mut all, hidden.volumes);
        }
        let mut unseen = Shelves::new();
        for (shelf, volumes) in all {
            for shelf in self.places(id, &storage, &shelf) {
                let is_here = shelf.node.as_ref().is_none_or(|node| storage.is_on(node));
                for (name, volume) in &volumes {
                    let is_seen = is_here && storage.content.contains(&volume.content);
                    let side = if is_seen {
                        &mut self.volumes
                    } else {
                        &mut unseen
                    };
                    let shelf = side.entry(shelf.clone()).or_default();
                    shelf.entry(name.clone()).or_insert_with(|| volume.clone());
                }
            }
        }
        self.storages.insert(id.clone(), storage);
        self.make_room(id);
        if !unseen.is_empty() || self.leads_nowhere(id) {
            let hidden = Hidden {
                removed: None,
                volumes: unseen,
            };
            self.hidden.insert(id.clone(), hidden);
        }
    }

    /// Removes a storage with its place in pools and permissions. What lay there is hidden.
    pub fn remove_storage(&mut self, id: &StorageId) {
        let Some(storage) = self.storages.remove(id) else {
            return;
        };
        let mut volumes = self.take_volumes(id);
        let hidden = self.hidden.remove(id).unwrap_or_default();
        join(&mut volumes, hidden.volumes);
        let removed = Some(storage);
        self.hidden.insert(id.clone(), Hidden { removed, volumes });
        for pool in self.pools.values_mut() {
            pool.storages.remove(id);
        }
        self.access.acl.forget_path(&format!("/storage/{id}"));
    }

    /// Hides what the end of a task left where nobody sees it, and lets a guest name what was taken away meanwhile:
    /// the storage was changed while the task ran.
    pub(super) fn hide_strays(&mut self, touched: Option<Vmid>, made: &[VolumeId]) {
        let is_seen = |shelf: &Shelf| {
            let storage = self.storages.get(&shelf.storage);
            let is_on = |node: &NodeName| storage.is_some_and(|storage| storage.is_on(node));
            storage.is_some() && shelf.node.as_ref().is_none_or(is_on)
        };
        let strays: Vec<Shelf> = self
            .volumes
            .keys()
            .filter(|shelf| !is_seen(shelf))
            .cloned()
            .collect();
        for shelf in strays {
            let volumes = self.volumes.remove(&shelf).unwrap_or_default();
            let hidden = self.hidden.entry(shelf.storage.clone()).or_default();
            join(&mut hidden.volumes, [(shelf, volumes)].into());
        }
        let Some(guest) = touched.and_then(|vmid| self.guests.get(&vmid)) else {
            return;
        };
        let snapshots = guest.snapshots.values().map(|snapshot| &snapshot.config);
        let configs = std::iter::once(&guest.config).chain(snapshots);
        let drives = configs.flat_map(|config| drives(guest.kind, config));
        let volumes = drives.filter_map(|drive| match drive.ok()?.source {
            Source::Volume(id) => Some(id),
            Source::Host(_) => None,
        });
        for id in volumes {
            let storage = self.storages.get(&id.storage);
            let is_here = storage.is_some_and(|storage| storage.is_on(&guest.node));
            let is_lost = made.contains(&id) && self.volume(&id, &guest.node).is_none();
            if storage.is_some() && (!is_here || is_lost) {
                self.hidden.entry(id.storage).or_default();
            }
        }
    }

    /// What lay on several nodes and is now in one place has room there.
    fn make_room(&mut self, id: &StorageId) {
        let shelves = self.volumes.keys().filter(|shelf| shelf.storage == *id);
        let most = shelves.map(|shelf| self.used(shelf)).max();
        if let (Some(most), Some(storage)) = (most, self.storages.get_mut(id)) {
            storage.size = storage.size.max(most);
        }
    }

    fn take_volumes(&mut self, id: &StorageId) -> Shelves {
        let (mine, others) = std::mem::take(&mut self.volumes)
            .into_iter()
            .partition(|(shelf, _)| shelf.storage == *id);
        self.volumes = others;
        mine
    }

    /// Where a shelf's volumes lie now: a storage that has become shared has one shelf, one that is no longer
    /// shared has one on each node, and each node sees what was there.
    fn places(&self, id: &StorageId, storage: &Storage, old: &Shelf) -> Vec<Shelf> {
        match &old.node {
            _ if storage.is_shared() => vec![Shelf {
                storage: id.clone(),
                node: None,
            }],
            Some(_) => vec![old.clone()],
            None => self
                .nodes
                .keys()
                .map(|node| storage.shelf(id, node))
                .collect(),
        }
    }

    /// Whether a guest names a volume of this storage that it does not see.
    fn leads_nowhere(&self, id: &StorageId) -> bool {
        self.guests.values().any(|guest| {
            let snapshots = guest.snapshots.values().map(|snapshot| &snapshot.config);
            let configs = std::iter::once(&guest.config).chain(snapshots);
            let mut drives = configs
                .flat_map(|config| drives(guest.kind, config))
                .filter_map(Result::ok);
            drives.any(|drive| match drive.source {
                Source::Volume(volume) if volume.storage == *id => {
                    let known = self.storages.get(id);
                    let is_here = known.is_some_and(|storage| storage.is_on(&guest.node));
                    !is_here || self.volume(&volume, &guest.node).is_none()
                }
                _ => false,
            })
        })
    }
}

/// Puts volumes to others; where both have a name, the first stays.
fn join(all: &mut Shelves, more: Shelves) {
    for (shelf, volumes) in more {
        let shelf = all.entry(shelf).or_default();
        for (name, volume) in volumes {
            shelf.entry(name).or_insert(volume);
        }
    }
}

fn is_same_place(one: &Storage, other: &Storage) -> bool {
    let same = |name: &&str| one.options.0.get(*name) == other.options.0.get(*name);
    one.kind == other.kind && PLACE.iter().all(same)
}
