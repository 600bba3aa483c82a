//! Retention: which backups of one group are kept (`keep-last`, `keep-hourly`, ... `keep-yearly`).
//!
//! Proxmox VE (`prune_mark_backup_group`) and Backup Server (`compute_prune_info`) mark alike: the rules go one
//! after the other from the shortest period to the longest, each looks at the newest backups first and takes one
//! for each of its periods, but for no period in which an earlier rule kept something. Periods are those of UTC,
//! in which the names of backups count here too.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::property_string::{PropertyString, Spelling};

/// How many backups are kept of each period; nothing at all keeps everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// Everything, whatever else is said.
    pub all: bool,
    /// The newest ones.
    pub last: u64,
    /// One of each of so many hours.
    pub hourly: u64,
    /// One of each of so many days.
    pub daily: u64,
    /// One of each of so many ISO weeks.
    pub weekly: u64,
    /// One of each of so many months.
    pub monthly: u64,
    /// One of each of so many years.
    pub yearly: u64,
}

/// A backup as far as retention looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// When it was made.
    pub made: Timestamp,
    /// Whether somebody protected it: it stays, and no rule counts it.
    pub is_protected: bool,
}

/// What becomes of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It stays by the rules.
    Keep,
    /// It goes.
    Remove,
    /// It stays because it is protected.
    Protected,
}

impl Mark {
    /// The products' word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
            Self::Protected => "protected",
        }
    }
}

/// A rule: how many periods, and what of a time tells the period.
type Rule = (u64, fn(DateTime) -> [i32; 4]);

impl Keep {
    /// The rules in a property string (`keep-last=3,keep-weekly=1`). What is no number counts as nothing, because
    /// the format was checked at the gate.
    pub fn parse(text: &str) -> Self {
        let read = PropertyString::parse(text, None, Spelling::Plain).unwrap_or_default();
        let count = |key: &str| {
            let value = read.value(key).and_then(|value| value.parse().ok());
            value.unwrap_or_default()
        };
        Self {
            all: read.value("keep-all").is_some_and(is_true),
            last: count("keep-last"),
            hourly: count("keep-hourly"),
            daily: count("keep-daily"),
            weekly: count("keep-weekly"),
            monthly: count("keep-monthly"),
            yearly: count("keep-yearly"),
        }
    }

    /// Whether nothing is ever removed by it.
    pub fn keeps_all(self) -> bool {
        self.all || self.counts().iter().all(|count| *count == 0)
    }

    /// How many backups there may be at most by all rules together; none where everything is kept.
    pub fn limit(self) -> Option<u64> {
        let counts = self.counts();
        let sum = counts.iter().fold(0_u64, |sum, n| sum.saturating_add(*n));
        (!self.keeps_all()).then_some(sum)
    }

    fn counts(self) -> [u64; 6] {
        [
            self.last,
            self.hourly,
            self.daily,
            self.weekly,
            self.monthly,
            self.yearly,
        ]
    }

    /// The rules in their order. The seconds of the newest ones tell them apart, as in the product.
    fn rules(self) -> [Rule; 6] {
        [
            (self.last, |t| {
                let day = i32::from(t.day_of_year());
                let minute = i32::from(t.hour()) * 60 + i32::from(t.minute());
                [i32::from(t.year()), day, minute, i32::from(t.second())]
            }),
            (self.hourly, |t| {
                let day = i32::from(t.day_of_year());
                [i32::from(t.year()), day, i32::from(t.hour()), 0]
            }),
            (self.daily, |t| {
                [i32::from(t.year()), i32::from(t.day_of_year()), 0, 0]
            }),
            (self.weekly, |t| {
                let week = t.date().iso_week_date();
                [i32::from(week.year()), i32::from(week.week()), 0, 0]
            }),
            (self.monthly, |t| {
                [i32::from(t.year()), i32::from(t.month()), 0, 0]
            }),
            (self.yearly, |t| [i32::from(t.year()), 0, 0, 0]),
        ]
    }
}

fn is_true(text: &str) -> bool {
    matches!(&*text.to_ascii_lowercase(), "1" | "on" | "yes" | "true")
}

