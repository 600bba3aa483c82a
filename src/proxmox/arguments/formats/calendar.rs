//! Calendar events (`mon..fri 8:00`, `*/15`, `daily`), as far as a form goes: which instants they mean is nothing to
//! parameters.

/// Checks a calendar event by its words: days of the week, a date, times, or one of the short names.
///
/// # Errors
/// When a word is none of these. The parser of the product names the place more exactly.
pub(super) fn check(text: &str) -> Result<(), String> {
    let trimmed = text.trim();
    let refused = |why: &str| Err(format!("invalid calendar event '{text}' - {why}\n"));
    if trimmed.is_empty() {
        return refused("unable to parse calendar event - event is empty");
    }
    let is_name = |name: &str| NAMES.contains(&name.to_ascii_lowercase().as_str());
    if is_name(trimmed) {
        return Ok(());
    }
    let words: Vec<&str> = trimmed.split_whitespace().collect();
    let last_is_zone = words.len() > 1 && words.last() == Some(&"UTC");
    let words = if last_is_zone {
        &words[..words.len() - 1]
    } else {
        &words[..]
    };
    let known = |word: &&str| is_days(word) || is_date(word) || is_time(word);
    match words.iter().find(|word| !known(word)) {
        _ if words.len() > 3 => refused(&format!("unable to parse calendar event at '{trimmed}'")),
        Some(word) => refused(&format!("unable to parse calendar event at '{word}'")),
        None => Ok(()),
    }
}

const NAMES: &[&str] = &[
    "minutely",
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "yearly",
    "annually",
    "quarterly",
    "semiannually",
    "semi-annually",
];

const DAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// `mon`, `mon..fri`, `sat,sun`.
fn is_days(word: &str) -> bool {
    let day = |part: &str| {
        let part = part.to_ascii_lowercase();
        part.len() >= 3 && DAYS.iter().any(|day| day.starts_with(&part))
    };
    word.split(',').all(|part| match part.split_once("..") {
        Some((from, to)) => day(from) && day(to),
        None => day(part),
    })
}

/// `*-1-1`, `2026-*-01`, `12-24`.
fn is_date(word: &str) -> bool {
    let count = word.split('-').count();
    (2..=3).contains(&count) && word.split('-').all(|part| is_numbers(part, 9999))
}

/// `8:00`, `*:0/15`, `22:30:00`, and a bare minute as in `*/15`.
fn is_time(word: &str) -> bool {
    let count = word.split(':').count();
    count <= 3 && word.split(':').all(|part| is_numbers(part, 59))
}

/// `*`, `5`, `1,2`, `1..5`, `0/15`, `*/2`.
fn is_numbers(text: &str, most: u16) -> bool {
    let number =
        |part: &str| part.parse::<u16>().is_ok_and(|value| value <= most) && !part.starts_with('+');
    text.split(',').all(|part| {
        let (start, step) = match part.split_once('/') {
            Some((start, step)) => (start, Some(step)),
            None => (part, None),
        };
        let start = match start.split_once("..") {
            Some((from, to)) => number(from) && number(to),
            None => start == "*" || number(start),
        };
        start && step.is_none_or(number)
    })
}
