//! `POST /v1/register`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::server::TestServer;

const REGISTER: &str = r#"{"token":"e2e-test-token","public_key":"k","hostname":"h"}"#;

#[test]
fn everybody_is_the_same_node() {
    let server = TestServer::start();
    let first = server.post("/v1/register", REGISTER).expect(200);
    assert_eq!(first.header("content-type"), Some("application/json"));
    let node = first.json();
    assert_eq!(node["node_id"], "node-mock-001");
    assert_eq!(node["mesh_ip"], "10.99.0.1");
    assert_eq!(node["node_secret_key"], "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345");
    let key = STANDARD.decode(node["signing_public_key"].as_str().unwrap());
    assert_eq!(key.unwrap().len(), 32);
    let peers = node["peers"].as_array().unwrap();
    assert_eq!(peers.len(), 2);
    assert_eq!(peers[0]["allowed_ips"][0], "10.99.0.2/32");
    assert_eq!(peers[1]["psk"], "mock-psk-002");
    let keys: Vec<_> = node
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let want = [
        "node_id",
        "mesh_ip",
        "signing_public_key",
        "node_secret_key",
        "peers",
    ];
    assert_eq!(keys, want);

    let again = server.post("/v1/register", "{}").expect(200);
    assert_eq!(first.text(), again.text());
    assert_eq!(server.counter("registration_count"), 2);
    let nodes = server.get("/__admin/world").json()["nodes"].clone();
    assert_eq!(nodes.as_array().unwrap().len(), 1);
}

#[test]
fn answers_end_with_a_newline_and_are_compact() {
    let server = TestServer::start();
    let text = server.post("/v1/register", REGISTER).text().to_owned();
    assert!(text.ends_with("}\n") && !text.trim_end().contains('\n') && !text.contains("\": "));
}

#[test]
fn keys_differ_from_start_to_start_unless_seeded() {
    let key = |flags: &[&str]| {
        let server = TestServer::with(flags);
        let node = server.post("/v1/register", REGISTER).json();
        node["signing_public_key"].as_str().unwrap().to_owned()
    };
    assert_ne!(key(&[]), key(&[]));
    let hex: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
    let seeded = format!("--keys=seed:{hex}");
    assert_eq!(
        key(&[&seeded]),
        "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
    );
}
