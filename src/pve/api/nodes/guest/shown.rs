//! Guests as lists show them, one row for each: `/nodes/{node}/qemu`, `/nodes/{node}/lxc`, and the members that
//! `/cluster/resources` has in common with them.
//!
//! Which JSON type each member has is proxmox.md 4.0; what is left out of a guest that does not run matters to
//! clients as much as what is there.

use serde_json::{Map, Value, json};

use crate::proxmox::call::Call;
use crate::proxmox::product::Edition;
use crate::pve::world::World;
use crate::pve::world::gauge::{self, Gauge, Moment};
use crate::pve::world::guest::{Guest, Kind, Status};
use crate::pve::world::ha::{Sid, Wanted};
use crate::pve::world::ids::Vmid;

/// A JSON object that is being filled.
pub(in crate::pve::api) type Row = Map<String, Value>;

/// The moment at which a call looks.
pub(in crate::pve::api) fn moment(call: &Call<'_>) -> Moment {
    Moment {
        now: call.now,
        seed: call.context.seed,
    }
}

/// What all lists of guests show of one, the figures of its load among it.
pub(in crate::pve::api) fn row(
    world: &World,
    vmid: Vmid,
    guest: &Guest,
    call: &Call<'_>,
) -> (Row, Gauge) {
    let gauge = gauge::of_guest(world, vmid, guest, moment(call));
    let mut row = Row::new();
    row.insert("vmid".to_owned(), json!(vmid.number()));
    row.insert("name".to_owned(), json!(guest.name(vmid)));
    row.insert("status".to_owned(), json!(guest.status.as_str()));
    figures(&mut row, &gauge);
    row.insert("cpus".to_owned(), json!(gauge.max_cpu));
    if guest.status.is_running() {
        row.insert("pid".to_owned(), json!(process(world, vmid, guest)));
    }
    marks(&mut row, guest);
    match guest.kind {
        Kind::Qemu => of_machine(&mut row, guest, &gauge, call.context.edition),
        Kind::Lxc => of_container(&mut row, guest, &gauge),
    }
    if call.context.edition == Edition::Pve9 && guest.status.is_running() {
        pressure(&mut row, guest.kind, &gauge);
    }
    (row, gauge)
}

/// The load, as every list has it.
pub(in crate::pve::api) fn figures(row: &mut Row, gauge: &Gauge) {
    row.insert("cpu".to_owned(), json!(gauge.cpu));
    row.insert("mem".to_owned(), json!(gauge.memory.bytes()));
    row.insert("maxmem".to_owned(), json!(gauge.max_memory.bytes()));
    row.insert("disk".to_owned(), json!(gauge.disk.bytes()));
    row.insert("maxdisk".to_owned(), json!(gauge.max_disk.bytes()));
    row.insert("uptime".to_owned(), json!(gauge.uptime));
    row.insert("netin".to_owned(), json!(gauge.net_in));
    row.insert("netout".to_owned(), json!(gauge.net_out));
    row.insert("diskread".to_owned(), json!(gauge.disk_read));
    row.insert("diskwrite".to_owned(), json!(gauge.disk_write));
}

/// Tags, lock and template, each only where there is one: clients take any `template` for a template.
fn marks(row: &mut Row, guest: &Guest) {
    if let Some(tags) = guest.tags() {
        row.insert("tags".to_owned(), json!(tags));
    }
    if let Some(lock) = guest.lock {
        row.insert("lock".to_owned(), json!(lock.as_str()));
    }
    if guest.is_template() {
        row.insert("template".to_owned(), json!(1));
    }
}

fn of_machine(row: &mut Row, guest: &Guest, gauge: &Gauge, edition: Edition) {
    let is_serial = |key: &str| key.strip_prefix("serial").is_some_and(|n| n.len() == 1);
    if guest.config.iter().any(|(key, _)| is_serial(key)) {
        row.insert("serial".to_owned(), json!(1));
    }
    if edition == Edition::Pve9 {
        row.insert("memhost".to_owned(), json!(memory_of_host(gauge)));
    }
}

/// What a machine takes of its node's memory: the part that it ever touched, and its own process.
pub(in crate::pve::api) fn memory_of_host(gauge: &Gauge) -> u64 {
    match gauge.uptime {
        0 => 0,
        _ => gauge.memory.bytes().saturating_add(128 << 20),
    }
}

fn of_container(row: &mut Row, guest: &Guest, gauge: &Gauge) {
    row.insert("type".to_owned(), json!("lxc"));
    row.insert("maxswap".to_owned(), json!(guest.swap().bytes()));
    let swap = guest.swap().bytes() / 64;
    let swap = if gauge.uptime == 0 { 0 } else { swap };
    row.insert("swap".to_owned(), json!(swap));
}

/// How long tasks wait for processor, disk and memory, in percent: little, and the more the busier the guest is.
fn pressure(row: &mut Row, kind: Kind, gauge: &Gauge) {
    let level = (gauge.cpu * 1000.0).round() / 100.0;
    let shares = [
        ("pressurecpusome", level),
        ("pressurecpufull", 0.0),
        ("pressureiosome", (level * 10.0).round() / 100.0),
        ("pressureiofull", 0.0),
        ("pressurememorysome", 0.0),
        ("pressurememoryfull", 0.0),
    ];
    for (name, share) in shares {
        if kind == Kind::Qemu || name != "pressurecpufull" {
            row.insert(name.to_owned(), json!(share));
        }
    }
}

/// The process of a running guest: another one after each start.
fn process(world: &World, vmid: Vmid, guest: &Guest) -> i64 {
    let since = world.running_since(guest);
    let since = since.map_or(0, |since| since.as_second());
    1_000 + (since + i64::from(vmid.number()) * 7_919).rem_euclid(4_000_000)
}

/// `qmpstatus`: what the emulator itself says.
pub(in crate::pve::api) fn emulator_status(guest: &Guest) -> &'static str {
    match guest.status {
        Status::Running => "running",
        Status::Paused => "paused",
        Status::Stopped => "stopped",
    }
}

/// The id under which high availability knows a guest.
pub(in crate::pve::api) fn sid(vmid: Vmid, guest: &Guest) -> Sid {
    let kind = guest.kind;
    Sid { kind, vmid }
}

/// Whether starts and stops of a guest go through high availability; resources that are `ignored` are as if they
/// were none (`PVE::HA::Config`, `vm_is_ha_managed`).
pub(in crate::pve::api) fn is_managed(world: &World, vmid: Vmid, guest: &Guest) -> bool {
    let resource = world.ha.resources.get(&sid(vmid, guest));
    resource.is_some_and(|resource| resource.state != Wanted::Ignored)
}

/// What high availability wants of a guest: `hastate` in lists; nothing where it does not know the guest.
pub(in crate::pve::api) fn wanted(
    world: &World,
    vmid: Vmid,
    guest: &Guest,
) -> Option<&'static str> {
    let resource = world.ha.resources.get(&sid(vmid, guest))?;
    Some(match resource.state {
        Wanted::Started => "started",
        Wanted::Stopped => "stopped",
        Wanted::Ignored => "ignored",
        Wanted::Disabled => "disabled",
    })
}
