//! Parameters and bodies.

use super::*;

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
fn texts_that_a_tool_can_make_up() {
    let check = |edition, needed: bool, schema: &Value, want: &Value| {
        let one = json!({"name": "q", "in": "query", "required": needed, "schema": schema});
        let get = json!({"operationId": "a", "parameters": [one], "responses": {"200": {"description": ""}}});
        let document = document(edition, &json!({"/a": {"get": get}}), &json!({}));
        assert_eq!(
            document["paths"]["/a"]["get"]["parameters"][0]["schema"],
            *want
        );
    };
    let node = json!({"type": "string", "format": "pve-configid"});
    let pattern = "^(?:[a-zA-Z][a-zA-Z0-9_-]+)$";
    let spelled = json!({"type": "string", "format": "pve-configid", "pattern": pattern});
    check(Edition::Pve9, false, &node, &spelled);
    check(Edition::Pbs, false, &node, &node);
    let text = json!({"type": "string", "x-pattern": "/^(?P<a>b)$/"});
    let spelled = json!({"type": "string", "x-pattern": "/^(?P<a>b)$/", "pattern": "^(?:b)$"});
    check(Edition::Pbs, false, &text, &spelled);
    let known = json!({"type": "string", "x-pattern": "/^(?P<a>b)$/", "pattern": "b"});
    check(Edition::Pbs, false, &known, &known);
    let list = json!({"type": "string", "format": "pve-configid", "default": "-"});
    let spelled =
        json!({"type": "string", "format": "pve-configid", "x-default": "-", "pattern": pattern});
    check(Edition::Pve9, false, &list, &spelled);
    let bare = json!({"type": "string"});
    check(
        Edition::Pve9,
        true,
        &bare,
        &json!({"type": "string", "minLength": 1}),
    );
    check(Edition::Pdm, true, &bare, &bare);
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
