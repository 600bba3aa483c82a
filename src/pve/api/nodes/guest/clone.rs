//! `POST .../clone`: a guest like another, with copies of its disks or with clones that lean on them.

mod copies;

use super::create::{expect_pool, taken};
use super::rights::Subject;
use super::{find, inputs};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::birth::Birth;
use crate::pve::world::copy::Moment;
use crate::pve::world::disk::{Drive, Role, drives};
use crate::pve::world::guest::{Guest, Kind, Lock};
use crate::pve::world::ids::{NodeName, StorageId, Vmid, VolumeId};
use crate::pve::world::ordered::Ordered;
use crate::pve::world::storage::Content;
use crate::pve::world::task::Effect;
use crate::routes::Route;
use crate::routes::route::post;

/// Its handlers.
pub(in crate::pve::api) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        post("/nodes/{node}/qemu/{vmid}/clone", Handler::Write(clone)),
        post("/nodes/{node}/lxc/{vmid}/clone", Handler::Write(clone)),
    ]
}

/// How disks come along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Full,
    Linked,
}

/// A clone that may be made.
struct Plan {
    source: Vmid,
    new: Vmid,
    kind: Kind,
    node: NodeName,
    /// Where the clone will be.
    target: NodeName,
    storage: Option<StorageId>,
    manner: Manner,
    /// The configuration that is cloned: that of now, or of a snapshot.
    config: Ordered<String>,
}

fn clone(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let plan = plan(world, call)?;
    let Plan {
        source, new, kind, ..
    } = plan;
    let job = Job::new(
        match kind {
            Kind::Qemu => "qmclone",
            Kind::Lxc => "vzclone",
        },
        source,
    );
    let what = match kind {
        Kind::Qemu => "VM",
        Kind::Lxc => "container",
    };
    let job = job.saying(format!("creating a clone of {what} {source} with ID {new}"));
    let (disks, made, lines) = match copies::copy_disks(world, call, &plan) {
        Ok(done) => done,
        Err(text) => return call.start(world, job.failing(format!("clone failed: {text}"))),
    };
    let mut config = copies::new_config(world, call, &plan);
    for (key, text) in disks {
        config.set(&key, text);
    }
    let job = lines.into_iter().fold(job, Job::saying);
    let (of_source, of_new) = match kind {
        Kind::Qemu => (Lock::Clone, Lock::Clone),
        Kind::Lxc => (Lock::Disk, Lock::Create),
    };
    let birth = Birth {
        vmid: new,
        lock: of_new,
        node: plan.target.clone(),
        config,
        made,
        pool: call.arguments.text("pool").map(str::to_owned),
        ha: None,
        starter: None,
        replaces: false,
        restored: false,
    };
    world.expect_guest(new, kind, plan.node.clone(), of_new);
    world.copy_firewall(source, new);
    if let Some(guest) = world.guests.get_mut(&source) {
        guest.lock = Some(of_source);
    }
    let job = job.doing(Effect::Birth(Box::new(birth)));
    call.start(world, job.doing(Effect::Unlock(source, of_source)))
}

fn plan(world: &World, call: &Call<'_>) -> Result<Plan, Fault> {
    let refuse = |text: String| Err(Fault::Failed(text));
    let (source, guest) = find::guest(world, call)?;
    let (kind, node) = (guest.kind, guest.node.clone());
    expect_pool(world, call.arguments.text("pool"))?;
    let target = target(world, call, &node)?;
    let storage = match call.arguments.has("storage") {
        true => inputs::storage(call, "storage")?,
        false => None,
    };
    expect_storage(world, storage.as_ref(), kind, &node, &target)?;
    // The product's lock is one that several may share.
    if guest.lock != Some(Lock::Clone) {
        find::not_locked(guest)?;
    }
    let new = inputs::vmid(call, "newid")?;
    let exists = taken(world, new);
    if let (Kind::Lxc, Some(taken)) = (kind, &exists) {
        return refuse(taken.clone());
    }
    let config = match call.arguments.text("snapname") {
        None => guest.config.clone(),
        Some(name) => match guest.snapshots.get(name) {
            Some(snapshot) => snapshot.config.clone(),
            None => return refuse(format!("snapshot '{name}' does not exist")),
        },
    };
    let full = call
        .arguments
        .boolean("full")
        .unwrap_or(!guest.is_template());
    let manner = if full { Manner::Full } else { Manner::Linked };
    for parameter in ["storage", "format"] {
        if manner == Manner::Linked && call.arguments.has(parameter) {
            return refuse(format!(
                "parameter '{parameter}' not allowed for linked clones"
            ));
        }
    }
    let plan = Plan {
        source,
        new,
        kind,
        node,
        target,
        storage,
        manner,
        config,
    };
    plan.expect_local(world, call)?;
    plan.expect_rights(world, call)?;
    if exists.is_some() {
        return refuse(format!(
            "unable to create VM {new}: config file already exists"
        ));
    }
    plan.expect_features(world, call, guest)?;
    Ok(plan)
}

