//! The curves of guests.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::find;
use super::shown;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::rrd::{Consolidation, Frame, swing};
use crate::pve::api::nodes::graphs::drawn;
use crate::pve::world::World;
use crate::pve::world::gauge::{self, Gauge, Moment};
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::Vmid;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/qemu/{vmid}/rrddata", Handler::Read(data)),
        get("/nodes/{node}/lxc/{vmid}/rrddata", Handler::Read(data)),
        get("/nodes/{node}/qemu/{vmid}/rrd", Handler::Read(picture)),
        get("/nodes/{node}/lxc/{vmid}/rrd", Handler::Read(picture)),
    ]
}

fn data(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let frame = Frame::named(call.context.edition, call.text("timeframe"));
    let how = Consolidation::named(call.arguments.text("cf"));
    let born = born(guest);
    let points = frame.moments(call.now).map(|at| {
        let mut point = Map::new();
        point.insert("time".to_owned(), json!(at.as_second()));
        // Before it was made, there was nothing to measure.
        if born.is_none_or(|born| at >= born) {
            measure(&mut point, world, vmid, guest, call, at, how);
        }
        Value::Object(point)
    });
    Ok(Answer::new(points.collect::<Vec<_>>()))
}

/// When it was made, as its configuration says (`meta`).
fn born(guest: &Guest) -> Option<Timestamp> {
    let meta = guest.config.text("meta")?;
    let ctime = meta
        .split(',')
        .find_map(|part| part.strip_prefix("ctime="))?;
    Timestamp::from_second(ctime.parse().ok()?).ok()
}

fn measure(
    point: &mut Map<String, Value>,
    world: &World,
    vmid: Vmid,
    guest: &Guest,
    call: &Call<'_>,
    at: Timestamp,
    how: Consolidation,
) {
    let seed = call.context.seed;
    let gauge = gauge::of_guest(world, vmid, guest, Moment { now: at, seed });
    point.insert("maxcpu".to_owned(), json!(gauge.max_cpu));
    point.insert("maxmem".to_owned(), json!(gauge.max_memory.bytes()));
    point.insert("maxdisk".to_owned(), json!(gauge.max_disk.bytes()));
    point.insert("disk".to_owned(), json!(gauge.disk.bytes()));
    // What does not run has no load, not a load of nothing.
    if gauge.uptime == 0 {
        return;
    }
    let thing = u64::from(vmid.number());
    let level = |stream: u64| how.of(swing(seed, thing << 8 | stream, at));
    let cpu = (gauge.cpu * level(1)).clamp(0.0, 1.0);
    point.insert("cpu".to_owned(), json!(cpu));
    point.insert("mem".to_owned(), json!(gauge.memory.bytes()));
    for (stream, (name, total)) in (2..).zip(counters(&gauge)) {
        let rate = total / gauge.uptime;
        let rate = u32::try_from(rate).map_or(f64::from(u32::MAX), f64::from);
        point.insert(name.to_owned(), json!((rate * level(stream)).round()));
    }
    if call.context.edition == Edition::Pve9 {
        recent(point, guest.kind, &gauge, cpu);
    }
}

fn counters(gauge: &Gauge) -> [(&'static str, u64); 4] {
    [
        ("netin", gauge.net_in),
        ("netout", gauge.net_out),
        ("diskread", gauge.disk_read),
        ("diskwrite", gauge.disk_write),
    ]
}

/// What the product measures since 9.
fn recent(point: &mut Map<String, Value>, kind: Kind, gauge: &Gauge, cpu: f64) {
    let host = match kind {
        Kind::Qemu => shown::memory_of_host(gauge),
        Kind::Lxc => gauge.memory.bytes(),
    };
    point.insert("memhost".to_owned(), json!(host));
    let share = (cpu * 100.0).round() / 10.0;
    for (name, share) in [
        ("pressurecpusome", share),
        ("pressurecpufull", 0.0),
        ("pressureiosome", (share * 10.0).round() / 100.0),
        ("pressureiofull", 0.0),
        ("pressurememorysome", 0.0),
        ("pressurememoryfull", 0.0),
    ] {
        point.insert(name.to_owned(), json!(share));
    }
}

/// The product draws a picture, and names a file that it does not write.
fn picture(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, _) = find::guest(world, call)?;
    let sources = call.arguments.list("ds").join("_");
    let folder = match call.context.edition {
        Edition::Pve9 => "pve-vm-9.0",
        _ => "pve2-vm",
    };
    let name = format!("/var/lib/rrdcached/db/{folder}/{vmid}_{sources}.png");
    drawn(call, &data(world, call)?, name)
}
