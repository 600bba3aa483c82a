//! What a clone is made of: copies of disks, and options of its own.

use super::{Manner, Plan};
use crate::proxmox::call::Call;
use crate::pve::api::nodes::guest::restore::with_uuid;
use crate::pve::world::World;
use crate::pve::world::config::is_numbered;
use crate::pve::world::copy::Target;
use crate::pve::world::disk::Role;
use crate::pve::world::fresh::print_drive;
use crate::pve::world::guest::Kind;
use crate::pve::world::ids::VolumeId;
use crate::pve::world::make::{default_key, format_of, read_drive};
use crate::pve::world::ordered::Ordered;
use crate::pve::world::restore::with_address;

/// What copying gives: the drives as the clone has them, their volumes, and lines for the log.
pub(super) type Copies = (Ordered<String>, Vec<VolumeId>, Vec<String>);

pub(super) fn copy_disks(
    world: &mut World,
    call: &Call<'_>,
    plan: &Plan,
) -> Result<Copies, String> {
    let mut copies: Copies = Default::default();
    for (drive, id) in plan.copied() {
        let manner = plan.manner_of(&drive);
        let wanted = Target {
            node: &plan.node,
            owner: plan.new,
            storage: plan.storage.clone(),
            format: call.arguments.text("format").and_then(format_of),
            now: call.now,
        };
        let copy = match manner {
            Manner::Full => world.copy_volume(&id, &wanted),
            Manner::Linked => world.link_volume(&id, &wanted),
        };
        let copy = match copy {
            Ok(copy) => copy,
            Err(fault) => {
                world.discard(&plan.node, &copies.1);
                return Err(fault.to_string());
            }
        };
        let word = match manner {
            Manner::Full => "full",
            Manner::Linked => "linked",
        };
        copies
            .2
            .push(format!("create {word} clone of drive {} ({id})", drive.key));
        let text = plan.config.text(&drive.key).unwrap_or_default();
        let mut properties = read_drive(plan.kind, text);
        properties.set(default_key(plan.kind), copy.to_string());
        // A snapshot's disk may have been smaller.
        if drive.role == Role::Disk
            && let Some(volume) = world.volume(&copy, &plan.node)
        {
            properties.set("size", volume.size.to_string());
        }
        copies
            .0
            .set(&drive.key, print_drive(&properties, plan.kind));
        copies.1.push(copy);
    }
    Ok(copies)
}

/// Keys that a clone does not take over.
const LEFT_BEHIND: &[&str] = &[
    "template",
    "parent",
    "snaptime",
    "vmstate",
    "snapstate",
    "runningcpu",
    "runningmachine",
    "running-nets-host-mtu",
    "lock",
];

/// The options of the clone, without the drives that are copied: new addresses and ids, and the names given.
pub(super) fn new_config(world: &World, call: &Call<'_>, plan: &Plan) -> Ordered<String> {
    let mut config = Ordered::default();
    for (key, value) in plan.config.iter() {
        if LEFT_BEHIND.contains(&key) || is_numbered(key, "unused") {
            continue;
        }
        let value = match is_numbered(key, "net") {
            true => {
                let address = match plan.kind {
                    Kind::Qemu => "macaddr",
                    Kind::Lxc => "hwaddr",
                };
                with_address(plan.kind, value, address, world.fresh_mac(call.random()))
            }
            false => value.clone(),
        };
        config.set(key, value);
    }
    match plan.kind {
        Kind::Qemu => {
            let smbios = config.text("smbios1").unwrap_or_default();
            let smbios = with_uuid(smbios, call.uuid());
            config.set("smbios1", smbios);
            if config.contains("vmgenid") {
                config.set("vmgenid", call.uuid());
            }
            let old = config.text("name").map(str::to_owned);
            let old = old.unwrap_or_else(|| plan.source.to_string());
            let name = call.arguments.text("name").filter(|name| !name.is_empty());
            let name = name.map_or_else(|| format!("Copy-of-VM-{old}"), str::to_owned);
            config.set("name", name);
        }
        Kind::Lxc => {
            if let Some(name) = call.arguments.text("hostname") {
                config.set("hostname", name.to_owned());
            }
        }
    }
    let description = call.arguments.text("description");
    if let Some(description) = description.filter(|text| !text.is_empty()) {
        config.set("description", description.to_owned());
    }
    config
}
