//! What cloud-init is told: the settings that wait, and the files that its drive would hold.
//!
//! The files are those of `PVE::QemuServer::Cloudinit` for the kind `nocloud`, from memory.

use serde_json::{Value, json};

use crate::http::checksum::Checksum;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::api::nodes::guest::{find, settings};
use crate::pve::world::World;
use crate::pve::world::config::cards;
use crate::pve::world::guest::{Guest, Pending};
use crate::pve::world::ids::Vmid;
use crate::pve::world::ordered::Ordered;
use crate::routes::Route;
use crate::routes::route::get;

/// The options that cloud-init hears of, besides `ipconfigN`.
const OPTIONS: [&str; 10] = [
    "cicustom",
    "cipassword",
    "citype",
    "ciupgrade",
    "ciuser",
    "hostname",
    "name",
    "nameserver",
    "searchdomain",
    "sshkeys",
];

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get(
            "/nodes/{node}/qemu/{vmid}/cloudinit",
            Handler::Read(waiting),
        ),
        get(
            "/nodes/{node}/qemu/{vmid}/cloudinit/dump",
            Handler::Read(dump),
        ),
    ]
}

/// Every option of cloud-init with what its drive says and what it will say. Before 8 the names were others.
fn waiting(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let (now, then) = match call.context.edition {
        Edition::Pve7 => ("old", "new"),
        _ => ("value", "pending"),
    };
    let mut items = Vec::new();
    for (key, value) in guest.config.iter().filter(|(key, _)| is_option(key)) {
        let mut item = json!({"key": key, now: settings::veiled(key, value)});
        match guest.pending.get(key) {
            Some(Pending::Set(value)) => item[then] = json!(settings::veiled(key, value)),
            Some(_) if call.context.edition != Edition::Pve7 => item["delete"] = json!(1),
            _ => {}
        }
        items.push(item);
    }
    for (key, change) in guest.pending.iter().filter(|(key, _)| is_option(key)) {
        if let Pending::Set(value) = change
            && !guest.config.contains(key)
        {
            items.push(json!({"key": key, then: settings::veiled(key, value)}));
        }
    }
    Ok(Answer::new(items))
}

fn is_option(key: &str) -> bool {
    let is_address = |key: &str| {
        key.strip_prefix("ipconfig")
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
    };
    OPTIONS.contains(&key) || is_address(key)
}

fn dump(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let config = settings::applied(guest);
    let file = match call.text("type") {
        "user" => user(vmid, guest, &config),
        "network" => network(guest, &config),
        // An instance is another one when anything that it is told changes.
        _ => {
            let told = user(vmid, guest, &config) + &network(guest, &config);
            format!("instance-id: {}\n", Checksum::Sha1.hex(told.as_bytes()))
        }
    };
    Ok(Answer::new(Value::String(file)))
}

fn user(vmid: Vmid, guest: &Guest, config: &Ordered<String>) -> String {
    let name = match config.text("name") {
        Some(name) => name.to_owned(),
        None => format!("VM{vmid}"),
    };
    let domain = config.text("searchdomain").unwrap_or_default();
    let (host, fqdn) = match name.split_once('.') {
        Some((host, _)) => (host.to_owned(), name.clone()),
        None if domain.is_empty() => (name.clone(), String::new()),
        None => {
            let first = domain.split_whitespace().next().unwrap_or(domain);
            (name.clone(), format!("{name}.{first}"))
        }
    };
    let mut file = format!("#cloud-config\nhostname: {host}\nmanage_etc_hosts: true\n");
    if !fqdn.is_empty() {
        file.push_str(&format!("fqdn: {fqdn}\n"));
    }
    if let Some(user) = config.text("ciuser") {
        file.push_str(&format!("user: {user}\n"));
    }
    if let Some(password) = config.text("cipassword") {
        file.push_str(&format!("password: {password}\n"));
    }
    let keys = config.text("sshkeys").map(unescaped).unwrap_or_default();
    let mut keys = keys.lines().filter(|key| !key.trim().is_empty()).peekable();
    if keys.peek().is_some() {
        file.push_str("ssh_authorized_keys:\n");
        for key in keys {
            file.push_str(&format!("  - {key}\n"));
        }
    }
    let upgrade = config.text("ciupgrade") != Some("0");
    let system = guest.config.text("ostype").unwrap_or("other");
    file.push_str("chpasswd:\n  expire: False\nusers:\n  - default\n");
    if upgrade && !system.starts_with('w') {
        file.push_str("package_upgrade: true\n");
    }
    file
}

/// The keys stand percent-encoded in the configuration.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn network(guest: &Guest, config: &Ordered<String>) -> String {
    let mut file = "version: 1\nconfig:\n".to_owned();
    for card in cards(config) {
        let number = card.key.trim_start_matches("net");
        let mac = card.mac.unwrap_or_default().to_ascii_lowercase();
        file.push_str(&format!(
            "    - type: physical\n      name: eth{number}\n      mac_address: '{mac}'\n      subnets:\n"
        ));
        let told = config
            .text(&format!("ipconfig{number}"))
            .unwrap_or_default();
        file.push_str(&subnets(told));
    }
    let servers = words(config.text("nameserver").unwrap_or("10.10.10.2"));
    let default = guest.config.text("searchdomain").unwrap_or("localdomain");
    let domains = words(config.text("searchdomain").unwrap_or(default));
    file.push_str("    - type: nameserver\n      address:\n");
    file.extend(servers.iter().map(|server| format!("      - '{server}'\n")));
    file.push_str("      search:\n");
    file.extend(domains.iter().map(|domain| format!("      - '{domain}'\n")));
    file
}

fn words(text: &str) -> Vec<&str> {
    text.split([' ', ',', ';'])
        .filter(|word| !word.is_empty())
        .collect()
}

fn subnets(told: &str) -> String {
    let of = |name: &str| told.split(',').find_map(|part| part.strip_prefix(name));
    let mut text = String::new();
    match of("ip=") {
        Some("dhcp") => text.push_str("      - type: dhcp4\n"),
        Some(cidr) => text.push_str(&fixed("static", cidr, of("gw="))),
        None => {}
    }
    match of("ip6=") {
        Some("dhcp") => text.push_str("      - type: dhcp6\n"),
        Some("auto") => text.push_str("      - type: ipv6_slaac\n"),
        Some(cidr) => text.push_str(&fixed("static6", cidr, of("gw6="))),
        None => {}
    }
    text
}

fn fixed(kind: &str, cidr: &str, gateway: Option<&str>) -> String {
    let (address, prefix) = cidr.split_once('/').unwrap_or((cidr, ""));
    let mut text = format!("      - type: {kind}\n");
    match kind {
        "static" => {
            let prefix: u32 = prefix.parse().unwrap_or(32);
            let mask = u32::MAX
                .checked_shl(32_u32.saturating_sub(prefix))
                .unwrap_or(0);
            let mask = std::net::Ipv4Addr::from(mask);
            text.push_str(&format!(
                "        address: '{address}'\n        netmask: '{mask}'\n"
            ));
        }
        _ => text.push_str(&format!("        address: '{cidr}'\n")),
    }
    if let Some(gateway) = gateway {
        text.push_str(&format!("        gateway: '{gateway}'\n"));
    }
    text
}
