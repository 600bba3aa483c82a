//! Rows of pools, with the figures of those of their guests that run.

use serde_json::{Value, json};

use crate::proxmox::call::Call;
use crate::pve::world::World;
use crate::pve::world::gauge::Gauge;

/// Those that the caller may see. What its guests take is told even of guests that the caller may not see, as the
/// product does.
pub(super) fn rows<'a>(
    world: &World,
    call: &Call<'_>,
    guests: impl Iterator<Item = (usize, &'a Gauge)>,
) -> Vec<Value> {
    let mut sums: Vec<Sum> = world.pools.keys().map(|_| Sum::default()).collect();
    for (pool, gauge) in guests.filter(|(_, gauge)| gauge.uptime > 0) {
        if let Some(sum) = sums.get_mut(pool) {
            sum.add(gauge);
        }
    }
    let pools = world.pools.keys().zip(&sums);
    let may = |name: &str| call.may(world, &format!("/pool/{name}"), &["Pool.Audit"]);
    let rows = pools.filter(|(name, _)| may(name)).map(|(name, sum)| {
        let mut row = json!({"type": "pool", "id": format!("/pool/{name}"), "pool": name});
        if sum.uptime > 0 {
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
