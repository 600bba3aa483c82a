//! Proxmox VE: one hash, checked after Perl's fashion.

use proptest::prelude::*;

use super::*;

fn bench(parameters: Value) -> Bench {
    Bench::new(Product::Pve, &parameters, &[])
}

const UNKNOWN: &str =
    "property is not defined in schema and the schema does not allow additional properties";
const MISSING: &str = "property is missing and it is not optional";

#[test]
fn scalars() {
    let bench = bench(json!({
        "s": {"type": "string"}, "i": {"type": "integer"}, "n": {"type": "number"}, "b": {"type": "boolean"}
    }));
    bench.good(
        "s=7&i=-7&n=1.5&b=1",
        json!({"s": "7", "i": -7, "n": 1.5, "b": true}),
    );
    bench.good("b=0&n=2", json!({"b": false, "n": 2}));
    let body = json!({"s": 7, "i": "7", "n": 7, "b": true});
    bench.good_json(body, json!({"s": "7", "i": 7, "n": 7, "b": true}));
    bench.good_json(
        json!({"b": 1, "i": 7.0, "s": null}),
        json!({"b": true, "i": 7}),
    );
    // What has no value is not there at all.
    bench.good("s&i", json!({}));
    bench.good("s=", json!({"s": ""}));
    bench.wrong("i=", &[("i", "type check ('integer') failed - got ''")]);
    bench.wrong("i=x", &[("i", "type check ('integer') failed - got 'x'")]);
    bench.wrong(
        "i=1.5",
        &[("i", "type check ('integer') failed - got '1.5'")],
    );
    bench.wrong("n=x", &[("n", "type check ('number') failed - got 'x'")]);
    bench.wrong(
        "b=true",
        &[("b", "type check ('boolean') failed - got 'true'")],
    );
    bench.wrong(
        "s=1&s=2",
        &[("s", "type check ('string') failed - got ARRAY")],
    );
    bench.wrong_json(
        json!({"s": {}}),
        &[("s", "type check ('string') failed - got HASH")],
    );
    let boolean = "type check ('integer') failed - got JSON::PP::Boolean";
    bench.wrong_json(json!({"i": true}), &[("i", boolean)]);
    bench.wrong(
        "x=1&i=x",
        &[
            ("x", UNKNOWN),
            ("i", "type check ('integer') failed - got 'x'"),
        ],
    );
}

#[test]
fn precedence() {
    let bench = bench(json!({"a": {"type": "string"}, "b": {"type": "string"}}));
    let read = |query: &str, body: Body| bench.read(query, body).map(Arguments::into_given);
    let both = read("a=q&_dc=1", Body::Form(bench.form("a=f&b=f&_dc=2"))).unwrap();
    assert_eq!(
        Value::Object(both),
        json!({"id": "one", "a": "q", "b": "f"})
    );
    let both = read("a=q", json_body(json!({"a": "j", "b": "j"}))).unwrap();
    assert_eq!(
        Value::Object(both),
        json!({"id": "one", "a": "q", "b": "j"})
    );
    assert!(read("id=one", Body::None).is_ok());
    let conflict = "duplicate parameter (already defined in URI) with conflicting values!";
    for query in ["id=two", "id=two&x=1", "id=", "id=one&id=one"] {
        bench.same(query, bench.read(query, Body::None), &[("id", conflict)]);
    }
}

#[test]
fn limits() {
    let bench = bench(json!({
        "i": {"type": "integer", "minimum": 1, "maximum": 9}, "n": {"type": "number", "maximum": 0.5},
        "s": {"type": "string", "minLength": 2, "maxLength": 3},
        "e": {"type": "string", "enum": ["a", "b"]}, "p": {"type": "string", "x-pattern": "[a-z]+"}
    }));
    bench.good(
        "i=9&n=0.5&s=%C3%A9%C3%A9%C3%A9&e=b&p=x",
        json!({"i": 9, "n": 0.5, "s": "ééé", "e": "b", "p": "x"}),
    );
    bench.wrong("i=0", &[("i", "value must have a minimum value of 1")]);
    bench.wrong("i=10", &[("i", "value must have a maximum value of 9")]);
    bench.wrong("n=0.6", &[("n", "value must have a maximum value of 0.5")]);
    bench.wrong("s=a", &[("s", "value must be at least 2 characters long")]);
    bench.wrong("s=abcd", &[("s", "value may only be 3 characters long")]);
    bench.wrong(
        "e=c",
        &[(
            "e",
            "value 'c' does not have a value in the enumeration 'a, b'",
        )],
    );
    bench.wrong("p=1", &[("p", "value does not match the regex pattern")]);
}

