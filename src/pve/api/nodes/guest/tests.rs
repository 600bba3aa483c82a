//! Stories of guests, each against the default world, with what other endpoints show afterwards.

use serde_json::{Value, json};

use crate::proxmox::service::testing::Desk;
use crate::pve::testing::{desk, desk_of, holds};
use crate::pve::world::World;
use crate::pve::world::guest::{Lock, Status};
use crate::pve::world::ids::Vmid;

mod agent;

mod console;

mod journeys;

mod power;

mod reads;

mod snapshots;

/// The guest of that number.
fn vmid(number: u32) -> Vmid {
    Vmid::new(number).unwrap()
}

/// Changes a guest behind the product's back.
fn set(desk: &Desk<World>, number: u32, change: impl FnOnce(&mut crate::pve::world::guest::Guest)) {
    desk.change(|world| change(world.guests.get_mut(&vmid(number)).unwrap()));
}

fn lock(desk: &Desk<World>, number: u32, lock: Option<Lock>) {
    set(desk, number, |guest| guest.lock = lock);
}

fn turn(desk: &Desk<World>, number: u32, status: Status) {
    let now = desk.now();
    desk.change(|world| world.power(vmid(number), status, now));
}

/// How the task of a call ends, or the status line of its refusal.
fn outcome(desk: &Desk<World>, line: &str, body: &str) -> String {
    let got = desk.ask(line, body);
    match got.data() {
        Value::String(upid) if upid.starts_with("UPID:") => desk.exit_status(upid),
        _ => got.status,
    }
}
