//! Ceph: what is kept of it (in sections under `ceph/`), and what follows from that.
//!
//! Sizes follow from disks and storages: an OSD is as large as its disk, and a pool holds what the storages on it
//! hold, so that nothing can disagree.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::World;
use super::ids::{NodeName, Shelf, StorageId};
use super::options::Options;
use super::storage::{Storage, StorageKind};
use crate::proxmox::section::Section;

/// Where its monitors are kept.
pub const MONITORS: &str = "ceph/mon";
/// Where its managers are kept.
pub const MANAGERS: &str = "ceph/mgr";
/// Where its metadata servers are kept.
pub const METADATA: &str = "ceph/mds";
/// Where its object stores are kept.
pub const STORES: &str = "ceph/osd";
/// Where its pools are kept.
pub const POOLS: &str = "ceph/pool";
/// Where its file systems are kept.
pub const FILE_SYSTEMS: &str = "ceph/fs";
/// Its configuration; without it there is no Ceph.
pub const CONFIGURATION: &str = "ceph/config";
/// What is set of it as a whole: `noout`.
pub const FLAGS: &str = "ceph/flags";

/// What is on a node, each under `host`.
pub const HOSTED: [&str; 4] = [MONITORS, MANAGERS, METADATA, STORES];

/// An object store.
#[derive(Debug, Clone, PartialEq)]
pub struct Store<'a> {
    /// Its number.
    pub id: u32,
    /// The node that it is on.
    pub host: &'a str,
    /// The disk that it is on.
    pub device: &'a str,
    /// `ssd`, `hdd`, `nvme`.
    pub class: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it answers.
    pub is_up: bool,
    /// Whether data belong on it.
    pub is_in: bool,
}

/// A pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool<'a> {
    /// Its number, from 1.
    pub number: u64,
    /// Its name.
    pub name: &'a str,
    /// What was set of it.
    pub options: &'a Map<String, Value>,
    /// How many copies there are of everything.
    pub copies: u64,
    /// Bytes that clients see.
    pub stored: u64,
}

impl Pool<'_> {
    /// A whole number that was set of it.
    pub fn number_of(&self, name: &str, default: u64) -> u64 {
        let value = self.options.get(name).and_then(Value::as_u64);
        value.unwrap_or(default)
    }

    /// A text that was set of it.
    pub fn text_of<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        let value = self.options.get(name).and_then(Value::as_str);
        value.unwrap_or(default)
    }
}

