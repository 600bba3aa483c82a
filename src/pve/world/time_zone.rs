//! Time zones by their names, without the files of the system on which this runs.
//!
//! Only the rules of today are known: `time_zones.txt` has them with the names that follow each, made of the time
//! zone database, which is in the public domain.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const RULES: &str = include_str!("time_zones.txt");

/// The zone of this name; nobody's when nobody has it.
pub fn named(name: &str) -> Option<TimeZone> {
    let has_name = |line: &&str| line.split(' ').skip(1).any(|known| known == name);
    let line = RULES.lines().find(has_name)?;
    let rule = line.split(' ').next()?;
    TimeZone::posix(rule).ok()
}

/// What clocks on the wall show in a zone at a moment; UTC where the zone has no name that is known.
pub fn wall(name: &str, at: Timestamp) -> DateTime {
    let zone = named(name).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone).datetime()
}

/// The moment at which clocks on the wall show this; the earlier one of two.
pub fn moment(name: &str, wall: DateTime) -> Option<Timestamp> {
    let zone = named(name).unwrap_or(TimeZone::UTC);
    let zoned = wall.to_zoned(zone).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_on_walls() {
        let check = |zone: &str, at: &str, want: &str| {
            let wall = wall(zone, at.parse().unwrap());
            assert_eq!(wall.to_string(), want, "{zone}");
            assert_eq!(moment(zone, wall), Some(at.parse().unwrap()));
        };
        check(
            "Europe/Vienna",
            "2026-01-05T12:00:00Z",
            "2026-01-05T13:00:00",
        );
        check(
            "Europe/Vienna",
            "2026-07-05T12:00:00Z",
            "2026-07-05T14:00:00",
        );
        check(
            "America/New_York",
            "2026-07-05T12:00:00Z",
            "2026-07-05T08:00:00",
        );
        check(
            "Asia/Kolkata",
            "2026-01-05T12:00:00Z",
            "2026-01-05T17:30:00",
        );
        check("UTC", "2026-01-05T12:00:00Z", "2026-01-05T12:00:00");
        assert_eq!(named("Europe/Nowhere"), None);
    }

    #[test]
    fn every_rule_is_one() {
        for line in RULES.lines() {
            let rule = line.split(' ').next().unwrap();
            assert!(TimeZone::posix(rule).is_ok(), "{rule}");
        }
    }
}
