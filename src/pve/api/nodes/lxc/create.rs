//! `POST /nodes/{node}/lxc`: a new container from a template, or one from a backup.

use std::collections::BTreeMap;

use super::super::guest::create::{Order, Restoring, taken};
use super::super::guest::inputs;
use super::super::guest::restore::{Restore, restore};
use super::super::guest::rights::Change;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::PropertyString;
use crate::proxmox::work::Job;
use crate::pve::world::World;
use crate::pve::world::allocate::file_name;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::VolumeId;
use crate::pve::world::make::read_drive;
use crate::pve::world::ordered::Ordered;
use crate::pve::world::storage::Content;
use crate::routes::Route;
use crate::routes::route::post;

/// Its handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![post("/nodes/{node}/lxc", Handler::Write(create))]
}

/// The systems that a container knows by its template's name (`PVE::LXC::Setup`).
const SYSTEMS: &[(&str, &str)] = &[
    ("almalinux", "centos"),
    ("alpine", "alpine"),
    ("archlinux", "archlinux"),
    ("centos", "centos"),
    ("debian", "debian"),
    ("devuan", "devuan"),
    ("fedora", "fedora"),
    ("gentoo", "gentoo"),
    ("nixos", "nixos"),
    ("opensuse", "opensuse"),
    ("openeuler", "centos"),
    ("rockylinux", "centos"),
    ("ubuntu", "ubuntu"),
];

fn create(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let is_restore = match call.arguments.is_set("restore") {
        true => Restoring::Yes,
        false => Restoring::No,
    };
    let is_unprivileged = match call.arguments.given().get("unprivileged") {
        Some(value) => value.as_bool().unwrap_or(true),
        None => true,
    };
    let order = Order::read(world, call, Kind::Lxc, is_restore)?;
    if is_restore == Restoring::No && !is_unprivileged {
        call.demand(world, "/", &["Sys.Modify"])?;
    }
    if let Some(taken) = taken(world, order.vmid).filter(|_| !order.replaces) {
        return Err(Fault::Failed(taken));
    }
    if let Some(keys) = call.arguments.text("ssh-public-keys") {
        inputs::expect_ssh_keys(keys)?;
    }
    let mut options = inputs::options(call);
    options.remove("unprivileged");
    let mut drives = inputs::take_drives(call, Kind::Lxc, &mut options);
    // The product only warns of them.
    drives.retain(|key, _| !key.starts_with("unused"));
    for (key, value) in options.iter() {
        let change = Change::create(key, value);
        order.subject().may_change(world, call, &change)?;
    }
    let archive = archive(world, call)?;
    let drives = mounts(world, call, &order, drives)?;
    inputs::complete(world, call, Kind::Lxc, &mut options)?;
    let given = call.arguments.has("unprivileged");
    if is_unprivileged && (given || is_restore == Restoring::No) {
        options.set("unprivileged", "1".to_owned());
    }
    if is_restore == Restoring::Yes {
        let wanted = Restore {
            order,
            archive,
            options,
            disks: drives,
        };
        return restore(world, call, wanted);
    }
    fresh(world, call, &order, &archive, options, drives)
}

/// The template or backup.
fn archive(world: &World, call: &Call<'_>) -> Result<VolumeId, Fault> {
    let text = call.text("ostemplate");
    if text == "-" {
        return Err(Fault::Failed("pipe requires cli environment".to_owned()));
    }
    let bad = |_| Fault::Failed(format!("unable to parse volume ID '{text}'"));
    let id: VolumeId = text.parse().map_err(bad)?;
    if !world.storages.contains_key(&id.storage) {
        return Err(Fault::Failed(format!(
            "storage '{}' does not exist",
            id.storage
        )));
    }
    let wanted = match call.arguments.is_set("restore") {
        true => Content::Backup,
        false => Content::Vztmpl,
    };
    let node = inputs::node(call)?;
    let other = world
        .volume(&id, &node)
        .filter(|volume| volume.content != wanted);
    if other.is_some() {
        let wanted = wanted.as_str();
        let text = format!("unable to use volume {id} - content type needs to be '{wanted}'");
        return Err(Fault::Failed(text));
    }
    Ok(id)
}

/// The drives that are asked for, and the root file system that nobody asked for: 4 GiB on the default storage.
fn mounts(
    world: &World,
    call: &Call<'_>,
    order: &Order,
    mut drives: BTreeMap<String, PropertyString>,
) -> Result<BTreeMap<String, PropertyString>, Fault> {
    if !drives.is_empty() && !drives.contains_key("rootfs") {
        let text = "mount points configured, but 'rootfs' not set - aborting";
        return Err(Fault::Failed(text.to_owned()));
    }
    let storage = call.text("storage");
    let default = read_drive(Kind::Lxc, &format!("{storage}:4"));
    let wanted = match drives.is_empty() {
        true => BTreeMap::from([("rootfs".to_owned(), default)]),
        false => drives.clone(),
    };
    for (key, drive) in &wanted {
        if !drives.is_empty() && !call.is_root() {
            order.subject().may_change_drive(world, call, drive)?;
        }
        order.subject().may_have_drive(world, call, key, drive)?;
    }
    if drives.is_empty() && !call.arguments.is_set("restore") {
        drives = wanted;
    }
    Ok(drives)
}

fn fresh(
    world: &mut World,
    call: &Call<'_>,
    order: &Order,
    template: &VolumeId,
    mut options: Ordered<String>,
    drives: BTreeMap<String, PropertyString>,
) -> Result<Answer, Fault> {
    let complaint = order.complaint("create");
    let job = Job::new("vzcreate", order.vmid);
    if world.volume(template, &order.node).is_none() {
        let text = format!("{complaint} volume '{template}' does not exist");
        return call.start(world, job.failing(text));
    }
    let mut maker = order.maker(call)?;
    let (drives, made) = match world.make_drives(&mut maker, &drives) {
        Ok(made) => made,
        Err(fault) => return call.start(world, job.failing(format!("{complaint} {fault}"))),
    };
    for (key, text) in drives {
        options.set(&key, text);
    }
    add_defaults(order, template, &mut options);
    let mut birth = order.birth(call, options);
    birth.made = made;
    let file = file_name(&template.name);
    let job = job.saying(format!("extracting archive '{file}'"));
    let job = job.saying("Detected container architecture: amd64");
    order.begin(world, call, job, birth)
}

/// What the product writes where nobody said anything (proxmox.md 4.2); what the system is, it finds inside.
fn add_defaults(order: &Order, template: &VolumeId, config: &mut Ordered<String>) {
    let file = file_name(&template.name);
    let known = SYSTEMS.iter().find(|(start, _)| file.starts_with(start));
    let system = known.map_or("unmanaged", |(_, system)| *system);
    let arch = if file.contains("arm64") {
        "arm64"
    } else {
        "amd64"
    };
    let hostname = format!("CT{}", order.vmid);
    let defaults = [
        ("arch", arch),
        ("hostname", &*hostname),
        ("memory", "512"),
        ("ostype", system),
        ("swap", "512"),
    ];
    for (key, value) in defaults {
        if !config.contains(key) {
            config.set(key, value.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
