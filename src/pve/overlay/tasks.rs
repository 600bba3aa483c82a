//! Tasks: those that lists show, with the ends and logs that their own entries tell.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::values::{Row, moment, text};
use crate::proxmox::overlay::Overlay;
use crate::proxmox::product::Product;
use crate::proxmox::upid::Upid;
use crate::proxmox::work::Entry;
use crate::proxmox::world_file;
use crate::pve::world::World;
use crate::pve::world::task::Effect;

/// What the file says about one task.
#[derive(Debug)]
struct Said {
    row: Row,
    log: Vec<String>,
}

pub(super) fn lay(world: &mut World, overlay: &mut Overlay) {
    let mut said: BTreeMap<Upid, Said> = BTreeMap::new();
    let mut listed = Vec::new();
    for found in overlay.like("/nodes/{}/tasks") {
        if let Some(rows) = overlay.rows(&found.path) {
            listed.extend(found.parts);
            for row in rows {
                hear(&mut said, overlay, &found.path, row);
            }
        }
    }
    if let Some(rows) = overlay.rows("/cluster/tasks") {
        listed.extend(world.nodes.keys().map(ToString::to_string));
        for row in rows {
            hear(&mut said, overlay, "/cluster/tasks", row);
        }
    }
    for found in overlay.like("/nodes/{}/tasks/{}/status") {
        if let Some(mut row) = overlay.object(&found.path) {
            row.insert("upid".to_owned(), json!(found.parts.get(1)));
            if let Some(exit) = row.remove("exitstatus") {
                row.insert("status".to_owned(), exit);
            }
            hear(&mut said, overlay, &found.path, row);
        }
    }
    logs(&mut said, overlay);
    let is_node = |name: &str| world.nodes.keys().any(|known| known.as_str() == name);
    let mut entries = Vec::new();
    for (upid, said) in &said {
        let path = format!("task {upid}");
        match entry(upid, said) {
            _ if !is_node(&upid.node) => {
                overlay.remark(
                    &path,
                    format!("is left out: there is no node {}", upid.node),
                );
            }
            Ok(entry) => entries.push(entry),
            Err(why) => overlay.remark(&path, format!("is left out: {why}")),
        }
    }
    let is_said = |upid: &Upid| listed.contains(&upid.node) || said.contains_key(upid);
    let nodes = &world.nodes;
    let kept =
        |upid: &Upid| !is_said(upid) && nodes.keys().any(|known| known.as_str() == upid.node);
    world.tasks.lay(entries, kept);
}

fn hear(all: &mut BTreeMap<Upid, Said>, overlay: &mut Overlay, path: &str, row: Row) {
    let upid = text(&row, "upid").unwrap_or_default();
    match Upid::parse(&upid, Product::Pve) {
        Ok(upid) => {
            let log = Vec::new();
            let row_of = Row::new();
            let said = all.entry(upid).or_insert(Said { row: row_of, log });
            for (name, value) in row {
                said.row.entry(name).or_insert(value);
            }
        }
        Err(fault) => overlay.remark(path, format!("has a task that is left out: {fault}")),
    }
}

/// Lines of logs; the closing one is made of the end.
fn logs(all: &mut BTreeMap<Upid, Said>, overlay: &mut Overlay) {
    for found in overlay.like("/nodes/{}/tasks/{}/log") {
        let upid = found.parts.get(1).map(String::as_str).unwrap_or_default();
        let upid = Upid::parse(upid, Product::Pve).ok();
        let Some(said) = upid.and_then(|upid| all.get_mut(&upid)) else {
            overlay.remark(&found.path, "is served as it stands: no list has the task");
            continue;
        };
        let rows = overlay.rows(&found.path).unwrap_or_default();
        let lines = rows.iter().filter_map(|row| text(row, "t"));
        let closes = |line: &String| {
            line == "no content" || line == "TASK OK" || line.starts_with("TASK ERROR: ")
        };
        said.log = lines.filter(|line| !closes(line)).collect();
    }
}

fn entry(upid: &Upid, said: &Said) -> Result<Entry<Effect>, String> {
    let row = &said.row;
    let started = moment(row, "starttime");
    let ended = moment(row, "endtime");
    let status = text(row, "status");
    let seconds = |moment: Option<jiff::Timestamp>| moment.map(jiff::Timestamp::as_second);
    let took = seconds(ended)
        .zip(seconds(started))
        .map_or(0, |(end, start)| end.saturating_sub(start).max(0));
    // A status answer says of a task only that it is over; its end is told beside.
    let status = status.filter(|status| status != "stopped");
    let end = match status.as_deref() {
        None | Some("OK" | "running") => json!("ok"),
        Some(text) => match text.strip_prefix("WARNINGS: ").map(str::parse::<u32>) {
            Some(Ok(count)) => json!({ "warnings": count }),
            _ => json!({ "error": text }),
        },
    };
    let runs = status.as_deref() == Some("running") || (status.is_none() && !is_over(row));
    let lines = said.log.iter().map(|text| json!({ "text": text }));
    let mut file = json!({
        "upid": upid.to_string(),
        "milliseconds": took.saturating_mul(1_000),
        "end": end,
        "log": lines.collect::<Vec<Value>>(),
        "hold": if runs { "held" } else { "free" },
    });
    if let Some(started) = started {
        file["started"] = started.to_string().into();
    }
    world_file::read(&file).map_err(|problem| world_file::sentence(&problem))
}

fn is_over(row: &Row) -> bool {
    row.contains_key("endtime") || text(row, "status").is_some()
}
