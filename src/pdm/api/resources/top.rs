//! `/resources/top-entities`: the ten guests and nodes that do the most.

use serde_json::{Value, json};

use super::super::relay::{self, Ask, part};
use super::search::Search;
use super::{Group, groups};
use crate::pdm::world::World;
use crate::pdm::world::remote::Kind;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::routes::Route;
use crate::routes::route::get;

/// How many of each kind are told.
const MOST: usize = 10;

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![get("/resources/top-entities", Handler::Read(top))]
}

fn top(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let groups = groups(world, call, &Search::default(), None)?;
    let mut guests = Vec::new();
    let mut processors = Vec::new();
    let mut memory = Vec::new();
    for group in &groups {
        for row in &group.rows {
            let Some(path) = path(row) else { continue };
            let points = points(group, call, path);
            let level = |names: &[&str]| Series::of(&points, names);
            match row["type"].as_str() {
                Some("pve-qemu" | "pve-lxc") => {
                    guests.extend(level(&["cpu"]).entity(group.id, row))
                }
                _ => {
                    processors.extend(level(&["cpu"]).entity(group.id, row));
                    memory.extend(level(&["memused", "memtotal"]).entity(group.id, row));
                }
            }
        }
    }
    Ok(Answer::new(json!({
        "guest-cpu": highest(guests),
        "node-cpu": highest(processors),
        "node-memory": highest(memory),
    })))
}

/// Where the remote has the points of a guest or node; none for other things and for what does not run.
fn path(row: &Value) -> Option<String> {
    let node = part(row["node"].as_str().unwrap_or_default());
    match (row["type"].as_str()?, row["status"].as_str()) {
        ("pve-qemu", Some("running")) => {
            Some(format!("/nodes/{node}/qemu/{}/rrddata", row["vmid"]))
        }
        ("pve-lxc", Some("running")) => Some(format!("/nodes/{node}/lxc/{}/rrddata", row["vmid"])),
        ("pve-node", Some("online")) => Some(format!("/nodes/{node}/rrddata")),
        ("pbs-node", _) => Some("/nodes/localhost/rrd".to_owned()),
        _ => None,
    }
}

fn points(group: &Group<'_>, call: &Call<'_>, path: String) -> Vec<Value> {
    let frame = call.arguments.text("timeframe").unwrap_or("day");
    let ask = Ask::get(path).with("timeframe", frame);
    let ask = match group.remote.kind() {
        Kind::Pve => ask.with("cf", "AVERAGE"),
        Kind::Pbs => ask.with("cf", "average".to_uppercase()),
    };
    relay::list(group.remote, call, ask).unwrap_or_default()
}

/// Points of one figure, or of the quotient of two.
struct Series {
    start: i64,
    resolution: i64,
    data: Vec<Option<f64>>,
}

impl Series {
    fn of(points: &[Value], names: &[&str]) -> Self {
        let time = |n: usize| points.get(n).and_then(|point| point["time"].as_i64());
        let start = time(0).unwrap_or_default();
        let value = |point: &Value| match names {
            [one] => point[*one].as_f64(),
            [part, whole] => {
                let whole = point[*whole].as_f64().filter(|whole| *whole > 0.0)?;
                Some(point[*part].as_f64()? / whole)
            }
            _ => None,
        };
        Self {
            start,
            resolution: time(1).map_or(60, |second| second - start),
            data: points.iter().map(value).collect(),
        }
    }

    /// What is told of a resource with these points, and what it is ranked by; nothing for one without any.
    fn entity(self, remote: &str, row: &Value) -> Option<(f64, Value)> {
        let sum: f64 = self.data.iter().flatten().sum();
        let rrd = json!({"start": self.start, "resolution": self.resolution, "data": self.data});
        let entity = json!({"remote": remote, "resource": row, "rrd-data": rrd});
        (sum > 0.0).then_some((sum, entity))
    }
}

/// The highest ones, the very highest last, as the product gives them.
fn highest(mut entities: Vec<(f64, Value)>) -> Vec<Value> {
    entities.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let skipped = entities.len().saturating_sub(MOST);
    entities
        .into_iter()
        .skip(skipped)
        .map(|(_, entity)| entity)
        .collect()
}