/// What becomes of the backups of one group, in the order in which they were given.
pub fn marks(group: &[Candidate], keep: Keep) -> Vec<Mark> {
    let mut newest: Vec<usize> = (0..group.len()).collect();
    newest.sort_by_key(|n| std::cmp::Reverse(group.get(*n).map(|one| one.made)));
    let mut marks: Vec<Option<Mark>> = group
        .iter()
        .map(|one| one.is_protected.then_some(Mark::Protected))
        .collect();
    if keep.keeps_all() {
        return finished(marks, Mark::Keep);
    }
    for rule in keep.rules() {
        apply(group, &newest, rule, &mut marks);
    }
    finished(marks, Mark::Remove)
}

fn finished(marks: Vec<Option<Mark>>, others: Mark) -> Vec<Mark> {
    marks
        .into_iter()
        .map(|mark| mark.unwrap_or(others))
        .collect()
}

fn apply(group: &[Candidate], newest: &[usize], (count, period): Rule, marks: &mut [Option<Mark>]) {
    if count == 0 {
        return;
    }
    let entries: Vec<(usize, [i32; 4])> = newest
        .iter()
        .filter_map(|n| {
            let made = group.get(*n)?.made;
            Some((*n, period(made.to_zoned(TimeZone::UTC).datetime())))
        })
        .collect();
    let kept = |(n, _): &&(usize, _)| marks.get(*n) == Some(&Some(Mark::Keep));
    let covered: Vec<_> = entries
        .iter()
        .filter(kept)
        .map(|(_, period)| *period)
        .collect();
    let mut taken: Vec<[i32; 4]> = Vec::new();
    for (n, period) in entries {
        let Some(mark) = marks.get_mut(n).filter(|mark| mark.is_none()) else {
            continue;
        };
        if covered.contains(&period) {
            continue;
        }
        if taken.contains(&period) {
            *mark = Some(Mark::Remove);
            continue;
        }
        if u64::try_from(taken.len()).is_ok_and(|taken| taken >= count) {
            return;
        }
        taken.push(period);
        *mark = Some(Mark::Keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The marks of a group by one letter each; a time with `!` is protected.
    fn check(keep: &str, times: &[&str], want: &str) {
        let group: Vec<_> = times
            .iter()
            .map(|time| Candidate {
                made: time.trim_end_matches('!').parse().unwrap(),
                is_protected: time.ends_with('!'),
            })
            .collect();
        let got: String = marks(&group, Keep::parse(keep))
            .into_iter()
            .map(|mark| mark.as_str()[..1].to_owned())
            .collect();
        assert_eq!(got, want, "{keep}");
    }

    const WEEK: [&str; 5] = [
        "2026-01-05T01:00:00Z",
        "2026-01-05T02:00:00Z",
        "2026-01-04T02:00:00Z",
        "2025-12-28T02:00:00Z",
        "2025-11-30T02:00:00Z",
    ];

    #[test]
    fn rules_one_by_one() {
        check("keep-last=2", &WEEK, "kkrrr");
        check("keep-daily=2", &WEEK, "rkkrr");
        check("keep-hourly=9", &WEEK, "kkkkk");
        // The 4th of January is a Sunday, in the week before the 5th.
        check("keep-weekly=2", &WEEK, "rkkrr");
        check("keep-monthly=2", &WEEK, "rkrkr");
        check("keep-yearly=1", &WEEK, "rkrrr");
    }

    #[test]
    fn rules_together() {
        // What an earlier rule covers, a later one does not count.
        check("keep-last=1,keep-daily=1", &WEEK, "rkkrr");
        check("keep-last=1,keep-yearly=1", &WEEK, "rkrkr");
        check("keep-all=1", &WEEK, "kkkkk");
        check("keep-last=0", &WEEK, "kkkkk");
        check("", &WEEK, "kkkkk");
    }

    #[test]
    fn what_is_protected_does_not_count() {
        let times = ["2026-01-05T01:00:00Z!", WEEK[1], WEEK[2]];
        check("keep-last=1", &times, "pkr");
        check("keep-all=1", &times, "pkk");
        check("keep-last=1", &[], "");
    }

    #[test]
    fn limits() {
        let check = |text: &str, want| assert_eq!(Keep::parse(text).limit(), want, "{text}");
        check("keep-last=2,keep-daily=3", Some(5));
        check("keep-all=1", None);
        check("", None);
        check("keep-last=99999999999999999999", None);
    }
}
