//! What the product makes up for a new guest: addresses of cards, ids, the order of booting, tidy tags.

use super::World;
use super::config::is_numbered;
use super::disk::{Role, drives};
use super::guest::Kind;
use super::ordered::Ordered;
use crate::proxmox::arguments::split_list;
use crate::proxmox::property_string::{PropertyString, Spelling};

/// The prefix of addresses when the datacenter's options have none (`PVE::DataCenterConfig`).
const MAC_PREFIX: &str = "BC:24:11";

/// The models that a machine's card may have; the model is a key of its own (`virtio=<address>`).
const MODELS: &[&str] = &[
    "virtio",
    "e1000",
    "e1000e",
    "e1000-82540em",
    "e1000-82544gc",
    "e1000-82545em",
    "i82551",
    "i82557b",
    "i82559er",
    "ne2k_isa",
    "ne2k_pci",
    "pcnet",
    "rtl8139",
    "vmxnet3",
];

impl World {
    /// A new address for a card, with the datacenter's prefix.
    pub fn fresh_mac(&self, random: u64) -> String {
        let options = &self.cluster.options.0;
        let prefix = options.get("mac_prefix").and_then(|value| value.as_str());
        let mut address = prefix.unwrap_or(MAC_PREFIX).to_ascii_uppercase();
        let mut bytes = random.to_le_bytes().into_iter();
        while address.len() < 17 {
            let byte = bytes.next().unwrap_or_default();
            address.push_str(&format!(":{byte:02X}"));
        }
        address.truncate(17);
        address
    }

    /// Tags as they are stored: joined by semicolons, each once, in lower case unless case counts, and sorted
    /// unless the order is the configuration's (`tag-style` of the datacenter).
    pub fn tidy_tags(&self, text: &str) -> String {
        let style = self.cluster.options.0.get("tag-style");
        let style = style.and_then(|style| style.as_str()).unwrap_or_default();
        let style = PropertyString::parse(style, None, Spelling::Plain).unwrap_or_default();
        let counts_case = matches!(
            style.value("case-sensitive"),
            Some("1" | "true" | "on" | "yes")
        );
        let mut tags: Vec<String> = split_list(text)
            .map(|tag| match counts_case {
                true => tag.to_owned(),
                false => tag.to_lowercase(),
            })
            .collect();
        if style.value("ordering") != Some("config") {
            tags.sort();
        }
        let mut once: Vec<String> = Vec::new();
        for tag in tags {
            if !once.contains(&tag) {
                once.push(tag);
            }
        }
        once.join(";")
    }
}

/// `boot` where nobody said anything: the first disk, the first CD drive, the first card
/// (`get_default_bootdevices`).
pub fn boot_order(config: &Ordered<String>) -> String {
    let readable: Vec<_> = drives(Kind::Qemu, config).filter_map(Result::ok).collect();
    let first = |role: Role| {
        let mut keys: Vec<&str> = readable
            .iter()
            .filter(|drive| drive.role == role && is_bootable(&drive.key))
            .map(|drive| &*drive.key)
            .collect();
        keys.sort_by_key(|key| rank(key));
        keys.first().copied()
    };
    let card = (0..32).map(|n| format!("net{n}"));
    let card = card.into_iter().find(|key| config.contains(key));
    let devices = [first(Role::Disk), first(Role::Cd), card.as_deref()];
    let devices: Vec<&str> = devices.into_iter().flatten().collect();
    match devices.is_empty() {
        true => String::new(),
        false => format!("order={}", devices.join(";")),
    }
}

fn is_bootable(key: &str) -> bool {
    ["ide", "sata", "scsi", "virtio"]
        .iter()
        .any(|stem| is_numbered(key, stem))
}

/// The order in which drives are looked at: by bus, then by number.
fn rank(key: &str) -> (usize, u32) {
    let stems = ["ide", "scsi", "virtio", "sata"];
    let found = stems.iter().enumerate().find_map(|(at, stem)| {
        let number = key.strip_prefix(stem)?.parse().ok()?;
        Some((at, number))
    });
    found.unwrap_or((stems.len(), 0))
}

