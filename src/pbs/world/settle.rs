//! What the ends of tasks do to a backup server.

use super::World;
use super::content::{Snapshot, Verdict, Verification};
use super::datastore::{Collected, Datastore, Mount};
use super::ids::Namespace;
use super::node::DiskUsage;
use super::tape::{Archived, Location, MediaSet, Status};
use super::task::{Copy, Effect, Place, Source};
use crate::proxmox::task::Outcome;

/// The average size of a chunk, in bytes: they hold up to 4 MiB and are compressed.
const CHUNK: u64 = 1_900_000;

impl World {
    /// Does what the end of a task does.
    pub(super) fn finish(&mut self, effect: &Effect, outcome: &Outcome) {
        let went_well = !matches!(outcome, Outcome::Error(_));
        match effect {
            Effect::Verify(store, places, upid) => self.verified(store, places, went_well, upid),
            Effect::Service(..)
            | Effect::Put(..)
            | Effect::Drop(..)
            | Effect::ApplyNetwork
            | Effect::Certify(_)
            | Effect::InitGpt(_)
            | Effect::Wipe(_)
            | Effect::Occupy(..)
                if went_well =>
            {
                self.finish_on_node(effect);
            }
            Effect::PutMedium(..)
            | Effect::MoveMedium(..)
            | Effect::EraseMedium(_)
            | Effect::Archive(..)
                if went_well =>
            {
                self.finish_on_tape(effect);
            }
            _ if went_well => self.finish_in_store(effect),
            _ => {}
        }
    }

    fn finish_in_store(&mut self, effect: &Effect) {
        match effect {
            Effect::CreateDatastore(name, datastore) => self.create(name, datastore),
            Effect::DropDatastore(name) => {
                if let Some(datastore) = self.drop_datastore(name) {
                    self.left_behind.insert(datastore.path.clone(), datastore);
                }
            }
            Effect::DestroyDatastore(name) => {
                self.drop_datastore(name);
            }
            Effect::Forget(store, places) => {
                if let Some(datastore) = self.datastores.get_mut(store) {
                    datastore.forget(places);
                }
            }
            Effect::Collect(store, upid) => {
                if let Some(datastore) = self.datastores.get_mut(store) {
                    datastore.collect(upid);
                }
            }
            Effect::Copy(copy) => self.copy(copy),
            Effect::Mount(store) => self.turn(store, Mount::Mounted),
            Effect::Unmount(store) => self.turn(store, Mount::Notmounted),
            _ => {}
        }
    }

    fn finish_on_node(&mut self, effect: &Effect) {
        match effect {
            Effect::Service(name, state) => {
                if let Some(service) = self.node.services.get_mut(name) {
                    service.state = *state;
                }
            }
            Effect::Put(file, id, section) => {
                let sections = self.sections.entry(file.clone()).or_default();
                sections.0.insert(id.clone(), section.clone());
            }
            Effect::Drop(file, id) => {
                if let Some(sections) = self.sections.get_mut(file) {
                    sections.0.remove(id);
                }
            }
            Effect::ApplyNetwork => {
                if let Some(waiting) = self.sections.remove("nodes/network.new") {
                    self.sections.insert("nodes/network".to_owned(), waiting);
                }
            }
            Effect::Certify(certificate) => self.node.certificate = (**certificate).clone(),
            Effect::InitGpt(disk) => self.use_disk(disk, DiskUsage::Unused, true),
            Effect::Wipe(disk) => self.use_disk(disk, DiskUsage::Unused, false),
            Effect::Occupy(disks, by) => {
                let usage = match by.as_str() {
                    "zfs" => DiskUsage::Zfs,
                    _ => DiskUsage::Partitions,
                };
                for disk in disks {
                    self.use_disk(disk, usage, true);
                }
            }
            _ => {}
        }
    }

    fn finish_on_tape(&mut self, effect: &Effect) {
        match effect {
            Effect::PutMedium(uuid, medium) => {
                self.media.insert(uuid.clone(), (**medium).clone());
            }
            Effect::MoveMedium(uuid, location) => {
                if let Some(medium) = self.media.get_mut(uuid) {
                    medium.location = location.clone();
                }
            }
            Effect::EraseMedium(uuid) => {
                if let Some(medium) = self.media.get_mut(uuid) {
                    medium.labelled = false;
                    medium.pool = None;
                    medium.set = None;
                    medium.bytes_used = 0;
                    medium.status = Status::Writable;
                    medium.snapshots.clear();
                }
            }
            Effect::Archive(uuid, set, snapshots) => self.archive(uuid, set, snapshots),
            _ => {}
        }
    }

    fn create(&mut self, name: &str, datastore: &Datastore) {
        let mut datastore = datastore.clone();
        if let Some(left) = self.left_behind.remove(&datastore.path) {
            datastore.namespaces = left.namespaces;
            datastore.garbage = left.garbage;
            datastore.collected = left.collected;
        }
        self.datastores.insert(name.to_owned(), datastore);
    }

