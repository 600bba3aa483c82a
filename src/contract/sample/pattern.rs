//! The patterns of the products, as Rust's `regex` reads them.

use std::collections::HashMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

/// How much memory one pattern may take: those of the products need a tenth of it, and a document that is
/// made to need more is not worth it.
const LARGEST: usize = 2 << 20;

/// What Perl spells in another way, and what it means here. Patterns that a program hands out carry the
/// flags that they were made with (`(?^:`).
const PERL: [(&str, &str); 6] = [
    ("(?^:", "(?:"),
    ("(?^u:", "(?:"),
    ("(?^i:", "(?i:"),
    ("(?>", "(?:"),
    ("{,", "{0,"),
    ("\\0", "\\x00"),
];

/// The patterns used so far, so that each is read once.
#[derive(Default)]
pub(super) struct Patterns {
    known: HashMap<Arc<str>, Option<Regex>>,
}

impl Patterns {
    /// Whether a text matches; a pattern that has no meaning here takes every text.
    pub(super) fn fits(&mut self, pattern: &Arc<str>, text: &str) -> bool {
        let known = self.known.entry(Arc::clone(pattern));
        let regex = known.or_insert_with(|| compiled(pattern));
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}

/// The pattern ready for use, if it has a meaning here.
pub(super) fn compiled(pattern: &str) -> Option<Regex> {
    let mut builder = RegexBuilder::new(&translated(pattern));
    builder.size_limit(LARGEST).build().ok()
}

/// The pattern in Rust's spelling, with its anchors.
pub(super) fn translated(pattern: &str) -> String {
    let quoted = pattern
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    if let Some(rust) = quoted {
        return rust.to_owned();
    }
    let spelled = PERL.iter().fold(pattern.to_owned(), |text, (perl, rust)| {
        text.replace(perl, rust)
    });
    // Perl's own code puts the anchors around the text without a group; so an alternative at the top has
    // one of them only.
    format!("^{spelled}$")
}
