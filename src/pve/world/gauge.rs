//! What instruments would show: load, memory, traffic, as functions of the world, the moment and a seed.
//!
//! Nothing is drawn at random when it is asked for. Each guest has a level of its own, taken from the seed and
//! its number, and swings around it slowly; two calls at one moment see the same, and so do all endpoints. Only the
//! uptime is that of the second: all else is read every [`STEP`], as `pvestatd` does it in the product.

use jiff::Timestamp;

use super::World;
use super::guest::{Guest, Kind};
use super::ids::{NodeName, Vmid};
use super::node::Node;
use super::size::Size;

/// How often figures are read, in seconds.
pub const STEP: i64 = 10;

/// Where figures are taken: at which moment, and of which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub now: Timestamp,
    /// What makes the levels of one server differ from those of another.
    pub seed: u64,
}

impl Moment {
    /// When figures were last read.
    pub fn read_at(self) -> Timestamp {
        let second = self.now.as_second();
        Timestamp::from_second(second - second.rem_euclid(STEP)).unwrap_or(self.now)
    }

    /// The seconds from a moment to this one.
    pub fn since(self, start: Timestamp) -> u64 {
        seconds(start, self.now)
    }
}

/// The figures of something that computes. All are zero while it does not run, but for the maxima.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gauge {
    /// Seconds since its start.
    pub uptime: u64,
    /// The part of its processors that is busy, 0 to 1.
    pub cpu: f64,
    /// How many processors it has.
    pub max_cpu: u32,
    /// The memory in use.
    pub memory: Size,
    /// The memory it has.
    pub max_memory: Size,
    /// The disk in use; 0 for virtual machines, into which the product does not look.
    pub disk: Size,
    /// The disk it has.
    pub max_disk: Size,
    /// Bytes that came from the network since its start.
    pub net_in: u64,
    /// Bytes that went to the network.
    pub net_out: u64,
    /// Bytes read from its disks.
    pub disk_read: u64,
    /// Bytes written to its disks.
    pub disk_write: u64,
}

/// The figures of a guest.
pub fn of_guest(world: &World, vmid: Vmid, guest: &Guest, moment: Moment) -> Gauge {
    of_guest_on(world.nodes.get(&guest.node), vmid, guest, moment)
}

/// The same where its node was looked up already.
pub fn of_guest_on(node: Option<&Node>, vmid: Vmid, guest: &Guest, moment: Moment) -> Gauge {
    let threads = node.map_or(1, |node| node.processors.threads);
    let still = Gauge {
        max_cpu: guest.cpus(threads),
        max_memory: guest.memory(),
        max_disk: guest.facts().boot_disk,
        ..Gauge::default()
    };
    let Some(since) = node.and_then(|node| measured_since(node, guest)) else {
        return still;
    };
    let level = Level::new(u64::from(vmid.number()), moment);
    let counted = seconds(since, moment.read_at());
    let traffic = |stream: u64, least: u64, most: u64| {
        counted.saturating_mul(least + level.number(stream) % (most - least))
    };
    Gauge {
        uptime: moment.since(since),
        cpu: fraction(level.swing(1, 10_000, 250_000)),
        memory: part(still.max_memory, level.swing(2, 300_000, 800_000)),
        disk: match guest.kind {
            Kind::Qemu => Size(0),
            Kind::Lxc => part(still.max_disk, level.fixed(3, 100_000, 700_000)),
        },
        net_in: traffic(4, 500, 50_000),
        net_out: traffic(5, 300, 30_000),
        disk_read: traffic(6, 1_000, 80_000),
        disk_write: traffic(7, 2_000, 60_000),
        ..still
    }
}

/// Since when a guest has figures: since its start, while its node is there to tell of it.
pub fn measured_since(node: &Node, guest: &Guest) -> Option<Timestamp> {
    let is_measured = node.is_online() && guest.status.is_running();
    is_measured.then(|| guest.started.unwrap_or(node.started))
}

