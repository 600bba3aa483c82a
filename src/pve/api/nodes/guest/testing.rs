//! What tests of guests look at again and again.

use serde_json::Value;

pub(in crate::pve::api) use crate::pve::testing::holds;

use crate::proxmox::service::testing::{Desk, Got};
use crate::pve::world::World;
use crate::pve::world::guest::Guest;
use crate::pve::world::ids::Vmid;

/// The number of a guest.
pub(in crate::pve::api) fn vmid(number: u32) -> Vmid {
    Vmid::new(number).unwrap()
}

/// The guest of that number.
pub(in crate::pve::api) fn guest(desk: &Desk<World>, number: u32) -> Guest {
    desk.world().guests[&vmid(number)].clone()
}

/// A key of a guest's configuration; empty without it.
pub(in crate::pve::api) fn option(desk: &Desk<World>, number: u32, key: &str) -> String {
    let guest = guest(desk, number);
    guest.config.text(key).unwrap_or_default().to_owned()
}

/// A call that must be refused, or start a task that fails: the words.
pub(in crate::pve::api) fn refusal(desk: &Desk<World>, line: &str, body: &str) -> String {
    words(desk, desk.ask(line, &form(body)))
}

/// What came back, in words: those of the refusal, or how the task ended.
pub(in crate::pve::api) fn words(desk: &Desk<World>, got: Got) -> String {
    if got.status.starts_with("200") {
        let upid = got.body["data"].as_str().expect("a task").to_owned();
        return format!("task: {}", desk.exit_status(&upid));
    }
    match got.body["errors"].as_object() {
        Some(errors) => format!("{} {}", &got.status[..3], Value::from(errors.clone())),
        None => got.status,
    }
}

/// A call that must be 200: its `data`.
pub(in crate::pve::api) fn must(desk: &Desk<World>, line: &str, body: &str) -> Value {
    desk.must(line, &form(body))
}

/// A call whose task must end well: the task's id.
pub(in crate::pve::api) fn task(desk: &Desk<World>, line: &str, body: &str) -> String {
    desk.task(line, &form(body))
}

/// A form whose values may have `=` and `;` in them, which the product reads otherwise.
pub(in crate::pve::api) fn form(body: &str) -> String {
    let pairs = body.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) => {
            let value = value.replace('=', "%3D").replace(';', "%3B");
            format!("{name}={value}")
        }
        None => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Whether a volume is there.
pub(in crate::pve::api) fn has_volume(desk: &Desk<World>, node: &str, id: &str) -> bool {
    let world = desk.world();
    world
        .volume(&id.parse().unwrap(), &node.parse().unwrap())
        .is_some()
}
