//! Property strings in both spellings.

use std::collections::BTreeMap;

use proptest::prelude::*;

use mock_server::proxmox::property_string::{PropertyString, Spelling};

use super::{config, nasty};

/// The properties by key: the default one may be written first.
fn by_key(properties: &PropertyString) -> BTreeMap<&str, &str> {
    properties.iter().collect()
}

/// Text of the alphabet that matters, with some of anything in between.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "file", "=", ",", "\"", "\\", "\\n", "\\\"", " ", "\n", ";", "1"])
            .prop_map(str::to_owned),
        1 => nasty(),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn what_is_read_and_written_reads_the_same(text in texts(), named in any::<bool>()) {
        let default_key = named.then_some("file");
        for spelling in [Spelling::Plain, Spelling::Quoted] {
            let Ok(read) = PropertyString::parse(&text, default_key, spelling) else {
                continue;
            };
            let written = read.print(default_key, spelling);
            prop_assert!(written.is_ok(), "{read:?}");
            let written = written.unwrap_or_default();
            let again = PropertyString::parse(&written, default_key, spelling);
            prop_assert!(again.is_ok(), "{written:?} of {read:?}: {again:?}");
            let again = again.unwrap_or_default();
            prop_assert_eq!(by_key(&again), by_key(&read), "{:?}", written);
            let twice = again.print(default_key, spelling);
            prop_assert_eq!(twice.as_deref(), Ok(&*written));
        }
    }
}

#[test]
fn very_long_texts() {
    let check = |piece: &str| {
        let text = piece.repeat(200_000);
        for spelling in [Spelling::Plain, Spelling::Quoted] {
            let _ = PropertyString::parse(&text, Some("a"), spelling);
            let _ = PropertyString::parse(&format!("a=\"{text}"), Some("a"), spelling);
        }
    };
    check(",");
    check("=");
    check("\"");
    check("\\\"");
    check("x");
    check(" ,");
}
