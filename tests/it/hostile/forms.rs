//! Queries and form bodies in both syntaxes.

use proptest::prelude::*;

use mock_server::http::form::{Form, FormFault, MOST_PAIRS, Syntax};

use super::{config, nasty};

/// Every byte as an escape, so that no separator is left in it.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_bytes_are_a_form(bytes in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        "[a-z%&;=+0-9\\x00é]{0,100}".prop_map(String::into_bytes),
    ]) {
        for syntax in [Syntax::Standard, Syntax::Perl] {
            let form = Form::parse(&bytes, syntax).unwrap();
            // A byte that is no text becomes a character of three bytes.
            let size: usize = form.iter().map(|(key, value)| key.len() + value.len()).sum();
            prop_assert!(size <= 3 * bytes.len());
        }
    }

    #[test]
    fn what_is_written_is_read(pairs in prop::collection::vec((nasty(), nasty()), 0..8)) {
        let text: Vec<_> = pairs.iter().map(|(key, value)| escaped(key) + "=" + &escaped(value)).collect();
        let check = |syntax, separator: &str| {
            let form = Form::parse(text.join(separator).as_bytes(), syntax).unwrap();
            let found: Vec<_> = form.into_pairs().into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect();
            prop_assert_eq!(found, pairs.clone());
            Ok(())
        };
        check(Syntax::Standard, "&")?;
        check(Syntax::Perl, "&")?;
        check(Syntax::Perl, ";")?;
    }
}

#[test]
fn the_number_of_pairs_is_bounded() {
    let check = |pair: &str, count: usize, want: Result<usize, FormFault>| {
        for syntax in [Syntax::Standard, Syntax::Perl] {
            let form = Form::parse(pair.repeat(count).as_bytes(), syntax);
            assert_eq!(form.map(|form| form.iter().count()), want, "{pair} {count}");
        }
    };
    check("a&", MOST_PAIRS, Ok(MOST_PAIRS));
    check("a&", MOST_PAIRS + 1, Err(FormFault::TooManyPairs));
    check("=&", 1_000_000, Err(FormFault::TooManyPairs));
    check("&", 1_000_000, Ok(0));
    check("=", 1_000_000, Ok(1));
}
