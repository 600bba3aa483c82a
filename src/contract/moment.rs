//! Times as Go's `time.Time` reads them from JSON and writes them.
//!
//! Go takes a little more than RFC 3339 (an hour of one digit, a comma before the fraction, offsets up to
//! 24:60), and clients may have come to rely on it. No calendar library is asked, because a time that is
//! only passed on must come out with the digits it came in with.

use std::fmt;

/// The time of a field that was never set, as JSON.
pub(super) const ZERO: &str = "\"0001-01-01T00:00:00Z\"";

/// A date and time with its offset, in the digits it was given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment<'a> {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    /// At most nine digits without trailing zeros.
    fraction: &'a str,
    west: bool,
    offset_minutes: u32,
}

impl<'a> Moment<'a> {
    /// Reads what stands between the quotes of a JSON string. Escapes are not decoded: Go does not either.
    pub(super) fn read(content: &'a [u8]) -> Option<Self> {
        let mut rest = Digits(std::str::from_utf8(content).ok()?);
        let year = rest.exactly(4)?;
        rest.byte(b'-')?;
        let month = rest.exactly(2)?;
        rest.byte(b'-')?;
        let day = rest.exactly(2)?;
        rest.byte(b'T')?;
        let hour = rest.exactly(2).or_else(|| rest.exactly(1))?;
        rest.byte(b':')?;
        let minute = rest.exactly(2)?;
        rest.byte(b':')?;
        let second = rest.exactly(2)?;
        let fraction = rest.fraction();
        let (west, offset_minutes) = rest.offset()?;
        let valid = (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            && rest.0.is_empty();
        valid.then_some(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            fraction,
            west,
            offset_minutes,
        })
    }

    /// Whether a text is a date and time without what only Go takes.
    pub(super) fn is_rfc_3339(text: &'a str) -> bool {
        let offset = text.get(text.len().wrapping_sub(5)..).unwrap_or_default();
        let offset_in_range = text.ends_with('Z') || offset < "24" && !offset.ends_with("60");
        let hour_in_full = text.as_bytes().get(13) == Some(&b':');
        offset_in_range
            && hour_in_full
            && !text.contains(',')
            && Self::read(text.as_bytes()).is_some()
    }
}

impl fmt::Display for Moment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year, month, day, ..
        } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T")?;
        let Self {
            hour,
            minute,
            second,
            ..
        } = self;
        write!(f, "{hour:02}:{minute:02}:{second:02}")?;
        if !self.fraction.is_empty() {
            write!(f, ".{}", self.fraction)?;
        }
        if self.offset_minutes == 0 {
            return f.write_str("Z");
        }
        let sign = if self.west { '-' } else { '+' };
        let (hours, minutes) = (self.offset_minutes / 60, self.offset_minutes % 60);
        write!(f, "{sign}{hours:02}:{minutes:02}")
    }
}

/// What is left of a text of digits and marks.
struct Digits<'a>(&'a str);

impl<'a> Digits<'a> {
    /// Takes a number of so many digits; takes nothing when there are fewer.
    fn exactly(&mut self, length: usize) -> Option<u32> {
        let digits = self.0.get(..length)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = &self.0[length..];
        digits.parse().ok()
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(char::from(byte))?;
        Some(())
    }

    /// Takes a fraction if there is one; what is finer than a nanosecond is dropped.
    fn fraction(&mut self) -> &'a str {
        let Some(tail) = self.0.strip_prefix(['.', ',']) else {
            return "";
        };
        let length = tail.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 {
            return "";
        }
        self.0 = &tail[length..];
        tail[..length.min(9)].trim_end_matches('0')
    }

    /// Takes the offset: whether it is west of Greenwich, and how many minutes.
    fn offset(&mut self) -> Option<(bool, u32)> {
        if self.byte(b'Z').is_some() {
            return Some((false, 0));
        }
        let west = self.0.starts_with('-');
        self.byte(if west { b'-' } else { b'+' })?;
        let hours = self.exactly(2)?;
        self.byte(b':')?;
        let minutes = self.exactly(2)?;
        (hours <= 24 && minutes <= 60).then_some((west, hours * 60 + minutes))
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_held_to_the_letter_of_the_rfc() {
        let check = |text: &str, want: bool| assert_eq!(Moment::is_rfc_3339(text), want, "{text}");
        check("2026-01-01T00:00:00Z", true);
        check("2026-01-01T00:00:00.5+23:59", true);
        check("2026-01-01T0:00:00Z", false);
        check("2026-01-01T00:00:00,5Z", false);
        check("2026-01-01T00:00:00+24:00", false);
        check("2026-01-01T00:00:00+10:60", false);
        check("2026-01-01", false);
        check("", false);
        check("ééé", false);
    }

    #[test]
    fn times_are_read_and_written_as_go_does() {
        let check = |text: &str, want: Option<&str>| {
            let got = Moment::read(text.as_bytes()).map(|moment| moment.to_string());
            assert_eq!(got.as_deref(), want, "{text}");
        };
        let same = |text: &str| check(text, Some(text));
        same("2026-01-01T00:00:00Z");
        same(ZERO.trim_matches('"'));
        same("2026-01-01T23:59:59.123456789+05:30");
        same("0000-02-29T00:00:00-11:00");
        check("2026-01-01T00:00:00.500Z", Some("2026-01-01T00:00:00.5Z"));
        check("2026-01-01T00:00:00.000Z", Some("2026-01-01T00:00:00Z"));
        check(
            "2026-01-01T00:00:00.1234567899Z",
            Some("2026-01-01T00:00:00.123456789Z"),
        );
        check("2026-01-01T00:00:00+00:00", Some("2026-01-01T00:00:00Z"));
        check("2026-01-01T00:00:00-00:00", Some("2026-01-01T00:00:00Z"));
        check("2026-01-01T1:02:03,5Z", Some("2026-01-01T01:02:03.5Z"));
        check(
            "2026-01-01T00:00:00+10:60",
            Some("2026-01-01T00:00:00+11:00"),
        );
        for text in [
            "",
            "now",
            "2026-01-01",
            "2026-01-01 00:00:00Z",
            "2026-01-01t00:00:00Z",
            "2026-01-01T00:00:00z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00+0530",
            "2026-01-01T00:00:00+25:00",
            "2026-01-01T00:00:00Zx",
            "12026-01-01T00:00:00Z",
            "+026-01-01T00:00:00Z",
            "2026-1-01T00:00:00Z",
            "2026-01-01T00:00:00é",
        ] {
            check(text, None);
        }
    }
}
