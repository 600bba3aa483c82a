//! What instruments of a node showed: its curves, and the counters of its guests' cards.

mod picture;

use serde_json::{Map, Value, json};

use super::machine;
use super::status;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::rrd::{Consolidation, Frame, swing};
use crate::pve::world::World;
use crate::pve::world::gauge::{self, Gauge, Moment};
use crate::pve::world::ids::NodeName;
use crate::pve::world::node::Node;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::Read;
    vec![
        get("/nodes/{node}/rrd", Read(picture)),
        get("/nodes/{node}/rrddata", Read(data)),
        get("/nodes/{node}/netstat", Read(counters)),
    ]
}

fn data(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let frame = Frame::named(call.context.edition, call.text("timeframe"));
    let points = frame.moments(call.now).map(|at| {
        let mut point = Map::new();
        point.insert("time".to_owned(), json!(at.as_second()));
        // While it was not up, nobody measured.
        if node.is_online() && at >= node.started {
            let seed = call.context.seed;
            measure(
                &mut point,
                world,
                (name, node),
                Moment { now: at, seed },
                call,
            );
        }
        Value::Object(point)
    });
    Ok(Answer::new(points.collect::<Vec<_>>()))
}

fn measure(
    point: &mut Map<String, Value>,
    world: &World,
    (name, node): (&NodeName, &Node),
    moment: Moment,
    call: &Call<'_>,
) {
    let gauge = gauge::of_node(world, name, node, moment);
    let how = Consolidation::named(call.arguments.text("cf"));
    let level = |stream: u64| {
        let thing = u64::from(node.id) << 40 | stream;
        how.of(swing(moment.seed, thing, moment.now))
    };
    let cpu = (gauge.cpu * level(1)).clamp(0.0, 1.0);
    let (received, sent) = traffic(world, name, moment);
    let mut set = |key: &str, value: Value| point.insert(key.to_owned(), value);
    set("cpu", json!(cpu));
    set("maxcpu", json!(gauge.max_cpu));
    set("iowait", json!(status::wait(&gauge) * level(2)));
    set("loadavg", json!(status::load_average(&gauge) * level(3)));
    set("memtotal", json!(gauge.max_memory.bytes()));
    set("memused", json!(gauge.memory.bytes()));
    set("swaptotal", json!(node.swap.size.bytes()));
    set("swapused", json!(node.swap.used.bytes()));
    set("roottotal", json!(gauge.max_disk.bytes()));
    set("rootused", json!(gauge.disk.bytes()));
    set("netin", json!((received * level(4)).round()));
    set("netout", json!((sent * level(5)).round()));
    if call.context.edition == Edition::Pve9 {
        recent(point, &gauge, cpu);
    }
}

/// What the product measures since 9.
fn recent(point: &mut Map<String, Value>, gauge: &Gauge, cpu: f64) {
    let available = gauge
        .max_memory
        .bytes()
        .saturating_sub(gauge.memory.bytes());
    point.insert("memavailable".to_owned(), json!(available));
    point.insert("arcsize".to_owned(), json!(0));
    let share = (cpu * 100.0).round() / 10.0;
    for (name, share) in [
        ("pressurecpusome", share),
        ("pressureiosome", (share * 10.0).round() / 100.0),
        ("pressureiofull", 0.0),
        ("pressurememorysome", 0.0),
        ("pressurememoryfull", 0.0),
    ] {
        point.insert(name.to_owned(), json!(share));
    }
}

/// Bytes in a second, in and out: those of the guests, and a little of the node itself.
fn traffic(world: &World, name: &NodeName, moment: Moment) -> (f64, f64) {
    let mut sum = (2_000.0, 1_500.0);
    for (vmid, guest) in world.guests_on(name) {
        let gauge = gauge::of_guest(world, vmid, guest, moment);
        if gauge.uptime > 0 {
            let rate = |total: u64| u32::try_from(total / gauge.uptime).map_or(0.0, f64::from);
            sum.0 += rate(gauge.net_in);
            sum.1 += rate(gauge.net_out);
        }
    }
    sum
}

/// The product draws a picture, and names a file that it does not write.
fn picture(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, _) = machine::node(world, call)?;
    let sources = call.arguments.list("ds").join("_");
    let folder = match call.context.edition {
        Edition::Pve9 => "pve-node-9.0",
        _ => "pve2-node",
    };
    let file = format!("/var/lib/rrdcached/db/{folder}/{name}_{sources}.png");
    drawn(call, &data(world, call)?, file)
}

/// The picture of the sources that a call names, of what its curves showed.
///
/// # Errors
/// More sources than there are colours.
pub(in crate::pve::api) fn drawn(
    call: &Call<'_>,
    curves: &Answer,
    filename: String,
) -> Result<Answer, Fault> {
    let sources = call.arguments.list("ds");
    let sources: Vec<&str> = sources.iter().map(AsRef::as_ref).collect();
    if sources.len() > picture::MOST_SOURCES {
        let text = "fixme: no color definition at /usr/share/perl5/PVE/RRD.pm line 193.";
        return Err(Fault::Failed(text.to_owned()));
    }
    let image = picture::picture(&curves.data, &sources);
    Ok(Answer::new(json!({"filename": filename, "image": image})))
}

/// The counters of the cards of guests that run. The kernel counts on the other side: what it sent came in.
fn counters(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, _) = machine::node(world, call)?;
    let mut rows = Vec::new();
    for (vmid, guest) in world.guests_on(name) {
        let gauge = gauge::of_guest(world, vmid, guest, status::moment(call));
        if gauge.uptime == 0 {
            continue;
        }
        let cards = guest.cards();
        let count = u64::try_from(cards.len()).unwrap_or(1).max(1);
        for card in cards {
            // Texts, as everything that the product reads of `/proc` and does not count with.
            rows.push(json!({
                "vmid": vmid.to_string(),
                "dev": card.key,
                "in": (gauge.net_in / count).to_string(),
                "out": (gauge.net_out / count).to_string(),
            }));
        }
    }
    Ok(Answer::new(rows))
}
