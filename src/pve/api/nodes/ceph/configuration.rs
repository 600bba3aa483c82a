//! How Ceph is set up, and how that begins.

use serde_json::{Map, Value, json};

use super::{expect_ceph, members};
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::ceph::{CONFIGURATION, MONITORS};
use crate::pve::world::options::Options;
use crate::routes::Route;
use crate::routes::route::{get, post};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/ceph/cfg/raw", Handler::Read(raw)),
        get("/nodes/{node}/ceph/config", Handler::Read(raw)),
        get("/nodes/{node}/ceph/cfg/db", Handler::Read(database)),
        get("/nodes/{node}/ceph/configdb", Handler::Read(database)),
        get("/nodes/{node}/ceph/cfg/value", Handler::Read(values)),
        post("/nodes/{node}/ceph/init", Handler::Write(init)),
    ]
}

/// The file by sections.
fn file(world: &World) -> Map<String, Value> {
    let known = world.options.get(CONFIGURATION);
    let mut global = Map::new();
    for name in [
        "auth_client_required",
        "auth_cluster_required",
        "auth_service_required",
    ] {
        global.insert(name.to_owned(), json!("cephx"));
    }
    for (name, value) in known.into_iter().flat_map(|known| &known.0) {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        global.insert(name.clone(), json!(text));
    }
    let hosts = world.ceph_things(MONITORS).filter_map(|(_, daemon)| {
        let address = daemon.get("addr").and_then(Value::as_str)?;
        Some(address.split(':').next().unwrap_or(address))
    });
    let hosts: Vec<_> = hosts.collect();
    global.insert("mon_host".to_owned(), json!(hosts.join(" ")));
    let mut file = members(json!({
        "global": global,
        "client": {"keyring": "/etc/pve/priv/$cluster.$name.keyring"},
    }));
    for (name, daemon) in world.ceph_things(MONITORS) {
        if let Some(address) = daemon.get("addr").and_then(Value::as_str) {
            let address = address.split(':').next().unwrap_or(address);
            file.insert(format!("mon.{name}"), json!({"public_addr": address}));
        }
    }
    file
}

fn raw(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let mut text = String::new();
    for (section, entries) in file(world) {
        text += &format!("[{section}]\n");
        for (name, value) in entries.as_object().into_iter().flatten() {
            text += &format!("\t{name} = {}\n", value.as_str().unwrap_or_default());
        }
        text.push('\n');
    }
    Ok(Answer::new(text))
}

fn database(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    Ok(Answer::new(json!([{
        "section": "mon",
        "name": "auth_allow_insecure_global_id_reclaim",
        "value": "false",
        "level": "advanced",
        "mask": "",
        "can_update_at_runtime": true,
    }])))
}

/// The values of some keys, by section: `global:osd_pool_default_size;client:keyring`.
fn values(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    expect_ceph(world)?;
    let file = file(world);
    let mut found = Map::new();
    for part in split_list(call.text("config-keys")) {
        let Some((section, key)) = part.split_once(':') else {
            continue;
        };
        // Both spellings mean the same to Ceph.
        let plain = key.replace('-', "_");
        if let Some(value) = file.get(section).and_then(|entries| entries.get(&plain)) {
            let entries = found.entry(section).or_insert_with(|| json!({}));
            entries[key] = value.clone();
        }
    }
    Ok(Answer::new(Value::Object(found)))
}

/// What is set up already stays as it is.
fn init(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if world.has_ceph() {
        return Ok(Answer::default());
    }
    let (high, low) = (call.random(), call.random());
    let id = format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        high & 0xffff,
        (high >> 16) & 0xfff,
        low & 0xfff,
        low >> 16
    );
    let mut configuration = members(json!({
        "fsid": id,
        "mon_allow_pool_delete": true,
        "osd_pool_default_size": call.arguments.integer("size").unwrap_or(3),
        "osd_pool_default_min_size": call.arguments.integer("min_size").unwrap_or(2),
    }));
    let network = call.arguments.text("network");
    if let Some(network) = network {
        configuration.insert("public_network".to_owned(), json!(network));
        let cluster = call.arguments.text("cluster-network").unwrap_or(network);
        configuration.insert("cluster_network".to_owned(), json!(cluster));
    }
    world.begin_ceph(Options(configuration));
    Ok(Answer::default())
}
