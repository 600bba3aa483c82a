//! Strings and raw values as Go's encoder writes them.
//!
//! An event is signed over these very bytes, and the agent encodes it anew with Go before it verifies:
//! one escape spelled otherwise and every signature fails (contract of plexd, 3.5).

use super::scan::{Malformed, Scanner};

/// A string as JSON, with its quotes and Go's escapes (`<`, `>`, `&`, U+2028 and U+2029 among them).
pub fn render_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(&mut out, text.chars());
    out
}

/// A JSON text without white space between its tokens. Spelling of numbers, order and repetition of keys
/// and escapes stay as they are; the five characters that Go escapes for HTML are escaped.
///
/// # Errors
/// When the text is not one JSON value and nothing else.
pub fn compact(text: &str) -> Result<String, Malformed> {
    let mut scanner = Scanner::new(text.as_bytes());
    let value = scanner.value()?;
    scanner.end()?;
    Ok(compacted(value))
}

/// [`compact`] for a value that a scanner has taken. Bytes that are not UTF-8 become U+FFFD, one for each.
pub(super) fn compacted(value: &[u8]) -> String {
    let mut out = String::with_capacity(value.len());
    let mut quoted = false;
    let mut escaped = false;
    for chunk in value.utf8_chunks() {
        for char in chunk.valid().chars() {
            if !quoted && matches!(char, ' ' | '\t' | '\n' | '\r') {
                continue;
            }
            if char == '"' && !escaped {
                quoted = !quoted;
            }
            escaped = char == '\\' && !escaped;
            match html_escape(char) {
                Some(escape) => out.push_str(escape),
                None => out.push(char),
            }
        }
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    out
}

/// Appends a string with its quotes.
pub(super) fn push_string(out: &mut String, text: impl Iterator<Item = char>) {
    out.push('"');
    for char in text {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Short since Go 1.22; `\u0008` and `\u000c` before.
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' => {
                out.push_str("\\u00");
                for digit in [u32::from(char) >> 4, u32::from(char) & 15] {
                    out.extend(char::from_digit(digit, 16));
                }
            }
            other => match html_escape(other) {
                Some(escape) => out.push_str(escape),
                None => out.push(other),
            },
        }
    }
    out.push('"');
}

/// The five characters that Go never writes as they are.
fn html_escape(char: char) -> Option<&'static str> {
    match char {
        '<' => Some("\\u003c"),
        '>' => Some("\\u003e"),
        '&' => Some("\\u0026"),
        '\u{2028}' => Some("\\u2028"),
        '\u{2029}' => Some("\\u2029"),
        _ => None,
    }
}

/// The characters of a string, given what a scanner found between its quotes.
///
/// Go replaces each byte that is not UTF-8, and each lone surrogate, by U+FFFD.
#[derive(Debug, Clone)]
pub(super) struct Characters<'a> {
    rest: &'a [u8],
}

impl<'a> Characters<'a> {
    /// Starts at the first character.
    pub(super) fn new(content: &'a [u8]) -> Self {
        Self { rest: content }
    }

    fn take(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    /// The character of an escape; the backslash is still there.
    fn escaped(&mut self) -> char {
        let letter = self.rest.get(1).copied().unwrap_or(b'\\');
        if letter != b'u' {
            self.take(2);
            return match letter {
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                other => char::from(other),
            };
        }
        let first = code_unit(self.rest);
        self.take(6);
        if let Some(char) = char::from_u32(first) {
            return char;
        }
        let second = if self.rest.starts_with(b"\\u") {
            code_unit(self.rest)
        } else {
            0
        };
        if (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second) {
            self.take(6);
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        char::REPLACEMENT_CHARACTER
    }
}

impl Iterator for Characters<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let &first = self.rest.first()?;
        if first == b'\\' {
            return Some(self.escaped());
        }
        if first.is_ascii() {
            self.take(1);
            return Some(char::from(first));
        }
        let window = &self.rest[..self.rest.len().min(4)];
        let valid = window
            .utf8_chunks()
            .next()
            .map_or("", |chunk| chunk.valid());
        let char = valid.chars().next();
        self.take(char.map_or(1, char::len_utf8));
        Some(char.unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

/// The number in the escape `\uXXXX` at the start of `escape`.
fn code_unit(escape: &[u8]) -> u32 {
    escape.iter().skip(2).take(4).fold(0, |code, &digit| {
        code * 16 + char::from(digit).to_digit(16).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_values_are_compacted() {
        let check = |text: &str, want: Option<&str>| {
            assert_eq!(compact(text).ok().as_deref(), want, "{text}");
        };
        check(
            r#"{ "b" : 1.50, "a":"x<y>&é" , "c":[1, 2] }"#,
            Some(r#"{"b":1.50,"a":"x\u003cy\u003e\u0026é","c":[1,2]}"#),
        );
        check(" 1e3\n", Some("1e3"));
        check("\"\u{2028} \u{2029}\"", Some(r#""\u2028 \u2029""#));
        check(r#"{"a":1,"a":2}"#, Some(r#"{"a":1,"a":2}"#));
        check(r#""\" \\" "#, Some(r#""\" \\""#));
        check(r#"["\\" , " "]"#, Some(r#"["\\"," "]"#));
        check(r#""\ud800\u003C\/""#, Some(r#""\ud800\u003C\/""#));
        check("1 2", None);
        check("", None);
        check("{} ]", None);
    }

    #[test]
    fn strings_are_written_as_go_does() {
        let check = |text: &str, want: &str| assert_eq!(render_string(text), want);
        check("", r#""""#);
        check("a\"b\\c/", r#""a\"b\\c/""#);
        check("\n\r\t\u{8}\u{c}", r#""\n\r\t\b\f""#);
        check("\0\u{1b}\u{7f}", "\"\\u0000\\u001b\u{7f}\"");
        check(
            "<&>\u{2028}\u{2029}é😀",
            r#""\u003c\u0026\u003e\u2028\u2029é😀""#,
        );
    }

    #[test]
    fn escapes_and_broken_bytes_are_decoded() {
        let check = |content: &[u8], want: &str| {
            let got: String = Characters::new(content).collect();
            assert_eq!(got, want, "{content:?}");
        };
        check(br#"a\u00e9\n\/\""#, "aé\n/\"");
        check(br"\ud83d\ude00", "😀");
        check(br"\uD83D", "\u{fffd}");
        check(br"\ud83d\u0041", "\u{fffd}A");
        check(br"\ude00\ud83d", "\u{fffd}\u{fffd}");
        check(br"\ud83dx", "\u{fffd}x");
        check(b"\xff\xe2\x82a", "\u{fffd}\u{fffd}\u{fffd}a");
        check(b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}");
        check("é€😀".as_bytes(), "é€😀");
    }
}
