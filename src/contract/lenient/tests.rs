//! What Go takes, refuses and makes of it, in tables; every row was tried with Go 1.26.

use proptest::prelude::*;

use super::super::Contract;
use super::*;

/// A schema with one member of each kind that the contracts use.
fn sample() -> Schema {
    let document = br##"{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{
        "S":{"type":"object","required":["s","i","b","t","raw","list","map","inner","f"],"properties":{
            "s":{"type":"string"},"i":{"type":"integer"},"b":{"type":"boolean"},"f":{"type":"number"},
            "t":{"type":"string","format":"date-time"},"raw":{},
            "list":{"type":"array","items":{"$ref":"#/components/schemas/I"}},
            "map":{"type":"object","additionalProperties":{"type":"string"}},
            "inner":{"$ref":"#/components/schemas/I"},
            "os":{"type":"string"},"oi":{"type":"integer"},"ob":{"type":"boolean"},
            "ot":{"type":"string","format":"date-time"},"oraw":{},
            "olist":{"type":"array","items":{"type":"string"}},
            "omap":{"type":"object","additionalProperties":{"type":"integer"}},
            "oinner":{"$ref":"#/components/schemas/I"}}},
        "I":{"type":"object","required":["a","list_k"],"properties":{
            "a":{"type":"string"},"list_k":{"type":"array","items":{"type":"integer"}},"p":{"type":"integer","nullable":true}}},
        "L":{"type":"array","items":{"$ref":"#/components/schemas/I"}}}}}"##;
    let contract = Contract::parse(document, "sample").unwrap();
    contract.schema("S").unwrap().clone()
}

fn member(name: &str) -> Schema {
    sample().property(name).unwrap().schema.clone()
}

/// Checks what becomes of one text; `None` when it is refused.
fn check_normal(schema: &Schema, text: &[u8], want: Option<&str>) {
    let shown = String::from_utf8_lossy(text);
    assert_eq!(normalize(schema, text).ok().as_deref(), want, "{shown}");
    assert_eq!(check(schema, text).is_ok(), want.is_some(), "{shown}");
    assert_eq!(fields(schema, text).is_ok(), want.is_some(), "{shown}");
}

#[test]
fn zero_values() {
    let zero = r#"{"s":"","i":0,"b":false,"f":0,"t":"0001-01-01T00:00:00Z","raw":null,"list":null,"map":null,"inner":{"a":"","list_k":null}}"#;
    let zero = Some(zero);
    let schema = sample();
    check_normal(&schema, b"{}", zero);
    check_normal(&schema, b"null", zero);
    check_normal(&schema, b" {\"unknown\":[{}]} trailing", zero);
    check_normal(
        &schema,
        br#"{"s":null,"i":null,"b":null,"f":null,"t":null,"raw":null,"list":null,"map":null,"inner":null,
            "os":null,"oi":null,"ob":null,"ot":null,"olist":null,"omap":null,"oinner":null}"#,
        zero,
    );
    check_normal(
        &schema,
        br#"{"os":"","oi":0,"ob":false,"olist":[],"omap":{}}"#,
        zero,
    );
    for text in [
        "",
        " \n",
        "[]",
        "1",
        "\"\"",
        "true",
        "{",
        "{\"a\":}",
        "{\"x\":01}",
        "{'s':1}",
        "\u{feff}{}",
        "nul",
    ] {
        check_normal(&schema, text.as_bytes(), None);
    }
}