/// A drive as it is stored: what it is backed by first, then its options in the order of the alphabet.
pub fn print_drive(properties: &PropertyString, kind: Kind) -> String {
    let first: &[&str] = match kind {
        Kind::Qemu => &["file"],
        Kind::Lxc => &["volume", "mp"],
    };
    print(properties.iter(), first)
}

/// A card as it is stored, with an address in any case: a machine's starts with `<model>=<address>`, a
/// container's with its name, and its type is written out.
pub fn print_card(
    properties: &PropertyString,
    kind: Kind,
    fresh: impl FnOnce() -> String,
) -> String {
    match kind {
        Kind::Lxc => {
            let mut card = properties.clone();
            if card.value("hwaddr").is_none() {
                card.set("hwaddr", fresh());
            }
            if card.value("type").is_none() {
                card.set("type", "veth");
            }
            print(card.iter(), &["name"])
        }
        Kind::Qemu => {
            let modelled = properties.iter().find(|(key, _)| MODELS.contains(key));
            let (model, address) = match modelled {
                Some((model, address)) => (model, Some(address)),
                None => (
                    properties.value("model").unwrap_or("virtio"),
                    properties.value("macaddr"),
                ),
            };
            let address = address.map_or_else(fresh, str::to_owned);
            let other = |key: &str| !MODELS.contains(&key) && !matches!(key, "model" | "macaddr");
            let others = properties.iter().filter(|(key, _)| other(key));
            let head = [(model, &*address)];
            print(head.into_iter().chain(others), &[model])
        }
    }
}

/// The keys named first, in that order, then the others as the alphabet has them. A default key is written without
/// its name.
fn print<'a>(properties: impl Iterator<Item = (&'a str, &'a str)>, first: &[&str]) -> String {
    let mut pairs: Vec<(&str, &str)> = properties.collect();
    let place = |key: &str| {
        let at = first.iter().position(|known| *known == key);
        at.unwrap_or(first.len())
    };
    pairs.sort_by(|(a, _), (b, _)| (place(a), a).cmp(&(place(b), b)));
    let written = pairs.iter().map(|(key, value)| match *key {
        "file" | "volume" => (*value).to_owned(),
        key => format!("{key}={value}"),
    });
    written.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(text: &str, default: &str) -> PropertyString {
        PropertyString::parse(text, Some(default), Spelling::Plain).unwrap()
    }

    #[test]
    fn cards() {
        let check = |kind: Kind, text: &str, want: &str| {
            let read = properties(text, "model");
            assert_eq!(print_card(&read, kind, || "M".to_owned()), want);
        };
        check(Kind::Qemu, "virtio,bridge=vmbr0", "virtio=M,bridge=vmbr0");
        check(Kind::Qemu, "firewall=1,e1000=a:b", "e1000=a:b,firewall=1");
        check(Kind::Qemu, "model=virtio,macaddr=x", "virtio=x");
        check(
            Kind::Lxc,
            "ip=dhcp,name=eth0,bridge=vmbr0",
            "name=eth0,bridge=vmbr0,hwaddr=M,ip=dhcp,type=veth",
        );
    }

    #[test]
    fn drives_are_sorted() {
        let read = properties("size=8G,st:vm-1,iothread=1", "file");
        assert_eq!(print_drive(&read, Kind::Qemu), "st:vm-1,iothread=1,size=8G");
        let read = properties("st:vm-1,backup=1,mp=/a", "volume");
        assert_eq!(print_drive(&read, Kind::Lxc), "st:vm-1,mp=/a,backup=1");
    }

    #[test]
    fn orders_of_booting() {
        let check = |keys: &[(&str, &str)], want: &str| {
            let config = keys.iter().map(|(key, value)| (*key, (*value).to_owned()));
            assert_eq!(boot_order(&config.collect()), want);
        };
        check(
            &[
                ("net1", "virtio=x"),
                ("ide2", "none,media=cdrom"),
                ("scsi1", "st:b"),
                ("scsi0", "st:a"),
                ("efidisk0", "st:c"),
            ],
            "order=scsi0;ide2;net1",
        );
        check(&[("name", "x")], "");
    }
}
