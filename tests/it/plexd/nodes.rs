//! `--nodes distinct`: every registration gets its own id, mesh address and key.

use crate::support::server::TestServer;

#[test]
fn each_registration_is_a_node_of_its_own() {
    let server = TestServer::with(&["--nodes=distinct"]);
    let register = |name: &str| {
        let body = format!(r#"{{"token":"t","public_key":"k","hostname":"{name}"}}"#);
        server.post("/v1/register", &body).expect(200).json()
    };
    let (one, two) = (register("one"), register("two"));
    for field in ["node_id", "mesh_ip", "node_secret_key"] {
        assert_ne!(one[field], two[field], "{field}");
    }
    assert_eq!(one["signing_public_key"], two["signing_public_key"]);
    let world = server.get("/__admin/world").json();
    assert_eq!(world["nodes"][0]["hostname"], "one");
    assert_eq!(world["nodes"][1]["node_id"], "node-mock-002");

    // A secret is sealed with the key of the node that asks.
    let ask =
        |id: &str| server.get(&format!("/v1/nodes/{id}/secrets/s")).json()["ciphertext"].clone();
    assert_ne!(ask("node-mock-001"), ask("node-mock-002"));
    let counters = server.get("/__admin/counters").json();
    assert_eq!(
        counters["nodes"]["node-mock-002"]["counters"]["registration_count"],
        1
    );
    assert_eq!(
        counters["nodes"]["node-mock-002"]["counters"]["secrets_count"],
        1
    );
}

#[test]
fn a_seed_gives_the_same_nodes_again() {
    let keys = || {
        let seed = format!("--keys=seed:{}", "5a".repeat(32));
        let server = TestServer::with(&["--nodes=distinct", &seed]);
        let register = || server.post("/v1/register", "{}").json()["node_secret_key"].clone();
        [register(), register()]
    };
    let first = keys();
    assert_eq!(first, keys());
    assert_ne!(first[0], first[1]);
}
