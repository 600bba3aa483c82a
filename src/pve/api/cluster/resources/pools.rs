//! Rows of pools, with the figures of those of their guests that run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::proxmox::call::Call;
use crate::pve::world::World;
use crate::pve::world::gauge::Gauge;

/// Those that the caller may see. What its guests take is told even of guests that the caller may not see, as the
/// product does.
pub(super) fn rows<'a>(
    world: &World,
    call: &Call<'_>,
    guests: impl Iterator<Item = (&'a str, &'a Gauge)>,
) -> Vec<Value> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for (pool, gauge) in guests.filter(|(_, gauge)| gauge.uptime > 0) {
        sums.entry(pool).or_default().add(gauge);
    }
    let pools = world.pools.keys();
    let visible = pools.filter(|name| call.may(world, &format!("/pool/{name}"), &["Pool.Audit"]));
    let rows = visible.map(|name| {
        let mut row = json!({"type": "pool", "id": format!("/pool/{name}"), "pool": name});
        if let Some(sum) = sums.get(name.as_str()) {
            row["uptime"] = json!(sum.uptime);
            row["cpu"] = json!(sum.busy / f64::from(sum.processors.max(1)));
            row["maxcpu"] = json!(sum.processors);
            row["mem"] = json!(sum.memory);
            row["maxmem"] = json!(sum.max_memory);
        }
        row
    });
    rows.collect()
}

/// The figures of several guests together.
#[derive(Default)]
struct Sum {
    /// The longest of all.
    uptime: u64,
    /// How many processors are busy.
    busy: f64,
    processors: u32,
    memory: u64,
    max_memory: u64,
}

impl Sum {
    fn add(&mut self, gauge: &Gauge) {
        self.uptime = self.uptime.max(gauge.uptime);
        self.busy += gauge.cpu * f64::from(gauge.max_cpu);
        self.processors = self.processors.saturating_add(gauge.max_cpu);
        self.memory = self.memory.saturating_add(gauge.memory.bytes());
        self.max_memory = self.max_memory.saturating_add(gauge.max_memory.bytes());
    }
}
