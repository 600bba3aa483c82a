//! The journal of a node in its two forms: numbered lines, and lines between two cursors.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use serde_json::{Value, json};

use super::machine;
use crate::proxmox::call::{Call, Handler};
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::ids::NodeName;
use crate::pve::world::journal::{self, Entry};
use crate::pve::world::node::Node;
use crate::pve::world::time_zone;
use crate::routes::Route;
use crate::routes::route::get;

/// Their handlers.
pub(super) fn routes() -> Vec<Route<Handler<World>>> {
    use Handler::Read;
    vec![
        get("/nodes/{node}/syslog", Read(syslog)),
        get("/nodes/{node}/journal", Read(lines)),
    ]
}

/// A line as `journalctl -o short` writes it, in the node's own time.
fn written(name: &NodeName, node: &Node, entry: &Entry) -> String {
    let at = time_zone::wall(&node.time_zone, entry.at);
    let at = at.strftime("%b %d %H:%M:%S");
    format!("{at} {name} {}: {}", entry.source, entry.text)
}

fn syslog(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let since = bound(call, "since", node);
    let until = bound(call, "until", node);
    let service = match call.text("service") {
        "postfix@-" => "postfix",
        "ssh" => "sshd",
        service => service.trim_end_matches(".service"),
    };
    let mut entries = journal::of_node(world, name, node, call.now);
    entries.retain(|entry| {
        since.is_none_or(|since| entry.at >= since)
            && until.is_none_or(|until| entry.at <= until)
            && (service.is_empty() || entry.unit == service)
    });
    let number = |name: &str| {
        let number = call.arguments.integer(name).unwrap_or_default();
        usize::try_from(number).unwrap_or_default()
    };
    let limit = match number("limit") {
        0 => 50,
        limit => limit,
    };
    let lines = entries.iter().enumerate();
    let lines = lines.skip(number("start")).take(limit);
    let mut rows: Vec<Value> = lines
        .map(|(n, entry)| json!({"n": n + 1, "t": written(name, node, entry)}))
        .collect();
    // Never nothing: the product's own list cannot take that.
    if entries.is_empty() {
        rows.push(json!({"n": 1, "t": "no content"}));
    }
    Ok(Answer::new(rows).with("total", entries.len().max(1)))
}

/// A bound as clocks on the node's wall show it: `2026-01-05`, with or without a time.
fn bound(call: &Call<'_>, name: &str, node: &Node) -> Option<Timestamp> {
    let text = call.arguments.text(name)?;
    let (date, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    let date: Date = date.parse().ok()?;
    let time: Time = time.parse().ok()?;
    time_zone::moment(&node.time_zone, DateTime::from_parts(date, time))
}

/// Lines between two cursors, which are themselves the first and the last item (`mini-journalreader -j`).
fn lines(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let (name, node) = machine::node(world, call)?;
    let entries = journal::of_node(world, name, node, call.now);
    let all = entries.len();
    let number = |name: &str| call.arguments.integer(name).filter(|number| *number > 0);
    let position = |name: &str| call.arguments.text(name).and_then(position);
    let mut from = 0;
    let mut to = all;
    if let Some(since) = number("since") {
        from = entries.partition_point(|entry| entry.at.as_second() < since);
    }
    if let Some(until) = number("until") {
        to = entries.partition_point(|entry| entry.at.as_second() <= until);
    }
    if let Some(last) = number("lastentries") {
        let last = usize::try_from(last).unwrap_or(usize::MAX);
        from = from.max(to.saturating_sub(last));
    }
    if let Some(cursor) = position("startcursor") {
        from = from.max(cursor.saturating_add(1));
    }
    if let Some(cursor) = position("endcursor") {
        to = to.min(cursor);
    }
    let to = to.min(all);
    let shown = entries.get(from.min(to)..to).unwrap_or_default();
    let mut rows = Vec::with_capacity(shown.len() + 2);
    let end = from.min(to) + shown.len();
    rows.extend(
        entries
            .get(from.min(all.saturating_sub(1)))
            .map(|entry| cursor(node, from, entry)),
    );
    rows.extend(shown.iter().map(|entry| written(name, node, entry)));
    let last = end.saturating_sub(1);
    rows.extend(entries.get(last).map(|entry| cursor(node, last, entry)));
    Ok(Answer::new(rows))
}

/// A cursor: which line it is, of which start of the machine, and when it was written.
fn cursor(node: &Node, position: usize, entry: &Entry) -> String {
    let boot = node.started.as_second();
    let written = entry.at.as_microsecond();
    let since = written.saturating_sub(node.started.as_microsecond()).max(0);
    format!("s={boot:032x};i={position:x};b={boot:032x};m={since:x};t={written:x};x={position:x}")
}

fn position(cursor: &str) -> Option<usize> {
    let digits = cursor.split(';').find_map(|part| part.strip_prefix("i="))?;
    usize::from_str_radix(digits, 16).ok()
}
