//! The network interfaces of a running container, which the product reads from the kernel that both share.

use serde_json::{Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::api::nodes::guest::find;
use crate::pve::world::World;
use crate::pve::world::cidr::Cidr;
use crate::pve::world::config::cards;
use crate::pve::world::ids::Vmid;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handler.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get(
        "/nodes/{node}/lxc/{vmid}/interfaces",
        Handler::Read(interfaces),
    )]
}

fn interfaces(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    // There is nothing to see in a container that does not run, and the product answers with nothing.
    if !guest.status.is_running() {
        return Ok(Answer::default());
    }
    let mut found = vec![interface(
        "lo",
        "00:00:00:00:00:00",
        "127.0.0.1/8",
        "::1/128",
    )];
    for card in cards(&guest.config) {
        let text = guest.config.text(&card.key).unwrap_or_default();
        let read = PropertyString::parse(text, None, Spelling::Plain).unwrap_or_default();
        let name = read.value("name").unwrap_or("eth0");
        let mac = card.mac.unwrap_or_default().to_ascii_lowercase();
        let inet = match read.value("ip") {
            Some("dhcp") => leased(vmid),
            Some("manual") | None => String::new(),
            Some(cidr) => cidr.to_owned(),
        };
        let inet6 = read.value("ip6").filter(|cidr| cidr.contains('/'));
        let (inet, inet6) = match guest.scripted_addresses(&card.key) {
            None => (inet, inet6.unwrap_or_default().to_owned()),
            Some(known) => (first(&known, 4), first(&known, 6)),
        };
        found.push(interface(name, &mac, &inet, &inet6));
    }
    Ok(Answer::new(found))
}

/// The first address of a version, with its network; empty without one.
fn first(addresses: &[Cidr], version: u8) -> String {
    let mut of_version = addresses.iter().filter(|one| one.version() == version);
    of_version.next().map(Cidr::to_string).unwrap_or_default()
}

/// What a server of the network would give: always the same to the same container.
fn leased(vmid: Vmid) -> String {
    let number = vmid.number();
    format!("192.168.{}.{}/24", number / 250 % 250, number % 250 + 2)
}

fn interface(name: &str, mac: &str, inet: &str, inet6: &str) -> Value {
    let mut interface = json!({
        "name": name,
        "hwaddr": mac,
        "hardware-address": mac,
    });
    let mut addresses = Vec::new();
    for (key, kind, cidr) in [("inet", "inet", inet), ("inet6", "inet6", inet6)] {
        if let Some((address, prefix)) = cidr.split_once('/') {
            interface[key] = json!(cidr);
            let prefix: u8 = prefix.parse().unwrap_or_default();
            addresses.push(json!({
                "ip-address": address, "ip-address-type": kind, "prefix": prefix,
            }));
        }
    }
    interface["ip-addresses"] = Value::Array(addresses);
    interface
}
