//! The end of folders, volume groups and pools.

use serde_json::Value;

use super::{machine, made};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::disk_effect::DiskEffect;
use crate::pve::world::ids::{NodeName, StorageId};
use crate::pve::world::machine::{Making, directories, groups, thin_pools, zfs_pools};
use crate::pve::world::storage::{Storage, StorageKind};
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::delete;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        delete(
            "/nodes/{node}/disks/directory/{name}",
            Handler::Write(|world, call| remove(world, call, Making::Directory)),
        ),
        delete(
            "/nodes/{node}/disks/lvm/{name}",
            Handler::Write(|world, call| remove(world, call, Making::Lvm)),
        ),
        delete(
            "/nodes/{node}/disks/lvmthin/{name}",
            Handler::Write(|world, call| remove(world, call, Making::Lvmthin)),
        ),
        delete(
            "/nodes/{node}/disks/zfs/{name}",
            Handler::Write(|world, call| remove(world, call, Making::Zfs)),
        ),
    ]
}

fn remove(world: &mut World, call: &Call<'_>, what: Making) -> Result<Answer, Fault> {
    let (node, _) = machine(world, call)?;
    let cleans_config = call.arguments.is_set("cleanup-config");
    if cleans_config {
        call.demand(world, "/storage", &["Datastore.Allocate"])?;
    }
    let name = call.text("name");
    let group = call.text("volume-group");
    let (kind, id) = match what {
        Making::Directory => ("dirremove", name.to_owned()),
        Making::Lvm => ("lvmremove", name.to_owned()),
        Making::Lvmthin => ("lvmthinremove", format!("{group}-{name}")),
        Making::Zfs => ("zfsremove", name.to_owned()),
    };
    let job = Job::new(kind, id);
    let wiped = match devices(world, &node, what, (name, group)) {
        Ok(devices) if call.arguments.is_set("cleanup-disks") => devices,
        Ok(_) => Vec::new(),
        Err(text) => return call.start(world, job.failing(text)),
    };
    let storages = matching(world, &node, what, (name, group));
    let is_busy = storages.iter().any(|id| has_disks(world, id, &node));
    // The system itself is in the group that its installer made.
    if is_busy || (what, name) == (Making::Lvm, "pve") {
        return call.start(world, job.failing(busy(what, (name, group))));
    }
    let storages = if cleans_config { storages } else { Vec::new() };
    let mut job = job;
    for path in &wiped {
        job = job.saying(format!("wiping block device {path}"));
    }
    let effect = DiskEffect::Unmake {
        node,
        what,
        name: name.to_owned(),
        wiped,
        storages,
    };
    call.start(world, job.doing(Effect::Disk(effect)))
}

/// Whether a storage has anything that guests keep there.
fn has_disks(world: &World, id: &StorageId, node: &NodeName) -> bool {
    let mut volumes = world.volumes_on(id, node);
    volumes.any(|(_, volume)| volume.is_disk())
}

/// What the tools say of something that is in use.
fn busy(what: Making, (name, group): (&str, &str)) -> String {
    match what {
        Making::Directory => {
            let unit = made::unit_file(name);
            let unit = unit.rsplit('/').next().unwrap_or_default();
            format!("command 'systemctl stop {unit}' failed: exit code 1")
        }
        Making::Lvm => format!("command '/sbin/vgremove -y {name}' failed: exit code 5"),
        Making::Lvmthin => format!("command 'lvremove -y {group}/{name}' failed: exit code 5"),
        Making::Zfs => format!("command 'zpool destroy {name}' failed: exit code 1"),
    }
}

/// The disks of what is to go.
///
/// # Errors
/// What the task says of something that is not there or still in use.
fn devices(
    world: &World,
    node: &NodeName,
    what: Making,
    (name, group): (&str, &str),
) -> Result<Vec<String>, String> {
    let owned = |devices: &[(&str, crate::pve::world::size::Size)]| {
        devices.iter().map(|(path, _)| (*path).to_owned()).collect()
    };
    match what {
        Making::Directory => {
            let folders = directories(world, node);
            let found = folders.iter().find(|one| one.name == name);
            let unit = made::unit_file(name);
            let unit = unit.rsplit('/').next().unwrap_or_default().to_owned();
            let missing = format!("command 'systemctl stop {unit}' failed: exit code 5");
            Ok(vec![found.ok_or(missing)?.device.to_owned()])
        }
        Making::Lvm => {
            let groups = groups(world, node);
            let found = groups.iter().find(|one| one.name == name);
            let missing = || format!("no such volume group '{name}'");
            Ok(owned(&found.ok_or_else(missing)?.devices))
        }
        Making::Lvmthin => {
            let pools = thin_pools(world, node);
            let is_it = |pool: &&_| is_pool(pool, (name, group));
            if !pools.iter().any(|pool| is_it(&pool)) {
                return Err(format!("no such thin pool {group}/{name}"));
            }
            let groups = groups(world, node);
            let found = groups.iter().find(|one| one.name == group);
            Ok(found.map(|group| owned(&group.devices)).unwrap_or_default())
        }
        Making::Zfs => {
            let pools = zfs_pools(world, node);
            let found = pools.iter().find(|one| one.name == name);
            let missing = || format!("command '/sbin/zpool destroy {name}' failed: exit code 1");
            Ok(owned(&found.ok_or_else(missing)?.devices))
        }
    }
}

fn is_pool(pool: &crate::pve::world::machine::ThinPool<'_>, (name, group): (&str, &str)) -> bool {
    pool.name == name && pool.group == group
}

/// The storages of the node that lie on it (`cleanup_storages_for_node`).
fn matching(
    world: &World,
    node: &NodeName,
    what: Making,
    (name, group): (&str, &str),
) -> Vec<StorageId> {
    let lies_on_it = |storage: &Storage| {
        let option = |key: &str| storage.options.0.get(key).and_then(Value::as_str);
        match (what, storage.kind) {
            (Making::Directory, StorageKind::Dir) => {
                option("path") == Some(&*format!("/mnt/pve/{name}"))
            }
            (Making::Lvm, StorageKind::Lvm) => option("vgname") == Some(name),
            (Making::Lvmthin, StorageKind::Lvmthin) => {
                option("vgname") == Some(group) && option("thinpool") == Some(name)
            }
            (Making::Zfs, StorageKind::Zfspool) => option("pool") == Some(name),
            _ => false,
        }
    };
    let here = world.storages_on(node);
    here.filter(|(_, storage)| lies_on_it(storage))
        .map(|(id, _)| id.clone())
        .collect()
}
