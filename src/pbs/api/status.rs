//! `/status`: how full the datastores are, and figures for those who collect them.

use serde_json::{Value, json};

use crate::pbs::api::admin::collection_status;
use crate::pbs::api::reach;
use crate::pbs::world::World;
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::gauge::{self, Moment};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/status/datastore-usage", Handler::Read(usage)),
        get("/status/metrics", Handler::Read(metrics)),
    ]
}

/// The datastores that the caller may look at, with sizes; those that the caller may only back up to are named.
fn usage(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let stores = world.datastores.iter();
    let stores = stores.filter(|(name, _)| reach::sees(world, call, name));
    let items = stores.map(|(name, store)| {
        let mut item = json!({
            "store": name,
            "mount-status": store.mount.name(),
            "backend-type": store.backend(),
        });
        let audits = call.may(world, &format!("/datastore/{name}"), &["Datastore.Audit"]);
        match (audits, store.is_readable()) {
            (false, _) => {}
            (true, false) => {
                let why = reach::store(world, name, reach::Use::Read).err();
                if let Some(Fault::Failed(why)) = why {
                    item["error"] = json!(why);
                }
            }
            (true, true) => fill(&mut item, store, call),
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// Sizes, and how they came to be: the share in use on each of the last thirty days, and when all is full if it
/// goes on so.
fn fill(item: &mut Value, store: &Datastore, call: &Call<'_>) {
    const DAY: i64 = 86_400;
    const DAYS: i64 = 30;
    item["total"] = json!(store.size);
    item["used"] = json!(store.used());
    item["avail"] = json!(store.available());
    item["gc-status"] = Value::Object(collection_status(store));
    let now = call.now.as_second();
    let start = now.div_euclid(DAY) * DAY - (DAYS - 1) * DAY;
    item["history-start"] = json!(start);
    item["history-delta"] = json!(DAY);
    let share = ratio(store.used(), store.size);
    let history = (0..DAYS).map(|day| {
        let age = f64::from(u32::try_from(DAYS - 1 - day).unwrap_or(0));
        share * (1.0 - age * 0.004)
    });
    item["history"] = history.collect();
    let daily = share * 0.004;
    if daily > 0.0 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "days until full, bounded below"
        )]
        let days = ((1.0 - share) / daily).min(1_000_000.0) as i64;
        item["estimated-full-date"] = json!(now.saturating_add(days.saturating_mul(DAY)));
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share needs no more than 52 bits"
    )]
    let ratio = part as f64 / whole.max(1) as f64;
    ratio
}

/// Points of the machine and of each datastore (`MetricsResult`): what Datacenter Manager collects.
fn metrics(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let since = call.arguments.integer("start-time").unwrap_or(0);
    let now = call.now.as_second();
    let newest = now.div_euclid(10) * 10;
    let oldest = match call.arguments.is_set("history") {
        true => newest.saturating_sub(30 * 60),
        false => newest,
    };
    let mut points = Vec::new();
    let mut second = oldest;
    while second <= newest {
        if second > since {
            collect(world, call, second, &mut points);
        }
        second = second.saturating_add(10);
    }
    Ok(Answer::new(json!({"data": points})))
}

fn collect(world: &World, call: &Call<'_>, second: i64, points: &mut Vec<Value>) {
    let now = jiff::Timestamp::from_second(second).unwrap_or(call.now);
    let moment = Moment {
        now,
        seed: call.context.seed,
    };
    let mut add = |id: &str, metric: &str, value: Value| {
        points.push(json!({"id": id, "metric": metric, "timestamp": second, "type": "gauge", "value": value}));
    };
    if call.may(world, "/system/status", &["Sys.Audit"]) {
        let gauge = gauge::of_node(&world.node, moment);
        add("host", "cpu_current", json!(gauge.cpu));
        add("host", "cpu_iowait", json!(gauge.wait));
        add("host", "cpu_avg1", json!(gauge.load[0]));
        add("host", "mem_total", json!(world.node.memory.size));
        add("host", "mem_used", json!(gauge.memory));
        add("host", "swap_total", json!(world.node.swap.size));
        add("host", "swap_used", json!(world.node.swap.used));
        add("host", "disk_total", json!(world.node.root.size));
        add("host", "disk_used", json!(world.node.root.used));
        add("host", "uptime", json!(gauge.uptime));
    }
    for (name, store) in &world.datastores {
        if !call.may(world, &format!("/datastore/{name}"), &["Datastore.Audit"]) {
            continue;
        }
        let id = format!("datastore/{name}");
        add(&id, "disk_total", json!(store.size));
        add(&id, "disk_used", json!(store.used()));
        add(&id, "disk_available", json!(store.available()));
    }
}
