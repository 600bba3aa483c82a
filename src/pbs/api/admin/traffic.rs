//! `/admin/traffic-control`, `/admin/metrics` and `/admin/s3`.

use serde_json::{Value, json};

use crate::pbs::world::World;
use crate::pbs::world::gauge::{self, Moment};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::{get, put};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/admin/traffic-control", Handler::Read(rules)),
        get("/admin/metrics", Handler::Read(metrics)),
        put("/admin/s3/{s3-client-id}/check", Handler::Read(check)),
    ]
}

/// The rules with what goes through them now.
fn rules(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let rules = world.sections_of("config/traffic-control");
    let items = rules.enumerate().map(|(n, (name, rule))| {
        let mut item = rule.properties.clone();
        item.insert("name".to_owned(), json!(name));
        for (key, stream) in [("cur-rate-in", 40), ("cur-rate-out", 41)] {
            let moment = Moment {
                now: call.now,
                seed: call.context.seed ^ n as u64,
            };
            item.insert(
                key.to_owned(),
                json!(gauge::level(moment, stream, 100_000, 900_000)),
            );
        }
        Value::Object(item)
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

fn metrics(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let servers = world.sections_of("config/metrics");
    let items = servers.map(|(name, server)| {
        let address = match &*server.kind {
            "influxdb-udp" => "host",
            _ => "url",
        };
        let mut item = json!({
            "name": name,
            "type": server.kind,
            "server": server.properties.get(address).cloned().unwrap_or_default(),
        });
        for key in ["comment", "enable"] {
            if let Some(value) = server.properties.get(key) {
                item[key] = value.clone();
            }
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// The bucket of an object store is always good.
fn check(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call.text("s3-client-id");
    match world.section("config/s3", id) {
        Some(_) => Ok(Answer::default()),
        None => Err(Fault::no_such_entry("s3client", id)),
    }
}
