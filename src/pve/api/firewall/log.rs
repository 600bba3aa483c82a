//! The log of the firewall, of a node or of one of its guests.
//!
//! No packet is filtered here. What is logged is what such a node logs anyway: that its logger began, and one
//! refused packet for each guest that has a firewall, at the time of its start.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Purpose, level};
use crate::proxmox::call::Call;
use crate::proxmox::envelope::Answer;
use crate::proxmox::fault::Fault;
use crate::pve::world::World;
use crate::pve::world::firewall::Level;
use crate::pve::world::ids::{NodeName, Vmid};

pub(super) fn read(world: &World, call: &Call<'_>) -> Result<Answer, Fault> {
    let level = level(world, call, Purpose::Look)?;
    let number = |name: &str| call.arguments.integer(name);
    let within = |at: Timestamp| {
        number("since").is_none_or(|since| at.as_second() >= since)
            && number("until").is_none_or(|until| at.as_second() <= until)
    };
    let lines = lines(world, call.text("node"), &level);
    let mut lines: Vec<String> = lines
        .into_iter()
        .filter(|(at, _)| within(*at))
        .map(|(_, line)| line)
        .collect();
    if lines.is_empty() {
        lines.push("no content".to_owned());
    }
    let count = |name: &str, default: usize| {
        let number = number(name).and_then(|number| usize::try_from(number).ok());
        number.unwrap_or(default)
    };
    // The product takes a limit of nothing for fifty.
    let limit = match count("limit", 50) {
        0 => 50,
        limit => limit,
    };
    let total = lines.len();
    let numbered = lines
        .iter()
        .zip(1_usize..)
        .skip(count("start", 0))
        .take(limit);
    let shown: Value = numbered
        .map(|(line, n)| json!({"n": n, "t": line}))
        .collect();
    Ok(Answer::new(shown).with("total", total))
}

/// The lines with their times, the oldest first.
fn lines(world: &World, node: &str, level: &Level) -> Vec<(Timestamp, String)> {
    let Some((name, node)) = world.nodes.iter().find(|(name, _)| name.as_str() == node) else {
        return Vec::new();
    };
    let stamp = |at: Timestamp| at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string();
    let mut lines = Vec::new();
    if !matches!(level, Level::Guest(_)) {
        let text = format!("0 5 - {} starting pvefw logger", stamp(node.started));
        lines.push((node.started, text));
    }
    for (vmid, at) in refused(world, name) {
        if matches!(level, Level::Guest(wanted) if *wanted != vmid) {
            continue;
        }
        let text = format!(
            "{vmid} 6 tap{vmid}i0-IN {} policy DROP: IN=fwbr{vmid}i0 OUT=fwbr{vmid}i0 PHYSIN=fwln{vmid}i0 \
             PHYSOUT=tap{vmid}i0 SRC=192.0.2.66 DST=198.51.100.1 LEN=60 TTL=63 PROTO=TCP SPT=51514 DPT=23 SYN",
            stamp(at)
        );
        lines.push((at, text));
    }
    lines.sort_by_key(|(at, _)| *at);
    lines
}

/// The guests of a node whose firewall has something to refuse, with the time of their start.
fn refused<'a>(
    world: &'a World,
    node: &'a NodeName,
) -> impl Iterator<Item = (Vmid, Timestamp)> + 'a {
    world.guests_on(node).filter_map(|(vmid, guest)| {
        let filters = world.is_firewalled(&Level::Guest(vmid));
        let since = world.running_since(guest)?;
        filters.then_some((vmid, since))
    })
}