/// Where the clone goes.
fn target(world: &World, call: &Call<'_>, node: &NodeName) -> Result<NodeName, Fault> {
    let Some(name) = call.arguments.text("target") else {
        return Ok(node.clone());
    };
    if name == "localhost" {
        return Ok(node.clone());
    }
    let known = world.nodes.keys().find(|known| known.as_str() == name);
    let missing = || Fault::Failed(format!("no such cluster node '{name}'"));
    known.cloned().ok_or_else(missing)
}

fn expect_storage(
    world: &World,
    storage: Option<&StorageId>,
    kind: Kind,
    node: &NodeName,
    target: &NodeName,
) -> Result<(), Fault> {
    let Some(storage) = storage else {
        return Ok(());
    };
    let failed = |fault: crate::pve::world::allocate::VolumeFault| Fault::Failed(fault.to_string());
    let known = world.usable_storage(storage, node).map_err(failed)?;
    if kind == Kind::Qemu && !known.content.contains(&Content::Images) {
        let text = format!("storage '{storage}' does not support vm images");
        return Err(Fault::parameter("storage", text));
    }
    if target != node {
        let known = world.usable_storage(storage, target).map_err(failed)?;
        if !known.is_shared() {
            let text = format!("can't clone to non-shared storage '{storage}'");
            return Err(Fault::Failed(text));
        }
    }
    Ok(())
}

impl Plan {
    fn drives(&self) -> Vec<Drive> {
        drives(self.kind, &self.config)
            .filter_map(Result::ok)
            .collect()
    }

    /// The drives whose volumes come along: disks, and cloud-init's drive. CD images are only named.
    fn copied(&self) -> Vec<(Drive, VolumeId)> {
        let wanted = |drive: &Drive| drive.role == Role::Disk || drive.is_cloud_init();
        let drives = self.drives().into_iter().filter(wanted);
        drives
            .filter_map(|drive| {
                let id = drive.volume()?.clone();
                Some((drive, id))
            })
            .collect()
    }

    /// Whoever clones must be allowed to have what the source uses.
    fn expect_rights(&self, world: &World, call: &Call<'_>) -> Result<(), Fault> {
        let subject = Subject {
            vmid: self.new,
            pool: None,
            kind: self.kind,
        };
        subject.may_carry(world, call, &self.config)
    }

    /// Another node can only be reached over storages that both see; and everybody who clones needs room.
    fn expect_local(&self, world: &World, call: &Call<'_>) -> Result<(), Fault> {
        let is_shared = |id: &StorageId| {
            let storage = world.storages.get(id);
            storage.is_some_and(crate::pve::world::storage::Storage::is_shared)
        };
        for drive in self.drives() {
            let Some(id) = drive.volume() else {
                continue;
            };
            let disk = drive.role == Role::Disk;
            let storage = match (&self.storage, disk) {
                (Some(storage), true) => storage,
                _ => &id.storage,
            };
            if disk {
                let path = format!("/storage/{storage}");
                call.demand(world, &path, &["Datastore.AllocateSpace"])?;
            }
            let counts = match self.kind {
                Kind::Qemu => &id.storage,
                Kind::Lxc => storage,
            };
            if self.target != self.node && drive.role != Role::Unused && !is_shared(counts) {
                let (word, target) = (self.kind.word(), &self.target);
                let text =
                    format!("can't clone {word} to node '{target}' ({word} uses local storage)");
                return Err(Fault::Failed(text));
            }
        }
        Ok(())
    }

    fn expect_features(&self, world: &World, call: &Call<'_>, guest: &Guest) -> Result<(), Fault> {
        let moment = match call.arguments.has("snapname") {
            true => Moment::Snapshot,
            false => Moment::Now,
        };
        let runs = guest.status.is_running() && moment == Moment::Now;
        for (drive, id) in self.copied() {
            let key = &drive.key;
            let text = match (self.kind, self.manner_of(&drive)) {
                (Kind::Qemu, Manner::Full) if runs && key == "tpmstate0" => {
                    "cannot clone TPM state while VM is running".to_owned()
                }
                (Kind::Lxc, Manner::Full) if runs => {
                    "Full clone of a running container is only possible from a snapshot".to_owned()
                }
                (_, Manner::Full) if world.can_copy(&id, &self.node, moment) => continue,
                (_, Manner::Full) => {
                    format!("Full clone feature is not supported for drive '{key}'")
                }
                (_, Manner::Linked) if world.can_link(&id, &self.node, moment) => continue,
                (Kind::Qemu, Manner::Linked) => {
                    format!("Linked clone feature is not supported for drive '{key}'")
                }
                (Kind::Lxc, Manner::Linked) => {
                    format!("Linked clone feature for '{id}' is not available")
                }
            };
            return Err(Fault::Failed(text));
        }
        let host = |drive: &Drive| drive.volume().is_none() && drive.role == Role::Disk;
        match self.drives().iter().find(|drive| host(drive)) {
            Some(drive) if self.kind == Kind::Lxc => {
                let key = &drive.key;
                Err(Fault::Failed(format!(
                    "unable to clone mountpoint '{key}' (type bind)"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Small drives are always copied.
    fn manner_of(&self, drive: &Drive) -> Manner {
        match drive.is_cloud_init() || drive.key == "tpmstate0" {
            true => Manner::Full,
            false => self.manner,
        }
    }
}

#[cfg(test)]
mod tests;