#[test]
fn members_that_are_not_required() {
    let schema = sample();
    let check = |text: &str, want: &str| {
        let normal = normalize(&schema, text.as_bytes()).unwrap();
        let rest = normal.split_once(r#""list_k":null}"#).unwrap().1;
        assert_eq!(rest, format!("{want}}}"), "{text}");
    };
    check(r#"{"oinner":{}}"#, r#","oinner":{"a":"","list_k":null}"#);
    check(
        r#"{"ot":"0001-01-01T00:00:00Z"}"#,
        r#","ot":"0001-01-01T00:00:00Z""#,
    );
    check(r#"{"oraw":null}"#, r#","oraw":null"#);
    check(r#"{"oraw":""}"#, r#","oraw":"""#);
    check(r#"{"omap":{"b":1,"a":null}}"#, r#","omap":{"a":0,"b":1}"#);
    check(
        r#"{"olist":[null,"x"],"ob":true,"oi":-1,"os":"y"}"#,
        r#","os":"y","oi":-1,"ob":true,"olist":["","x"]"#,
    );
}

#[test]
fn names_and_repetitions() {
    let schema = member("inner");
    let check = |text: &str, want: &str| check_normal(&schema, text.as_bytes(), Some(want));
    check(r#"{"A":"x"}"#, r#"{"a":"x","list_k":null}"#);
    check(r#"{"a":"x","A":"y"}"#, r#"{"a":"y","list_k":null}"#);
    check(r#"{"LIST_K":[1]}"#, r#"{"a":"","list_k":[1]}"#);
    check("{\"li\u{17f}t_\u{212a}\":[1]}", r#"{"a":"","list_k":[1]}"#);
    check(r#"{"\u0061":"x"}"#, r#"{"a":"x","list_k":null}"#);
    check(r#"{"\u0041":"x"}"#, r#"{"a":"x","list_k":null}"#);
    check(r#"{"a":"x","a":null}"#, r#"{"a":"x","list_k":null}"#);
    check(
        r#"{"list_k":[1,2],"list_k":[3]}"#,
        r#"{"a":"","list_k":[3]}"#,
    );
    check(
        r#"{"list_k":[1,2],"list_k":[null,4,5]}"#,
        r#"{"a":"","list_k":[1,4,5]}"#,
    );
    check(
        r#"{"list_k":[1],"list_k":null}"#,
        r#"{"a":"","list_k":null}"#,
    );
    check(r#"{"p":0}"#, r#"{"a":"","list_k":null,"p":0}"#);
    check(r#"{"p":0,"p":null}"#, r#"{"a":"","list_k":null}"#);
    let list = member("list");
    check_normal(
        &list,
        br#"[{"a":"x"},null]"#,
        Some(r#"[{"a":"x","list_k":null},{"a":"","list_k":null}]"#),
    );
    check_normal(&list, b"[]", Some("[]"));
    check_normal(&list, b"null", Some("null"));
    check_normal(&list, b"{}", None);
    check_normal(&list, b"[{}", None);
    check_normal(&list, b"[{},]", None);
    let map = member("map");
    check_normal(
        &map,
        br#"{"b":"1","a":"2","b":null}"#,
        Some(r#"{"a":"2","b":""}"#),
    );
    check_normal(&map, br#"{"a":1}"#, None);
    check_normal(&map, b"[]", None);
}

fn check_member(name: &str, text: &str, want: Option<&str>) {
    check_normal(&member(name), text.as_bytes(), want);
}

#[test]
fn numbers_and_booleans() {
    let check = check_member;
    check("i", "42", Some("42"));
    check("i", "-0", Some("0"));
    check("i", "-9223372036854775808", Some("-9223372036854775808"));
    for text in [
        "9223372036854775808",
        "1.0",
        "1e3",
        "+1",
        ".5",
        "\"1\"",
        "true",
        "[]",
        "{}",
        "-",
        "--1",
    ] {
        check("i", text, None);
    }
    check("b", "true", Some("true"));
    for text in ["1", "\"true\"", "True", "tru"] {
        check("b", text, None);
    }
    check("f", "1.50", Some("1.5"));
    check("f", "-0", Some("-0"));
    check("f", "1e21", Some("1e+21"));
    check("f", "100000000000000000000", Some("100000000000000000000"));
    check("f", "0.0000001", Some("1e-7"));
    check("f", "0.000001", Some("0.000001"));
    check("f", "1e999", None);
}

#[test]
fn times_strings_and_raw_values() {
    let check = check_member;
    check(
        "t",
        "\"2026-01-01T00:00:00.500+00:00\"",
        Some("\"2026-01-01T00:00:00.5Z\""),
    );
    check(
        "t",
        "\"2026-01-01T00:00:00+02:00\"",
        Some("\"2026-01-01T00:00:00+02:00\""),
    );
    check("t", "null", Some("\"0001-01-01T00:00:00Z\""));
    for text in [
        "\"\"",
        "0",
        "\"2026-01-01\"",
        "\"2026-01-01t00:00:00z\"",
        r#""\u0032026-01-01T00:00:00Z""#,
    ] {
        check("t", text, None);
    }
    check("s", "1", None);
    check(
        "s",
        r#""a\/\u00e9\ud83d\ude00\ud800<\b""#,
        Some("\"a/é😀\u{fffd}\\u003c\\b\""),
    );
    check("s", "\"a\nb\"", None);
    check("s", r#""\a""#, None);
    check_normal(&member("s"), b"\"\xff\xc3\"", Some("\"\u{fffd}\u{fffd}\""));
    check(
        "raw",
        r#" { "b" : 1.50 , "a" : "<\u003C" } x"#,
        Some(r#"{"b":1.50,"a":"\u003c\u003C"}"#),
    );
    check_normal(&member("raw"), b"\"\xff\"", Some("\"\u{fffd}\""));
    check("raw", "[1", None);
}

#[test]
fn fields_stand_apart() {
    let check = |text: &str, want: &[(&str, &str)]| {
        let schema = sample();
        let fields = fields(&schema, text.as_bytes()).unwrap();
        let names = schema
            .properties()
            .iter()
            .map(|property| property.name.as_str());
        let given: Vec<(&str, &str)> = names
            .zip(&fields)
            .filter_map(|(name, field)| Some((name, field.as_deref()?)))
            .collect();
        assert_eq!(given, want, "{text}");
    };
    check("null", &[]);
    check("{}", &[]);
    check(
        r#"{"raw":null,"s":null,"t":null,"i":null,"ot":null,"list":null}"#,
        &[
            ("s", "\"\""),
            ("i", "0"),
            ("t", "\"0001-01-01T00:00:00Z\""),
            ("raw", "null"),
            ("list", "null"),
            ("ot", "null"),
        ],
    );
    check(
        r#"{"RAW": {"b": 1}, "os":"", "inner":{}} {"#,
        &[
            ("raw", r#"{"b":1}"#),
            ("inner", r#"{"a":"","list_k":null}"#),
            ("os", "\"\""),
        ],
    );
    assert_eq!(
        fields(&member("s"), b"\"x\"").unwrap(),
        Vec::<Option<String>>::new()
    );
}

#[test]
fn depth_is_bounded() {
    let nested =
        |levels: usize| format!("{{\"raw\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let schema = sample();
    assert!(check(&schema, nested(9_999).as_bytes()).is_ok());
    assert!(check(&schema, nested(10_000).as_bytes()).is_err());
    assert!(normalize(&schema, nested(9_999).as_bytes()).is_ok());
    assert!(normalize(&schema, "[".repeat(5_000_000).as_bytes()).is_err());
}

/// Texts that look like something of the sample, with now and then a byte out of place.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        r#"(null|true|-?[0-9]{1,3}(\.[0-9])?(e[0-9])?|"[a<é\u{2028}]{0,3}"|"\\\\[nu"/]00e9"|"2026-0[1-9]-11T0?1:00:00(\.[0-9]{1,10})?(Z|[+-]0[0-9]:00)")"#,
        Just("[]".to_owned()),
        Just("{}".to_owned()),
    ];
    let key = "(s|i|b|f|t|raw|list|map|inner|os|oi|ob|ot|oraw|olist|omap|oinner|a|A|list_k|p|x)";
    let value = value.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(" ,"))),
            prop::collection::vec((key, inner), 0..5).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("\"{key}\": {value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    });
    (
        value,
        prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>())),
    )
        .prop_map(|(text, change)| {
            let mut bytes = text.into_bytes();
            if let Some((index, byte)) = change {
                let at = index.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        })
}

proptest! {
    #[test]
    fn nothing_panics(text in prop_oneof![bodies(), prop::collection::vec(any::<u8>(), 0..64)]) {
        let sample = sample();
        let members = sample.properties().iter().map(|property| &property.schema);
        for schema in members.chain([&sample]) {
            let checked = check(schema, &text);
            let normal = normalize(schema, &text);
            prop_assert_eq!(checked, normal.as_ref().map(drop).map_err(|error| *error));
            prop_assert_eq!(checked, fields(schema, &text).map(drop));
            if let Ok(normal) = normal {
                prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&normal).is_ok(), "{}", normal);
                let again = normalize(schema, normal.as_bytes());
                prop_assert_eq!(again.as_deref(), Ok(&*normal));
            }
        }
        if let Ok(text) = std::str::from_utf8(&text) {
            let parses = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
            prop_assert_eq!(compact(text).is_ok(), parses, "{}", text);
            prop_assert_eq!(serde_json::from_str::<String>(&render_string(text)).unwrap(), text);
        }
    }
}