/// The figures of a node: its own, and those of the guests that run on it, so that they add up.
pub fn of_node(world: &World, name: &NodeName, node: &Node, moment: Moment) -> Gauge {
    let mut load = Load::default();
    for (vmid, guest) in world.guests_on(name) {
        load.add(&of_guest_on(Some(node), vmid, guest, moment));
    }
    of_loaded_node(node, load, moment)
}

/// What guests take of a node.
#[derive(Debug, Clone, Copy, Default)]
pub struct Load {
    /// How many processors are busy.
    busy: f64,
    memory: Size,
}

impl Load {
    /// Adds a guest with these figures.
    pub fn add(&mut self, gauge: &Gauge) {
        self.busy += gauge.cpu * f64::from(gauge.max_cpu);
        self.memory = self.memory.plus(gauge.memory);
    }
}

/// The figures of a node where the load of its guests is known already.
pub fn of_loaded_node(node: &Node, load: Load, moment: Moment) -> Gauge {
    let Load { busy, memory } = load;
    let still = Gauge {
        max_cpu: node.processors.threads,
        max_memory: node.memory.size,
        max_disk: node.root.size,
        ..Gauge::default()
    };
    if !node.is_online() {
        return still;
    }
    let threads = f64::from(node.processors.threads.max(1));
    let level = Level::new(u64::from(node.id) << 32, moment);
    Gauge {
        uptime: seconds(node.started, moment.now),
        cpu: (busy / threads + fraction(level.swing(1, 10_000, 30_000))).min(1.0),
        memory: node.memory.used.plus(memory).min(node.memory.size),
        disk: node.root.used,
        ..still
    }
}

fn seconds(since: Timestamp, now: Timestamp) -> u64 {
    let passed = now.as_second().saturating_sub(since.as_second());
    u64::try_from(passed).unwrap_or(0)
}

/// A share of a whole.
fn part(whole: Size, millionths: u32) -> Size {
    // In pages, so that nothing overflows before the storages of this world do.
    let pages = whole.bytes() / 4096;
    Size(pages.saturating_mul(u64::from(millionths)) / 1_000_000 * 4096)
}

/// A share as a fraction.
fn fraction(millionths: u32) -> f64 {
    f64::from(millionths) / 1_000_000.0
}

/// Where one thing stands among its like. Shares are whole millionths, so that no two machines can disagree
/// about them.
#[derive(Debug, Clone, Copy)]
struct Level {
    seed: u64,
    now: Timestamp,
}

impl Level {
    fn new(thing: u64, moment: Moment) -> Self {
        Self {
            seed: mixed(moment.seed ^ mixed(thing)),
            now: moment.read_at(),
        }
    }

    /// A number that never changes.
    fn number(self, stream: u64) -> u64 {
        mixed(self.seed ^ stream)
    }

    /// A share between two bounds that never changes.
    fn fixed(self, stream: u64, least: u32, most: u32) -> u32 {
        let width = u64::from(most.saturating_sub(least).max(1));
        least.saturating_add(u32::try_from(self.number(stream) % width).unwrap_or(0))
    }

    /// A share between two bounds that goes up and down by a tenth of their distance, once in an hour.
    fn swing(self, stream: u64, least: u32, most: u32) -> u32 {
        const PERIOD: u64 = 3_600;
        let tenth = most.saturating_sub(least) / 10;
        let middle = self.fixed(stream, least + tenth, most - tenth);
        let into = self.now.as_second().rem_euclid(3_600).unsigned_abs();
        let into = (into + self.number(stream ^ 0xFF) % PERIOD) % PERIOD;
        let height = into.min(PERIOD - into) * u64::from(tenth) * 4 / PERIOD;
        middle - tenth + u32::try_from(height).unwrap_or(tenth)
    }
}

/// Spreads near numbers far apart (the finaliser of `SplitMix64`).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
