//! Input that gives no document, each with its sentence; and any bytes at all, which never panic.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{ImportError, Labels, import};
use super::{labels, tree};

fn refusal(text: &str) -> ImportError {
    import(text.as_bytes(), &labels()).expect_err(text)
}

#[test]
fn broken_texts_are_told_by_line_and_column() {
    let check = |text: &str, want: &str| assert_eq!(refusal(text).to_string(), want);
    check(
        "Ext.define('x', {});\n",
        "tree.js, line 1, column 1: neither a JSON list of paths nor a script with `const apiSchema = [`",
    );
    check(
        "const apiSchema = [\n {\"é\": 1,}\n];",
        "tree.js, line 2, column 10: the name of a field is missing",
    );
    check(
        "[\n]\n}",
        "tree.js, line 3, column 1: something follows the list of paths",
    );
    check(
        "[{\"a\": \"b",
        "tree.js, line 1, column 10: a string does not end",
    );
    check(
        "[]",
        "tree.js, line 1, column 1: the tree has no operation in it",
    );
    check(
        &format!("\n{}", "[".repeat(300)),
        "tree.js, line 2, column 202: lists and objects stand in one another more than 200 deep",
    );
    let error = import(b"\n[\"\xfe\"]", &labels()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "tree.js, line 2, column 3: the text is not UTF-8 from here on"
    );
}

#[test]
fn nodes() {
    let check = |tree: Value, want: &str| {
        assert_eq!(refusal(&tree.to_string()).message, want);
    };
    let get = json!({"GET": {}});
    check(
        json!([1]),
        "`a node of the tree` is 1, but must be an object",
    );
    check(json!([{}]), "a node of the tree has no `path`");
    check(json!([{"path": 7}]), "`path` is 7, but must be a string");
    check(
        json!([{"path": "a", "info": get}]),
        "a: a path must begin with `/`",
    );
    check(
        json!([{"path": "", "info": get}]),
        "\"\": a path must begin with `/`",
    );
    check(
        json!([{"path": "/a{b}", "info": get}]),
        "/a{b}: `a{b}` is no segment and no `{parameter}`",
    );
    check(
        json!([{"path": "/{a}", "info": get}, {"path": "/{b}", "info": get}]),
        "/{b}: the tree has this path twice",
    );
    check(
        json!([{"path": "/a", "info": []}]),
        "`info` is a list, but must be an object",
    );
    check(
        json!([{"path": "/a", "children": {}}]),
        "`children` is an object, but must be a list",
    );
}

#[test]
fn operations_are_named() {
    let check = |info: Value, want: &str| {
        let error = refusal(&tree("/a", "GET", &info).to_string());
        assert_eq!(error.message, format!("GET /a: {want}"));
    };
    let returns = |schema: Value| json!({"returns": schema});
    check(json!([]), "`GET` is a list, but must be an object");
    check(
        json!({"protected": "often"}),
        "`protected` is \"often\", but must be 0 or 1",
    );
    check(
        json!({"parameters": 1}),
        "`parameters` is 1, but must be an object",
    );
    check(
        json!({"parameters": {"properties": {"x": {"type": "strin"}}}}),
        "`parameters.x.type` is \"strin\", which is no type",
    );
    check(
        json!({"parameters": {"properties": {"x": {"type": ["string"]}}}}),
        "`parameters.x.type` is a list, which is no type",
    );
    check(
        json!({"parameters": {"properties": {"x": {"optional": "maybe"}}}}),
        "`parameters.x.optional` is \"maybe\", but must be 0 or 1",
    );
    check(
        returns(json!({"type": "array", "items": {"properties": {"a": null}}})),
        "`returns.items.a` is null, but must be an object",
    );
    check(
        returns(json!({"type": "string", "format": 5})),
        "`returns.format` is 5, but must be a name or an object",
    );
    check(
        returns(json!({"type": "string", "format": {"a": {"enum": {}}}})),
        "`returns.format.a.enum` is an object, but must be a list",
    );
    check(
        returns(json!({"oneOf": []})),
        "`returns.oneOf` is a list, but must be a list with something in it",
    );
    let error = refusal(&tree("/a", "FETCH", &json!({})).to_string());
    assert_eq!(error.message, "FETCH /a: `FETCH` is no method");
    let text =
        "[{\"path\": \"/a\",\n  \"info\": {\"GET\": {\"returns\":\n  {\"type\": \"strin\"}}}}]";
    assert_eq!((refusal(text).line, refusal(text).column), (3, 12));
}

#[test]
fn what_cannot_be_read_back_is_no_document() {
    let shared = json!({"allOf": [{"type": "string"}, {"type": "integer"}]});
    let error = refusal(&tree("/a", "GET", &json!({"returns": shared})).to_string());
    let want = "what is made of this tree cannot be read back: the document: GET /a: responses.200: \
        several schemas in `allOf` must all be objects";
    assert_eq!(error.message, want);
}

/// Trees that are almost right: words of the format, at random.
fn almost() -> impl Strategy<Value = Value> {
    let word = proptest::sample::select(vec![
        "path",
        "info",
        "GET",
        "POST",
        "parameters",
        "properties",
        "returns",
        "type",
        "string",
        "array",
        "object",
        "items",
        "format",
        "enum",
        "default",
        "optional",
        "additionalProperties",
        "oneOf",
        "allOf",
        "typeProperty",
        "typeSchema",
        "pattern",
        "minimum",
        "maxLength",
        "requires",
        "links",
        "alias",
        "default_key",
        "permissions",
        "/a/{x}",
        "{",
        "net[n]",
        "x-type",
        "x-format",
        "any",
        "null",
    ]);
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((word.clone(), inner), 0..6).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = import(&bytes, &Labels::default());
        let script = [b"const apiSchema = [".as_slice(), &bytes].concat();
        let _ = import(&script, &Labels::default());
    }

    #[test]
    fn no_tree_panics(info in almost(), schema in almost()) {
        let _ = import(json!([{"path": "/a/{x}", "info": info}]).to_string().as_bytes(), &labels());
        let info = json!({"parameters": {"properties": {"p": schema}}, "returns": schema});
        let outcome = import(tree("/a", "POST", &info).to_string().as_bytes(), &labels());
        // The library that other programs read documents with takes whatever comes out.
        if let Ok(imported) = outcome {
            let read: Result<openapiv3::OpenAPI, _> = serde_json::from_str(&imported.document);
            prop_assert!(read.is_ok(), "{:?}\n{}", read.err(), imported.document);
        }
    }
}
