//! The journal of a node: what its start and its tasks left there.
//!
//! Nothing is written down: lines follow from when the node came up, what it is made of, and the tasks it has run,
//! so that two calls see the same journal and a task is in it as soon as it begins.

use jiff::{SignedDuration, Timestamp};

use super::World;
use super::ids::NodeName;
use super::node::{Node, ServiceState};
use crate::proxmox::task::{State, Task};

/// A line of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it, with the number of the process: `pvedaemon[1234]`.
    pub source: String,
    /// The service it belongs to.
    pub unit: String,
    /// What it says.
    pub text: String,
}

/// The journal of a node up to a moment, the oldest line first.
pub fn of_node(world: &World, name: &NodeName, node: &Node, now: Timestamp) -> Vec<Entry> {
    let mut entries = boot(node);
    let tasks = world.tasks.tasks();
    for task in tasks.filter(|task| task.upid.node == name.as_str()) {
        entries.extend(of_task(task, now));
    }
    entries.retain(|entry| entry.at <= now);
    entries.sort_by_key(|entry| entry.at);
    entries
}

/// What is written while a machine comes up: the kernel about its parts, then the services.
fn boot(node: &Node) -> Vec<Entry> {
    let mut entries = Vec::new();
    let kernel = |text: String| Entry {
        at: node.started,
        source: "kernel".to_owned(),
        unit: "kernel".to_owned(),
        text,
    };
    entries.push(kernel(
        "Command line: root=/dev/mapper/pve-root ro quiet".to_owned(),
    ));
    entries.push(kernel(format!("smpboot: CPU0: {}", node.processors.model)));
    entries.push(kernel(format!(
        "smp: Brought up 1 node, {} CPUs",
        node.processors.threads
    )));
    let memory = node.memory.size.bytes() / 1024;
    entries.push(kernel(format!("Memory: {memory}K total")));
    for (device, disk) in &node.disks {
        let name = device.rsplit('/').next().unwrap_or_default();
        entries.push(kernel(format!(
            "{name}: {} bytes: {}",
            disk.size.bytes(),
            disk.model
        )));
    }
    for (name, interface) in &node.network {
        if interface.autostart {
            entries.push(kernel(format!("{name}: link becomes ready")));
        }
    }
    let services = node.services.iter();
    let running = services.filter(|(_, service)| service.state == ServiceState::Running);
    for (n, (name, service)) in (1_i64..).zip(running) {
        entries.push(Entry {
            // One after the other, as they depend on each other.
            at: later(node.started, n),
            source: "systemd[1]".to_owned(),
            unit: name.to_owned(),
            text: format!("Started {name}.service - {}.", service.description),
        });
    }
    entries
}

/// The daemon that took the call says when a task begins and ends; the task itself says what it does.
fn of_task(task: &Task, now: Timestamp) -> Vec<Entry> {
    let upid = &task.upid;
    let daemon = |at: Timestamp, text: String| Entry {
        at,
        source: "pvedaemon[1204]".to_owned(),
        unit: "pvedaemon".to_owned(),
        text,
    };
    let mut entries = vec![daemon(
        task.started,
        format!("<{}> starting task {upid}", upid.user),
    )];
    if let Some(line) = task.lines.first() {
        entries.push(Entry {
            at: task.started,
            source: format!("pvedaemon[{}]", upid.process.pid),
            unit: "pvedaemon".to_owned(),
            text: format!("{}: {upid}", line.text),
        });
    }
    if let State::Stopped { at, outcome } = task.state(now) {
        entries.push(daemon(
            at,
            format!("<{}> end task {upid} {}", upid.user, outcome.exit_status()),
        ));
    }
    entries
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(at)
}
