//! What the keys of a guest's configuration mean, with the product's defaults where a key is missing.
//!
//! The keys stay text, as in the product's file; a release that adds one needs nothing here.

use super::guest::{Guest, Kind};
use super::ids::Vmid;
use super::ordered::Ordered;
use super::size::Size;
use crate::proxmox::property_string::{PropertyString, Spelling};

/// A network card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its key: `net0`.
    pub key: String,
    /// Its address, upper case.
    pub mac: Option<String>,
    /// The bridge or virtual network it is plugged into.
    pub bridge: Option<String>,
}

impl Guest {
    /// Its name; the product has one for guests that nobody named (`VM 100`, `CT100`).
    pub fn name(&self, vmid: Vmid) -> String {
        let default = || match self.kind {
            Kind::Qemu => format!("VM {vmid}"),
            Kind::Lxc => format!("CT{vmid}"),
        };
        self.given_name().map_or_else(default, str::to_owned)
    }

    /// The name that somebody gave it.
    pub fn given_name(&self) -> Option<&str> {
        self.config.text_at(self.facts().name?)
    }

    /// Its tags, joined by semicolons as they are stored.
    pub fn tags(&self) -> Option<&str> {
        let tags = self.config.text_at(self.facts().tags?);
        tags.filter(|tags| !tags.is_empty())
    }

    /// Whether it is a template.
    pub fn is_template(&self) -> bool {
        self.facts().is_template
    }

    /// Whether its deletion is refused.
    pub fn is_protected(&self) -> bool {
        self.config.text("protection") == Some("1")
    }

    /// How many processors it sees: `sockets` times `cores`, of which `vcpus` may be plugged in. A container
    /// without `cores` sees those of its node, which the caller knows.
    pub fn cpus(&self, of_node: u32) -> u32 {
        self.facts().cpus.unwrap_or(of_node)
    }

    /// Its memory; 512 MiB where nothing is said. A virtual machine's is a property string since 8.1.
    pub fn memory(&self) -> Size {
        self.facts().memory
    }

    /// Its swap space; 512 MiB for containers where nothing is said, none for virtual machines.
    pub fn swap(&self) -> Size {
        let mebibytes = match self.kind {
            Kind::Qemu => 0,
            Kind::Lxc => {
                let text = self.config.text("swap").unwrap_or("512");
                text.parse().unwrap_or(512)
            }
        };
        Size::mebibytes(mebibytes)
    }

    /// Its network cards.
    pub fn cards(&self) -> Vec<Card> {
        cards(&self.config)
    }
}

/// The network cards of a configuration.
pub fn cards(config: &Ordered<String>) -> Vec<Card> {
    let numbered = |key: &str| is_numbered(key, "net");
    let entries = config.iter().filter(|(key, _)| numbered(key));
    entries.map(|(key, text)| card(key, text)).collect()
}

fn card(key: &str, text: &str) -> Card {
    let read = PropertyString::parse(text, Some("model"), Spelling::Plain).unwrap_or_default();
    // A virtual machine's card is `<model>=<address>` or has `macaddr`, a container's has `hwaddr`.
    let named = ["macaddr", "hwaddr"].iter().find_map(|key| read.value(key));
    let modelled = || {
        read.iter()
            .map(|(_, value)| value)
            .find(|value| is_mac(value))
    };
    Card {
        key: key.to_owned(),
        mac: named.or_else(modelled).map(str::to_ascii_uppercase),
        bridge: read.value("bridge").map(str::to_owned),
    }
}

/// Whether a key is `<stem>` with a number behind.
pub fn is_numbered(key: &str, stem: &str) -> bool {
    let number = key.strip_prefix(stem).unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_mac(text: &str) -> bool {
    let mut octets = 0;
    let all = text.split(':').all(|octet| {
        octets += 1;
        octet.len() == 2 && octet.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    all && octets == 6
}
