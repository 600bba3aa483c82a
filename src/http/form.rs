//! Queries and `application/x-www-form-urlencoded` bodies: pairs in their order, keys may repeat.
//!
//! Products disagree on details that clients run into, so the syntax is an argument: the Rust products (and
//! everything of ours) read forms as browsers write them, the Perl one (proxmox.md 1.1) also separates at `;`
//! and ends a value at the second `=`.

use std::borrow::Cow;

use super::path::decode_component;

/// How a product takes a query or a form apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Pairs end at `&`; a value is everything after the first `=` (the URL standard).
    Standard,
    /// Pairs end at `&` and `;`; a value ends at the next `=` (pveproxy, which splits at every `=` and keeps
    /// the first two parts: an `=` inside a value must be sent as `%3D`).
    Perl,
}

/// The most pairs that [`Form::parse`] takes. A body of 512 KiB could hold 200,000 of them, and each would be
/// looked up in a schema; the largest operation knows a few hundred parameters.
pub const MOST_PAIRS: usize = 10_000;

/// Why a form was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// More than [`MOST_PAIRS`].
    #[error("more than {MOST_PAIRS} parameters")]
    TooManyPairs,
}

/// One pair, decoded. A key without `=` has an empty value.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// One pair, decoded, that tells a key without `=` from one with an empty value: Perl's `undef` from its `''`.
type Sparse<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// The pairs of a query or form, decoded one at a time. Broken escapes stay as they stand, and bytes that are
/// not UTF-8 become U+FFFD: nothing is ever refused here.
pub fn pairs(text: &str, syntax: Syntax) -> impl Iterator<Item = Pair<'_>> {
    sparse(text, syntax).map(|(key, value)| (key, value.unwrap_or_default()))
}

fn sparse(text: &str, syntax: Syntax) -> impl Iterator<Item = Sparse<'_>> {
    let separates = move |c: char| c == '&' || (c == ';' && syntax == Syntax::Perl);
    text.split(separates)
        .filter(|part| !part.is_empty())
        .map(move |part| {
            let Some((key, value)) = part.split_once('=') else {
                return (decode_component(part), None);
            };
            let value = match (syntax, value.split_once('=')) {
                (Syntax::Perl, Some((first, _))) => first,
                _ => value,
            };
            (decode_component(key), Some(decode_component(value)))
        })
}

/// A whole query or form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, Option<String>)>,
}

impl Form {
    /// Reads a query, or a body as it came.
    ///
    /// # Errors
    /// [`FormFault::TooManyPairs`]; nothing else is wrong in a form.
    pub fn parse(bytes: &[u8], syntax: Syntax) -> Result<Self, FormFault> {
        let text = String::from_utf8_lossy(bytes);
        let mut form = Self::default();
        for (key, value) in sparse(&text, syntax) {
            if form.pairs.len() == MOST_PAIRS {
                return Err(FormFault::TooManyPairs);
            }
            let value = value.map(Cow::into_owned);
            form.pairs.push((key.into_owned(), value));
        }
        Ok(form)
    }

    /// All pairs in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter();
        pairs.map(|(key, value)| (&**key, value.as_deref().unwrap_or_default()))
    }

    /// The values of one key in their order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// The first value of a key.
    pub fn first<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        self.all(key).next()
    }

    /// Takes all pairs with this key out, for parameters that mean nothing to an operation (`_dc`).
    pub fn drop(&mut self, key: &str) {
        self.pairs.retain(|(name, _)| name != key);
    }

    /// The pairs, moved out; a key without `=` has no value.
    pub fn into_pairs(self) -> Vec<(String, Option<String>)> {
        self.pairs
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, syntax: Syntax, want: &[(&str, &str)]) {
        let form = Form::parse(text.as_bytes(), syntax).unwrap();
        let found: Vec<_> = form.iter().collect();
        assert_eq!(found, want, "{text} as {syntax:?}");
    }

    #[test]
    fn pairs_keep_order_and_repeats() {
        for syntax in [Syntax::Standard, Syntax::Perl] {
            check("", syntax, &[]);
            check("&&", syntax, &[]);
            check(
                "a=1&b&a=%202&&c=",
                syntax,
                &[("a", "1"), ("b", ""), ("a", " 2"), ("c", "")],
            );
            check("a+b=c+d%2B", syntax, &[("a b", "c d+")]);
            check("=x", syntax, &[("", "x")]);
            check(
                "p=100%&q=%zz&r=%ff&s=é",
                syntax,
                &[("p", "100%"), ("q", "%zz"), ("r", "\u{fffd}"), ("s", "é")],
            );
        }
    }

    #[test]
    fn the_syntaxes_differ_in_semicolons_and_second_equals_signs() {
        let text = "a=1;b=2&net0=virtio,bridge=vmbr0&agent=enabled%3D1";
        check(
            text,
            Syntax::Standard,
            &[
                ("a", "1;b=2"),
                ("net0", "virtio,bridge=vmbr0"),
                ("agent", "enabled=1"),
            ],
        );
        check(
            text,
            Syntax::Perl,
            &[
                ("a", "1"),
                ("b", "2"),
                ("net0", "virtio,bridge"),
                ("agent", "enabled=1"),
            ],
        );
    }

    #[test]
    fn look_ups() {
        let mut form = Form::parse(b"a=1&_dc=7&a=2", Syntax::Perl).unwrap();
        assert_eq!(form.first("a"), Some("1"));
        assert_eq!(form.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.first("_dc"), Some("7"));
        form.drop("_dc");
        assert_eq!(form.first("_dc"), None);
        assert_eq!(form.into_pairs().len(), 2);
    }

    #[test]
    fn the_number_of_pairs_is_bounded() {
        let most = "a=1&".repeat(MOST_PAIRS);
        assert!(Form::parse(most.as_bytes(), Syntax::Standard).is_ok());
        let more = format!("{most}a=1");
        let refused = Form::parse(more.as_bytes(), Syntax::Standard);
        assert_eq!(refused, Err(FormFault::TooManyPairs));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_form(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for syntax in [Syntax::Standard, Syntax::Perl] {
                prop_assert!(Form::parse(&bytes, syntax).is_ok());
            }
        }
    }
}
