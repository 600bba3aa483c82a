//! Patterns of parameters: from either product's spelling to a compiled expression, once.
//!
//! Perl's patterns are anchored by the product (`m/^$pattern$/`, which binds tighter than an alternative inside:
//! `a|b` means `^a` or `b$`), those of the Rust products anchor themselves and stand between slashes. All matching
//! takes time linear in the value.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};

use crate::contract::{Kind, Schema};

/// The most memory that one compiled pattern may take. `[\w\d]{0,256}` with all letters of Unicode takes more.
const MOST_BYTES: usize = 4 << 20;

/// The longest pattern, in bytes; the products' longest has 3,655. A compiler counts memory only once it has read
/// the whole, and each `\w` of it takes kilobytes until then.
const LONGEST: usize = 8 << 10;

/// The patterns of a contract by their spelling, each compiled when it is first needed.
pub(super) struct Patterns {
    known: HashMap<Arc<str>, OnceLock<Option<Regex>>>,
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Patterns").field(&self.known.len()).finish()
    }
}

impl Patterns {
    /// The patterns in some schemas and in everything inside them.
    pub(super) fn of<'s>(schemas: impl Iterator<Item = &'s Schema>) -> Self {
        let mut walk = Walk::default();
        schemas.for_each(|schema| walk.schema(schema));
        Self { known: walk.known }
    }

    /// Whether a value matches. A pattern that does not compile matches everything: the product would not run
    /// with it.
    pub(super) fn matches(&self, pattern: &str, value: &str) -> bool {
        match self.known.get(pattern) {
            Some(cell) => {
                let compiled = cell.get_or_init(|| compiled(pattern));
                compiled.as_ref().is_none_or(|regex| regex.is_match(value))
            }
            None => compiled(pattern).is_none_or(|regex| regex.is_match(value)),
        }
    }

    /// Those that do not compile.
    #[cfg(test)]
    pub(super) fn broken(&self) -> Vec<&str> {
        let broken = self.known.keys().filter(|key| compiled(key).is_none());
        broken.map(|key| &**key).collect()
    }
}

/// A walk over schemas that looks at each shared part once.
#[derive(Default)]
struct Walk {
    known: HashMap<Arc<str>, OnceLock<Option<Regex>>>,
    seen: HashSet<*const ()>,
}

impl Walk {
    fn schema(&mut self, schema: &Schema) {
        if let Some(facts) = &schema.more
            && self.is_new(Arc::as_ptr(facts).cast())
        {
            if let Some(pattern) = &facts.pattern {
                self.known.entry(pattern.clone()).or_default();
            }
            if let Some(inner) = &facts.property_string {
                self.schema(inner);
            }
        }
        match &schema.kind {
            Kind::Array(items) if self.is_new(Arc::as_ptr(items).cast()) => self.schema(items),
            Kind::Object(shape) if self.is_new(Arc::as_ptr(shape).cast()) => {
                let members = shape.properties.iter().map(|property| &property.schema);
                for member in members.chain(&shape.additional) {
                    self.schema(member);
                }
            }
            Kind::OneOf(variants) if self.is_new(Arc::as_ptr(variants).cast()) => {
                variants.iter().for_each(|variant| self.schema(variant));
            }
            _ => {}
        }
    }

    fn is_new(&mut self, place: *const ()) -> bool {
        self.seen.insert(place)
    }
}

/// A pattern in either spelling, compiled.
pub(super) fn compiled(pattern: &str) -> Option<Regex> {
    if pattern.len() > LONGEST {
        return None;
    }
    let inner = pattern
        .strip_prefix('/')
        .and_then(|inner| inner.strip_suffix('/'));
    let text = match inner {
        Some(inner) => inner.to_owned(),
        // Perl's `$` also stands before a newline at the end.
        None => format!("^{}(?:\\n?)$", rust_spelling(pattern)),
    };
    let compile = |text: &str| RegexBuilder::new(text).size_limit(MOST_BYTES).build().ok();
    // Without Unicode the large classes shrink to ASCII, which is what they were written for.
    compile(&text).or_else(|| compile(&format!("(?-u){text}")))
}

/// Rewrites what Perl spells in its own way.
fn rust_spelling(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut class = false;
    while let Some(c) = rest.chars().next() {
        let (written, taken) = match c {
            '\\' => escape(rest),
            '[' if class && !rest.starts_with("[:") => ("\\[".to_owned(), 1),
            ']' => {
                class = false;
                ("]".to_owned(), 1)
            }
            '[' if !class => {
                class = true;
                class_start(rest)
            }
            '[' => posix(rest),
            '(' if !class => group(rest),
            '{' if !class && rest[1..].starts_with(',') => ("{0".to_owned(), 1),
            c => (c.to_string(), c.len_utf8()),
        };
        text.push_str(&written);
        rest = &rest[taken..];
    }
    text
}

