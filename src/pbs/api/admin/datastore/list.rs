//! Datastores: which there are, and how full they are.

use serde_json::{Map, Value, json};

use super::collect::collection_status;
use crate::pbs::api::reach::{self, Use};
use crate::pbs::world::World;
use crate::pbs::world::datastore::Datastore;
use crate::pbs::world::gauge::{self, Moment};
use crate::pbs::world::ids::BackupType;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::rrd::{Consolidation, Frame, swing};
use crate::routes::Route;
use crate::routes::route::get;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/admin/datastore", Handler::Read(list)),
        get("/admin/datastore/{store}/status", Handler::Read(status)),
        get(
            "/admin/datastore/{store}/active-operations",
            Handler::Read(active_operations),
        ),
        get("/admin/datastore/{store}/rrd", Handler::Read(rrd)),
    ]
}

/// Those of which the caller may see something, a namespace at least.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let stores = world.datastores.iter();
    let stores = stores.filter(|(name, _)| reach::sees(world, call, name));
    let items = stores.map(|(name, store)| {
        let mut item = json!({"store": name, "mount-status": store.mount.name()});
        for (key, option) in [("comment", "comment"), ("maintenance", "maintenance-mode")] {
            if let Some(text) = store.options.text(option) {
                item[key] = json!(text);
            }
        }
        item
    });
    Ok(Answer::new(items.collect::<Vec<_>>()))
}

/// Sizes are for who may look; who may only back up gets zeros, as the product answers.
fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("store");
    let path = format!("/datastore/{name}");
    let audits = call.may(world, &path, &["Datastore.Audit"]);
    if !audits && !reach::sees(world, call, name) {
        call.demand(world, &path, &["Datastore.Audit"])?;
    }
    let store = reach::store(world, name, Use::Read)?;
    let sizes = match audits {
        true => (store.size, store.used(), store.available()),
        false => (0, 0, 0),
    };
    let mut data = json!({
        "total": sizes.0,
        "used": sizes.1,
        "avail": sizes.2,
        "backend-type": store.backend(),
    });
    if call.arguments.is_set("verbose") && audits {
        data["counts"] = counts(store);
        data["gc-status"] = Value::Object(collection_status(store));
    }
    Ok(Answer::new(data))
}

fn counts(store: &Datastore) -> Value {
    let counts = BackupType::ALL.into_iter().map(|kind| {
        let count = store.namespaces.count(kind);
        let value = json!({"groups": count.groups, "snapshots": count.snapshots});
        (kind.name().to_owned(), value)
    });
    Value::Object(
        counts
            .filter(|(_, count)| count["groups"] != 0)
            .collect::<Map<_, _>>(),
    )
}

/// Nobody backs up or restores while a test looks; tasks count as what they do.
fn active_operations(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("store");
    reach::store(world, name, Use::Lookup)?;
    let (mut reads, mut writes) = (0_u32, 0_u32);
    for task in world.tasks.tasks().filter(|task| task.is_running(call.now)) {
        let store = task.upid.id.split(':').next().unwrap_or_default();
        if store != name {
            continue;
        }
        match task.upid.kind.as_str() {
            "verify" | "verify_group" | "verify_snapshot" | "reader" | "tape-backup" => reads += 1,
            _ => writes += 1,
        }
    }
    Ok(Answer::new(json!({"read": reads, "write": writes})))
}

/// Curves of the file system: points of `time` with figures, the newest last.
fn rrd(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let name = call.text("store");
    let store = reach::store(world, name, Use::Lookup)?;
    let seed = call.context.seed;
    let thing = name.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    let frame = Frame::named(call.context.edition, call.text("timeframe"));
    let way = Consolidation::named(call.arguments.text("cf"));
    let level = |at, stream: u64, mean: f64| way.of(swing(seed, thing ^ stream, at) * mean);
    let points = frame.moments(call.now).map(|at| {
        json!({
            "time": at.as_second(),
            "total": store.size,
            "used": store.used(),
            "available": store.available(),
            "read_bytes": level(at, 1, 180_000.0),
            "write_bytes": level(at, 2, 900_000.0),
            "read_ios": level(at, 3, 4.0),
            "write_ios": level(at, 4, 11.0),
            "io_ticks": gauge::swing(Moment { now: at, seed }, 5, 10_000, 80_000),
        })
    });
    Ok(Answer::new(points.collect::<Vec<_>>()))
}