#[test]
fn lists() {
    let bench = bench(json!({
        "l": {"type": "string", "format": "pve-vmid-list"}, "a": {"type": "array", "items": {"type": "integer"}},
        "w": {"type": "string", "format": "string-alist"}
    }));
    bench.good("l=100&l=101&a=7", json!({"l": "100,101", "a": [7]}));
    bench.good_json(
        json!({"l": [100, 101], "a": ["1", 2]}),
        json!({"l": "100,101", "a": [1, 2]}),
    );
    let vmid = "invalid format - value does not look like a valid VM ID\n";
    bench.wrong("l=100,x", &[("l", vmid)]);
    bench.wrong(
        "a=1&a=x",
        &[("a[1]", "type check ('integer') failed - got 'x'")],
    );
    // Zero is false in Perl, so it is not wrapped.
    bench.wrong("a=0", &[("a", "type check ('array') failed")]);
    let read = bench
        .read("l=100%3B101 102&w=ls&w=-l a", Body::None)
        .unwrap();
    assert_eq!(read.list("l"), ["100", "101", "102"]);
    assert_eq!(read.list("w"), ["ls", "-l a"]);
    assert_eq!(read.list("nothing"), [""; 0]);
}

#[test]
fn indices() {
    let bench = bench(json!({
        "net[n]": {"type": "string", "x-indexed": true}, "ide[n]": {"type": "string", "x-indexed": true}
    }));
    let read = bench.read("net0=a&net31=b&ide3=c", Body::None).unwrap();
    let found: Vec<_> = read.indexed("net").into_iter().collect();
    assert_eq!(found, [(0, &json!("a")), (31, &json!("b"))]);
    for name in ["net32", "ide4", "net", "net00", "net[n]", "sata0"] {
        bench.wrong(&format!("{name}=x"), &[(name, UNKNOWN)]);
    }
}

#[test]
fn requirements_and_defaults() {
    let parameters = json!({
        "a": {"type": "string", "x-requires": "b"}, "b": {"type": "boolean", "default": true},
        "c": {"type": "string", "x-requires": "b"}
    });
    let free = bench(parameters.clone());
    free.wrong("a=1", &[("b", "missing property required by 'a'")]);
    let two = "missing property required by 'a'\nmissing property required by 'c'";
    free.wrong("a=1&c=1", &[("b", two)]);
    let read = free.read("", Body::None).unwrap();
    assert_eq!(
        (read.is_set("b"), read.has("b"), read.text("a")),
        (true, false, None)
    );
    let read = free.read("a=x&b=0", Body::None).unwrap();
    assert_eq!((read.is_set("b"), read.text("a")), (false, Some("x")));
    let strict = Bench::new(Product::Pve, &parameters, &["b"]);
    strict.wrong("", &[("b", MISSING)]);
    strict.wrong("b", &[("b", MISSING)]);
}

fn net() -> Value {
    json!({"type": "string", "x-format": {
        "type": "object", "additionalProperties": false, "required": ["model"], "x-default-key": "model",
        "properties": {
            "model": {"type": "string", "enum": ["e1000", "virtio"]},
            "macaddr": {"type": "string", "format": "mac-addr"},
            "virtio": {"x-alias": "macaddr", "x-key-alias": "model"},
            "e1000": {"x-alias": "macaddr", "x-key-alias": "model"},
            "firewall": {"type": "boolean"}, "mtu": {"type": "integer", "minimum": 1},
            "gw": {"type": "string", "x-requires": "mtu"}
        }
    }})
}

#[test]
fn property_strings() {
    let bench = bench(json!({"net": net()}));
    let good = |text: &str, want: Value| {
        let read = bench.read("", json_body(json!({"net": text}))).unwrap();
        assert_eq!(read.text("net"), Some(text));
        assert_eq!(read.property_string("net"), Some(&want), "{text}");
    };
    good("virtio", json!({"model": "virtio"}));
    good(
        "virtio,firewall=on,mtu=7",
        json!({"model": "virtio", "firewall": true, "mtu": 7}),
    );
    good(
        "e1000=BC:24:11:00:00:01,firewall=0",
        json!({"model": "e1000", "macaddr": "BC:24:11:00:00:01", "firewall": false}),
    );
    let wrong = |text: &str, detail: &str| {
        let detail = format!("invalid format - {detail}\n");
        bench.wrong_json(json!({"net": text}), &[("net", &detail)]);
    };
    wrong("x=1", "invalid key in comma-separated list property: x");
    wrong(
        "virtio,virtio",
        "duplicate key in comma-separated list property: model",
    );
    wrong(
        "model=e1000,virtio=BC:24:11:00:00:01",
        "key alias 'model' is already defined",
    );
    let mac = "BC:24:11:00:00:01";
    wrong(
        &format!("model=virtio,macaddr={mac},firewall=maybe"),
        "format error\nnet.firewall: type check ('boolean') failed - got 'maybe'",
    );
    wrong(
        "firewall=1",
        "format error\nnet.model: property is missing and it is not optional",
    );
    wrong(
        "virtio,gw=x",
        "format error\nnet.mtu: missing property required by 'net.gw'",
    );
    wrong(
        "virtio,macaddr=01:24:11:00:00:01",
        "format error\nnet.macaddr: invalid format - value does not look like a valid unicast MAC address\n",
    );
    wrong("=x", "missing key in comma-separated list property");
}