/// An escape: what is written for it, and how many bytes it takes.
fn escape(rest: &str) -> (String, usize) {
    let Some(c) = rest[1..].chars().next() else {
        return ("\\".to_owned(), 1);
    };
    let written = match c {
        '0' => "\\x00".to_owned(),
        'Z' => "\\n?\\z".to_owned(),
        c => format!("\\{c}"),
    };
    (written, 1 + c.len_utf8())
}

/// The start of a class, with a bracket that belongs to it by standing first.
fn class_start(rest: &str) -> (String, usize) {
    for start in ["[^]", "[]"] {
        if rest.starts_with(start) {
            let written = format!("{}\\]", &start[..start.len() - 1]);
            return (written, start.len());
        }
    }
    ("[".to_owned(), 1)
}

/// `[:alnum:]` inside a class, whole.
fn posix(rest: &str) -> (String, usize) {
    match rest.find(":]") {
        Some(end) => (rest[..end + 2].to_owned(), end + 2),
        None => ("\\[".to_owned(), 1),
    }
}

/// The start of a group: `(?^i:` resets the flags to those named, `(?>` never gives back what it took, which makes
/// no difference to whether a pattern without captures can match, as far as the products use it.
fn group(rest: &str) -> (String, usize) {
    if rest.starts_with("(?>") {
        return ("(?:".to_owned(), 3);
    }
    let Some(tail) = rest.strip_prefix("(?^") else {
        return ("(".to_owned(), 1);
    };
    let flags = tail.bytes().take_while(u8::is_ascii_lowercase).count();
    let on: String = tail[..flags]
        .chars()
        .filter(|&c| "imsx".contains(c))
        .collect();
    let off: String = "imsx".chars().filter(|&c| !on.contains(c)).collect();
    let minus = if off.is_empty() { "" } else { "-" };
    (format!("(?{on}{minus}{off}"), 3 + flags)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let regex = compiled(pattern).unwrap_or_else(|| panic!("{pattern} does not compile"));
        for value in yes {
            assert!(regex.is_match(value), "{pattern} against {value}");
        }
        for value in no {
            assert!(!regex.is_match(value), "{pattern} against {value}");
        }
    }

    #[test]
    fn both_spellings() {
        check("[a-z]+", &["ab", "ab\n"], &["", "aB", "ab1"]);
        check("/^[a-z]+$/", &["ab"], &["ab\n", "a1"]);
        check("/^.*/.*$/", &["a/b"], &["ab"]);
        check("(?:a|b)|none", &["none", "a"], &["c"]);
        check("(?^i:[a-z0-9_]+)", &["aB"], &["a-"]);
        check("(?^i:a(?^:b))", &["Ab"], &["aB"]);
        check("(?^u:(?^u:[a-z]{1,3}))", &["abc"], &["abcd"]);
        check(r"[A-Z\s]{,3}", &["", "A B"], &["ABCD"]);
        check(r"\{,2}", &["{,2}"], &["{"]);
        check(
            r"(?^u:^((?>[+-]?[\w\-\._=]+,?)+)$)",
            &["+aes,-pcid"],
            &["", "a b"],
        );
        check(r"a\0b", &["a\0b"], &["a0b"]);
        check("[[]x", &["[x"], &["x"]);
        check("[]a]+[[:digit:][]", &["]a1", "a["], &["x1"]);
        check(r"(?^i:[\(\)-_.\w\d\s]{0,256})", &["", "Zen (2)"], &["a'b"]);
    }

    #[test]
    fn broken_patterns() {
        for pattern in ["(", "[a", "\\", "(?^", "/(/"] {
            assert!(compiled(pattern).is_none(), "{pattern}");
        }
        assert!(compiled(&"a".repeat(LONGEST)).is_some());
        assert!(compiled(&"a".repeat(LONGEST + 1)).is_none());
        assert!(Patterns::of(std::iter::empty()).matches("(", "x"));
    }

    proptest! {
        #[test]
        fn any_text_is_rewritten(pattern in r"[a-z\\\[\](){}?^:,|*+/0é-]{0,20}", value in "[a-z0é]{0,5}") {
            let _ = compiled(&pattern).map(|regex| regex.is_match(&value));
        }
    }
}
