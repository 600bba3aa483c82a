//! `/nodes`, `/nodes/{node}/status` and `/nodes/{node}/rrd`: the machine and its load.

use serde_json::{Value, json};

use crate::pbs::world::World;
use crate::pbs::world::gauge::{self, Gauge, Moment};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::rrd::{Consolidation, Frame, swing};
use crate::routes::Route;
use crate::routes::route::{get, post};

pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes", Handler::Read(list)),
        get("/nodes/{node}/status", Handler::Read(status)),
        post("/nodes/{node}/status", Handler::Write(restart)),
        get("/nodes/{node}/rrd", Handler::Read(rrd)),
    ]
}

const KERNEL: &str = "6.17.4-1-pve";

const KERNEL_VERSION: &str = "#1 SMP PREEMPT_DYNAMIC PMX 6.17.4-1 (2025-12-03T15:42Z)";

fn list(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    Ok(Answer::new(json!([{"node": world.node.name}])))
}

fn gauge(world: &World, call: &Call<'_>, now: jiff::Timestamp) -> Gauge {
    let seed = call.context.seed;
    gauge::of_node(&world.node, Moment { now, seed })
}

fn status(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let node = &world.node;
    let gauge = gauge(world, call, call.now);
    let room = |size: u64, used: u64| json!({"total": size, "used": used, "free": size.saturating_sub(used)});
    let mut data: Value = json!({
        "cpu": gauge.cpu,
        "wait": gauge.wait,
        "loadavg": gauge.load,
        "uptime": gauge.uptime,
        "memory": room(node.memory.size, gauge.memory),
        "swap": room(node.swap.size, node.swap.used),
        "root": {
            "total": node.root.size,
            "used": node.root.used,
            "avail": node.root.size.saturating_sub(node.root.used),
        },
        "kversion": format!("Linux {KERNEL} {KERNEL_VERSION}"),
        "current-kernel": {
            "sysname": "Linux",
            "release": KERNEL,
            "version": KERNEL_VERSION,
            "machine": "x86_64",
        },
        "boot-info": {"mode": "efi", "secureboot": false},
    });
    data["cpuinfo"] = json!({
        "model": node.processors.model,
        "sockets": node.processors.sockets,
        "cpus": node.processors.cpus,
    });
    data["info"] = json!({"fingerprint": node.certificate.fingerprint});
    Ok(Answer::new(data))
}

/// The machine is up again at once, or when somebody presses its button, which is at once as well.
fn restart(world: &mut World, call: &Call<'_>) -> Result<Answer, Fault> {
    world.node.started = jiff::Timestamp::from_second(call.now.as_second()).unwrap_or(call.now);
    Ok(Answer::default())
}

fn rrd(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let seed = call.context.seed;
    let node = &world.node;
    let frame = Frame::named(call.context.edition, call.text("timeframe"));
    let way = Consolidation::named(call.arguments.text("cf"));
    let points = frame.moments(call.now).map(|at| {
        if at < node.started {
            return json!({"time": at.as_second()});
        }
        let gauge = gauge(world, call, at);
        let level = |stream: u64, mean: f64| way.of(swing(seed, stream, at) * mean);
        json!({
            "time": at.as_second(),
            "cpu": way.of(gauge.cpu).min(1.0),
            "iowait": way.of(gauge.wait).min(1.0),
            "loadavg": gauge.load[0],
            "memtotal": node.memory.size,
            "memused": gauge.memory,
            "swaptotal": node.swap.size,
            "swapused": node.swap.used,
            "total": node.root.size,
            "used": node.root.used,
            "netin": level(11, 240_000.0),
            "netout": level(12, 90_000.0),
            "read_ios": level(13, 6.0),
            "write_ios": level(14, 18.0),
            "read_bytes": level(15, 210_000.0),
            "write_bytes": level(16, 1_100_000.0),
            "io_ticks": way.of(gauge.wait),
        })
    });
    Ok(Answer::new(points.collect::<Vec<_>>()))
}
