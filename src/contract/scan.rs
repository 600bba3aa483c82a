//! A scanner over JSON text by the grammar of Go's `encoding/json`, which builds nothing.
//!
//! It exists because no JSON crate refuses and accepts exactly what Go does (depth, invalid UTF-8, lone
//! surrogates, what may follow a value), and because a body that is only checked must cost no allocation.

/// The deepest nesting that Go's decoder takes (`maxNestingDepth`); one level more is refused.
const DEEPEST: usize = 10_000;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (byte {at})")]
pub struct Malformed {
    /// The byte at which it was noticed, counted from 0.
    pub at: usize,
    /// What was wrong there.
    pub reason: &'static str,
}

/// A position in a JSON text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    /// Starts at the first byte.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
        }
    }

    /// How many bytes are taken.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The first byte of the next token, which is not taken yet.
    pub(super) fn peek(&mut self) -> Result<u8, Malformed> {
        self.skip_space();
        self.text
            .get(self.at)
            .copied()
            .ok_or_else(|| self.malformed("the text ends too early"))
    }

    /// Says that the text ends here, but for white space.
    pub(super) fn end(&mut self) -> Result<(), Malformed> {
        self.skip_space();
        if self.at == self.text.len() {
            return Ok(());
        }
        Err(self.malformed("something follows the value"))
    }

    /// Takes one value of any kind and gives its text.
    pub(super) fn value(&mut self) -> Result<&'a [u8], Malformed> {
        let first = self.peek()?;
        let start = self.at;
        if matches!(first, b'{' | b'[') {
            self.nested()?;
        } else {
            self.scalar(first)?;
        }
        Ok(&self.text[start..self.at])
    }

    /// Takes an opening bracket or brace that was peeked.
    pub(super) fn open(&mut self) -> Result<(), Malformed> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.malformed("the value is nested too deep"));
        }
        Ok(())
    }

    /// Right after an opening byte: takes `closing` if nothing stands between.
    pub(super) fn empty(&mut self, closing: u8) -> Result<Next, Malformed> {
        if self.peek()? == closing {
            self.at += 1;
            self.depth -= 1;
            return Ok(Next::Closed);
        }
        Ok(Next::Item)
    }

    /// After an item: takes the comma before the next one, or `closing`.
    pub(super) fn next(&mut self, closing: u8) -> Result<Next, Malformed> {
        let byte = self.peek()?;
        if byte == b',' {
            self.at += 1;
            return Ok(Next::Item);
        }
        if byte == closing {
            self.at += 1;
            self.depth -= 1;
            return Ok(Next::Closed);
        }
        Err(self.malformed("a comma or the end of the list or object is missing"))
    }

    /// Takes the name of a member and its colon; gives what stands between the quotes.
    pub(super) fn key(&mut self) -> Result<&'a [u8], Malformed> {
        if self.peek()? != b'"' {
            return Err(self.malformed("the name of a field is missing"));
        }
        let name = self.string()?;
        if self.peek()? != b':' {
            return Err(self.malformed("a colon is missing"));
        }
        self.at += 1;
        Ok(name)
    }

    /// Takes a string whose opening quote was peeked; gives what stands between the quotes, with escapes.
    pub(super) fn string(&mut self) -> Result<&'a [u8], Malformed> {
        let start = self.at + 1;
        self.at = start;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            self.at += rest.iter().position(special).unwrap_or(rest.len());
            match self.text.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(&self.text[start..self.at - 1]);
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(self.malformed("a control character stands in a string")),
                None => return Err(self.malformed("a string does not end")),
            }
        }
    }

    /// Takes a number of which the first byte was peeked; gives its text.
    pub(super) fn number(&mut self) -> Result<&'a [u8], Malformed> {
        let start = self.at;
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.text.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    /// Takes one of the three words of JSON, whose first byte was peeked.
    pub(super) fn word(&mut self, word: &'static str) -> Result<(), Malformed> {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err(self.malformed("no JSON value begins like this"));
        }
        self.at += word.len();
        Ok(())
    }

    /// A complaint about where the scanner stands.
    pub(super) fn malformed(&self, reason: &'static str) -> Malformed {
        Malformed {
            at: self.at,
            reason,
        }
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    fn scalar(&mut self, first: u8) -> Result<(), Malformed> {
        match first {
            b'"' => self.string().map(drop),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => Err(self.malformed("no JSON value begins like this")),
        }
    }

    /// Takes a list or object whose opening byte was peeked. Not recursive: what is skipped here is not
    /// bounded by a schema, and ten thousand levels would not fit a thread's stack.
    fn nested(&mut self) -> Result<(), Malformed> {
        let mut open = Nesting::new();
        loop {
            let first = self.peek()?;
            if matches!(first, b'{' | b'[') {
                self.open()?;
                let closing = open.push(first);
                if self.empty(closing)? == Next::Item {
                    if closing == b'}' {
                        self.key()?;
                    }
                    continue;
                }
                open.pop();
            } else {
                self.scalar(first)?;
            }
            // A value ended here, and with it perhaps those around it.
            loop {
                let Some(closing) = open.innermost() else {
                    return Ok(());
                };
                if self.next(closing)? == Next::Item {
                    if closing == b'}' {
                        self.key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.text.get(self.at) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.malformed("a digit is missing"));
        }
        Ok(())
    }

    /// Takes an escape, checked by its letters only: a lone surrogate is well-formed.
    fn escape(&mut self) -> Result<(), Malformed> {
        let length = match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => {
                let digits = self.text.get(self.at + 2..self.at + 6);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return Err(self.malformed("four hexadecimal digits are missing"));
                }
                6
            }
            _ => return Err(self.malformed("this escape does not exist")),
        };
        self.at += length;
        Ok(())
    }
}

