//! Sentences about documents that are no contract.

use serde_json::{Value, json};

use super::super::Contract;

/// A small document that is a contract.
fn sound() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "x-counters": ["a_count"],
        "x-captures": ["a"],
        "paths": {"/a/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "post": {
                "operationId": "a", "x-body": "go-json", "x-counter": "a_count", "x-capture": "a",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
                "responses": {"204": {"description": "d"}}
            }
        }},
        "components": {
            "parameters": {"Id": {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}},
            "schemas": {"A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/B"}}}, "B": {}}
        }
    })
}

/// Checks the sentence about the sound document with one value put in or replaced.
fn check(pointer: &str, value: Value, want: &str) {
    let mut document = sound();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[key.replace("~1", "/")] = value;
    let error = Contract::parse(document.to_string().as_bytes(), "x.json").unwrap_err();
    assert_eq!(error.to_string(), format!("x.json: {want}"));
}

#[test]
fn a_sound_document_is_taken() {
    assert!(Contract::parse(sound().to_string().as_bytes(), "x.json").is_ok());
}

#[test]
fn heads_and_paths() {
    check("/openapi", json!("3.1.0"), "openapi: must be \"3.0.x\"");
    check(
        "/info",
        json!({"title": "t"}),
        "info: missing field `version`",
    );
    check("/paths", json!([]), "paths: must be an object");
    check(
        "/x-counters",
        json!("a"),
        "x-counters: must be a list of names",
    );
    check(
        "/x-captures",
        json!(["a", "a"]),
        "x-captures: `a` stands there twice",
    );
    let check =
        |field: &str, value: Value, want: &str| check(&format!("/paths/{field}"), value, want);
    check(
        "~1a~1{id}/parameters",
        json!([]),
        "POST /a/{id}: `{id}` is not declared in `parameters`",
    );
    check(
        "~1a~1{id}/x-listeners",
        json!(["mian"]),
        "/a/{id}: `x-listeners` must be a list of `main` and `local`",
    );
    check(
        "~1a~1{id}/pots",
        json!({}),
        "/a/{id}: `pots` is no method and no field of a path",
    );
    check(
        "~1a~1{node}",
        json!({}),
        "/a/{node}: is the same path as /a/{id}",
    );
    check(
        "~1b{",
        json!({}),
        "/b{: `b{` is no segment and no `{parameter}`",
    );
    check("b", json!({}), "b: a path must begin with `/`");
    check("", json!([]), "\"\": a path must begin with `/`");
}

#[test]
fn operations() {
    let check = |field: &str, value: Value, want: &str| {
        check(
            &format!("/paths/~1a~1{{id}}/post/{field}"),
            value,
            &format!("POST /a/{{id}}: {want}"),
        );
    };
    check(
        "x-counter",
        json!("b"),
        "`x-counter` is `b`, which the document does not list in `x-counters`",
    );
    check("x-capture", json!(1), "`x-capture` must be a string");
    check(
        "x-body",
        json!("json"),
        "`x-body` is `json`, but must be `raw` or `go-json`",
    );
    check(
        "x-fixture",
        json!("../a"),
        "`x-fixture` must be the name of a file, without a folder",
    );
    check("operationId", json!(""), "`operationId` is missing");
    check(
        "requestBody",
        json!({"content": {}}),
        "`x-body` is \"go-json\", but `requestBody` has no schema",
    );
    let reference = json!({"$ref": "#/components/requestBodies/R"});
    check(
        "requestBody",
        reference,
        "requestBody: `$ref` refers to `#/components/requestBodies/R`, which does not exist",
    );
    check(
        "responses",
        json!({"404": {"description": "d"}}),
        "`responses` has none below 300",
    );
    check(
        "responses",
        json!({"2XX": {"description": "d"}}),
        "responses.2XX: each status must be written out",
    );
    check(
        "responses",
        json!({"204": {}}),
        "missing field `description`",
    );
    let parameters = json!([{"name": "x", "in": "path", "required": true, "schema": {}}]);
    check(
        "parameters",
        parameters,
        "the parameter `x` is declared, but the path has no `{x}`",
    );
}

#[test]
fn schemas() {
    let check = |name: &str, value: Value, want: &str| {
        check(
            &format!("/components/schemas/{name}"),
            value,
            &format!("components.schemas.{want}"),
        );
    };
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    check(
        "A",
        reference("C"),
        "A: `$ref` refers to `#/components/schemas/C`, which does not exist",
    );
    let circle = json!({"type": "array", "items": reference("A")});
    check(
        "B",
        circle,
        "B.items: the schema contains itself: A -> B -> A",
    );
    check(
        "B",
        json!({"type": "sting"}),
        "B: a schema needs one `type` that its other keywords fit, a `$ref`, or nothing at all",
    );
    check(
        "B",
        json!({"type": "object", "required": ["c"]}),
        "B: `c` is required but is no property",
    );
}

#[test]
fn an_id_may_not_repeat_nor_a_path() {
    let mut document = sound();
    document["paths"]["/b"] =
        json!({"get": {"operationId": "a", "responses": {"200": {"description": "d"}}}});
    let error = Contract::parse(document.to_string().as_bytes(), "x.json").unwrap_err();
    assert_eq!(
        error.to_string(),
        "x.json: GET /b: `operationId` is `a`, as is that of POST /a/{id}"
    );
    let text = sound()
        .to_string()
        .replace("\"/a/{id}\":", "\"/a/{id}\":{},\"/a/{id}\":");
    let error = Contract::parse(text.as_bytes(), "x.json").unwrap_err();
    assert_eq!(
        error.to_string(),
        "x.json: /a/{id}: stands in `paths` twice"
    );
}

#[test]
fn broken_json_is_told_by_line_and_column() {
    let check = |text: &str, want: &str| {
        let error = Contract::parse(text.as_bytes(), "x.json").unwrap_err();
        assert_eq!(error.to_string(), want);
    };
    check("{\n  \"a\" 1}", "x.json, line 2, column 7: expected `:`");
    check("", "x.json, line 1, column 0: EOF while parsing a value");
    check("[]", "x.json: openapi: must be \"3.0.x\"");
}

#[test]
fn schemas_may_not_be_too_deep() {
    let mut document = sound();
    for level in 0..300 {
        let next = format!("#/components/schemas/D{}", (level + 1) % 300);
        document["components"]["schemas"][format!("D{level}")] = if level == 299 {
            json!({})
        } else {
            json!({"type": "array", "items": {"$ref": next}})
        };
    }
    let error = Contract::parse(document.to_string().as_bytes(), "x.json").unwrap_err();
    assert!(error.to_string().contains("more than 100 deep"), "{error}");
}
