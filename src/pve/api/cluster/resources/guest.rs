//! The row of a guest, written without detours: large clusters have thousands of them in each answer.

use std::borrow::Cow;

use serde::Serialize;

use crate::proxmox::call::Call;
use crate::proxmox::product::Edition;
use crate::pve::world::World;
use crate::pve::world::gauge::Gauge;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ha::Sid;
use crate::pve::world::ids::Vmid;
use crate::pve::world::node::Node;

/// The members in the product's types; what is not known is not there.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    vmid: u32,
    node: &'a str,
    name: Cow<'a, str>,
    status: &'static str,
    /// Always there: clients filter by 0 (proxmox.md 4.0).
    template: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maxcpu: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mem: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maxmem: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disk: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maxdisk: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    netin: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    netout: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diskread: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diskwrite: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memhost: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hastate: Option<&'a str>,
    id: String,
    /// The last, as [`write_again`] knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    uptime: Option<u64>,
}

/// Writes a row.
pub(super) fn write(out: &mut Vec<u8>, row: &Row<'_>) {
    let before = out.len();
    // Nothing of a row is a key that is no text, the one thing that cannot be written.
    if serde_json::to_writer(&mut *out, row).is_err() {
        out.truncate(before);
    }
}

/// Writes a row that has an uptime as it stands somewhere, but for that.
pub(super) fn write_again(out: &mut Vec<u8>, row: &[u8], uptime: u64) {
    let end = row.iter().rposition(|byte| *byte == b':').map_or(0, |at| at + 1);
    out.extend_from_slice(&row[..end]);
    out.extend_from_slice(uptime.to_string().as_bytes());
    out.push(b'}');
}

/// A guest of a node that is away has no figures, and nobody knows its state.
pub(super) fn row<'a>(
    world: &'a World,
    call: &Call<'_>,
    vmid: Vmid,
    guest: &'a Guest,
    (gauge, pool): (&Gauge, Option<&'a str>),
) -> Row<'a> {
    let there = world.nodes.get(&guest.node).is_some_and(Node::is_online);
    let gauge = there.then_some(gauge);
    let kind = guest.kind.as_str();
    let shows_host = call.context.edition == Edition::Pve9 && guest.kind == Kind::Qemu;
    let sid = Sid {
        kind: guest.kind,
        vmid,
    };
    Row {
        kind,
        vmid: vmid.number(),
        node: guest.node.as_str(),
        name: match guest.given_name() {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(guest.name(vmid)),
        },
        status: if there {
            guest.status.as_str()
        } else {
            "unknown"
        },
        template: u8::from(guest.is_template()),
        cpu: gauge.map(|gauge| gauge.cpu),
        maxcpu: gauge.map(|gauge| gauge.max_cpu),
        mem: gauge.map(|gauge| gauge.memory.bytes()),
        maxmem: gauge.map(|gauge| gauge.max_memory.bytes()),
        disk: gauge.map(|gauge| gauge.disk.bytes()),
        maxdisk: gauge.map(|gauge| gauge.max_disk.bytes()),
        netin: gauge.map(|gauge| gauge.net_in),
        netout: gauge.map(|gauge| gauge.net_out),
        diskread: gauge.map(|gauge| gauge.disk_read),
        diskwrite: gauge.map(|gauge| gauge.disk_write),
        memhost: gauge
            .filter(|_| shows_host)
            .map(|gauge| gauge.memory.bytes()),
        tags: guest.tags(),
        pool,
        lock: guest.lock.map(|lock| lock.as_str()),
        hastate: world.service_state(&sid),
        id: format!("{kind}/{vmid}"),
        uptime: gauge.map(|gauge| gauge.uptime),
    }
}
