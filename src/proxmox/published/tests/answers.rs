//! Answers, and what of a contract stays as it is.

use super::*;
/// The published schema of `data`, for an answer of this type.
fn data(edition: Edition, schema: &Value) -> Value {
    let content = json!({"application/json": {"schema": schema}});
    let get =
        json!({"operationId": "a", "responses": {"200": {"description": "", "content": content}}});
    answered(edition, &json!({"/a": {"get": get}}), "/a", "get")
}

/// The published schema of `data` of one operation, after a look at its envelope.
fn answered(edition: Edition, paths: &Value, path: &str, method: &str) -> Value {
    let mut document = document(edition, paths, &json!({}));
    let answer = &mut document["paths"][path][method]["responses"]["200"];
    let mut schema = answer["content"]["application/json"]["schema"].take();
    let data = schema["properties"]["data"].take();
    let envelope = json!({
        "type": "object", "required": ["data"], "properties": {"data": null}, "additionalProperties": true,
    });
    assert_eq!(schema, envelope);
    data
}

#[test]
fn answers_of_proxmox_ve() {
    let check = |declared: Value, want: Value| assert_eq!(data(Edition::Pve9, &declared), want);
    let truth = json!({"type": "integer", "enum": [0, 1]});
    check(json!({}), json!({}));
    check(json!({"type": "boolean"}), truth.clone());
    check(
        json!({"type": "boolean", "default": true, "nullable": true}),
        json!({"type": "integer", "default": 1, "nullable": true, "enum": [0, 1, null]}),
    );
    check(
        json!({"type": "array", "items": {"type": "boolean"}}),
        json!({"type": "array", "items": truth}),
    );
    check(
        json!({"type": "array"}),
        json!({"type": "array", "items": {}}),
    );
    check(
        json!({"type": "object", "additionalProperties": {"type": "boolean"}}),
        json!({"type": "object", "additionalProperties": truth}),
    );
    check(
        json!({"oneOf": [{"type": "boolean"}, {"allOf": [{"type": "boolean"}]}]}),
        json!({"anyOf": [truth, {"allOf": [truth]}]}),
    );
    check(
        json!({"type": "integer", "default": 0, "minimum": 1}),
        json!({"type": "integer", "x-default": 0, "minimum": 1}),
    );
    check(
        json!({"type": "string", "x-optional": true}),
        json!({"type": "string", "x-optional": true, "nullable": true}),
    );
    check(
        json!({"type": "string", "x-format": {"type": "object", "properties": {"a": {"type": "boolean"}}}}),
        json!({"type": "string", "x-format": {"type": "object", "properties": {"a": {"type": "boolean"}}}}),
    );
}

#[test]
fn optional_members_may_be_null_as_fits_has_it() {
    let members = |properties: Value, required: Value| json!({"type": "object", "properties": properties, "required": required});
    let check = |edition, declared: Value, want: Value| {
        let found = data(edition, &members(declared, json!(["id"])));
        assert_eq!(found, members(want, json!(["id"])));
    };
    let text = json!({"type": "string"});
    let number = json!({"type": "integer", "enum": [0, 1]});
    check(
        Edition::Pve9,
        json!({"id": {"type": "boolean"}, "on": {"type": "boolean"}, "any": {}}),
        json!({"id": number, "on": {"type": "integer", "enum": [0, 1, null], "nullable": true}, "any": {}}),
    );
    check(
        Edition::Pbs,
        json!({"id": text, "one": {"oneOf": [text]}, "word": {"type": "string", "enum": ["a"]}}),
        json!({
            "id": text,
            "one": {"anyOf": [text, {"type": "string", "nullable": true, "enum": [null]}]},
            "word": {"type": "string", "enum": ["a", null], "nullable": true},
        }),
    );
    // Declared as required, and yet left out where they have no value.
    let numbered = members(
        json!({"id": text, "net0": text, "net1": text}),
        json!(["id", "net0", "net1"]),
    );
    assert_eq!(data(Edition::Pdm, &numbered)["required"], json!(["id"]));
}

#[test]
fn null_and_lists_of_what_is_below() {
    let null = json!({"type": "string", "nullable": true, "enum": [null]});
    let subdirs = json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["subdir"],
            "properties": {"subdir": {"type": "string"}},
            "additionalProperties": true,
        },
    });
    let things =
        json!({"type": "array", "items": {"type": "object", "additionalProperties": true}});
    let index = json!({"operationId": "a", "responses": {"200": {"description": ""}}, "x-returns-null": true});
    let mut open = index.clone();
    open["x-additional-parameters"] = true.into();
    let mut leaf = index.clone();
    leaf["operationId"] = "b".into();
    let check = |edition, method: &str, operation: &Value, below: &str, want: &Value| {
        let paths = json!({"/a": {method: operation}, below: {"get": leaf}});
        assert_eq!(
            answered(edition, &paths, "/a", method),
            *want,
            "{method} {below}"
        );
    };
    check(Edition::Pbs, "get", &open, "/a/b", &subdirs);
    check(Edition::Pdm, "get", &open, "/a/{b}/c", &subdirs);
    check(Edition::Pbs, "get", &index, "/a/{b}", &things);
    let anything = json!({});
    check(Edition::Pbs, "get", &index, "/a/b", &anything);
    check(Edition::Pbs, "get", &open, "/ab/c", &anything);
    check(Edition::Pbs, "post", &open, "/a/b", &anything);
    check(Edition::Pve9, "get", &open, "/a/b", &null);
}

#[test]
fn what_a_contract_says_itself_stays() {
    let get = json!({"operationId": "a", "responses": {
        "200": {"$ref": "#/components/responses/ok"},
        "403": {"description": "mine"},
    }});
    let shared = json!({"responses": {
        "ok": {"description": "ok", "content": {"application/octet-stream": {"schema": {"type": "boolean"}}}},
        "refused.400": {"description": "other"},
    }});
    let document = document(Edition::Pve9, &json!({"/a": {"get": get}}), &shared);
    let responses = &document["paths"]["/a"]["get"]["responses"];
    assert_eq!(responses["403"], json!({"description": "mine"}));
    assert_eq!(
        responses["200"]["content"],
        shared["responses"]["ok"]["content"]
    );
    assert_eq!(
        responses["400"]["$ref"],
        "#/components/responses/refused.400_"
    );
    let all = document["components"]["responses"].as_object().unwrap();
    let names: Vec<_> = all.keys().take(3).collect();
    assert_eq!(names, ["ok", "refused.400", "refused.400_"]);
    let members: Vec<_> = document.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["openapi", "info", "servers", "paths", "components"]
    );
}

#[test]
fn what_is_no_document() {
    assert!(published(b"{", Edition::Pve9).is_err());
    for odd in [
        "[]",
        "{\"paths\": 1}",
        "{\"paths\": {\"/\": {\"get\": 1}}, \"components\": []}",
    ] {
        assert!(published(odd.as_bytes(), Edition::Pve9).is_ok(), "{odd}");
    }
}