    /// Takes a datastore out with what was said about it. Its permissions stay, as they do in the product.
    fn drop_datastore(&mut self, name: &str) -> Option<Datastore> {
        self.last_runs.remove(&format!("garbage_collection/{name}"));
        self.datastores.remove(name)
    }

    /// A verification that failed found the backups that were broken before; where none was, somebody wished for
    /// the failure, and all of them are.
    fn verified(&mut self, store: &str, places: &[Place], went_well: bool, upid: &str) {
        let Some(datastore) = self.datastores.get_mut(store) else {
            return;
        };
        let is_broken = |place: &Place| {
            let content = &datastore.namespaces;
            let found = content.snapshot(&place.namespace, &place.snapshot);
            found.is_some_and(Snapshot::is_corrupt)
        };
        let broken: Vec<bool> = places.iter().map(is_broken).collect();
        let all_fail = !went_well && !broken.contains(&true);
        for (place, is_broken) in places.iter().zip(broken) {
            let state = match all_fail || is_broken {
                true => Verdict::Failed,
                false => Verdict::Ok,
            };
            let content = &mut datastore.namespaces;
            if let Some(found) = content.snapshot_mut(&place.namespace, &place.snapshot) {
                let upid = upid.to_owned();
                found.verification = Some(Verification { state, upid });
            }
        }
    }

    fn copy(&mut self, copy: &Copy) {
        let found = |(place, target): &(Place, Namespace)| {
            let content = self.content(&copy.from)?;
            let snapshot = content.snapshot(&place.namespace, &place.snapshot)?;
            let snapshot = Snapshot {
                // The other side verifies for itself.
                verification: None,
                protected: false,
                ..snapshot.clone()
            };
            Some((target.clone(), place.snapshot.clone(), snapshot))
        };
        let found: Vec<_> = copy.snapshots.iter().filter_map(found).collect();
        let target = match &copy.to.remote {
            None => {
                let datastore = self.datastores.get_mut(&copy.to.store);
                datastore.map(|datastore| &mut datastore.namespaces)
            }
            Some(remote) => {
                let remote = self.remotes.get_mut(remote);
                remote.and_then(|remote| remote.get_mut(&copy.to.store))
            }
        };
        if let Some(target) = target {
            for (namespace, id, snapshot) in found {
                target.insert(&namespace, &id, &copy.owner, snapshot);
            }
        }
    }

    /// What is in a datastore of this server or of a remote.
    pub fn content(&self, source: &Source) -> Option<&super::content::Content> {
        match &source.remote {
            None => {
                let datastore = self.datastores.get(&source.store)?;
                Some(&datastore.namespaces)
            }
            Some(remote) => self.remotes.get(remote)?.get(&source.store),
        }
    }

    fn turn(&mut self, store: &str, mount: Mount) {
        if let Some(datastore) = self.datastores.get_mut(store) {
            datastore.mount = mount;
            if mount == Mount::Notmounted && datastore.maintenance() == Some(("unmount", None)) {
                datastore.options.0.shift_remove("maintenance-mode");
            }
        }
    }

    fn use_disk(&mut self, name: &str, usage: DiskUsage, gpt: bool) {
        if let Some(disk) = self.node.disks.get_mut(name) {
            disk.usage = usage;
            disk.gpt = gpt;
        }
    }

    fn archive(&mut self, uuid: &str, set: &MediaSet, snapshots: &[Archived]) {
        let sizes = snapshots.iter().map(|archived| {
            let datastore = self.datastores.get(&archived.store);
            let content = datastore.map(|datastore| &datastore.namespaces);
            let found = content
                .and_then(|content| content.snapshot(&archived.namespace, &archived.snapshot));
            found.map_or(0, Snapshot::size)
        });
        let written = sizes.fold(0, u64::saturating_add);
        if let Some(medium) = self.media.get_mut(uuid) {
            medium.set = Some(set.clone());
            medium.pool = Some(set.pool.clone());
            medium.bytes_used = medium.bytes_used.saturating_add(written);
            medium.snapshots.extend_from_slice(snapshots);
            if medium.location == Location::Offline {
                medium.status = Status::Unknown;
            }
        }
    }
}

impl Datastore {
    /// Takes snapshots out, but for the protected ones.
    pub fn forget(&mut self, places: &[Place]) {
        let before = self.namespaces.stored();
        for Place {
            namespace,
            snapshot,
        } in places
        {
            let found = self.namespaces.snapshot(namespace, snapshot);
            if found.is_some_and(|found| !found.protected) {
                self.namespaces.remove(namespace, snapshot);
            }
        }
        self.leave_garbage(before);
    }

    /// Collects the garbage.
    pub fn collect(&mut self, upid: &str) {
        let stored = self.namespaces.stored();
        let removed = std::mem::take(&mut self.garbage);
        self.collected = Some(Collected {
            upid: Some(upid.to_owned()),
            index_file_count: self.namespaces.index_files(),
            index_data_bytes: self.namespaces.indexed(),
            disk_bytes: stored,
            disk_chunks: stored / CHUNK,
            removed_bytes: removed,
            removed_chunks: removed.div_ceil(CHUNK),
            ..Collected::default()
        });
    }
}
