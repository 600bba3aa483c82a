//! The settings of a node: name servers, clock, hosts, its own configuration.

use std::net::IpAddr;

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::domains;
use super::machine;
use crate::proxmox::arguments::split_list;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::node::Dns;
use crate::pve::world::options::Options;
use crate::pve::world::time_zone;
use crate::routes::Route;
use crate::routes::route::{get, post, put};

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::{Read, Write};
    vec![
        get("/nodes/{node}/dns", Read(dns)),
        put("/nodes/{node}/dns", Write(set_dns)),
        get("/nodes/{node}/time", Read(time)),
        put("/nodes/{node}/time", Write(set_time)),
        get("/nodes/{node}/hosts", Read(hosts)),
        post("/nodes/{node}/hosts", Write(set_hosts)),
        get("/nodes/{node}/config", Read(config)),
        put("/nodes/{node}/config", Write(set_config)),
    ]
}

fn dns(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let mut answer = Map::new();
    if !node.dns.search.is_empty() {
        answer.insert("search".to_owned(), json!(node.dns.search));
    }
    for (n, server) in (1..=3).zip(&node.dns.servers) {
        answer.insert(format!("dns{n}"), json!(server.to_string()));
    }
    Ok(Answer::new(answer))
}

/// All of it is written anew: a server that is not named is gone, and none is written twice
/// (`update_etc_resolv_conf` of `PVE::INotify`).
fn set_dns(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut servers: Vec<IpAddr> = Vec::new();
    for name in ["dns1", "dns2", "dns3"] {
        let server = call.arguments.text(name).and_then(|text| text.parse().ok());
        let server = server.filter(|server: &IpAddr| *server != IpAddr::from([0, 0, 0, 0]));
        servers.extend(server.filter(|server| !servers.contains(server)));
    }
    // Read back from the file, the domain ends at its first blank.
    let search = call.text("search").split_whitespace().next();
    let search = search.unwrap_or_default().to_owned();
    machine::node_mut(world, call)?.dns = Dns { search, servers };
    Ok(Answer::default())
}

fn time(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let wall = time_zone::wall(&node.time_zone, call.now);
    let local = wall.to_zoned(TimeZone::UTC);
    let local = local.map_or(call.now, |zoned| zoned.timestamp());
    Ok(Answer::new(json!({
        "timezone": node.time_zone,
        "time": call.now.as_second(),
        "localtime": local.as_second(),
    })))
}

fn set_time(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let zone = call.text("timezone").to_owned();
    if time_zone::named(&zone).is_none() {
        return Err(Fault::parameter("timezone", "No such timezone"));
    }
    machine::node_mut(world, call)?.time_zone = zone;
    Ok(Answer::default())
}

fn hosts(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let digest = digest::of_text(call.context.product, &node.hosts);
    Ok(Answer::new(json!({"data": node.hosts, "digest": digest})))
}

fn set_hosts(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let product = call.context.product;
    let text = call.text("data").to_owned();
    let node = machine::node_mut(world, call)?;
    let present = digest::of_text(product, &node.hosts);
    if !digest::fits(call.arguments.text("digest"), &present) {
        return Err(Fault::configuration_changed());
    }
    check_hosts(&text)?;
    node.hosts = text;
    Ok(Answer::default())
}

/// Every line is an address with names, a remark, or empty (`write_etc_hosts` of `PVE::INotify`).
fn check_hosts(text: &str) -> Result<(), Fault> {
    for line in text.split('\n') {
        if line.trim_start().starts_with('#') || line.trim().is_empty() {
            continue;
        }
        // A blank at the start makes the address an empty one, in Perl too.
        let starts_blank = line.starts_with(char::is_whitespace);
        let mut words = line.split_whitespace();
        let address = if starts_blank {
            ""
        } else {
            words.next().unwrap_or_default()
        };
        if address.parse::<IpAddr>().is_err() {
            return Err(Fault::parameter("data", format!("Invalid IP '{address}'")));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if let Some(name) = words.find(|name| !name.chars().all(fits)) {
            return Err(Fault::parameter(
                "data",
                format!("Invalid Hostname '{name}'"),
            ));
        }
    }
    Ok(())
}

fn config(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let mut config = node.options.0.clone();
    if let Some(property) = call
        .arguments
        .given()
        .get("property")
        .and_then(Value::as_str)
    {
        config.retain(|key, _| key == property);
        return Ok(Answer::new(config));
    }
    // There is no file until something is written.
    if !config.is_empty() {
        let file = file(&node.options);
        let digest = digest::of_text(call.context.product, &file);
        config.insert("digest".to_owned(), json!(digest));
    }
    Ok(Answer::new(config))
}

/// The file of a node's configuration, which its digest is of: the description as remarks, then all else by name.
fn file(options: &Options) -> String {
    let mut text = String::new();
    let description = options.0.get("description").and_then(Value::as_str);
    for line in description.unwrap_or_default().lines() {
        text.push_str(&format!("#{line}\n"));
    }
    let mut others: Vec<_> = options.0.iter().collect();
    others.sort_by_key(|(key, _)| *key);
    for (key, value) in others.iter().filter(|(key, _)| *key != "description") {
        match value {
            Value::String(value) => text.push_str(&format!("{key}: {value}\n")),
            value => text.push_str(&format!("{key}: {value}\n")),
        }
    }
    text
}

fn set_config(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (_, node) = machine::node(world, call)?;
    let present = match node.options.0.is_empty() {
        true => String::new(),
        false => digest::of_text(call.context.product, &file(&node.options)),
    };
    // Without a file there is nothing that could have changed.
    if !present.is_empty() && !digest::fits(call.arguments.text("digest"), &present) {
        return Err(Fault::configuration_changed());
    }
    let mut options = node.options.clone();
    let given = call.arguments.given().iter();
    for (key, value) in given.filter(|(key, _)| !matches!(&***key, "node" | "delete" | "digest")) {
        options.0.insert(key.clone(), value.clone());
    }
    for key in split_list(call.text("delete")) {
        options.0.shift_remove(key);
    }
    lines_of_description(&mut options);
    domains::of(&options, world)?;
    machine::node_mut(world, call)?.options = options;
    Ok(Answer::default())
}

/// A description is kept as remarks, a line each, and so comes back with an end to its last line.
fn lines_of_description(options: &mut Options) {
    let Some(Value::String(text)) = options.0.get("description") else {
        return;
    };
    let text = text.trim_end_matches('\n');
    if text.is_empty() {
        options.0.shift_remove("description");
    } else {
        let text = format!("{text}\n");
        options.0.insert("description".to_owned(), json!(text));
    }
}
