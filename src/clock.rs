//! The only reader of the system clock: real, or standing still until somebody steps it.
//!
//! A frozen clock must freeze everything a client can see, so nothing else in the crate asks the
//! operating system for the time. How long something took is measured here as well ([`Stopwatch`]), and
//! is always real: it goes to the journal and the logs, never into a world.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Where the time of a personality comes from.
#[derive(Debug)]
pub struct Clock {
    /// The time it stands at, or `None` while it is the system's.
    frozen: Mutex<Option<Timestamp>>,
}

impl Clock {
    /// The system's clock.
    pub fn real() -> Self {
        Self {
            frozen: Mutex::new(None),
        }
    }

    /// A clock that stands at `at` until it is stepped or resumed.
    pub fn frozen(at: Timestamp) -> Self {
        Self {
            frozen: Mutex::new(Some(at)),
        }
    }

    /// The time, in UTC.
    pub fn now(&self) -> Timestamp {
        self.frozen_at().unwrap_or_else(system_now)
    }

    /// The time it stands at, or `None` while it runs.
    pub fn frozen_at(&self) -> Option<Timestamp> {
        *self.lock()
    }

    /// Stops the clock at `at`, or where it is.
    pub fn freeze(&self, at: Option<Timestamp>) {
        *self.lock() = Some(at.unwrap_or_else(system_now));
    }

    /// Lets the clock run with the system's time again.
    pub fn resume(&self) {
        *self.lock() = None;
    }

    /// Moves a stopped clock ahead and says where it stands now; `None` when it is running or the step leads
    /// past the end of representable time (year 9999).
    pub fn step(&self, by: Duration) -> Option<Timestamp> {
        let mut frozen = self.lock();
        let stepped = (*frozen)?.checked_add(by).ok()?;
        *frozen = Some(stepped);
        Some(stepped)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Timestamp>> {
        // The guarded value is a plain copy; a panic elsewhere cannot leave it half written.
        self.frozen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Reads a duration as people write it: `500ms`, `15s`, `2m`, `1h`, or plain seconds, with a fraction where
/// wanted. `None` for anything else, and for what no [`Duration`] holds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let seconds = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn system_now() -> Timestamp {
    Timestamp::now()
}

/// Measures how long something takes, in real time.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        let check = |text: &str, millis: Option<u64>| {
            assert_eq!(
                parse_duration(text),
                millis.map(Duration::from_millis),
                "{text}"
            );
        };
        check("500ms", Some(500));
        check("15s", Some(15_000));
        check("1.5s", Some(1_500));
        check("2m", Some(120_000));
        check("1h", Some(3_600_000));
        check("30", Some(30_000));
        check("0", Some(0));
        check("", None);
        check("s", None);
        check("-1s", None);
        check("1d", None);
        check("1e400", None);
        check("1..2s", None);
        check("99999999999999999999999h", None);
    }

    #[test]
    fn a_frozen_clock_moves_only_when_stepped() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = Clock::frozen(at);
        assert_eq!(clock.now(), at);
        let stepped = clock.step(Duration::from_millis(1500)).unwrap();
        assert_eq!(stepped.to_string(), "2026-01-01T00:00:01.5Z");
        assert_eq!(clock.now(), stepped);
        clock.resume();
        assert!(clock.frozen_at().is_none() && clock.now() > stepped);
        assert!(clock.step(Duration::from_secs(1)).is_none());
        clock.freeze(Some(at));
        assert_eq!(clock.now(), at);
        assert!(clock.step(Duration::from_secs(1 << 40)).is_none());
    }
}
