//! A fixture route of one's own: an operation in the document and a file, and no Rust.

use std::fs;
use std::path::PathBuf;

use mock_server::cli;
use serde_json::{Value, json};

use crate::support::server::TestServer;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mock-server-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The shipped document with one more route.
fn contract() -> String {
    let text = include_str!("../../../openapi/plexd-2026-02.json");
    let mut document: Value = serde_json::from_str(text).unwrap();
    document["x-counters"]
        .as_array_mut()
        .unwrap()
        .push(json!("quota_count"));
    document["x-captures"]
        .as_array_mut()
        .unwrap()
        .push(json!("quota"));
    let answer = json!({"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}});
    document["paths"]["/v1/nodes/{id}/quota/{kind}"] = json!({
        "parameters": [
            {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": "kind", "in": "path", "required": true, "schema": {"type": "string"}},
        ],
        "post": {
            "operationId": "quota",
            "x-counter": "quota_count",
            "x-capture": "quota",
            "x-body": "go-json",
            "requestBody": {"content": {"application/json": {"schema": {
                "type": "object", "properties": {"amount": {"type": "integer"}},
            }}}},
            "responses": {"201": answer},
        },
    });
    document.to_string()
}

const ANSWER: &str = r#"{"node":{{ path.id|tojson }},"kind":{{ path.kind|tojson }},"granted":{{ body.amount }},"key":{{ keys.signing_public_key|tojson }}}"#;

#[test]
fn a_route_needs_a_document_and_a_file() {
    let folder = Folder::new("route");
    let contract = folder.write("contract.json", &contract());
    let fixtures = Folder::new("route-fixtures");
    fixtures.write("quota.json", ANSWER);
    let server = TestServer::with(&[
        &format!("--contract={contract}"),
        &format!("--fixtures={}", fixtures.0.display()),
    ]);
    let answer = server
        .post("/v1/nodes/n1/quota/cpu", r#"{"amount":7}"#)
        .expect(201)
        .json();
    assert_eq!(answer["node"], "n1");
    assert_eq!(answer["kind"], "cpu");
    assert_eq!(answer["granted"], 7);
    server
        .post("/v1/nodes/n1/quota/cpu", r#"{"amount":"many"}"#)
        .expect(400);
    assert_eq!(server.counter("quota_count"), 1);
    assert_eq!(
        server.get("/test/last-request/quota").text(),
        r#"{"amount":"many"}"#
    );
    assert!(server.get("/metrics").text().contains("quota_count"));
    // The other answers still come from the binary.
    server.get("/v1/nodes/n/metadata").expect(200);
}

#[test]
fn a_fixture_replaces_the_one_in_the_binary() {
    let folder = Folder::new("replace");
    folder.write("metadata.json", r#"{ "environment": "mine" }"#);
    let server = TestServer::with(&[&format!("--fixtures={}", folder.0.display())]);
    assert_eq!(
        server.get("/v1/nodes/n/metadata").text(),
        "{\"environment\":\"mine\"}\n"
    );
}

/// The sentence with which a start fails.
fn refused(flags: &[&str]) -> String {
    let words = ["test", "--personality=plexd"].iter().chain(flags);
    let arguments = <cli::Arguments as clap::Parser>::try_parse_from(words).unwrap();
    let settings = cli::settings(&arguments.serve).unwrap();
    (settings.description.build)(&settings.setup)
        .err()
        .expect("refused")
        .to_string()
}

#[test]
fn what_does_not_load_names_file_line_and_field() {
    let folder = Folder::new("refused");
    let world = |text: &str| format!("--world={}", folder.write("world.json", text));
    let check = |flag: String, wants: &[&str]| {
        let said = refused(&[&flag]);
        for want in wants {
            assert!(said.contains(want), "{said}");
        }
    };
    check("--world=/no/such/file".into(), &["/no/such/file"]);
    check(world("{\n  \"peers\": [,]\n}"), &["world.json", "line 2"]);
    check(
        world("{\n\"peers\":\n[{\"id\":1}]}"),
        &["world.json", "line 3: peers[0].id"],
    );
    check(
        world(
            r#"{"nodes":[{"node_id":"n","mesh_ip":"","node_secret_key":"short","public_key":"","hostname":"","registered_at":"2026-01-01T00:00:00Z"}]}"#,
        ),
        &["nodes[0].node_secret_key"],
    );
    check(world("{{ nothing.there }}"), &["world.json", "line 1"]);
    check(
        format!("--contract={}", folder.write("c.json", "{\n\n!")),
        &["c.json", "line 3"],
    );
    let broken = Folder::new("refused-fixtures");
    broken.write("metadata.json", "{ \"a\": }");
    check(
        format!("--fixtures={}", broken.0.display()),
        &["metadata.json", "line 1"],
    );
}

#[test]
fn an_operation_without_an_answer_is_a_fault_at_start() {
    let folder = Folder::new("no-answer");
    let contract = folder.write("contract.json", &contract());
    let said = refused(&[&format!("--contract={contract}")]);
    assert!(
        said.contains("/v1/nodes/{id}/quota/{kind}") && said.contains("quota.json"),
        "{said}"
    );
}
