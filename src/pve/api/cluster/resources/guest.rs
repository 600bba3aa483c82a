//! The row of a guest, written without detours: large clusters have thousands of them in each answer.

use serde::Serialize;

use crate::proxmox::call::Call;
use crate::proxmox::product::Edition;
use crate::pve::world::World;
use crate::pve::world::gauge::Gauge;
use crate::pve::world::guest::{Guest, Kind};
use crate::pve::world::ha::Sid;
use crate::pve::world::ids::Vmid;
use crate::pve::world::node::Node;

/// Writes a row: the members in the product's types; what is not known is not there. The uptime is the last, as
/// [`write_again`] knows.
pub(in crate::pve::api) fn write(
    out: &mut Vec<u8>,
    world: &World,
    call: &Call<'_>,
    (vmid, guest): (Vmid, &Guest),
    (gauge, pool): (&Gauge, Option<&str>),
) {
    // A guest of a node that is away has no figures, and nobody knows its state.
    let there = world.nodes.get(&guest.node).is_some_and(Node::is_online);
    let kind = guest.kind.as_str();
    let sid = Sid {
        kind: guest.kind,
        vmid,
    };
    let mut row = Row(out);
    row.raw("{\"type\":\"").raw(kind);
    row.raw("\",\"id\":\"")
        .raw(kind)
        .raw("/")
        .value("", vmid.number());
    row.raw("\",\"vmid\":").value("", vmid.number());
    // No name of a node has anything to escape.
    row.raw(",\"node\":\"").raw(guest.node.as_str());
    let status = if there {
        guest.status.as_str()
    } else {
        "unknown"
    };
    row.raw("\",\"status\":\"").raw(status).raw("\"");
    match guest.given_name() {
        Some(name) => row.value(",\"name\":", name),
        None => row.value(",\"name\":", guest.name(vmid)),
    };
    // Always there: clients filter by 0 (proxmox.md 4.0).
    row.value(",\"template\":", u8::from(guest.is_template()));
    let marks = [
        (",\"tags\":", guest.tags()),
        (",\"pool\":", pool),
        (",\"lock\":", guest.lock.map(|lock| lock.as_str())),
        (",\"hastate\":", world.service_state(&sid)),
    ];
    for (key, mark) in marks {
        if let Some(mark) = mark {
            row.value(key, mark);
        }
    }
    if there {
        let shows_host = call.context.edition == Edition::Pve9 && guest.kind == Kind::Qemu;
        row.figures(gauge, shows_host);
    }
    row.raw("}");
}

/// Writes a row that has an uptime as it stands somewhere, but for that.
pub(super) fn write_again(out: &mut Vec<u8>, row: &[u8], uptime: u64) {
    let value = row.iter().rposition(|byte| *byte == b':');
    let kept = value.map_or(0, |at| at + 1);
    out.extend_from_slice(&row[..kept]);
    Row(out).value("", uptime).raw("}");
}

/// A row in the making.
struct Row<'a>(&'a mut Vec<u8>);

impl Row<'_> {
    fn raw(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn value(&mut self, key: &str, value: impl Serialize) -> &mut Self {
        self.raw(key);
        // Neither a number nor a text is a key that is no text, the one thing that cannot be written.
        let _ = serde_json::to_writer(&mut *self.0, &value);
        self
    }

    fn figures(&mut self, gauge: &Gauge, shows_host: bool) {
        self.value(",\"cpu\":", gauge.cpu);
        if shows_host {
            self.value(",\"memhost\":", gauge.memory.bytes());
        }
        for (key, value) in [
            (",\"maxcpu\":", gauge.max_cpu.into()),
            (",\"mem\":", gauge.memory.bytes()),
            (",\"maxmem\":", gauge.max_memory.bytes()),
            (",\"disk\":", gauge.disk.bytes()),
            (",\"maxdisk\":", gauge.max_disk.bytes()),
            (",\"netin\":", gauge.net_in),
            (",\"netout\":", gauge.net_out),
            (",\"diskread\":", gauge.disk_read),
            (",\"diskwrite\":", gauge.disk_write),
            (",\"uptime\":", gauge.uptime),
        ] {
            self.value(key, value);
        }
    }
}
