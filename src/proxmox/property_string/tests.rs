//! Property strings of disks, networks and remotes.

use proptest::prelude::*;

use super::*;

fn check(text: &str, spelling: Spelling, want: Result<&[(&str, &str)], &str>) {
    let found = PropertyString::parse(text, Some("volume"), spelling);
    let found = found
        .as_ref()
        .map(|properties| properties.iter().collect::<Vec<_>>());
    let found = found.map_err(ToString::to_string);
    assert_eq!(
        found,
        want.map(<[_]>::to_vec).map_err(str::to_owned),
        "{text}"
    );
}

#[test]
fn in_both_spellings() {
    for spelling in [Spelling::Plain, Spelling::Quoted] {
        check("", spelling, Ok(&[]));
        check(
            "local:100/disk.qcow2,size=32G",
            spelling,
            Ok(&[("volume", "local:100/disk.qcow2"), ("size", "32G")]),
        );
        check(
            "size=32G,none",
            spelling,
            Ok(&[("size", "32G"), ("volume", "none")]),
        );
        check("a=b=c", spelling, Ok(&[("a", "b=c")]));
        check(
            "a=1,a=2",
            spelling,
            Err("duplicate key in comma-separated list property: a"),
        );
        let twice = "duplicate key in comma-separated list property: volume";
        check("x,y", spelling, Err(twice));
        check("volume=x,y", spelling, Err(twice));
    }
    let bare = PropertyString::parse("x", None, Spelling::Plain);
    assert_eq!(bare, Err(PropertyFault::NoDefaultKey));
}

#[test]
fn values_that_are_nearly_nothing() {
    let check = |text: &str, spelling: Spelling, want: &str| {
        let properties = PropertyString::parse(text, Some("volume"), spelling).unwrap();
        let written = properties.print(Some("volume"), spelling).unwrap();
        assert_eq!(written, want, "{text:?}");
        let again = PropertyString::parse(&written, Some("volume"), spelling);
        let by_key = |all: PropertyString| {
            let pairs = all
                .iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()));
            pairs.collect::<std::collections::BTreeMap<_, _>>()
        };
        assert_eq!(again.map(by_key), Ok(by_key(properties)), "{text:?}");
    };
    check("volume= ,a=1", Spelling::Plain, "volume= ,a=1");
    check(" x,a=1", Spelling::Plain, " x,a=1");
    check(",a=1", Spelling::Quoted, "volume=,a=1");
    check("a=1,volume=", Spelling::Quoted, "volume=,a=1");
    check("volume= ", Spelling::Quoted, " ");
}

#[test]
fn a_value_full_of_keys_is_read_in_one_pass() {
    // With a search through all that came before, this takes minutes.
    let text: String = (0..100_000).map(|n| format!("k{n}=1,")).collect();
    for spelling in [Spelling::Plain, Spelling::Quoted] {
        let properties = PropertyString::parse(&text, None, spelling).unwrap();
        assert_eq!(properties.iter().count(), 100_000);
        let twice = PropertyString::parse(&format!("{text}k7=1"), None, spelling);
        assert_eq!(twice, Err(PropertyFault::Duplicate("k7".to_owned())));
    }
}

#[test]
fn in_plain_spelling() {
    let check = |text, want| check(text, Spelling::Plain, want);
    let missing = Err("missing key in comma-separated list property");
    check("=x", missing);
    check("x=", missing);
    check("a=1, ,b=2,", Ok(&[("a", "1"), ("b", "2")]));
    check("a=\"1,b=2\"", Ok(&[("a", "\"1"), ("b", "2\"")]));
}

#[test]
fn in_quoted_spelling() {
    let check = |text, want| check(text, Spelling::Quoted, want);
    check("a=\"1,b=2\"", Ok(&[("a", "1,b=2")]));
    check("\"x,y\",a=", Ok(&[("volume", "x,y"), ("a", "")]));
    check(r#"a="q\"\\\n""#, Ok(&[("a", "q\"\\\n")]));
    check("a=\"1", Err("unexpected end of string"));
    check("a=\"1\\", Err("unexpected end of string"));
    check("a=\"1\"x", Err("garbage after quoted string"));
    check("a=\"\\x\"", Err("garbage after quoted string"));
}

#[test]
fn printing() {
    let mut properties: PropertyString = [("size", "32G"), ("volume", "local:1")]
        .into_iter()
        .collect();
    let print = |properties: &PropertyString, spelling| properties.print(Some("volume"), spelling);
    assert_eq!(
        print(&properties, Spelling::Plain).unwrap(),
        "local:1,size=32G"
    );
    assert_eq!(properties.to_string(), "size=32G,volume=local:1");
    properties.set("size", "1,5G");
    properties.set("ssd", "1");
    let fault = print(&properties, Spelling::Plain).unwrap_err();
    assert_eq!(fault.to_string(), "illegal value with commas for size");
    let quoted = print(&properties, Spelling::Quoted).unwrap();
    assert_eq!(quoted, "local:1,size=\"1,5G\",ssd=1");
    assert_eq!(properties.remove("size").as_deref(), Some("1,5G"));
    assert_eq!(properties.remove("size"), None);
    assert_eq!(properties.value("ssd"), Some("1"));
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in "[a-z=,\"\\\\ é]{0,30}") {
        for spelling in [Spelling::Plain, Spelling::Quoted] {
            let _ = PropertyString::parse(&text, Some("d"), spelling);
        }
    }

    #[test]
    fn what_is_printed_is_read_back(pairs in proptest::collection::btree_map("[a-z]{1,3}", "[ -~é\n]{1,6}", 0..5)) {
        let properties: PropertyString = pairs.into_iter().collect();
        let text = properties.print(Some("a"), Spelling::Quoted).unwrap();
        let found = PropertyString::parse(&text, Some("a"), Spelling::Quoted).unwrap();
        let sorted = |properties: &PropertyString| {
            let mut pairs: Vec<_> = properties.iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            pairs.sort();
            pairs
        };
        prop_assert_eq!(sorted(&found), sorted(&properties));
    }
}
