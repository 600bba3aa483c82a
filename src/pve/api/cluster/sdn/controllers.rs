//! Controllers of routing.

use super::object::Need::{Optional, Required};
use super::object::{Object, Options};
use crate::proxmox::Edition;
use crate::proxmox::call::Call;
use crate::proxmox::fault::Fault;
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::World;
use crate::pve::world::sdn::{Sdn, View, text};

/// The kind of objects that controllers are.
pub(super) struct Controller;

impl Object for Controller {
    const WHAT: &'static str = "controller";
    const ID: &'static str = "controller";

    fn of(sdn: &Sdn, view: View) -> &Sections {
        &sdn.view(view).controllers
    }

    fn write(sdn: &mut Sdn, change: impl FnOnce(&mut Sections)) {
        sdn.write(|written| change(&mut written.controllers));
    }

    fn options(kind: &str) -> Options {
        match kind {
            "evpn" => EVPN,
            "bgp" => BGP,
            "isis" => ISIS,
            _ => &[],
        }
    }

    fn missing(id: &str) -> String {
        format!("sdn '{id}' does not exist")
    }

    fn path(_: &World, id: &str, _: &Section) -> String {
        format!("/sdn/controllers/{id}")
    }

    fn settle(
        world: &World,
        call: &Call<'_>,
        id: &str,
        controller: &mut Section,
        _: Option<&Section>,
    ) -> Result<(), Fault> {
        if controller.kind != "evpn" {
            return Ok(());
        }
        let others = world.sdn.written().controllers.0.iter();
        let mut others = others.filter(|(other, known)| *other != id && known.kind == "evpn");
        // The newest release has zones with several controllers.
        if call.context.edition != Edition::Pve9 && others.next().is_some() {
            let text = "only 1 global evpn controller can be defined";
            return Err(Fault::Failed(text.to_owned()));
        }
        if text(controller, "peers").is_some() == text(controller, "fabric").is_some() {
            let text = "must have exactly one of peers / fabric defined";
            return Err(Fault::Failed(text.to_owned()));
        }
        Ok(())
    }

    fn release(world: &World, id: &str) -> Result<(), Fault> {
        let mut zones = world.sdn.written().zones.0.iter();
        match zones.find(|(_, zone)| text(zone, "controller") == Some(id)) {
            Some((zone, _)) => Err(Fault::Failed(format!("controller {id} is used by {zone}"))),
            None => Ok(()),
        }
    }
}

const EVPN: Options = &[
    ("asn", Required),
    ("peers", Optional),
    ("fabric", Optional),
    ("nodes", Optional),
    ("bgp-mode", Optional),
    ("peer-group-name", Optional),
    ("route-map-in", Optional),
    ("route-map-out", Optional),
    ("ebgp-multihop", Optional),
    ("loopback", Optional),
];

const BGP: Options = &[
    ("node", Required),
    ("asn", Required),
    ("peers", Required),
    ("bgp-multipath-as-path-relax", Optional),
    ("bgp-multipath-as-relax", Optional),
    ("ebgp", Optional),
    ("ebgp-multihop", Optional),
    ("loopback", Optional),
    ("route-map-in", Optional),
    ("route-map-out", Optional),
];

const ISIS: Options = &[
    ("isis-domain", Required),
    ("isis-net", Required),
    ("isis-ifaces", Required),
    ("node", Required),
    ("loopback", Optional),
];
