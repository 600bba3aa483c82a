//! `/nodes/{node}/disks`: the disks of a machine, and what is made of them.
//!
//! `PVE::API2::Disks` and its children, and `PVE::Diskmanage` of pve-storage.

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::machine::{directories, groups};
use crate::pve::world::node::{Disk, Node};
use crate::routes::Route;

mod list;

mod smart;

mod raw;

mod made;

mod create;

mod zfs;

mod remove;

#[cfg(test)]
mod tests;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    let mut routes = list::routes();
    routes.extend(smart::routes());
    routes.extend(raw::routes());
    routes.extend(made::routes());
    routes.extend(create::routes());
    routes.extend(zfs::routes());
    routes.extend(remove::routes());
    routes
}

/// The node of the path with its name.
fn machine<'w>(world: &'w World, call: &Call<'_>) -> Result<(NodeName, &'w Node), Fault> {
    let name = super::storage::node(call)?;
    let node = world.nodes.get(&name);
    let node = node.ok_or_else(|| Fault::no_such_node(name.as_str()))?;
    Ok((name, node))
}

/// A disk that a caller names.
struct Device<'w> {
    /// The path of the whole disk.
    path: &'w str,
    disk: &'w Disk,
    /// The path that was given, where it is a partition.
    partition: Option<String>,
}

impl Device<'_> {
    /// The path that was given.
    fn given(&self) -> &str {
        self.partition.as_deref().unwrap_or(self.path)
    }

    /// Its name in tasks.
    fn name(&self) -> String {
        let given = self.given();
        given.rsplit('/').next().unwrap_or(given).to_owned()
    }
}

/// The disk at a path (`verify_blockdev_path`): one of the machine's, a partition of one, or a link by its serial
/// number.
fn device<'w>(node: &'w Node, path: &str) -> Result<Device<'w>, Fault> {
    if path.is_empty() {
        return Err(Fault::Failed("missing path".to_owned()));
    }
    if !path.starts_with("/dev/") {
        return Err(Fault::Failed(format!("got unusual device path '{path}'")));
    }
    for (known, disk) in &node.disks {
        if known == path || path == by_id(disk) {
            return Ok(Device {
                path: known,
                disk,
                partition: None,
            });
        }
        if list::partitions(known, disk)
            .iter()
            .any(|one| one.path == path)
        {
            return Ok(Device {
                path: known,
                disk,
                partition: Some(path.to_owned()),
            });
        }
    }
    Err(Fault::Failed("not a valid block device".to_owned()))
}

/// The link to a disk by what is written on it.
fn by_id(disk: &Disk) -> String {
    let kind = match disk.kind {
        crate::pve::world::node::DiskKind::Nvme => "nvme",
        crate::pve::world::node::DiskKind::Usb => "usb",
        _ => "ata",
    };
    let model = disk.model.replace(' ', "_");
    format!("/dev/disk/by-id/{kind}-{model}_{}", disk.serial)
}

/// The partition of a disk that is mounted.
fn mounted(world: &World, node: &NodeName, device: &str) -> Option<String> {
    let mut folders = directories(world, node).into_iter();
    let is_mounted = folders.any(|folder| folder.device == device);
    is_mounted.then(|| list::partition(device, 1))
}

/// Whether volumes lie on a disk that keep it busy.
fn has_holder(world: &World, node: &NodeName, device: &str, disk: &Disk) -> bool {
    let groups = groups(world, node);
    let mut on_it = groups.iter().filter(|group| {
        let mut devices = group.devices.iter();
        group.volumes > 0 && devices.any(|(path, _)| *path == device)
    });
    disk.usage.as_deref() == Some("ceph") || on_it.next().is_some()
}
