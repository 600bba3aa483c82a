//! The cluster as a whole: who is in it, which number is free, and what happened lately.

use std::cmp::Reverse;

use serde_json::{Value, json};

use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::proxmox::property_string::{PropertyString, Spelling};
use crate::proxmox::state::State as _;
use crate::proxmox::task::{Outcome, State, Task};
use crate::pve::world::World;
use crate::pve::world::ids::Vmid;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    vec![
        get("/cluster/status", Handler::Read(status)),
        get("/cluster/nextid", Handler::Read(next_id)),
        get("/cluster/log", Handler::Read(log)),
    ]
}

/// A machine of its own has no row for a cluster (proxmox.md 4.6).
fn status(world: &World, _: &Call<'_>) -> Result<Answer, Fault> {
    let own = world.own_node();
    let mut rows = Vec::new();
    if let Some(name) = &world.cluster.name {
        rows.push(json!({
            "type": "cluster",
            "id": "cluster",
            "name": name,
            "version": world.cluster.version,
            "nodes": world.nodes.len(),
            "quorate": world.is_quorate(),
        }));
    }
    let nodes = world.nodes.iter().map(|(name, node)| {
        json!({
            "type": "node",
            "id": format!("node/{name}"),
            "name": name.as_str(),
            "nodeid": if world.cluster.name.is_some() { node.id } else { 0 },
            "ip": node.address.to_string(),
            "local": name.as_str() == own,
            "online": node.is_online(),
            "level": "",
        })
    });
    rows.extend(nodes);
    Ok(Answer::new(rows))
}

/// The lowest free number in the range that the options give, as a text, because Perl counts in texts here
/// (proxmox.md 4.0).
fn next_id(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    if let Some(wanted) = call.arguments.integer("vmid") {
        let vmid = u32::try_from(wanted).ok().and_then(Vmid::new);
        if vmid.is_some_and(|vmid| world.guests.contains_key(&vmid)) {
            return Err(Fault::parameter(
                "vmid",
                format!("VM {wanted} already exists"),
            ));
        }
        return Ok(Answer::new(wanted.to_string()));
    }
    let (lower, upper) = range(world);
    let free = Vmid::new(lower).and_then(|from| world.free_vmid(from));
    match free.filter(|vmid| vmid.number() < upper) {
        Some(vmid) => Ok(Answer::new(vmid.to_string())),
        // From memory of `PVE::API2::Cluster`.
        None => Err(Fault::Failed(format!(
            "unable to get any free VMID in range [{lower}, {upper}]"
        ))),
    }
}

/// What `next-id` of the options says; the upper end does not belong to it.
fn range(world: &World) -> (u32, u32) {
    let options = &world.cluster.options.0;
    let text = options.get("next-id").and_then(Value::as_str);
    let read = PropertyString::parse(text.unwrap_or_default(), None, Spelling::Plain);
    let read = read.unwrap_or_default();
    let number = |name: &str| read.value(name)?.parse::<u32>().ok();
    (
        number("lower").unwrap_or(100),
        number("upper").unwrap_or(1_000_000),
    )
}

/// How many lines the log of the cluster keeps; it is a ring in memory.
const LOG: usize = 1_000;

/// What the daemons wrote about tasks, the newest first. Who may not read the system's log sees what is about
/// itself (`PVE::API2::Cluster`).
fn log(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let reader = call.may(world, "/", &["Sys.Syslog"]);
    let caller = call.caller.to_string();
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for task in world.tasks.tasks() {
        let user = task.upid.user.to_string();
        if reader || user == caller {
            entries.extend(said(task, call.now.as_second(), call));
        }
    }
    entries.sort_by_key(|entry| Reverse(entry.time));
    let most = call.arguments.integer("max");
    let most = most.and_then(|most| usize::try_from(most).ok());
    entries.truncate(most.unwrap_or(LOG).min(LOG));
    let count = entries.len();
    let rows = entries.into_iter().enumerate();
    let rows = rows.map(|(n, entry)| entry.shown(count - n));
    Ok(Answer::new(rows.collect::<Value>()))
}

/// One line of the cluster's log.
struct Entry<'a> {
    time: i64,
    task: &'a Task,
    /// How the task ended, for the line about that.
    end: Option<Outcome>,
}

fn said<'a>(task: &'a Task, now: i64, call: &Call<'_>) -> impl Iterator<Item = Entry<'a>> {
    let begin = Entry {
        time: task.started.as_second(),
        task,
        end: None,
    };
    let end = match task.state(call.now) {
        State::Stopped { at, outcome } => Some(Entry {
            time: at.as_second(),
            task,
            end: Some(outcome),
        }),
        State::Running => None,
    };
    // The end stands before the beginning of the same second, because the list is turned around.
    let lines = end.into_iter().chain([begin]);
    lines.filter(move |entry| entry.time <= now)
}

impl Entry<'_> {
    fn shown(&self, number: usize) -> Value {
        let upid = &self.task.upid;
        let user = upid.user.to_string();
        let (severity, message) = match &self.end {
            None => (6, format!("<{user}> starting task {upid}")),
            Some(end) => {
                let severity = if matches!(end, Outcome::Error(_)) {
                    3
                } else {
                    6
                };
                let status = end.exit_status();
                (severity, format!("<{user}> end task {upid} {status}"))
            }
        };
        json!({
            "id": format!("{number}:{}", upid.node),
            "uid": number,
            "node": upid.node,
            "time": self.time,
            "pri": severity,
            "tag": "pvedaemon",
            "pid": upid.process.pid,
            "user": user,
            "msg": message,
        })
    }
}
