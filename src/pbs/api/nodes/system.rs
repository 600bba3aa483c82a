//! `/nodes/{node}/dns`, `/time`, `/config` and `/report`: what is set of the machine.

use serde_json::{Value, json};

use crate::pbs::api::single;
use crate::pbs::world::World;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::digest;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Product;
use crate::routes::Route;
use crate::routes::route::{get, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/dns", Handler::Read(dns)),
        put("/nodes/{node}/dns", Handler::Write(set_dns)),
        get("/nodes/{node}/time", Handler::Read(time)),
        put("/nodes/{node}/time", Handler::Write(set_time)),
        get("/nodes/{node}/config", Handler::Read(config)),
        put("/nodes/{node}/config", Handler::Write(set_config)),
        get("/nodes/{node}/report", Handler::Read(report)),
    ]
}

/// The digest of `/etc/resolv.conf`.
fn dns_digest(world: &World) -> String {
    let dns = &world.node.dns;
    let mut text = format!("search {}\n", dns.search);
    for server in &dns.servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    digest::of_text(Product::Pbs, &text)
}

fn dns(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let dns = &world.node.dns;
    let mut data = json!({"search": dns.search, "digest": dns_digest(world)});
    for (n, server) in dns.servers.iter().enumerate() {
        data[format!("dns{}", n + 1)] = json!(server);
    }
    Ok(Answer::new(data))
}

fn set_dns(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    if !digest::fits(call.arguments.text("digest"), &dns_digest(world)) {
        return Err(Fault::configuration_changed());
    }
    let mut servers: [Option<String>; 3] = Default::default();
    for (slot, server) in servers.iter_mut().zip(&world.node.dns.servers) {
        *slot = Some(server.clone());
    }
    let deleted = call.arguments.list("delete");
    for (n, slot) in servers.iter_mut().enumerate() {
        let name = format!("dns{}", n + 1);
        if deleted.iter().any(|deleted| *deleted == name) {
            *slot = None;
        }
        if let Some(server) = call.arguments.text(&name) {
            *slot = Some(server.to_owned());
        }
    }
    world.node.dns.servers = servers.into_iter().flatten().collect();
    if let Some(search) = call.arguments.text("search") {
        search.clone_into(&mut world.node.dns.search);
    }
    Ok(Answer::default())
}

/// `localtime` is the clock on the wall, counted as if it were UTC.
fn time(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let now = call.now.as_second();
    let zone = &world.node.time_zone;
    Ok(Answer::new(json!({
        "timezone": zone,
        "time": now,
        "localtime": now.saturating_add(offset(zone)),
    })))
}

/// Seconds east of Greenwich in winter, for the zones that people test with; a static binary carries no other
/// knowledge of them.
fn offset(zone: &str) -> i64 {
    let hours = match zone {
        "Europe/Vienna" | "Europe/Berlin" | "Europe/Zurich" | "Europe/Paris" | "Europe/Rome"
        | "Europe/Madrid" | "Europe/Amsterdam" | "Europe/Brussels" | "Europe/Prague"
        | "Europe/Warsaw" | "Europe/Stockholm" | "Europe/Oslo" | "Europe/Copenhagen" => 1,
        "Europe/Athens" | "Europe/Helsinki" | "Europe/Kyiv" => 2,
        "Europe/Moscow" | "Europe/Istanbul" => 3,
        "Asia/Shanghai" | "Asia/Singapore" => 8,
        "Asia/Tokyo" => 9,
        "Australia/Sydney" => 11,
        "America/New_York" => -5,
        "America/Chicago" => -6,
        "America/Denver" => -7,
        "America/Los_Angeles" => -8,
        "America/Sao_Paulo" => -3,
        _ => 0,
    };
    hours * 3_600
}

fn set_time(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let zone = call.text("timezone");
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
    let part =
        |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase()) && part.chars().all(inner);
    let parts = zone.split('/').count();
    if parts > 3 || !zone.split('/').all(part) {
        return Err(Fault::Failed("No such timezone.".to_owned()));
    }
    zone.clone_into(&mut world.node.time_zone);
    Ok(Answer::default())
}

fn config(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(single::read(world, "nodes/config", "node"))
}

/// Domains for certificates stand once (`NodeConfig::validate`).
fn set_config(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    let mut seen: Vec<String> = Vec::new();
    for n in 0..5 {
        let name = format!("acmedomain{n}");
        let Some(text) = call.arguments.text(&name) else {
            continue;
        };
        let first = text.split(',').next().unwrap_or_default();
        let domain = first.trim_start_matches("domain=").to_ascii_lowercase();
        if seen.contains(&domain) {
            let text = format!("duplicate domain '{domain}' in ACME config");
            return Err(Fault::Failed(text));
        }
        seen.push(domain);
    }
    single::update(world, call, "nodes/config", "node")
}

/// The report for support: what the commands of a shell would say, as far as this machine has it.
fn report(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let node = &world.node;
    let mut text = String::from("# proxmox-backup-manager versions --verbose\n");
    for (name, package) in &node.packages {
        text.push_str(&format!("{name:32} {}\n", package.version));
    }
    text.push_str(&format!("\n# hostname\n{}\n", node.name));
    text.push_str(&format!(
        "\n# date\n{}\n",
        call.now.strftime("%a %b %e %H:%M:%S UTC %Y")
    ));
    text.push_str("\n# cat /etc/proxmox-backup/datastore.cfg\n");
    for (name, store) in &world.datastores {
        text.push_str(&format!("datastore: {name}\n\tpath {}\n", store.path));
        for (key, value) in &store.options.0 {
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            text.push_str(&format!("\t{key} {value}\n"));
        }
        text.push('\n');
    }
    text.push_str("# proxmox-backup-manager task list\n");
    for task in world.tasks.tasks().rev().take(20) {
        text.push_str(&format!("{}\n", task.upid));
    }
    Ok(Answer::new(text))
}
