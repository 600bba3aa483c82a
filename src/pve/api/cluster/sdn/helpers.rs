//! Those who hand out addresses (`ipams`) and those who are told names (`dns`), in force as soon as written.

use super::object::Need::{Optional, Required};
use super::object::{Object, Options};
use crate::proxmox::section::{Section, Sections};
use crate::pve::world::World;
use crate::pve::world::sdn::{Sdn, View};

/// The kind of objects that keepers of addresses are.
pub(super) struct Ipam;

impl Object for Ipam {
    const WHAT: &'static str = "ipam";
    const ID: &'static str = "ipam";

    fn of(sdn: &Sdn, _: View) -> &Sections {
        &sdn.ipams
    }

    fn write(sdn: &mut Sdn, change: impl FnOnce(&mut Sections)) {
        change(&mut sdn.ipams);
    }

    fn options(kind: &str) -> Options {
        match kind {
            "netbox" => &[
                ("url", Required),
                ("token", Required),
                ("fingerprint", Optional),
            ],
            "phpipam" => &[
                ("url", Required),
                ("token", Required),
                ("section", Required),
                ("fingerprint", Optional),
            ],
            _ => &[],
        }
    }

    fn missing(id: &str) -> String {
        format!("sdn '{id}' does not exist")
    }

    fn path(_: &World, id: &str, _: &Section) -> String {
        format!("/sdn/ipams/{id}")
    }
}

/// The kind of objects that servers of names are.
pub(super) struct Dns;

impl Object for Dns {
    const WHAT: &'static str = "dns";
    const ID: &'static str = "dns";

    fn of(sdn: &Sdn, _: View) -> &Sections {
        &sdn.dns
    }

    fn write(sdn: &mut Sdn, change: impl FnOnce(&mut Sections)) {
        change(&mut sdn.dns);
    }

    fn options(_: &str) -> Options {
        &[
            ("url", Required),
            ("key", Required),
            ("ttl", Optional),
            ("reversemaskv6", Optional),
            ("reversev6mask", Optional),
            ("fingerprint", Optional),
        ]
    }

    fn missing(id: &str) -> String {
        format!("sdn '{id}' does not exist")
    }

    fn path(_: &World, id: &str, _: &Section) -> String {
        format!("/sdn/dns/{id}")
    }
}
