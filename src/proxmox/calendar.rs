//! Calendar events (`mon..fri 8:00`, `*/15`, `daily`): which instants they mean.
//!
//! The grammar is proxmox-time's: days of the week, then a date, then a time, each of which may be missing. All of
//! it is counted in UTC, as everything that these servers tell.

use std::collections::VecDeque;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

mod parse;

/// How many days are looked through for the next instant: a leap day on a given weekday comes within 28 years.
const HORIZON: u32 = 366 * 28;

/// An event that has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEvent {
    /// The days of the week, from Monday; all when none is set.
    days: [bool; 7],
    years: Field,
    months: Field,
    days_of_month: Field,
    hours: Field,
    minutes: Field,
    seconds: Field,
}

/// What a part of a date or time may be; anything when nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Field(Vec<Values>);

/// Some values of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Values {
    first: i16,
    last: i16,
    step: i16,
}

impl Field {
    fn only(value: i16) -> Self {
        Self::of(&[value])
    }

    fn of(values: &[i16]) -> Self {
        let one = |value: &i16| Values {
            first: *value,
            last: *value,
            step: 1,
        };
        Self(values.iter().map(one).collect())
    }

    fn has(&self, value: i16) -> bool {
        let fits = |one: &Values| {
            (one.first..=one.last).contains(&value) && (value - one.first) % one.step.max(1) == 0
        };
        self.0.is_empty() || self.0.iter().any(fits)
    }

    /// The values below a limit that fit, from `from` on.
    fn from(&self, from: i16, limit: i16) -> impl Iterator<Item = i16> {
        (from..limit).filter(|value| self.has(*value))
    }

    /// The highest value that can fit.
    fn last(&self) -> Option<i16> {
        self.0.iter().map(|one| one.last).max()
    }

    /// The lowest value that can fit.
    fn first(&self) -> Option<i16> {
        self.0.iter().map(|one| one.first).min()
    }
}

