//! The rules one by one.

use super::*;
use crate::proxmox::envelope::{Envelope, Format};
use crate::proxmox::fault::{BadCredentials, Fault, Unacceptable, Unreachable};
use crate::proxmox::permission::Denied;

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
    let maybe = json!({"type": "integer", "nullable": true, "enum": [0, 1, null]});
    check(
        Edition::Pve9,
        json!({"id": {"type": "boolean"}, "on": {"type": "boolean"}, "any": {}}),
        json!({"id": number, "on": {"type": "integer", "enum": [0, 1, null], "nullable": true}, "any": {}}),
    );
    assert_eq!(maybe["nullable"], true);
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
    check(Edition::Pbs, "get", &index, "/a/b", &null);
    check(Edition::Pbs, "get", &open, "/ab/c", &null);
    check(Edition::Pbs, "post", &open, "/a/b", &null);
    check(Edition::Pve9, "get", &open, "/a/b", &null);
}

/// A form with a truth value, a family and an object in it, on a path with parameters of both.
fn writing(edition: Edition, members: &Value) -> Value {
    let body = json!({"type": "object", "properties": members, "required": ["link[n]", "id"]});
    let body = json!({"x": body, "shared": {"type": "boolean"}});
    let media = json!({"schema": {"$ref": "#/components/schemas/x"}});
    let content = json!({"application/x-www-form-urlencoded": media, "application/json": media});
    let answer = json!({"schema": {"$ref": "#/components/schemas/shared"}});
    let paths = json!({"/a": {"put": {
        "operationId": "a",
        "parameters": [
            {"name": "full", "in": "query", "schema": {"type": "boolean", "default": false}},
            {"name": "link[n]", "in": "query", "required": true, "schema": {"type": "string", "x-indexed": true}},
        ],
        "requestBody": {"content": content},
        "responses": {"200": {"description": "", "content": {"application/json": answer}}},
    }}});
    document(edition, &paths, &json!({"schemas": body}))
}

#[test]
fn requests_of_proxmox_ve() {
    let members = json!({
        "id": {"type": "boolean"},
        "link[n]": {"type": "string", "x-indexed": true},
        "list": {"type": "array", "items": {"type": "boolean"}},
    });
    let document = writing(Edition::Pve9, &members);
    let number = json!({"type": "integer", "enum": [0, 1]});
    let put = &document["paths"]["/a"]["put"];
    let parameters = put["parameters"].as_array().unwrap();
    assert_eq!(
        parameters[0]["schema"],
        json!({"type": "integer", "default": 0, "enum": [0, 1]})
    );
    let family = json!({"$ref": "#/components/schemas/indexed.link"});
    assert_eq!(
        parameters[8],
        json!({"name": "link7", "in": "query", "schema": family})
    );
    assert_eq!(parameters.len(), 9);
    let schemas = &document["components"]["schemas"];
    let body = &schemas["x"];
    assert_eq!(body["required"], json!(["id"]));
    assert_eq!(body["properties"]["id"], number);
    assert_eq!(body["properties"]["list"]["items"], number);
    assert_eq!(body["properties"]["link0"], family);
    assert_eq!(body["properties"].as_object().unwrap().len(), 10);
    assert_eq!(schemas["indexed.link"], json!({"type": "string"}));
    assert_eq!(schemas["shared.served"], number);
    assert_eq!(put["requestBody"]["content"].as_object().unwrap().len(), 2);
}

#[test]
fn requests_of_the_others() {
    let members = json!({
        "id": {"type": "boolean"},
        "link[n]": {"type": "string", "x-indexed": true},
        "object": {"type": "object"},
    });
    let document = writing(Edition::Pdm, &members);
    let put = &document["paths"]["/a"]["put"];
    assert_eq!(put["parameters"][0]["schema"]["type"], "boolean");
    assert_eq!(put["parameters"][1]["name"], "link[n]");
    // A form has no objects.
    let content = put["requestBody"]["content"].as_object().unwrap();
    assert_eq!(content.keys().collect::<Vec<_>>(), ["application/json"]);
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["x"]["properties"]["id"]["type"], "boolean");
}

