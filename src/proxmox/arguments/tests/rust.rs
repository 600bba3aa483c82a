//! Backup Server and Datacenter Manager: pairs in their order, or a JSON body alone.

use proptest::prelude::*;

use super::*;

fn bench(parameters: Value) -> Bench {
    Bench::new(Product::Pbs, &parameters, &[])
}

fn parameters() -> Value {
    json!({
        "s": {"type": "string", "minLength": 2, "maxLength": 3}, "i": {"type": "integer", "minimum": 1, "maximum": 9},
        "n": {"type": "number"}, "b": {"type": "boolean"}, "e": {"type": "string", "enum": ["a", "b"]},
        "p": {"type": "string", "x-pattern": "/^[a-z]+$/"}, "a": {"type": "array", "items": {"type": "integer"}},
        "o": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"],
              "additionalProperties": false}
    })
}

#[test]
fn forms() {
    let bench = bench(parameters());
    bench.good(
        "s=ab&i=+7&n=1.5&b=YES&e=a&p=x&a=1&a=2"
            .replace('+', "%2B")
            .as_str(),
        json!({"s": "ab", "i": 7, "n": 1.5, "b": true, "e": "a", "p": "x", "a": [1, 2]}),
    );
    bench.good("b=off", json!({"b": false}));
    bench.wrong("s=a", &[("s", "value must be at least 2 characters long")]);
    bench.wrong("s=abcd", &[("s", "value may only be 3 characters long")]);
    bench.wrong("s=", &[("s", "value must be at least 2 characters long")]);
    bench.wrong("i=x", &[("i", "invalid digit found in string")]);
    bench.wrong(
        "i=0",
        &[("i", "value must have a minimum value of 1 (got 0)")],
    );
    bench.wrong(
        "i=10",
        &[("i", "value must have a maximum value of 9 (got 10)")],
    );
    bench.wrong("n=inf", &[("n", "invalid float literal")]);
    bench.wrong("b=x", &[("b", "Unable to parse boolean option.")]);
    bench.wrong(
        "e=c",
        &[("e", "value 'c' is not defined in the enumeration.")],
    );
    bench.wrong("p=1", &[("p", "value does not match the regex pattern")]);
    bench.wrong("a=1&a=x", &[("a", "invalid digit found in string")]);
    bench.wrong("i=1&i=2", &[("i", "duplicate parameter.")]);
    bench.wrong("id=one", &[("id", "duplicate parameter.")]);
    bench.wrong("o=x", &[("o", "unable to parse complex (sub) objects.")]);
    let unknown = "schema does not allow additional properties.";
    bench.wrong("x=1&y=1", &[("x", unknown), ("y", unknown)]);
}

#[test]
fn precedence_and_what_is_missing() {
    let bench = Bench::new(Product::Pdm, &parameters(), &["s"]);
    let missing = "parameter is missing and it is not optional.";
    bench.wrong("i=1", &[("s", missing)]);
    // Who is refused anyway is not told what is missing.
    bench.wrong(
        "i=0",
        &[("i", "value must have a minimum value of 1 (got 0)")],
    );
    let read = bench
        .read("s=ab&_dc=1", Body::Form(bench.form("i=1")))
        .unwrap();
    assert_eq!((read.text("s"), read.integer("i")), (Some("ab"), Some(1)));
    bench.same(
        "twice",
        bench.read("s=ab", Body::Form(bench.form("s=cd"))),
        &[("s", "duplicate parameter.")],
    );
    let missing = [("s", "property is missing and it is not optional")];
    bench.same(
        "json",
        bench.read("s=ab", json_body(json!({"i": 1}))),
        &missing,
    );
    let read = bench
        .read("x=y", json_body(json!({"s": "ab", "id": "two"})))
        .unwrap();
    assert_eq!(read.text("id"), Some("one"));
}

#[test]
fn json_bodies() {
    let bench = bench(parameters());
    let body = json!({"s": "ab", "i": 1, "n": 1, "b": false, "a": [1], "o": {"x": 1}});
    bench.good_json(body.clone(), body);
    let check = |body: Value, name: &str, text: &str| bench.wrong_json(body, &[(name, text)]);
    check(json!({"s": 7}), "s", "Expected string value.");
    check(json!({"i": "7"}), "i", "Expected integer value.");
    check(json!({"i": 1.5}), "i", "Expected integer value.");
    check(
        json!({"i": 0}),
        "i",
        "value must have a minimum value of 1 (got 0)",
    );
    check(json!({"n": "7"}), "n", "Expected number value.");
    check(json!({"b": 1}), "b", "Expected boolean value.");
    check(json!({"a": 1}), "a", "Expected array - got scalar value.");
    check(json!({"a": {}}), "a", "Expected array - got object.");
    check(
        json!({"a": [1, "x", "y"]}),
        "a/[1]",
        "Expected integer value.",
    );
    check(json!({"o": 1}), "o", "Expected object - got scalar value.");
    check(
        json!({"o": {}}),
        "o/x",
        "property is missing and it is not optional",
    );
    check(
        json!({"q": 1}),
        "q",
        "schema does not allow additional properties",
    );
}

#[test]
fn property_strings() {
    let bench = bench(json!({
        "r": {"type": "string", "x-format": {
            "type": "object", "additionalProperties": false, "required": ["h"], "x-default-key": "h",
            "properties": {"h": {"type": "string"}, "n": {"type": "integer"}, "b": {"type": "boolean"}}
        }},
        "l": {"type": "string", "x-format": {"type": "array", "maxItems": 2, "items": {"type": "integer"}}}
    }));
    let read = bench
        .read(
            "",
            json_body(json!({"r": "\"a,b\",n=7,b=yes", "l": "1; 2"})),
        )
        .unwrap();
    assert_eq!(
        read.property_string("r"),
        Some(&json!({"h": "a,b", "n": 7, "b": true}))
    );
    assert_eq!(read.property_string("l"), Some(&json!([1, 2])));
    let check = |body: Value, name: &str, text: &str| bench.wrong_json(body, &[(name, text)]);
    let missing =
        "parameter verification failed - 'h': parameter is missing and it is not optional.";
    check(json!({"r": "n=7"}), "r", missing);
    let digit = "parameter verification failed - 'n': invalid digit found in string";
    check(json!({"r": "x,n=x"}), "r", digit);
    let element = "unable to parse array element: invalid digit found in string";
    check(json!({"l": "1,x"}), "l", element);
    check(
        json!({"l": "1,2,3"}),
        "l",
        "array may only contain 2 elements",
    );
}

proptest! {
    #[test]
    fn any_form_gets_an_answer(form in "[a-z0-9=&;,%\\[\\]é ]{0,60}") {
        let bench = bench(parameters());
        let _ = bench.read(&form, Body::Form(bench.form(&form)));
    }
}