/// What comes next in a list or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another item.
    Item,
    /// Nothing; the closing byte was taken.
    Closed,
}

/// The kinds of the lists and objects that are open, one bit for each, so that skipping needs no heap.
struct Nesting {
    objects: [u64; DEEPEST.div_ceil(64)],
    len: usize,
}

impl Nesting {
    fn new() -> Self {
        Self {
            objects: [0; DEEPEST.div_ceil(64)],
            len: 0,
        }
    }

    /// Adds a level that begins with `opening`; gives the byte that will close it. The scanner's own
    /// count of levels keeps this in bounds.
    fn push(&mut self, opening: u8) -> u8 {
        let bit = 1 << (self.len % 64);
        if opening == b'{' {
            self.objects[self.len / 64] |= bit;
        } else {
            self.objects[self.len / 64] &= !bit;
        }
        self.len += 1;
        if opening == b'{' { b'}' } else { b']' }
    }

    fn pop(&mut self) {
        self.len -= 1;
    }

    /// The byte that closes the innermost level.
    fn innermost(&self) -> Option<u8> {
        let level = self.len.checked_sub(1)?;
        let object = self.objects[level / 64] >> (level % 64) & 1 == 1;
        Some(if object { b'}' } else { b']' })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_should() {
        let check = |text: &str, want: Option<&str>| {
            let got = Scanner::new(text.as_bytes()).value().ok();
            assert_eq!(got, want.map(str::as_bytes), "{text}");
        };
        check(
            r#" {"a":[1,{"b":[]},{}]} x"#,
            Some(r#"{"a":[1,{"b":[]},{}]}"#),
        );
        check("01", Some("0"));
        check("-0.5e+10,", Some("-0.5e+10"));
        check("nullx", Some("null"));
        check(r#""a\u00e9\"" "#, Some(r#""a\u00e9\"""#));
        check("[[],[[]]]", Some("[[],[[]]]"));
        let broken = r#"- +1 .5 1. 1e [1,] [1 { {"a"} {a:1} {"a":} {"a":1,} [} {] [1} {"a":1] nul tru "a "\x" "\u12g4" "\u12 'a' NaN"#;
        for text in broken
            .split(' ')
            .chain(["", " ", "\"\t\"", "\u{feff}1", "[1 2]"])
        {
            check(text, None);
        }
    }

    #[test]
    fn ten_thousand_levels_and_no_more() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Scanner::new(nested(10_000).as_bytes()).value().is_ok());
        assert!(Scanner::new(nested(10_001).as_bytes()).value().is_err());
        assert!(
            Scanner::new("[".repeat(1_000_000).as_bytes())
                .value()
                .is_err()
        );
        let objects = "{\"a\":".repeat(9_999) + "[]" + &"}".repeat(9_999);
        assert!(Scanner::new(objects.as_bytes()).value().is_ok());
    }
}
