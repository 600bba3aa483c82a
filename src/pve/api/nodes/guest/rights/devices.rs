//! What options name that has permissions of its own: bridges, mapped devices, models of processors.

use std::collections::BTreeSet;

use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::World;
use crate::pve::world::config::is_numbered;
use crate::pve::world::guest::Kind;

/// Refuses what a value of an option names and the caller may not use. The superuser was let pass.
///
/// # Errors
/// [`Fault::Denied`], or that only the superuser may.
pub(super) fn may_use(
    world: &World,
    call: &Call<'_>,
    kind: Kind,
    key: &str,
    value: &str,
) -> Result<(), Fault> {
    if is_numbered(key, "net") {
        return may_use_bridge(world, call, value);
    }
    if kind == Kind::Lxc {
        return Ok(());
    }
    let read = |default| PropertyString::parse(value, Some(default), Spelling::Plain);
    let read = |default| read(default).unwrap_or_default();
    let mapped = |class: &str, id: &str| {
        call.demand(world, &format!("/mapping/{class}/{id}"), &["Mapping.Use"])
    };
    if is_numbered(key, "usb") {
        let device = read("host");
        return match (device.value("host"), device.value("mapping")) {
            (Some(host), _) if host.eq_ignore_ascii_case("spice") => Ok(()),
            (Some(_), _) => Err(real(key, "real devices")),
            (None, Some(id)) => mapped("usb", id),
            (None, None) => Err(neither()),
        };
    }
    if is_numbered(key, "hostpci") {
        let device = read("host");
        return match (device.value("host"), device.value("mapping")) {
            (Some(_), _) if call.context.edition == Edition::Pve7 => Err(Fault::only_root(key)),
            (Some(_), _) => Err(real(key, "non-mapped devices")),
            (None, Some(id)) => mapped("pci", id),
            (None, None) => Err(neither()),
        };
    }
    if is_numbered(key, "virtiofs") {
        let share = read("dirid");
        return mapped("dir", share.value("dirid").unwrap_or_default());
    }
    match key {
        "rng0" if read("source").value("source") == Some("/dev/hwrng") => {
            call.demand(world, "/mapping/hwrng", &["Mapping.Use"])
        }
        "cpu" => may_use_model(world, call, read("cputype").value("cputype")),
        _ => Ok(()),
    }
}

fn real(key: &str, what: &str) -> Fault {
    Fault::Failed(format!("only root can set '{key}' config for {what}"))
}

fn neither() -> Fault {
    Fault::Failed("either 'host' or 'mapping' must be set.".to_owned())
}

/// A tag has a path of its own below its bridge, and so has each of a trunk; bridges of nodes count as those of a
/// zone (`PVE::GuestHelpers`, `check_vnet_access`). Before 8 everybody may use all of them.
fn may_use_bridge(world: &World, call: &Call<'_>, card: &str) -> Result<(), Fault> {
    let card = PropertyString::parse(card, Some("model"), Spelling::Plain).unwrap_or_default();
    let bridge = card.value("bridge");
    let Some(bridge) = bridge.filter(|_| call.context.edition != Edition::Pve7) else {
        return Ok(());
    };
    let mut vnets = world.sdn.written().vnets_with_zones();
    let zone = vnets.find(|(vnet, _)| *vnet == bridge);
    let zone = zone.map_or("localnetwork", |(_, zone)| zone);
    let path = format!("/sdn/zones/{zone}/{bridge}");
    let mut tags = Vec::new();
    tags.extend(card.value("tag").map(str::to_owned));
    tags.extend(trunk(card.value("trunks").unwrap_or_default()));
    if tags.is_empty() {
        return call.demand(world, &path, &["SDN.Use"]);
    }
    let mut tags = tags.iter();
    tags.try_for_each(|tag| call.demand(world, &format!("{path}/{tag}"), &["SDN.Use"]))
}

/// The tags of `2;5;10-12`. No tag is above 4094, so that no range is long.
fn trunk(text: &str) -> BTreeSet<String> {
    let parts = text.split(';').filter(|part| !part.is_empty());
    let tags = parts.flat_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let end = |text: &str| text.trim().parse::<u16>().ok().filter(|tag| *tag <= 4094);
        match (end(first), end(last)) {
            (Some(first), Some(last)) => first..last.saturating_add(1),
            _ => 0..0,
        }
    });
    tags.map(|tag| tag.to_string()).collect()
}

/// Models that somebody made have permissions. Before 9 they asked for `Sys.Audit` on all nodes.
fn may_use_model(world: &World, call: &Call<'_>, model: Option<&str>) -> Result<(), Fault> {
    let Some(name) = model.and_then(|model| model.strip_prefix("custom-")) else {
        return Ok(());
    };
    match call.context.edition {
        Edition::Pve9 => call.demand(world, &format!("/mapping/cpu/{name}"), &["Mapping.Use"]),
        _ => call.demand(world, "/nodes", &["Sys.Audit"]),
    }
}
