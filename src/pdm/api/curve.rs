//! Points of graphs: those of a remote under the names that they have here, and those of nothing but a seed.

use serde_json::{Map, Value, json};

use super::relay::{self, Ask};
use crate::pdm::world::remote::Remote;
use crate::proxmox::Edition;
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::rrd::{Consolidation, Frame};

/// The names of figures: at the remote, and here.
type Names = &'static [(&'static str, &'static str)];

/// Those of a node of Proxmox VE.
pub(super) const NODE: Names = &[
    ("cpu", "cpu-current"),
    ("iowait", "cpu-iowait"),
    ("maxcpu", "cpu-max"),
    ("loadavg", "cpu-avg1"),
    ("roottotal", "disk-total"),
    ("rootused", "disk-used"),
    ("memtotal", "mem-total"),
    ("memused", "mem-used"),
    ("swaptotal", "swap-total"),
    ("swapused", "swap-used"),
    ("netin", "net-in"),
    ("netout", "net-out"),
];

/// Those of a guest.
pub(super) const GUEST: Names = &[
    ("cpu", "cpu-current"),
    ("maxcpu", "cpu-max"),
    ("maxdisk", "disk-total"),
    ("disk", "disk-used"),
    ("diskread", "disk-read"),
    ("diskwrite", "disk-write"),
    ("maxmem", "mem-total"),
    ("mem", "mem-used"),
    ("netin", "net-in"),
    ("netout", "net-out"),
];

/// Those of a storage.
pub(super) const STORAGE: Names = &[("total", "disk-total"), ("used", "disk-used")];

/// Those of a backup server and of its datastores.
pub(super) const SERVER: Names = &[
    ("cpu", "cpu-current"),
    ("iowait", "cpu-iowait"),
    ("loadavg", "cpu-avg1"),
    ("roottotal", "disk-total"),
    ("rootused", "disk-used"),
    ("total", "disk-total"),
    ("used", "disk-used"),
    ("available", "disk-available"),
    ("memtotal", "mem-total"),
    ("memused", "mem-used"),
    ("swaptotal", "swap-total"),
    ("swapused", "swap-used"),
    ("netin", "net-in"),
    ("netout", "net-out"),
    ("read_bytes", "disk-read"),
    ("write_bytes", "disk-write"),
];

/// The points that a remote has for the call's time frame, renamed.
pub(super) fn of(
    remote: &Remote,
    call: &Call<'_>,
    path: String,
    names: Names,
) -> Result<Answer, Fault> {
    let ask = Ask::get(path)
        .with("timeframe", call.text("timeframe"))
        .with("cf", call.text("cf"));
    let points = relay::list(remote, call, ask)?;
    let points: Vec<Value> = points.iter().map(|point| renamed(point, names)).collect();
    Ok(relay::typed(call, Answer::new(points)))
}

pub(super) fn renamed(point: &Value, names: Names) -> Value {
    let mut read = Map::new();
    read.insert("time".to_owned(), point["time"].clone());
    for (there, here) in names {
        match point.get(*there) {
            None | Some(Value::Null) => {}
            Some(value) => drop(read.insert((*here).to_owned(), value.clone())),
        }
    }
    Value::Object(read)
}

/// Points of one figure that nobody measures: a level, and how far it swings with the hour.
pub(super) fn made(call: &Call<'_>, figure: &str, level: f64) -> Value {
    let frame = Frame::named(Edition::Pdm, call.text("timeframe"));
    let mode = Consolidation::named(call.arguments.text("cf"));
    let last = call.now.as_second().div_euclid(frame.step) * frame.step;
    let points = (0..frame.points).map(|n| {
        let time = last - (frame.points - 1 - n) * frame.step;
        let phase = f64::from(i32::try_from(time.rem_euclid(3600)).unwrap_or(0)) / 3600.0;
        let swing = 1.0 + 0.2 * (phase * std::f64::consts::TAU).sin();
        json!({"time": time, figure: mode.of(level * swing)})
    });
    points.collect()
}