impl CalendarEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// The word that is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::event(text)
    }

    /// The first instant of it after a moment; `None` when it never comes again.
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        let start = moment.to_zoned(TimeZone::UTC).datetime();
        // Instants are whole seconds: the next one is at least the beginning of the following second.
        let start = start.checked_add(1.second()).ok()?;
        let start = start.with().subsec_nanosecond(0).build().ok()?;
        let mut date = start.date();
        if let Some(first) = self.years.first().filter(|first| *first > date.year()) {
            date = Date::new(first, 1, 1).ok()?;
        }
        for _ in 0..HORIZON {
            if self.years.last().is_some_and(|last| date.year() > last) {
                return None;
            }
            if self.is_on(date) {
                let from = if date == start.date() {
                    start.time()
                } else {
                    Time::MIN
                };
                if let Some(time) = self.time_from(from) {
                    let at = date.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
                    return Some(at.timestamp());
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The last instants of it after a moment and up to another, in their order, `most` of them at most. They are
    /// looked for in longer and longer times before the end, so that frequent events do not take long and rare ones
    /// are found.
    pub fn last_between(&self, after: Timestamp, until: Timestamp, most: usize) -> Vec<Timestamp> {
        const HOUR: i64 = 3_600;
        for hours in [1, 8, 64, 512, 4_096, i64::MAX] {
            let start = SignedDuration::from_secs(hours.saturating_mul(HOUR));
            let start = until.checked_sub(start).unwrap_or(after).max(after);
            let mut found = VecDeque::new();
            let mut moment = start;
            while let Some(next) = self.next_after(moment).filter(|next| *next <= until) {
                if found.len() >= most {
                    found.pop_front();
                }
                found.push_back(next);
                moment = next;
            }
            if found.len() >= most || start == after {
                return found.into();
            }
        }
        Vec::new()
    }

    fn is_on(&self, date: Date) -> bool {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
        let is_any = self.days.iter().all(|day| !day);
        (is_any || self.days.get(weekday) == Some(&true))
            && self.years.has(date.year())
            && self.months.has(i16::from(date.month()))
            && self.days_of_month.has(i16::from(date.day()))
    }

    /// The first time of a day that is not before another.
    fn time_from(&self, from: Time) -> Option<Time> {
        let (hour, minute, second) = (from.hour(), from.minute(), from.second());
        let (hour, minute, second) = (i16::from(hour), i16::from(minute), i16::from(second));
        for h in self.hours.from(hour, 24) {
            let minute = if h == hour { minute } else { 0 };
            for m in self.minutes.from(minute, 60) {
                let is_now = h == hour && m == i16::from(from.minute());
                let second = if is_now { second } else { 0 };
                if let Some(s) = self.seconds.from(second, 60).next() {
                    let [h, m, s] = [h, m, s].map(|n| i8::try_from(n).unwrap_or(0));
                    return Time::new(h, m, s, 0).ok();
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_instants() {
        // A Monday.
        let now = "2026-01-05T12:00:00Z";
        let check = |event: &str, want: &str| {
            let event = CalendarEvent::parse(event).unwrap();
            let next = event.next_after(now.parse().unwrap());
            let next = next.map(|at| at.to_string()).unwrap_or_default();
            assert_eq!(next, want, "{event:?}");
        };
        check("sun 02:00", "2026-01-11T02:00:00Z");
        check("sat 03:00", "2026-01-10T03:00:00Z");
        check("mon..fri 8:00", "2026-01-06T08:00:00Z");
        check("mon 12:00", "2026-01-12T12:00:00Z");
        check("mon 12:00:01", "2026-01-05T12:00:01Z");
        check("12:30", "2026-01-05T12:30:00Z");
        check("*/15", "2026-01-05T12:15:00Z");
        check("*:0/20", "2026-01-05T12:20:00Z");
        check("2,22:30", "2026-01-05T22:30:00Z");
        check("8..17:0/30", "2026-01-05T12:30:00Z");
        check("30", "2026-01-05T12:30:00Z");
        check("minutely", "2026-01-05T12:01:00Z");
        check("hourly", "2026-01-05T13:00:00Z");
        check("daily", "2026-01-06T00:00:00Z");
        check("weekly", "2026-01-12T00:00:00Z");
        check("monthly", "2026-02-01T00:00:00Z");
        check("quarterly", "2026-04-01T00:00:00Z");
        check("semiannually", "2026-07-01T00:00:00Z");
        check("yearly", "2027-01-01T00:00:00Z");
        check("mon,wed..fri 1:00 UTC", "2026-01-07T01:00:00Z");
        check("sat *-1..7 4:00", "2026-02-07T04:00:00Z");
        check("2027-2-29", "");
        check("2-29", "2028-02-29T00:00:00Z");
        check("2030-*-1 1:00", "2030-01-01T01:00:00Z");
        check("2025-1-1", "");
    }

    #[test]
    fn last_instants() {
        let check = |event: &str, after: &str, most: usize, want: &[&str]| {
            let event = CalendarEvent::parse(event).unwrap();
            let until = "2026-01-05T12:00:00Z".parse().unwrap();
            let found = event.last_between(after.parse().unwrap(), until, most);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, want, "{event:?}");
        };
        let noon = "2026-01-05T12:00:00Z";
        check("minutely", "2000-01-01T00:00:00Z", 1, &[noon]);
        check(
            "*:0/30",
            "2025-01-01T00:00:00Z",
            2,
            &["2026-01-05T11:30:00Z", noon],
        );
        check("*:0/30", "2026-01-05T11:30:00Z", 2, &[noon]);
        check(
            "sun 02:00",
            "2026-01-01T00:00:00Z",
            9,
            &["2026-01-04T02:00:00Z"],
        );
        check(
            "yearly",
            "2023-06-01T00:00:00Z",
            2,
            &["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
        );
        check("2-29", "1970-01-01T00:00:00Z", 1, &["2024-02-29T00:00:00Z"]);
        check("hourly", noon, 5, &[]);
    }
}
