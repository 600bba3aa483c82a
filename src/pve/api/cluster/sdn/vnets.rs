//! Virtual networks, each in a zone, which guests plug into as into a bridge.

use serde_json::Value;

use super::demand_any;
use super::object::Need::{Optional, Required};
use super::object::{Object, Options};
use crate::http::Method;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::World;
use crate::pve::world::sdn::{Configuration, Sdn, View, text};

/// The kind of objects that virtual networks are.
pub(super) struct Vnet;

impl Object for Vnet {
    const WHAT: &'static str = "vnet";
    const ID: &'static str = "vnet";

    fn of(sdn: &Sdn, view: View) -> &Sections {
        &sdn.view(view).vnets
    }

    fn write(sdn: &mut Sdn, change: impl FnOnce(&mut Sections)) {
        sdn.write(|written| change(&mut written.vnets));
    }

    fn options(_: &str) -> Options {
        &[
            ("zone", Required),
            ("tag", Optional),
            ("alias", Optional),
            ("vlanaware", Optional),
            ("isolate-ports", Optional),
        ]
    }

    fn missing(id: &str) -> String {
        missing(id)
    }

    fn path(_: &World, id: &str, vnet: &Section) -> String {
        format!("/sdn/zones/{}/{id}", text(vnet, "zone").unwrap_or_default())
    }

    fn admit(world: &World, call: &Call<'_>) -> Result<(), Fault> {
        let is_change = matches!(call.operation.method, Method::Put | Method::Delete);
        if is_change {
            allowed(world, call, &["SDN.Allocate"])?;
        }
        Ok(())
    }

    fn settle(
        world: &World,
        _: &Call<'_>,
        id: &str,
        vnet: &mut Section,
        before: Option<&Section>,
    ) -> Result<(), Fault> {
        let written = world.sdn.written();
        let has_subnets = written.subnets_of(id).next().is_some();
        if before.is_some_and(|before| text(before, "zone") != text(vnet, "zone")) && has_subnets {
            return Err(Fault::parameter(
                "zone",
                "can't change zone if subnets exist",
            ));
        }
        let zone = text(vnet, "zone").and_then(|zone| written.zones.0.get(zone));
        let Some(zone) = zone else {
            // The product looks the type of nothing up.
            return Err(Fault::Failed("cannot lookup undefined type!".to_owned()));
        };
        tagged(written, id, vnet, &zone.kind)?;
        if vnet.properties.get("vlanaware") == Some(&Value::Bool(true)) && has_subnets {
            let text = "vlanaware vnet is not compatible with subnets";
            return Err(Fault::parameter("vlanaware", text));
        }
        Ok(())
    }

    fn release(world: &World, id: &str) -> Result<(), Fault> {
        match world.sdn.written().subnets_of(id).next() {
            Some(_) => Err(Fault::parameter(
                "vnet",
                "Can't delete vnet if subnets exists",
            )),
            None => Ok(()),
        }
    }
}

pub(super) fn missing(id: &str) -> String {
    format!("sdn vnet '{id}' does not exist")
}

/// Refuses whoever has none of these rights on the network of the path, which must exist.
pub(super) fn allowed(world: &World, call: &Call<'_>, wanted: &[&str]) -> Result<(), Fault> {
    let id = call.text("vnet");
    let vnet = world.sdn.written().vnets.0.get(id);
    let vnet = vnet.ok_or_else(|| Fault::Failed(missing(id)))?;
    demand_any(world, call, &Vnet::path(world, id, vnet), wanted)
}

/// What the zone's type demands of the number of a network.
fn tagged(written: &Configuration, id: &str, vnet: &Section, kind: &str) -> Result<(), Fault> {
    let refused = |text: String| Err(Fault::parameter("tag", text));
    let tag = vnet.properties.get("tag").and_then(Value::as_i64);
    let what = if kind == "vlan" { "vlan" } else { "vxlan" };
    let zone = text(vnet, "zone").unwrap_or_default();
    match (kind, tag) {
        ("simple", Some(_)) => return refused("vlan tag is not allowed on simple zone".to_owned()),
        ("simple" | "faucet", _) => return Ok(()),
        ("vlan" | "vxlan" | "evpn", None) => return refused(format!("missing {what} tag")),
        ("vlan", Some(4097..)) => return refused("vlan tag max value is 4096".to_owned()),
        ("qinq", Some(4097..)) => return refused("VLAN tag maximal value is 4096".to_owned()),
        _ => {}
    }
    if kind == "evpn" && vnet.properties.get("vlanaware") == Some(&Value::Bool(true)) {
        let text = "vlan-aware option can't be enabled with evpn";
        return Err(Fault::parameter("vlan-aware", text));
    }
    for (other, known) in written.vnets.0.iter().filter(|(other, _)| *other != id) {
        let its_zone = text(known, "zone").unwrap_or_default();
        let its_kind = written.zones.0.get(its_zone).map_or("", |zone| &zone.kind);
        let near = match kind {
            "vlan" | "qinq" => its_zone == zone,
            // These numbers are the same for the whole cluster.
            _ => matches!(its_kind, "vxlan" | "evpn"),
        };
        if !near || known.properties.get("tag").and_then(Value::as_i64) != tag {
            continue;
        }
        let tag = tag.unwrap_or_default();
        return refused(match kind {
            "vlan" => format!("tag {tag} already exist in vnet {other}"),
            "qinq" if tag == 0 => {
                format!("tag-less vnet already exists in zone {zone} vnet {other}")
            }
            "qinq" => format!("tag {tag} already exist in zone {zone} vnet {other}"),
            _ => format!("vxlan tag {tag} already exist in vnet {other} in zone {its_zone}"),
        });
    }
    Ok(())
}
