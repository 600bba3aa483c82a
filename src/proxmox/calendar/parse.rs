//! From the text of a calendar event to its parts.

use super::{CalendarEvent, Field, Values};

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// An event that means a beginning: of every day, at midnight.
fn midnight() -> CalendarEvent {
    CalendarEvent {
        days: [false; 7],
        years: Field::default(),
        months: Field::default(),
        days_of_month: Field::default(),
        hours: Field::only(0),
        minutes: Field::only(0),
        seconds: Field::only(0),
    }
}

/// Reads an event.
///
/// # Errors
/// The word that is not understood.
pub(super) fn event(text: &str) -> Result<CalendarEvent, String> {
    let trimmed = text.trim();
    if let Some(named) = named(&trimmed.to_ascii_lowercase()) {
        return Ok(named);
    }
    let mut words: Vec<&str> = trimmed.split_whitespace().collect();
    if words.len() > 1 && words.last() == Some(&"UTC") {
        words.pop();
    }
    if words.is_empty() {
        return Err("unable to parse calendar event - event is empty".to_owned());
    }
    let mut event = midnight();
    for word in words {
        let bad = || format!("unable to parse calendar event at '{word}'");
        if word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            days(word, &mut event).ok_or_else(bad)?;
        } else if word.contains('-') {
            date(word, &mut event).ok_or_else(bad)?;
        } else {
            time(word, &mut event).ok_or_else(bad)?;
        }
    }
    Ok(event)
}

/// The short names.
fn named(name: &str) -> Option<CalendarEvent> {
    let months = |months: &[i16]| CalendarEvent {
        months: Field::of(months),
        days_of_month: Field::only(1),
        ..midnight()
    };
    Some(match name {
        "minutely" => CalendarEvent {
            hours: Field::default(),
            minutes: Field::default(),
            ..midnight()
        },
        "hourly" => CalendarEvent {
            hours: Field::default(),
            ..midnight()
        },
        "daily" => midnight(),
        "weekly" => CalendarEvent {
            days: [true, false, false, false, false, false, false],
            ..midnight()
        },
        "monthly" => CalendarEvent {
            days_of_month: Field::only(1),
            ..midnight()
        },
        "quarterly" => months(&[1, 4, 7, 10]),
        "semiannually" | "semi-annually" => months(&[1, 7]),
        "yearly" | "annually" => months(&[1]),
        _ => return None,
    })
}

/// `mon`, `mon..fri`, `sat,sun`; a range may go over Sunday.
fn days(word: &str, event: &mut CalendarEvent) -> Option<()> {
    let day = |part: &str| {
        let part = part.to_ascii_lowercase();
        let found = DAYS.iter().position(|day| day.starts_with(&*part));
        found.filter(|_| part.len() >= 3)
    };
    for part in word.split(',') {
        let (from, to) = match part.split_once("..") {
            Some((from, to)) => (day(from)?, day(to)?),
            None => (day(part)?, day(part)?),
        };
        let length = (to + 7 - from) % 7;
        for n in 0..=length {
            if let Some(day) = event.days.get_mut((from + n) % 7) {
                *day = true;
            }
        }
    }
    Some(())
}

/// `*-1-1`, `2026-*-01`, `12-24`.
fn date(word: &str, event: &mut CalendarEvent) -> Option<()> {
    let parts: Vec<&str> = word.split('-').collect();
    let (year, month, day) = match parts[..] {
        [year, month, day] => (Some(year), month, day),
        [month, day] => (None, month, day),
        _ => return None,
    };
    if let Some(year) = year {
        event.years = field(year, 1970, 9999)?;
    }
    event.months = field(month, 1, 12)?;
    event.days_of_month = field(day, 1, 31)?;
    Some(())
}

/// `8:00`, `*:0/15`, `22:30:00`, and minutes alone as in `*/15`.
fn time(word: &str, event: &mut CalendarEvent) -> Option<()> {
    let parts: Vec<&str> = word.split(':').collect();
    let (hour, minute, second) = match parts[..] {
        [minute] => (None, minute, None),
        [hour, minute] => (Some(hour), minute, None),
        [hour, minute, second] => (Some(hour), minute, Some(second)),
        _ => return None,
    };
    event.hours = match hour {
        Some(hour) => field(hour, 0, 23)?,
        None => Field::default(),
    };
    event.minutes = field(minute, 0, 59)?;
    if let Some(second) = second {
        event.seconds = field(second, 0, 59)?;
    }
    Some(())
}

/// `*`, `5`, `1,2`, `1..5`, `0/15`, `*/2`.
fn field(text: &str, least: i16, most: i16) -> Option<Field> {
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let value: Option<i16> = part.parse().ok();
        value.filter(|value| digits && (least..=most).contains(value))
    };
    let mut all = Vec::new();
    for part in text.split(',') {
        let (start, step) = match part.split_once('/') {
            Some((start, step)) => (start, Some(step.parse().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let (first, last) = match start.split_once("..") {
            Some((from, to)) => (number(from)?, number(to)?),
            None if start == "*" && step.is_none() => return Some(Field::default()),
            None if start == "*" => (least, most),
            None => {
                let first = number(start)?;
                (first, if step.is_some() { most } else { first })
            }
        };
        let step = step.unwrap_or(1);
        all.push(Values { first, last, step });
    }
    Some(Field(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_event() {
        for text in [
            "", "  ", "x", "mo 1:00", "25:00", "1:60", "13-1", "1-32", "1:2:3:4", "*/0", "1..",
            "-", "--", "1-2-3-4", "é", "mon..", "99999999",
        ] {
            assert!(event(text).is_err(), "{text}");
        }
    }
}
