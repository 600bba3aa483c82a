//! `POST /nodes/{node}/qemu`: a new machine, or one from a backup.

use std::collections::BTreeMap;

use super::super::guest::create::{Order, Restoring, taken};
use super::super::guest::inputs;
use super::super::guest::restore::{Restore, restore};
use super::super::guest::rights::Change;
use crate::proxmox::Edition;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::PropertyString;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::fresh::boot_order;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::VolumeId;
use crate::pve::world::make::Backing;
use crate::pve::world::ordered::Ordered;
use crate::pve::world::size::Size;
use crate::pve::world::storage::Content;
use crate::routes::Route;
use crate::routes::route::post;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![post("/nodes/{node}/qemu", Handler::Write(create))]
}

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let archive = call.arguments.text("archive").map(str::to_owned);
    let is_restore = match archive {
        Some(_) => Restoring::Yes,
        None => Restoring::No,
    };
    let order = Order::read(world, call, Kind::Qemu, is_restore)?;
    let mut options = inputs::options(call);
    let drives = inputs::take_drives(call, Kind::Qemu, &mut options);
    if let Some(archive) = archive {
        return from_backup(world, call, order, &archive, options, &drives);
    }
    expect_drives(world, call, &order, &drives)?;
    expect_rights(world, call, &order, &options)?;
    inputs::complete(world, call, Kind::Qemu, &mut options)?;
    let complaint = order.complaint("create");
    if let Some(taken) = taken(world, order.vmid) {
        return Err(Fault::Failed(format!("{complaint} {taken}")));
    }
    let job = Job::new("qmcreate", order.vmid);
    if let Some(tags) = options.text("tags") {
        let change = Change::create("tags", tags);
        if let Err(fault) = order.subject().may_change(world, call, &change) {
            return call.start(
                world,
                job.failing(format!("{complaint} {}", fault.in_task())),
            );
        }
    }
    let mut maker = order.maker(call)?;
    let (drives, made) = match world.make_drives(&mut maker, &drives) {
        Ok(made) => made,
        Err(fault) => return call.start(world, job.failing(format!("{complaint} {fault}"))),
    };
    let mut job = job;
    for (key, text) in drives.iter().filter(|(_, text)| !text.starts_with("none")) {
        job = job.saying(format!("{key}: successfully created disk '{text}'"));
    }
    for (key, text) in drives {
        options.set(&key, text);
    }
    add_defaults(call, &mut options);
    let mut birth = order.birth(call, options);
    birth.made = made;
    order.begin(world, call, job, birth)
}

/// Refuses options that the caller may not set. Tags are looked at in the task.
fn expect_rights(
    world: &World,
    call: &Call<'_>,
    order: &Order,
    options: &Ordered<String>,
) -> Result<(), Fault> {
    let mut options = options.iter().filter(|(key, _)| *key != "tags");
    options.try_for_each(|(key, value)| {
        let change = Change::create(key, value);
        order.subject().may_change(world, call, &change)
    })
}

/// What the product writes where nobody said anything (proxmox.md 4.1).
fn add_defaults(call: &Call<'_>, config: &mut Ordered<String>) {
    if !config.contains("boot") {
        let order = boot_order(config);
        config.set("boot", order);
    }
    let version = match call.context.edition {
        Edition::Pve7 => "7.2.0",
        Edition::Pve8 => "9.2.0",
        _ => "10.0.2",
    };
    let since = call.now.as_second();
    config.set("meta", format!("creation-qemu={version},ctime={since}"));
    if !config.contains("smbios1") {
        config.set("smbios1", format!("uuid={}", call.uuid()));
    }
    let is_arm = config.text("arch") == Some("aarch64");
    if !config.contains("vmgenid") && !is_arm {
        config.set("vmgenid", call.uuid());
    }
}

/// Refuses drives that are wrong in themselves, before any task begins (`check_drive_param`).
///
/// # Errors
/// About the drive's parameter, or missing privileges.
pub(super) fn expect_drives(
    world: &World,
    call: &Call<'_>,
    order: &Order,
    drives: &BTreeMap<String, PropertyString>,
) -> Result<(), Fault> {
    for (key, drive) in drives {
        order.subject().may_have_drive(world, call, key, drive)?;
        let file = drive.value("file").unwrap_or_default();
        let backing =
            Backing::read(file).map_err(|fault| Fault::parameter(key, fault.to_string()))?;
        if let Some(source) = drive.value("import-from") {
            if !matches!(backing, Backing::New(_, Size(0))) {
                let text = "'import-from' requires special syntax - use <storage ID>:0,import-from=<source>";
                return Err(Fault::parameter(key, text));
            }
            expect_source(world, call, order, key, source)?;
        }
        if let Backing::Existing(id) = backing {
            let is_iso = id.name.starts_with("iso/");
            if is_iso && drive.value("media") != Some("cdrom") {
                let text = "explicit 'media=cdrom' is required for iso images";
                return Err(Fault::parameter(key, text));
            }
        }
    }
    Ok(())
}

/// Only disks and what was uploaded to be imported can be.
fn expect_source(
    world: &World,
    call: &Call<'_>,
    order: &Order,
    key: &str,
    source: &str,
) -> Result<(), Fault> {
    let Ok(id) = source.parse::<VolumeId>() else {
        if source.starts_with('/') && !call.is_root() {
            let text = "Only root can pass arbitrary filesystem paths.";
            return Err(Fault::Failed(text.to_owned()));
        }
        return Ok(());
    };
    if !world.storages.contains_key(&id.storage) {
        let text = format!("storage '{}' does not exist", id.storage);
        return Err(Fault::Failed(text));
    }
    let volume = world.volume(&id, &order.node);
    let Some(volume) = volume else {
        return Ok(());
    };
    if !matches!(volume.content, Content::Images | Content::Import) {
        let kind = volume.content.as_str();
        let text = format!("{source} has wrong type '{kind}' - needs to be 'images' or 'import'");
        return Err(Fault::parameter(key, text));
    }
    match volume.owner {
        Some(owner) => call.demand(world, &format!("/vms/{owner}"), &["VM.Clone"]),
        None => order.subject().may_use(world, call, &id),
    }
}

fn from_backup(
    world: &mut World,
    call: &Call<'_>,
    order: Order,
    archive: &str,
    mut options: Ordered<String>,
    drives: &BTreeMap<String, PropertyString>,
) -> Result<Answer, Fault> {
    if let Some(key) = drives.keys().next() {
        return Err(Fault::parameter(
            key,
            "option conflicts with option 'archive'",
        ));
    }
    let bad = |_| Fault::Failed(format!("unable to parse volume ID '{archive}'"));
    let archive: VolumeId = archive.parse().map_err(bad)?;
    if !world.storages.contains_key(&archive.storage) {
        let text = format!("storage '{}' does not exist", archive.storage);
        return Err(Fault::Failed(text));
    }
    expect_rights(world, call, &order, &options)?;
    inputs::complete(world, call, Kind::Qemu, &mut options)?;
    let wanted = Restore {
        order,
        archive,
        options,
        disks: BTreeMap::new(),
    };
    restore(world, call, wanted)
}

#[cfg(test)]
mod tests;
