//! The curves of graphs: when their points are, and how a level swings around its mean.
//!
//! The products keep their figures in round robin databases, from which `rrddata` gives the points of a time frame.
//! Here a point is a function of its moment and of the seed, so that the same question has the same answer. Steps
//! and numbers of points are those of proxmox.md 4.7.

use jiff::Timestamp;

use super::product::Edition;

/// How a point stands for its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consolidation {
    /// By the mean.
    Average,
    /// By the highest value.
    Maximum,
}

impl Consolidation {
    /// The function of this name; the mean where none is named.
    pub fn named(name: Option<&str>) -> Self {
        match name {
            Some("MAX") => Self::Maximum,
            _ => Self::Average,
        }
    }

    /// What a level of this mean shows: its peaks lie above.
    pub fn of(self, mean: f64) -> f64 {
        match self {
            Self::Average => mean,
            Self::Maximum => mean * 1.15,
        }
    }
}

/// The points of a time frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The seconds between two points.
    pub step: i64,
    /// How many points there are.
    pub points: i64,
}

impl Frame {
    /// The time frame of this name in a release; an hour for a name that nobody knows.
    pub fn named(edition: Edition, name: &str) -> Self {
        let (step, points) = match (edition, name) {
            (Edition::Pve7 | Edition::Pve8, "day") => (30 * 60, 70),
            (Edition::Pve7 | Edition::Pve8, "week") => (3 * 3600, 70),
            (Edition::Pve7 | Edition::Pve8, "month") => (12 * 3600, 70),
            (Edition::Pve7 | Edition::Pve8, "year" | "decade") => (7 * 86_400, 70),
            (Edition::Pve7 | Edition::Pve8, _) => (60, 70),
            (_, "day") => (60, 1440),
            (_, "week") => (30 * 60, 336),
            (_, "month") => (30 * 60, 1440),
            (_, "year") => (6 * 3600, 1440),
            (_, "decade") => (7 * 86_400, 570),
            _ => (60, 60),
        };
        Self { step, points }
    }

    /// The moments of its points, the oldest first; the last one is the end of the last whole step.
    pub fn moments(self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let last = now.as_second().div_euclid(self.step) * self.step;
        let first = last - (self.points - 1) * self.step;
        let seconds = (0..self.points).map(move |n| first + n * self.step);
        seconds.filter_map(|second| Timestamp::from_second(second).ok())
    }
}

/// A factor around 1 that differs from moment to moment and is the same for the same one: by days and weeks as
/// people work, and a little by itself. `thing` keeps two curves apart.
pub fn swing(seed: u64, thing: u64, at: Timestamp) -> f64 {
    let second = at.as_second();
    let hour = second.rem_euclid(86_400) / 3600;
    let of_day = match hour {
        8..=17 => 1.25,
        6..=7 | 18..=21 => 1.0,
        _ => 0.75,
    };
    // The first of January 1970 was a Thursday.
    let of_week = match second.div_euclid(86_400).rem_euclid(7) {
        2 | 3 => 0.8,
        _ => 1.0,
    };
    let noise = mixed(seed ^ mixed(thing) ^ second.unsigned_abs()) % 2_001;
    let noise = u32::try_from(noise).unwrap_or(1_000);
    of_day * of_week * (0.9 + f64::from(noise) / 10_000.0)
}

/// Spreads near numbers far apart (the finaliser of `SplitMix64`).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_time_frames() {
        let now: Timestamp = "2026-01-05T12:00:30Z".parse().unwrap();
        let check = |edition, name: &str, points: usize, step: i64| {
            let moments: Vec<_> = Frame::named(edition, name).moments(now).collect();
            assert_eq!(moments.len(), points, "{name}");
            let seconds: Vec<_> = moments.iter().map(|at| at.as_second()).collect();
            assert!(seconds.windows(2).all(|pair| pair[1] - pair[0] == step));
            assert!(seconds.iter().all(|second| second % step == 0));
            assert!(seconds[points - 1] <= now.as_second());
            assert!(seconds[points - 1] > now.as_second() - step);
        };
        check(Edition::Pve9, "hour", 60, 60);
        check(Edition::Pve9, "day", 1440, 60);
        check(Edition::Pve9, "year", 1440, 21_600);
        check(Edition::Pve8, "hour", 70, 60);
        check(Edition::Pve7, "month", 70, 43_200);
    }

    #[test]
    fn curves_are_the_same_for_the_same_moment_and_stay_near_one() {
        let now: Timestamp = "2026-01-05T12:00:00Z".parse().unwrap();
        for at in Frame::named(Edition::Pve9, "week").moments(now) {
            let level = swing(7, 101, at);
            assert_eq!(level.to_bits(), swing(7, 101, at).to_bits());
            assert!((0.4..1.5).contains(&level), "{level}");
        }
    }
}
