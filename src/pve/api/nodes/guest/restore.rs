//! Guests that come back from a backup.

use std::collections::BTreeMap;

use super::create::{Order, taken};
use super::inputs;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::VolumeId;
use crate::pve::world::ordered::Ordered;

/// What is restored, and what the caller wants to be otherwise.
pub(in crate::pve::api) struct Restore {
    /// The guest.
    pub(in crate::pve::api) order: Order,
    /// The backup.
    pub(in crate::pve::api) archive: VolumeId,
    /// Options that take the place of those in the backup.
    pub(in crate::pve::api) options: Ordered<String>,
    /// Disks that take the place of those in the backup; none leave those.
    pub(in crate::pve::api) disks: BTreeMap<String, PropertyString>,
}

/// Restores a guest.
///
/// # Errors
/// A number that is taken, a guest that is protected or runs, and missing privileges.
pub(in crate::pve::api) fn restore(
    world: &mut World,
    call: &Call<'_>,
    restore: Restore,
) -> Result<Answer, Fault> {
    let Restore { order, archive, .. } = &restore;
    order.subject().may_use(world, call, archive)?;
    let complaint = order.complaint("restore");
    let other = taken(world, order.vmid).filter(|_| !order.replaces || !fits(world, order));
    if let Some(taken) = other {
        let text = match order.kind {
            Kind::Qemu => format!("{complaint} {taken}"),
            Kind::Lxc => taken,
        };
        return Err(Fault::Failed(text));
    }
    let job = Job::new(task(order.kind), order.vmid);
    let job = job.saying(format!(
        "recovering backed-up configuration from '{archive}'"
    ));
    if let Some(refusal) = refusal(world, order, &complaint) {
        return match order.kind {
            Kind::Qemu => call.start(world, job.failing(refusal)),
            Kind::Lxc => Err(Fault::Failed(refusal)),
        };
    }
    let is_remote = archive.name.starts_with("backup/vm/");
    if call.arguments.is_set("live-restore") && !is_remote {
        let text =
            "live-restore is only compatible with backup images from a Proxmox Backup Server";
        return call.start(world, job.failing(text));
    }
    if let Err(fault) = expect_rights(world, call, &restore) {
        let text = match order.kind {
            Kind::Qemu => fault.in_task(),
            Kind::Lxc => format!("{complaint} {}", fault.in_task()),
        };
        return call.start(world, job.failing(text));
    }
    match prepare(world, call, &restore) {
        Ok((config, made)) => {
            let mut birth = order.birth(call, config);
            birth.made = made;
            birth.restored = true;
            let job = job.saying("merging backed-up and given configuration..");
            order.begin(world, call, job, birth)
        }
        Err(text) => call.start(world, job.failing(format!("{complaint} {text}"))),
    }
}

fn task(kind: Kind) -> &'static str {
    match kind {
        Kind::Qemu => "qmrestore",
        Kind::Lxc => "vzrestore",
    }
}

/// Whether the guest that is to be replaced is of the same kind on the same node.
fn fits(world: &World, order: &Order) -> bool {
    let guest = world.guests.get(&order.vmid);
    guest.is_some_and(|guest| guest.kind == order.kind && guest.node == order.node)
}

/// Why the guest that is there cannot be replaced.
fn refusal(world: &World, order: &Order, complaint: &str) -> Option<String> {
    let guest = world.guests.get(&order.vmid)?;
    if let Some(lock) = guest.lock {
        let (word, lock) = (guest.kind.word(), lock.as_str());
        return Some(format!("{complaint} {word} is locked ({lock})"));
    }
    if guest.is_protected() {
        return Some(format!("{complaint} - protection mode enabled"));
    }
    if guest.status.is_running() {
        return Some(match guest.kind {
            Kind::Qemu => format!("{complaint} vm is running"),
            Kind::Lxc => "can't overwrite running container".to_owned(),
        });
    }
    let base = world.base_in_use(guest)?;
    Some(format!(
        "base volume '{base}' is still in use by linked cloned"
    ))
}

/// Refuses what the backup uses and the caller may not; what the call replaces was looked at already.
fn expect_rights(world: &World, call: &Call<'_>, restore: &Restore) -> Result<(), Fault> {
    let order = &restore.order;
    let Ok(saved) = world.recall(&restore.archive, &order.node, order.kind) else {
        return Ok(());
    };
    let comes = |(key, _): &(&str, &String)| !restore.options.contains(key);
    let config = saved.config.iter().filter(comes);
    let config = config.map(|(key, value)| (key, value.clone())).collect();
    order.subject().may_carry(world, call, &config)
}

/// Makes the disks of the guest, after those of the one that it replaces are gone.
fn prepare(
    world: &mut World,
    call: &Call<'_>,
    restore: &Restore,
) -> Result<(Ordered<String>, Vec<VolumeId>), String> {
    let Restore { order, archive, .. } = restore;
    let saved = world.recall(archive, &order.node, order.kind)?;
    let storage = match order.kind {
        Kind::Qemu if !call.arguments.has("storage") => None,
        _ => inputs::storage(call, "storage").ok().flatten(),
    };
    let mut recovery = world.recover(&saved, &order.node, storage.as_ref());
    if call.arguments.is_set("unique") {
        recovery.readdress(order.kind, || world.fresh_mac(call.random()));
    }
    if !restore.disks.is_empty() {
        recovery.disks.clone_from(&restore.disks);
    }
    let mut maker = order
        .maker(call)
        .map_err(|_| "no such storage".to_owned())?;
    if order.replaces {
        world.remove_disks(order.vmid);
    }
    let made = world.make_drives(&mut maker, &recovery.disks);
    let (drives, made) = made.map_err(|fault| fault.to_string())?;
    let mut config = recovery.options;
    for (key, value) in drives.into_iter().chain(restore.options.clone()) {
        config.set(&key, value);
    }
    if order.kind == Kind::Qemu {
        renew_ids(call, &mut config);
    }
    Ok((config, made))
}

/// A machine that comes back has a new generation id, and a new id of its hardware where it shall be unique.
fn renew_ids(call: &Call<'_>, config: &mut Ordered<String>) {
    if config.contains("vmgenid") {
        config.set("vmgenid", call.uuid());
    }
    if call.arguments.is_set("unique") {
        let text = config.text("smbios1").unwrap_or_default();
        let smbios = with_uuid(text, call.uuid());
        config.set("smbios1", smbios);
    }
}

/// `smbios1` with another id.
pub(in crate::pve::api) fn with_uuid(smbios: &str, uuid: String) -> String {
    let read = PropertyString::parse(smbios, None, Spelling::Plain);
    let mut read = read.unwrap_or_default();
    read.set("uuid", uuid);
    read.to_string()
}