impl World {
    /// The things of one kind by name.
    pub fn ceph_things(&self, file: &str) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        let sections = self.sections.get(file).into_iter();
        let sections = sections.flat_map(|sections| &sections.0);
        sections.map(|(name, section)| (name.as_str(), &section.properties))
    }

    /// One of them.
    pub fn ceph_thing(&self, file: &str, name: &str) -> Option<&Map<String, Value>> {
        let section = self.sections.get(file)?.0.get(name)?;
        Some(&section.properties)
    }

    /// Whether there is a Ceph at all.
    pub fn has_ceph(&self) -> bool {
        self.options.contains_key(CONFIGURATION)
    }

    /// Whether a flag is set.
    pub fn ceph_flag(&self, name: &str) -> bool {
        let flag = self.options.get(FLAGS).and_then(|flags| flags.0.get(name));
        flag.and_then(Value::as_bool) == Some(true)
    }

    /// Sets flags and takes them back.
    pub fn set_ceph_flags(&mut self, flags: &BTreeMap<String, bool>) {
        let kept = self.options.entry(FLAGS.to_owned()).or_default();
        for (name, value) in flags {
            kept.0.insert(name.clone(), Value::Bool(*value));
        }
    }

    /// The object stores, by number.
    pub fn ceph_stores(&self) -> Vec<Store<'_>> {
        let stores = self.ceph_things(STORES).filter_map(|(id, store)| {
            let text = |name: &str| store.get(name).and_then(Value::as_str).unwrap_or_default();
            let host = text("host");
            let (_, node) = self.nodes.iter().find(|(name, _)| name.as_str() == host)?;
            let disk = node.disks.get(text("dev"));
            let is_set = |name: &str| store.get(name).and_then(Value::as_bool) == Some(true);
            Some(Store {
                id: id.parse().ok()?,
                host,
                device: text("dev"),
                class: text("crush-device-class"),
                size: disk.map_or(0, |disk| disk.size.bytes()),
                is_up: node.is_online() && !is_set("stopped"),
                is_in: !is_set("out"),
            })
        });
        let mut stores: Vec<_> = stores.collect();
        stores.sort_by_key(|store| store.id);
        stores
    }

    /// The pools, in the order of their names.
    pub fn ceph_pools(&self) -> Vec<Pool<'_>> {
        let pools = self.ceph_things(POOLS).zip(1..);
        let pools = pools.map(|((name, options), number)| Pool {
            number,
            name,
            options,
            copies: options.get("size").and_then(Value::as_u64).unwrap_or(3),
            stored: self.stored_in(name),
        });
        pools.collect()
    }

    /// The storages on a pool.
    pub fn storages_in(&self, pool: &str) -> impl Iterator<Item = (&StorageId, &Storage)> {
        self.storages.iter().filter(move |(_, storage)| {
            let text = |name: &str| storage.options.0.get(name).and_then(Value::as_str);
            match storage.kind {
                StorageKind::Rbd => text("pool").unwrap_or("rbd") == pool,
                StorageKind::Cephfs => {
                    let name = text("fs-name").unwrap_or("cephfs");
                    let system = self.ceph_thing(FILE_SYSTEMS, name);
                    let data = system.and_then(|system| system.get("data_pool"));
                    data.and_then(Value::as_str) == Some(pool)
                }
                _ => false,
            }
        })
    }

    fn stored_in(&self, pool: &str) -> u64 {
        let storages = self.storages_in(pool).map(|(id, _)| Shelf {
            storage: id.clone(),
            node: None,
        });
        storages
            .map(|shelf| self.used(&shelf).bytes())
            .fold(0, u64::saturating_add)
    }

    /// Makes a disk used for something, or free.
    pub fn mark_disk(&mut self, node: &NodeName, device: &str, usage: Option<&str>) {
        let disks = self.nodes.get_mut(node).map(|node| &mut node.disks);
        if let Some(disk) = disks.and_then(|disks| disks.get_mut(device)) {
            disk.usage = usage.map(str::to_owned);
        }
    }

    /// Takes a storage away on which nothing lies and to which nobody backs up.
    pub fn drop_storage(&mut self, id: &StorageId) {
        if self.is_in_use(id) {
            return;
        }
        self.storages.remove(id);
        self.volumes.retain(|shelf, _| shelf.storage != *id);
        for pool in self.pools.values_mut() {
            pool.storages.remove(id);
        }
        self.access.acl.forget_path(&format!("/storage/{id}"));
    }

    /// Whether something lies on a storage, or will.
    pub fn is_in_use(&self, id: &StorageId) -> bool {
        let mut volumes = self.volumes.iter();
        let mut jobs = self.backup_jobs.values();
        volumes.any(|(shelf, volumes)| shelf.storage == *id && !volumes.is_empty())
            || jobs.any(|job| job.storage.as_ref() == Some(id))
    }

    /// Changes one of Ceph's things.
    pub fn change_ceph(&mut self, file: &str, name: &str, change: impl FnOnce(&mut Section)) {
        let sections = self.sections.get_mut(file);
        if let Some(section) = sections.and_then(|sections| sections.0.get_mut(name)) {
            change(section);
        }
    }

    /// Takes out what was on a node that is gone.
    pub(super) fn forget_ceph(&mut self, node: &NodeName) {
        for file in HOSTED {
            if let Some(sections) = self.sections.get_mut(file) {
                let host = |section: &Section| section.properties.get("host").cloned();
                sections
                    .0
                    .retain(|_, section| host(section) != Some(Value::from(node.as_str())));
            }
        }
    }

    /// Begins a Ceph.
    pub fn begin_ceph(&mut self, configuration: Options) {
        self.options.insert(CONFIGURATION.to_owned(), configuration);
    }
}
