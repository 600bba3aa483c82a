//! Small trees of our own making and what becomes of them: each rule, each refusal, and any bytes at all.

use serde_json::{Value, json};

use super::*;

mod read_back;
mod refusals;
mod schemas;

fn labels() -> Labels {
    Labels {
        title: None,
        release: Some("1.0".into()),
        source: "tree.js".into(),
    }
}

fn document(tree: &Value) -> Value {
    let imported = import(tree.to_string().as_bytes(), &labels()).unwrap();
    serde_json::from_str(&imported.document).unwrap()
}

/// A tree of one path with one method.
fn tree(path: &str, method: &str, info: &Value) -> Value {
    json!([{"path": path, "text": "a", "leaf": 1, "info": {method: info}}])
}

/// What becomes of a method of the path `/a/{id}`.
fn operation(method: &str, info: &Value) -> Value {
    let document = document(&tree("/a/{id}", method, info));
    document["paths"]["/a/{id}"][method.to_lowercase()].clone()
}

#[test]
fn a_whole_document() {
    let tree = json!([
        {"path": "/cluster", "text": "cluster", "leaf": 0, "description": "prose", "children": [
            {"path": "/cluster/resources", "text": "resources", "leaf": 1, "shape": "odd", "info": {
                "POST": {
                    "method": "POST", "name": "make", "description": "prose", "allowtoken": 0, "protected": 1,
                    "proxyto": "node", "download_allowed": 1, "laterWord": {"a": 1, "description": "prose"},
                    "permissions": {"description": "prose", "check": ["perm", "/", ["Sys.Modify"]]},
                    "parameters": {"additionalProperties": 0, "properties": {
                        "id": {"type": "integer", "description": "prose"},
                        "net[n]": {"type": "string", "optional": 1}
                    }},
                    "returns": {"type": "null", "description": "prose"}
                }
            }}
        ]}
    ]);
    let body = json!({"schema": {"$ref": "#/components/schemas/post_cluster_resources"}});
    let want = json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Proxmox VE API", "version": "1.0",
            "x-generator": concat!("mock-server openapi import ", env!("CARGO_PKG_VERSION")),
            "x-source": "tree.js"
        },
        "servers": [{"url": "/api2/json"}],
        "x-envelope": "data",
        "paths": {"/cluster/resources": {
            "post": {
                "operationId": "post_cluster_resources",
                "requestBody": {"required": true, "content": {
                    "application/x-www-form-urlencoded": body, "application/json": body
                }},
                "responses": {"200": {"description": ""}},
                "x-name": "make", "x-allowtoken": false, "x-protected": true, "x-proxyto": "node",
                "x-download-allowed": true, "x-later-word": {"a": 1},
                "x-permissions": {"check": ["perm", "/", ["Sys.Modify"]]},
                "x-returns-null": true
            },
            "x-shape": "odd"
        }},
        "components": {"schemas": {"post_cluster_resources": {
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "net[n]": {"type": "string", "x-indexed": true}
            },
            "required": ["id"],
            "additionalProperties": false
        }}}
    });
    assert_eq!(document(&tree), want);
}

#[test]
fn scripts_give_what_their_lists_give() {
    let tree = tree("/a/{id}", "GET", &json!({}));
    let list = import(tree.to_string().as_bytes(), &labels()).unwrap();
    let script = format!("const apiSchema = {tree:#}\n;\nExt.onReady(() => {{ [\"]\" }});");
    assert_eq!(import(script.as_bytes(), &labels()).unwrap(), list);
    assert_eq!(list.operations, 1);
    assert!(list.document.ends_with("}\n"));
}

#[test]
fn names_say_the_path_and_are_never_given_twice() {
    let node = |path: &str| json!({"path": path, "info": {"GET": {}}});
    let paths = [
        "/",
        "/a/{id}/b-c",
        "/a/{id}/b_c",
        "/a/{id}/b.c",
        "/a/id/b_c_2",
        "/root",
    ];
    let tree: Value = paths.iter().map(|path| node(path)).collect();
    let document = document(&tree);
    let ids: Vec<&str> = paths
        .iter()
        .map(|path| {
            document["paths"][path]["get"]["operationId"]
                .as_str()
                .unwrap()
        })
        .collect();
    let want = [
        "get_root",
        "get_a_id_b_c",
        "get_a_id_b_c_2",
        "get_a_id_b_c_3",
        "get_a_id_b_c_2_2",
        "get_root_2",
    ];
    assert_eq!(ids, want);
}

