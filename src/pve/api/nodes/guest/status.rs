//! Lists of guests and the state of one.

use serde_json::{Value, json};

use super::find;
use super::shown::{self, Row};
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::product::Edition;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::pve::world::World;
use crate::pve::world::config::cards;
use crate::pve::world::disk::Role;
use crate::pve::world::gauge::Gauge;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ids::Vmid;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/nodes/{node}/qemu", Handler::Read(list)),
        get("/nodes/{node}/lxc", Handler::Read(list)),
        get(
            "/nodes/{node}/qemu/{vmid}/status/current",
            Handler::Read(current),
        ),
        get(
            "/nodes/{node}/lxc/{vmid}/status/current",
            Handler::Read(current),
        ),
    ]
}

/// The guests of a node that the caller may see.
fn list(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (node, kind) = (call.text("node"), find::kind(call));
    let here = world
        .guests
        .iter()
        .filter(|(_, guest)| guest.node.as_str() == node && guest.kind == kind)
        .filter(|(vmid, _)| call.may(world, &format!("/vms/{vmid}"), &["VM.Audit"]));
    let rows = here.map(|(vmid, guest)| {
        let (mut row, gauge) = shown::row(world, *vmid, guest, call);
        if call.arguments.is_set("full") {
            full(&mut row, *vmid, guest, &gauge, call.context.edition);
        }
        Value::Object(row)
    });
    Ok(Answer::new(rows.collect::<Vec<_>>()))
}

/// The state of one guest.
fn current(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (vmid, guest) = find::guest(world, call)?;
    let (mut row, gauge) = shown::row(world, vmid, guest, call);
    row.insert("ha".to_owned(), availability(world, vmid, guest));
    if guest.kind == Kind::Qemu {
        full(&mut row, vmid, guest, &gauge, call.context.edition);
        if guest.has_agent() {
            row.insert("agent".to_owned(), json!(1));
        }
        display(&mut row, guest);
    }
    Ok(Answer::new(row))
}

fn availability(world: &World, vmid: Vmid, guest: &Guest) -> Value {
    let Some(resource) = world.ha.resources.get(&shown::sid(vmid, guest)) else {
        return json!({"managed": 0});
    };
    let mut state = Row::new();
    state.insert("managed".to_owned(), json!(1));
    state.insert("state".to_owned(), json!(shown::wanted(world, vmid, guest)));
    if let Some(group) = &resource.group {
        state.insert("group".to_owned(), json!(group));
    }
    Value::Object(state)
}

/// `spice` where the display speaks it, and the clipboard of the display.
fn display(row: &mut Row, guest: &Guest) {
    let text = guest.config.text("vga").unwrap_or_default();
    let vga = PropertyString::parse(text, Some("type"), Spelling::Plain).unwrap_or_default();
    let kind = vga.value("type").unwrap_or_default();
    if kind.starts_with("qxl") || kind.starts_with("virtio") {
        row.insert("spice".to_owned(), json!(1));
    }
    if let Some(clipboard) = vga.value("clipboard") {
        row.insert("clipboard".to_owned(), json!(clipboard));
    }
}

/// What only the emulator knows.
fn full(row: &mut Row, vmid: Vmid, guest: &Guest, gauge: &Gauge, edition: Edition) {
    if guest.kind == Kind::Lxc {
        return;
    }
    let status = shown::emulator_status(guest);
    row.insert("qmpstatus".to_owned(), json!(status));
    if !guest.status.is_running() {
        return;
    }
    row.insert("running-machine".to_owned(), json!(machine(guest, edition)));
    row.insert("running-qemu".to_owned(), json!(emulator(edition)));
    row.insert("balloon".to_owned(), json!(gauge.max_memory.bytes()));
    row.insert("ballooninfo".to_owned(), balloon(gauge));
    row.insert("blockstat".to_owned(), drives(guest, gauge));
    row.insert("nics".to_owned(), nics(vmid, guest, gauge));
    row.insert(
        "proxmox-support".to_owned(),
        json!({
            "backup-fleecing": 1, "backup-max-workers": 1, "pbs-dirty-bitmap": 1,
            "pbs-dirty-bitmap-migration": 1, "pbs-dirty-bitmap-savevm": 1,
            "pbs-library-version": "1.5.1 (UNKNOWN)", "pbs-masterkey": 1, "query-bitmap-info": 1,
        }),
    );
}

/// The version of the emulator in a release.
pub(in crate::pve::api) fn emulator(edition: Edition) -> &'static str {
    match edition {
        Edition::Pve7 => "7.2.10",
        Edition::Pve8 => "9.2.0",
        _ => "10.1.2",
    }
}

/// The machine that a running guest sees, with the version that the emulator gives it.
pub(in crate::pve::api) fn machine(guest: &Guest, edition: Edition) -> String {
    let text = guest.config.text("machine").unwrap_or_default();
    let read = PropertyString::parse(text, Some("type"), Spelling::Plain).unwrap_or_default();
    let kind = read.value("type").unwrap_or_default();
    let version = emulator(edition);
    let version = version.rsplit_once('.').map_or(version, |(two, _)| two);
    match kind {
        "q35" => format!("pc-q35-{version}+pve0"),
        "" | "pc" => format!("pc-i440fx-{version}+pve0"),
        named => named.to_owned(),
    }
}

fn balloon(gauge: &Gauge) -> Value {
    let (used, most) = (gauge.memory.bytes(), gauge.max_memory.bytes());
    json!({
        "actual": most, "max_mem": most, "total_mem": most, "free_mem": most.saturating_sub(used),
        "last_update": 0, "mem_swapped_in": 0, "mem_swapped_out": 0,
        "major_page_faults": 0, "minor_page_faults": 0,
    })
}

/// The traffic of each drive: what the guest reads and writes, shared among them.
fn drives(guest: &Guest, gauge: &Gauge) -> Value {
    let drives = guest.drives();
    let disks: Vec<_> = drives
        .iter()
        .filter(|drive| matches!(drive.role, Role::Disk | Role::Cd))
        .collect();
    let count = u64::try_from(
        disks
            .iter()
            .filter(|drive| drive.role == Role::Disk)
            .count(),
    );
    let count = count.unwrap_or(1).max(1);
    let statistics = disks.iter().map(|drive| {
        let share = |whole: u64| match drive.role {
            Role::Disk => whole / count,
            _ => 0,
        };
        let (read, written) = (share(gauge.disk_read), share(gauge.disk_write));
        let figures = json!({
            "rd_bytes": read, "wr_bytes": written,
            "rd_operations": read / 16_384, "wr_operations": written / 8_192,
            "flush_operations": written / 65_536, "rd_merged": 0, "wr_merged": 0,
            "failed_rd_operations": 0, "failed_wr_operations": 0, "failed_flush_operations": 0,
            "invalid_rd_operations": 0, "invalid_wr_operations": 0, "invalid_flush_operations": 0,
            "account_failed": true, "account_invalid": true,
        });
        (drive.key.clone(), figures)
    });
    Value::Object(statistics.collect())
}

fn nics(vmid: Vmid, guest: &Guest, gauge: &Gauge) -> Value {
    let cards = cards(&guest.config);
    let count = u64::try_from(cards.len()).unwrap_or(1).max(1);
    let taps = cards.iter().map(|card| {
        let number = card.key.trim_start_matches("net");
        let traffic = json!({"netin": gauge.net_in / count, "netout": gauge.net_out / count});
        (format!("tap{vmid}i{number}"), traffic)
    });
    Value::Object(taps.collect())
}
