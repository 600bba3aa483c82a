//! What instruments would show: load, memory, traffic, as functions of the moment and a seed. Two calls at one
//! moment see the same, and so do all endpoints.

use jiff::Timestamp;

use super::node::Node;

/// Where figures are taken: at which moment, and of which seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub now: Timestamp,
    /// What makes the levels of one server differ from those of another.
    pub seed: u64,
}

/// The figures of the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gauge {
    /// Seconds since its start.
    pub uptime: i64,
    /// The part of its processors that is busy, 0 to 1.
    pub cpu: f64,
    /// The part that waits for disks, 0 to 1.
    pub wait: f64,
    /// The mean load of 1, 5 and 15 minutes.
    pub load: [f64; 3],
    /// The memory in use, in bytes.
    pub memory: u64,
}

/// The figures of the machine at a moment.
pub fn of_node(node: &Node, moment: Moment) -> Gauge {
    let cpu = swing(moment, 1, 20_000, 90_000);
    let cpus = f64::from(node.processors.cpus.max(1));
    let load = |stream| hundredths(swing(moment, stream, 20_000, 120_000) * cpus);
    let breathing = node.memory.size.saturating_sub(node.memory.used) / 20;
    Gauge {
        uptime: (moment.now.as_second() - node.started.as_second()).max(0),
        cpu,
        wait: swing(moment, 2, 1_000, 9_000),
        load: [load(3), load(4), load(5)],
        memory: node
            .memory
            .used
            .saturating_add(part(breathing, swing(moment, 6, 0, 1_000_000))),
    }
}

/// A share of a whole.
fn part(whole: u64, share: f64) -> u64 {
    let pages = whole / 4096;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share is between 0 and 1"
    )]
    let millionths = (share * 1_000_000.0) as u64;
    pages.saturating_mul(millionths) / 1_000_000 * 4096
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// A share between two bounds, in millionths, as [`level`] has it.
pub fn swing(moment: Moment, stream: u64, least: u32, most: u32) -> f64 {
    let millionths = level(moment, stream, least, most);
    f64::from(u32::try_from(millionths).unwrap_or(u32::MAX)) / 1_000_000.0
}

/// A number between two bounds that goes up and down by a tenth of their distance within an hour, around a level
/// that the seed decides. `stream` keeps two of them apart.
pub fn level(moment: Moment, stream: u64, least: u32, most: u32) -> u64 {
    const PERIOD: u64 = 3_600;
    let level = mixed(moment.seed ^ mixed(stream));
    let width = u64::from(most.saturating_sub(least));
    let tenth = width / 10;
    let middle = u64::from(least) + tenth + level % (width.saturating_sub(2 * tenth)).max(1);
    let into = moment.now.as_second().rem_euclid(3_600).unsigned_abs();
    let into = (into + mixed(level) % PERIOD) % PERIOD;
    let height = into.min(PERIOD - into) * tenth * 4 / PERIOD;
    (middle + height).saturating_sub(tenth)
}

/// Spreads near numbers far apart (the finaliser of `SplitMix64`).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