#[test]
fn titles_are_told_by_the_paths() {
    let check = |path: &str, want: &str| {
        let document = document(&tree(path, "GET", &json!({})));
        assert_eq!(document["info"]["title"], want);
    };
    check("/cluster/resources", "Proxmox VE API");
    check("/admin/datastore", "Proxmox Backup Server API");
    check("/remotes/remote", "Proxmox Datacenter Manager API");
    check("/config/ruledb", "Proxmox Mail Gateway API");
    check("/other", "Proxmox API");
    let labels = Labels {
        title: Some("Mine".into()),
        ..Labels::default()
    };
    let tree = tree("/a", "GET", &json!({}));
    let imported = import(tree.to_string().as_bytes(), &labels).unwrap();
    let document: Value = serde_json::from_str(&imported.document).unwrap();
    assert_eq!(document["info"]["title"], "Mine");
    assert_eq!(document["info"]["version"], "unknown");
}

#[test]
fn parameters_find_their_places() {
    let info = json!({"parameters": {"type": "object", "oddity": 7, "properties": {
        "id": {"type": "string", "optional": 1},
        "full": {"type": "boolean", "optional": 1},
        "kind": {"type": "string"}
    }}});
    let id = json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string", "x-optional": true}});
    let get = operation("GET", &info);
    let query = json!([
        id,
        {"name": "full", "in": "query", "schema": {"type": "boolean"}},
        {"name": "kind", "in": "query", "required": true, "schema": {"type": "string"}}
    ]);
    assert_eq!(get["parameters"], query);
    assert_eq!(get["x-additional-parameters"], true);
    assert_eq!(get["x-parameters"], json!({"x-oddity": 7}));
    assert!(get.get("requestBody").is_none());
    let put = operation("PUT", &info);
    assert_eq!(put["parameters"], json!([id]));
    assert_eq!(put["requestBody"]["required"], true);
    assert!(put.get("x-additional-parameters").is_none());
    // The product forgot the parameter of the path, and takes no others.
    let bare = operation(
        "DELETE",
        &json!({"parameters": {"additionalProperties": false}}),
    );
    let undeclared = json!([{"name": "id", "in": "path", "required": true,
        "schema": {"type": "string", "x-undeclared": true}}]);
    assert_eq!(bare["parameters"], undeclared);
    assert!(bare.get("x-additional-parameters").is_none());
}

#[test]
fn equal_bodies_are_written_once() {
    let info =
        |kind: &str| json!({"parameters": {"properties": {"x": {"type": kind, "optional": 1}}}});
    let tree = json!([
        {"path": "/a", "info": {"POST": info("string"), "PUT": info("string")}},
        {"path": "/b", "info": {"POST": info("integer")}}
    ]);
    let document = document(&tree);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["post_a", "post_b"]);
    let body = &document["paths"]["/a"]["put"]["requestBody"];
    assert_eq!(
        body["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/post_a"
    );
    assert!(body.get("required").is_none());
}

#[test]
fn answers_and_links() {
    let check = |returns: Value, answer: Option<Value>, links: Option<Value>| {
        let operation = operation("GET", &json!({"returns": returns}));
        let content = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(*content, answer.unwrap_or(Value::Null), "{returns}");
        let found = operation.get("x-links").cloned();
        assert_eq!(found, links, "{returns}");
    };
    let links = json!([{"rel": "child", "href": "{name}"}]);
    let item = json!({"type": "string"});
    check(json!({}), None, None);
    check(json!({"type": "any"}), Some(json!({"x-type": "any"})), None);
    check(
        json!({"type": "array", "items": item, "links": links, "optional": 1}),
        Some(json!({"type": "array", "items": item, "x-optional": true})),
        Some(links.clone()),
    );
    check(
        json!({"type": "array", "items": {"type": "string", "links": links}}),
        Some(json!({"type": "array", "items": item})),
        Some(links),
    );
    let null = operation("GET", &json!({"returns": {"type": "null", "optional": 1}}));
    assert_eq!(null["x-returns-null"], true);
    assert_eq!(null["x-returns"], json!({"x-optional": true}));
    assert_eq!(null["responses"], json!({"200": {"description": ""}}));
}

#[test]
fn uploads_are_recognised() {
    let parameter = json!({"type": "string", "optional": 1});
    let info =
        json!({"parameters": {"properties": {"filename": parameter, "tmpfilename": parameter}}});
    let upload = operation("POST", &info);
    assert_eq!(upload["x-upload"], true);
    let content = upload["requestBody"]["content"].as_object().unwrap();
    assert!(content.contains_key("multipart/form-data"));
}
