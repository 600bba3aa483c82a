//! What cloud-init is told: the settings that its drive does not say yet, and the files that it would hold
//! (`PVE::QemuServer::Cloudinit`).

mod network;

use serde_json::{Value, json};

use crate::http::checksum::Checksum;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::pve::api::nodes::guest::{find, settings};
use crate::pve::world::World;
use crate::pve::world::config::is_numbered;
use crate::pve::world::ids::Vmid;
use crate::pve::world::ordered::Ordered;
use crate::routes::Route;
use crate::routes::route::get;

/// The options that cloud-init hears of, besides `ipconfigN`.
const OPTIONS: [&str; 8] = [
    "cicustom",
    "cipassword",
    "citype",
    "ciupgrade",
    "ciuser",
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

/// The options of cloud-init with what its drive says and what it will say. As in the product, addresses (`ipconfigN`)
/// are only told of when they are new or gone. Before 8 the names were others.
fn waiting(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, guest) = find::guest(world, call)?;
    let (now, then) = match call.context.edition {
        Edition::Pve7 => ("old", "new"),
        _ => ("value", "pending"),
    };
    let text = |key: &str, value: &str| json!(settings::veiled(key, value));
    let written = guest.cloud_init.as_deref();
    let is_told = |key: &str| OPTIONS.contains(&key) || is_numbered(key, "ipconfig");
    let told = guest.config.iter().filter(|(key, _)| is_told(key));
    let mut items = Vec::new();
    for (key, value) in told {
        let old = written.map_or(Some(value), |written| written.get(key));
        match old {
            None => items.push(json!({"key": key, then: text(key, value)})),
            Some(_) if !OPTIONS.contains(&key) => {}
            Some(old) if old == value => items.push(json!({"key": key, now: text(key, value)})),
            Some(old) => {
                items.push(json!({"key": key, now: text(key, old), then: text(key, value)}));
            }
        }
    }
    let gone = written.into_iter().flat_map(Ordered::iter);
    let gone = gone.filter(|(key, _)| !guest.config.contains(key));
    items.extend(gone.map(|(key, _)| json!({"key": key, "delete": 1})));
    Ok(Answer::new(items))
}

fn dump(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let is_windows = guest
        .config
        .text("ostype")
        .is_some_and(|system| system.starts_with('w'));
    let is_simple = match guest.config.text("citype") {
        Some(format) => format == "nocloud",
        None => !is_windows,
    };
    let dns = world.nodes.get(&guest.node).map(|node| &node.dns);
    let network = || match is_simple {
        true => network::simple(&guest.config, dns),
        false => network::interfaces(&guest.config, dns),
    };
    let file = match call.text("type") {
        "user" => {
            let path = format!("/vms/{vmid}");
            let may_see = call.may(world, &path, &["VM.Config.Cloudinit"]);
            let config = &guest.config;
            let veil = config.text("cipassword").filter(|_| !may_see);
            let mut veiled = config.clone();
            if veil.is_some() {
                veiled.set("cipassword", "**********".to_owned());
            }
            user(vmid, &veiled)
        }
        "network" => network(),
        // An instance is another one when anything that it is told changes.
        _ => {
            let told = user(vmid, &guest.config) + &network();
            let id = Checksum::Sha1.hex(told.as_bytes());
            match is_simple {
                true => format!("instance-id: {id}\n"),
                false => format!(
                    "{{\n     \"uuid\": \"{id}\",\n     \"network_config\": {{ \"content_path\": \"/content/0000\" }}\n}}\n"
                ),
            }
        }
    };
    Ok(Answer::new(Value::String(file)))
}

fn user(vmid: Vmid, config: &Ordered<String>) -> String {
    let name = match config.text("name") {
        Some(name) => name.to_owned(),
        None => format!("VM{vmid}"),
    };
    let (host, fqdn) = match (name.split_once('.'), config.text("searchdomain")) {
        (Some((host, _)), _) => (host.to_owned(), name.clone()),
        (None, Some(domain)) => (name.clone(), format!("{name}.{domain}")),
        (None, None) => (name.clone(), name.clone()),
    };
    let mut file =
        format!("#cloud-config\nhostname: {host}\nmanage_etc_hosts: true\nfqdn: {fqdn}\n");
    let user = config.text("ciuser");
    if let Some(user) = user {
        file.push_str(&format!("user: {user}\n"));
    }
    if user == Some("root") {
        file.push_str("disable_root: False\n");
    }
    if let Some(password) = config.text("cipassword") {
        file.push_str(&format!("password: {password}\n"));
    }
    if let Some(keys) = config.text("sshkeys").map(unescaped) {
        file.push_str("ssh_authorized_keys:\n");
        for key in keys.lines().filter(|key| !key.trim().is_empty()) {
            file.push_str(&format!("  - {key}\n"));
        }
    }
    file.push_str("chpasswd:\n  expire: False\n");
    if user != Some("root") {
        file.push_str("users:\n  - default\n");
    }
    if config.text("ciupgrade") != Some("0") {
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
