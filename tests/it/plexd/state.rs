//! `GET /v1/nodes/{id}/state` and what changes it.

use serde_json::{Value, json};

use crate::support::server::TestServer;

const STATE: &str = "/v1/nodes/n/state";

#[test]
fn the_default_document_has_eleven_blocks() {
    let server = TestServer::start();
    let answer = server.get(STATE).expect(200);
    let state = answer.json();
    let keys: Vec<_> = state
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let want = [
        "peers",
        "policies",
        "signing_keys",
        "metadata",
        "bridge_config",
        "relay_config",
        "user_access_config",
        "ingress_config",
        "site_to_site_config",
        "data",
        "secret_refs",
    ];
    assert_eq!(keys, want);
    let registered = server.post("/v1/register", "{}").json();
    assert_eq!(
        state["signing_keys"]["current"],
        registered["signing_public_key"]
    );
    assert_eq!(
        state["signing_keys"]["previous"],
        registered["signing_public_key"]
    );
    assert_eq!(state["signing_keys"].get("transition_expires"), None);
    assert_eq!(state["policies"][0]["rules"][1]["port"], 443);
    assert_eq!(
        state["relay_config"]["sessions"][0]["expires_at"],
        "2099-12-31T23:59:59Z"
    );
    assert_eq!(
        state["data"][0]["payload"],
        json!({"log_level": "info", "max_conns": 100})
    );
    assert_eq!(
        state["secret_refs"][1],
        json!({"key": "tls-private-key", "version": 3})
    );
    assert!(answer.text().ends_with("}\n"));
}

#[test]
fn configuring_replaces_the_whole_document() {
    let server = TestServer::start();
    for (method, path) in [("PUT", "/test/state"), ("POST", "/test/configure-state")] {
        let document =
            r#"{"Metadata":{"z":"1","a":"<&>"},"unknown":1,"peers":[{"id":"p","other":2}]}"#;
        server.send(method, path, document).expect(204);
        let want = concat!(
            r#"{"peers":[{"id":"p","public_key":"","mesh_ip":"","endpoint":"","allowed_ips":null,"psk":""}],"#,
            r#""policies":null,"metadata":{"a":"\u003c\u0026\u003e","z":"1"},"data":null,"secret_refs":null}"#,
            "\n"
        );
        assert_eq!(server.get(STATE).text(), want, "{path}");
    }
    assert_eq!(
        server.get("/test/last-request/configure_state").status(),
        200
    );
}

#[test]
fn a_malformed_document_changes_nothing() {
    let server = TestServer::start();
    let before = server.get(STATE).text().to_owned();
    for body in [
        "",
        "[]",
        r#"{"peers":{}}"#,
        r#"{"data":[{"updated_at":"now"}]}"#,
    ] {
        server.post("/test/configure-state", body).expect(400);
    }
    assert_eq!(server.get(STATE).text(), before);
}

#[test]
fn payloads_stay_as_they_were_written() {
    let server = TestServer::start();
    let document =
        r#"{"data":[{"key":"k","payload":{ "b": 1.50, "a": 12345678901234567890123 }}]}"#;
    server.post("/test/configure-state", document).expect(204);
    let payload = r#""payload":{"b":1.50,"a":12345678901234567890123}"#;
    assert!(server.get(STATE).text().contains(payload));
    // A patch of another block leaves it alone.
    server
        .send("PATCH", "/__admin/world", r#"{"metadata":{"x":"y"}}"#)
        .expect(200);
    let text = server.get(STATE).text().to_owned();
    assert!(
        text.contains(payload) && text.contains(r#""metadata":{"x":"y"}"#),
        "{text}"
    );
}

#[test]
fn a_payload_that_no_tree_holds_survives_a_patch() {
    let server = TestServer::start();
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for payload in ["\"\\ud800\"", &deep] {
        let document = format!(r#"{{"data":[{{"key":"k","payload":{payload}}}]}}"#);
        server.post("/test/configure-state", &document).expect(204);
        let world = server.get("/__admin/world").expect(200).json();
        assert_eq!(world["data"], Value::Null);
        server
            .send("PATCH", "/__admin/world", r#"{"metadata":{"x":"y"}}"#)
            .expect(200);
        let state = server.get(STATE).text().to_owned();
        assert!(state.contains(payload) && state.contains(r#""x":"y""#));
    }
}

#[test]
fn the_world_is_read_and_patched_without_counting() {
    let server = TestServer::start();
    let patch = r#"{"metadata":{"region":"moon","environment":null},"bridge_config":null,"heartbeat":{"rotate_keys":true}}"#;
    server.send("PATCH", "/__admin/world", patch).expect(200);
    let world = server.get("/__admin/world").expect(200).json();
    assert_eq!(world["metadata"], json!({"region": "moon"}));
    assert_eq!(world.get("bridge_config"), None);
    assert_eq!(server.counter("state_count"), 0);
    let state = server.get(STATE).json();
    assert_eq!(state["metadata"], json!({"region": "moon"}));
    assert_eq!(state.get("bridge_config"), None);
    let beat = server.post("/v1/nodes/n/heartbeat", "{}");
    assert_eq!(beat.text(), "{\"reconcile\":true,\"rotate_keys\":true}\n");
}

#[test]
fn what_is_no_world_is_refused_by_its_path() {
    let server = TestServer::start();
    let before = server.get("/__admin/world").json();
    let check = |method: &str, body: &str, want: &str| {
        let refused = server.send(method, "/__admin/world", body).expect(422);
        assert!(refused.text().contains(want), "{}", refused.text());
    };
    check("PATCH", r#"{"peers":[{"id":5}]}"#, "peers[0].id");
    check("PATCH", r#"{"pers":[]}"#, "pers");
    check(
        "PATCH",
        r#"{"heartbeat":{"reconcile":"yes"}}"#,
        "heartbeat.reconcile",
    );
    check("PUT", "[]", "object");
    server.send("PATCH", "/__admin/world", "{").expect(400);
    assert_eq!(server.get("/__admin/world").json(), before);
}

#[test]
fn an_exported_world_is_a_world_again() {
    let server = TestServer::start();
    server
        .post("/v1/register", r#"{"hostname":"h"}"#)
        .expect(200);
    let world = server.get("/__admin/world").text().to_owned();
    server.post("/test/configure-state", "{}").expect(204);
    server.send("PUT", "/__admin/world", &world).expect(200);
    let again: Value = server.get("/__admin/world").json();
    assert_eq!(again, serde_json::from_str::<Value>(&world).unwrap());
    server.post("/__admin/reset", "").expect(200);
    assert_eq!(server.get("/__admin/world").json()["nodes"], json!([]));
}

#[test]
fn an_empty_world_has_empty_lists() {
    let server = TestServer::with(&["--world=empty"]);
    let state = server.get(STATE).json();
    assert_eq!(state["peers"], json!([]));
    assert_eq!(state.get("relay_config"), None);
    assert!(state["signing_keys"]["current"].is_string());
}