#[test]
fn uploads_carry_a_file() {
    let parts =
        json!({"filename": {"type": "string"}, "content": {"type": "string"}, "tmpfilename": {}});
    let content =
        json!({"multipart/form-data": {"schema": {"type": "object", "properties": parts}}});
    let paths = json!({"/a": {"post": {
        "operationId": "a",
        "requestBody": {"content": content},
        "responses": {"200": {"description": ""}},
        "x-upload": true,
    }}});
    let document = document(Edition::Pve9, &paths, &json!({}));
    let post = &document["paths"]["/a"]["post"];
    let body = &post["requestBody"]["content"]["multipart/form-data"]["schema"];
    let want = r#"{"content":{"type":"string"},"filename":{"type":"string","format":"binary"}}"#;
    assert_eq!(body["properties"].to_string(), want);
    assert!(post["responses"]["403"]["description"].is_string());
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

/// The schemas and statuses that are published for the refusals of an edition, on a path of a node.
fn refusals(edition: Edition) -> Value {
    let put =
        json!({"operationId": "a", "requestBody": {}, "responses": {"200": {"description": ""}}});
    let node =
        json!({"name": "node", "in": "path", "required": true, "schema": {"type": "string"}});
    let paths = json!({"/nodes/{node}": {"parameters": [node], "put": put}});
    let mut document = document(edition, &paths, &json!({}));
    let refused = document["components"]["responses"].take();
    let mut responses = document["paths"]["/nodes/{node}"]["put"]["responses"].take();
    for (status, response) in responses.as_object_mut().unwrap() {
        if status != "200" {
            assert_eq!(
                response["$ref"],
                format!("#/components/responses/refused.{status}")
            );
            *response = refused[&format!("refused.{status}")].clone();
        }
    }
    responses
}

#[test]
fn every_refusal_of_an_operation_is_described() {
    let faults = [
        Fault::parameter("a", "b"),
        Fault::NoCredentials,
        Fault::BadCredentials(BadCredentials::Ticket),
        Fault::BadCsrf,
        Fault::LoginFailed,
        Fault::NoTokens("/a".into()),
        Fault::Denied(Denied::because("/, Sys.Audit")),
        Fault::NotFound("a".into()),
        Fault::Failed("a".into()),
        Fault::Unreachable(Unreachable::Connect, "a".into()),
        Fault::Unreachable(Unreachable::Closed, "a".into()),
        Fault::Unreachable(Unreachable::Other, "a".into()),
        Fault::Unacceptable(Unacceptable::ContentType("a".into())),
        Fault::Unacceptable(Unacceptable::Json("a".into())),
        Fault::Unacceptable(Unacceptable::BodyTooLarge),
    ];
    let editions = [
        Edition::Pve7,
        Edition::Pve8,
        Edition::Pve9,
        Edition::Pbs,
        Edition::Pdm,
    ];
    for edition in editions {
        let described = refusals(edition);
        let envelope = Envelope {
            edition,
            format: Format::Json,
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        for fault in &faults {
            let reply = envelope.reply(Err(fault.clone()));
            let response = &described[&reply.status.to_string()];
            assert!(response.is_object(), "{edition:?} {fault:?}");
            let schema = &response["content"]["application/json"]["schema"];
            let crate::http::Body::Whole(body) = &reply.body else {
                panic!("a stream");
            };
            if let Some(properties) = schema["properties"].as_object() {
                let body: Value = serde_json::from_slice(body).unwrap();
                let names: Vec<_> = body.as_object().unwrap().keys().collect();
                assert!(
                    names.iter().all(|name| properties.contains_key(*name)),
                    "{body}"
                );
                let required = schema["required"].as_array().unwrap();
                assert!(
                    required
                        .iter()
                        .all(|name| body.get(name.as_str().unwrap()).is_some())
                );
            }
        }
    }
}
