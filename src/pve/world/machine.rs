//! What a node has made of its disks: folders, volume groups, thin pools and ZFS pools.
//!
//! They are kept as sections below `nodes/{node}/disks/`; how full they are follows from the storages on them.

use serde_json::Value;

use super::World;
use super::ids::NodeName;
use super::size::Size;
use super::storage::{Storage, StorageKind};

/// What somebody makes of disks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Making {
    /// A file system mounted at `/mnt/pve/<name>`.
    Directory,
    /// A volume group.
    Lvm,
    /// A thin pool in a volume group of its own.
    Lvmthin,
    /// A ZFS pool.
    Zfs,
}

impl Making {
    /// Its part of paths.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Lvm => "lvm",
            Self::Lvmthin => "lvmthin",
            Self::Zfs => "zfs",
        }
    }

    /// Where a node keeps its own of them.
    pub fn file(self, node: &NodeName) -> String {
        format!("nodes/{node}/disks/{}", self.as_str())
    }
}

/// A file system of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory<'w> {
    /// Its name.
    pub name: &'w str,
    /// The disk it is on.
    pub device: &'w str,
    /// `ext4` or `xfs`.
    pub filesystem: &'w str,
}

/// A volume group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'w> {
    /// Its name.
    pub name: &'w str,
    /// Its size.
    pub size: Size,
    /// What no volume takes.
    pub free: Size,
    /// How many volumes it has.
    pub volumes: usize,
    /// The disks it is on.
    pub devices: Vec<(&'w str, Size)>,
}

/// A thin pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThinPool<'w> {
    /// Its name.
    pub name: &'w str,
    /// The volume group it is in.
    pub group: &'w str,
    /// Its size.
    pub size: Size,
    /// What its volumes take.
    pub used: Size,
}

/// A ZFS pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZfsPool<'w> {
    /// Its name.
    pub name: &'w str,
    /// The size of all its disks.
    pub size: Size,
    /// What its volumes take.
    pub used: Size,
    /// How its disks are joined: `single`, `mirror`, `raidz2`.
    pub level: &'w str,
    /// The disks it is on.
    pub devices: Vec<(&'w str, Size)>,
}

/// What the system's own volumes leave free in its group (`minfree` of the installer).
const SPARE: Size = Size(16 << 30);

/// The folders of a node.
pub fn directories<'w>(world: &'w World, node: &NodeName) -> Vec<Directory<'w>> {
    let made = sections(world, node, Making::Directory);
    made.map(|(name, device, option)| Directory {
        name,
        device,
        filesystem: option("filesystem").unwrap_or("ext4"),
    })
    .collect()
}

/// The volume groups of a node.
pub fn groups<'w>(world: &'w World, node: &NodeName) -> Vec<Group<'w>> {
    let thin = thin_pools(world, node);
    let made = sections(world, node, Making::Lvm);
    made.map(|(name, devices, _)| {
        let devices = sized(world, node, devices);
        let size: Size = devices.iter().map(|(_, size)| *size).sum();
        let is_thin = thin.iter().any(|pool| pool.group == name);
        let (mut volumes, mut taken) = (0, Size::default());
        for storage in storages(world, node, "vgname", name) {
            let shelf = storage.1.shelf(storage.0, node);
            let here = world.volumes.get(&shelf).into_iter().flatten();
            for (_, volume) in here {
                volumes += 1;
                if storage.1.kind == StorageKind::Lvm {
                    taken = taken.plus(volume.size);
                }
            }
        }
        let free = match is_thin {
            true => SPARE.min(size),
            false => Size(size.bytes().saturating_sub(taken.bytes())),
        };
        // Root, swap and the thin pool are volumes as well.
        let own = if is_thin { 3 } else { 0 };
        Group {
            name,
            size,
            free,
            volumes: volumes + own,
            devices,
        }
    })
    .collect()
}

/// The thin pools of a node.
pub fn thin_pools<'w>(world: &'w World, node: &NodeName) -> Vec<ThinPool<'w>> {
    let made = sections(world, node, Making::Lvmthin);
    made.map(|(name, devices, option)| {
        let devices = sized(world, node, devices);
        let whole: Size = devices.iter().map(|(_, size)| *size).sum();
        let group = option("volume-group").unwrap_or(name);
        let mut size = Size(whole.bytes().saturating_sub(SPARE.bytes()));
        let mut used = Size::default();
        let on_it = storages(world, node, "vgname", group).filter(|(_, storage)| {
            storage.options.0.get("thinpool").and_then(Value::as_str) == Some(name)
        });
        for (id, storage) in on_it {
            size = storage.size;
            used = used.plus(world.used(&storage.shelf(id, node)));
        }
        ThinPool {
            name,
            group,
            size,
            used: used.min(size),
        }
    })
    .collect()
}

/// The ZFS pools of a node.
pub fn zfs_pools<'w>(world: &'w World, node: &NodeName) -> Vec<ZfsPool<'w>> {
    let made = sections(world, node, Making::Zfs);
    made.map(|(name, devices, option)| {
        let devices = sized(world, node, devices);
        let size: Size = devices.iter().map(|(_, size)| *size).sum();
        let on_it = world.storages_on(node).filter(|(_, storage)| {
            let pool = storage.options.0.get("pool").and_then(Value::as_str);
            let pool = pool.and_then(|pool| pool.split('/').next());
            storage.kind == StorageKind::Zfspool && pool == Some(name)
        });
        let used: Size = on_it
            .map(|(id, storage)| world.used(&storage.shelf(id, node)))
            .sum();
        ZfsPool {
            name,
            size,
            used: used.min(size),
            level: option("raidlevel").unwrap_or("single"),
            devices,
        }
    })
    .collect()
}

/// What a node has of a kind: names, devices, and how to read an option.
fn sections<'w>(
    world: &'w World,
    node: &NodeName,
    what: Making,
) -> impl Iterator<Item = (&'w str, &'w str, impl Fn(&str) -> Option<&'w str>)> {
    let sections = world.sections.get(&what.file(node)).into_iter();
    sections
        .flat_map(|sections| &sections.0)
        .map(|(name, section)| {
            let option = |key: &str| section.properties.get(key).and_then(Value::as_str);
            let devices = option("devices").or_else(|| option("device"));
            (name.as_str(), devices.unwrap_or_default(), option)
        })
}

fn sized<'w>(world: &'w World, node: &NodeName, devices: &'w str) -> Vec<(&'w str, Size)> {
    let machine = world.nodes.get(node);
    let size = |device: &str| {
        let disk = machine.and_then(|machine| machine.disks.get(device));
        disk.map(|disk| disk.size).unwrap_or_default()
    };
    let devices = devices.split(',').filter(|device| !device.is_empty());
    devices.map(|device| (device, size(device))).collect()
}

fn storages<'w>(
    world: &'w World,
    node: &'w NodeName,
    option: &'w str,
    name: &'w str,
) -> impl Iterator<Item = (&'w super::ids::StorageId, &'w Storage)> {
    world.storages_on(node).filter(move |(_, storage)| {
        storage.options.0.get(option).and_then(Value::as_str) == Some(name)
    })
}