#[test]
fn named_property_strings() {
    let bench = bench(json!({"boot": {"type": "string", "format": "pve-qm-boot"}}));
    let read = bench
        .read("", json_body(json!({"boot": "order=scsi0;net0"})))
        .unwrap();
    assert_eq!(
        read.property_string("boot"),
        Some(&json!({"order": "scsi0;net0"}))
    );
    let detail = "format error\nboot.order: invalid format - invalid boot device 'x'\n";
    bench.wrong_json(
        json!({"boot": "order=x"}),
        &[("boot", &format!("invalid format - {detail}\n"))],
    );
}

#[test]
fn aliases() {
    let bench = bench(json!({"a": {"type": "integer"}, "b": {"x-alias": "a"}}));
    bench.good("b=7", json!({"a": 7}));
    bench.wrong("b=x", &[("a", "type check ('integer') failed - got 'x'")]);
    bench.wrong(
        "a=1&b=7",
        &[("b", "cannot set both 'b' and its alias target 'a'")],
    );
}

#[test]
fn numbers_that_nothing_holds() {
    let bench = bench(json!({
        "i": {"type": "integer"}, "b": {"type": "integer", "maximum": 9}, "n": {"type": "number"}
    }));
    bench.good("i=9223372036854775807", json!({"i": i64::MAX}));
    bench.good("i=-9223372036854775808", json!({"i": i64::MIN}));
    for text in [
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
    ] {
        let want = format!("type check ('integer') failed - got '{text}'");
        bench.wrong(&format!("i={text}"), &[("i", &want)]);
    }
    bench.wrong_json(
        json!({"i": u64::MAX}),
        &[(
            "i",
            "type check ('integer') failed - got '18446744073709551615'",
        )],
    );
    let large = "value must have a maximum value of 9";
    bench.wrong("b=99999999999999999999", &[("b", large)]);
    bench.good("n=1e308", json!({"n": 1e308}));
    bench.good("n=99999999999999999999", json!({"n": 1e20}));
    bench.wrong(
        "n=1e400",
        &[("n", "type check ('number') failed - got '1e400'")],
    );
}

#[test]
fn types_decide_about_parameters() {
    let bench = bench(json!({
        "type": {"type": "string", "enum": ["a", "b"]},
        "v": {"x-type": "integer", "x-type-property": "type", "oneOf": [
            {"type": "integer", "maximum": 1, "x-instance-types": ["a"]},
            {"type": "integer", "maximum": 2, "x-instance-types": ["b"], "x-optional": true}
        ]}
    }));
    bench.good("type=a&v=1", json!({"type": "a", "v": 1}));
    bench.good("type=b&v=2", json!({"type": "b", "v": 2}));
    bench.wrong(
        "type=a&v=2",
        &[("v", "value must have a maximum value of 1")],
    );
    bench.wrong("v=1", &[("v", UNKNOWN)]);
}

proptest! {
    #[test]
    fn any_form_gets_an_answer(form in "[a-z0-9=&;,%\\[\\]é ]{0,60}") {
        let bench = bench(json!({
            "net[n]": {"type": "string", "x-indexed": true}, "a": {"type": "array", "items": {"type": "number"}},
            "b": {"type": "boolean"}, "l": {"type": "string", "format": "pve-node-list"}
        }));
        let _ = bench.read(&form, Body::Form(bench.form(&form)));
    }

    #[test]
    fn any_property_string_gets_an_answer(text in "(virtio|firewall|mtu|[a-z]{0,2}|[=,\"\\\\é1]){0,12}") {
        for product in Product::ALL {
            let bench = Bench::new(product, &json!({"net": net()}), &[]);
            let _ = bench.read("", json_body(json!({"net": text})));
        }
    }
}
