//! The journal and the counters.

use serde_json::json;

use crate::support::api::send;
use crate::support::server::TestServer;

#[test]
fn exchanges_are_kept_whole() {
    let server = TestServer::start();
    let headers = [("authorization", "Bearer x"), ("x-probe", "1")];
    let body = br#"{"status":"healthy","mesh":{"peer_count":2}}"#;
    send(
        server.main,
        "POST",
        "/v1/nodes/n1/heartbeat?try=2",
        &headers,
        body,
    )
    .expect(200);
    server.get("/v2/elsewhere").expect(404);
    let journal = server.get("/__admin/requests").expect(200).json();
    assert_eq!(journal["meta"]["total"], 2);
    let [newest, first] = [&journal["requests"][0], &journal["requests"][1]];
    assert_eq!(newest["wasMatched"], false);
    assert_eq!(newest["response"]["status"], 404);
    assert_eq!(first["request"]["method"], "POST");
    assert_eq!(first["request"]["url"], "/v1/nodes/n1/heartbeat?try=2");
    assert_eq!(first["request"]["headers"]["x-probe"], "1");
    assert_eq!(first["request"]["body"].as_str().unwrap().as_bytes(), body);
    assert_eq!(first["bodyJson"]["mesh"]["peer_count"], 2);
    assert_eq!(
        first["response"]["body"],
        "{\"reconcile\":true,\"rotate_keys\":false}\n"
    );
    let ours = ["node", "operation", "origin", "counter", "capture"].map(|key| first[key].clone());
    assert_eq!(
        json!(ours),
        json!(["n1", "heartbeat", "handler", "heartbeat_count", "heartbeat"])
    );

    let id = first["id"].as_str().unwrap();
    let one = server
        .get(&format!("/__admin/requests/{id}"))
        .expect(200)
        .json();
    assert_eq!(&one, first);
    let unmatched = server.get("/__admin/requests/unmatched").json();
    assert_eq!(unmatched["requests"].as_array().unwrap().len(), 1);
    server.send("DELETE", "/__admin/requests", "").expect(200);
    assert_eq!(server.get("/__admin/requests").json()["meta"]["total"], 0);
}

#[test]
fn exchanges_are_counted_and_found_by_pattern() {
    let server = TestServer::start();
    for (node, body) in [
        ("a", r#"{"status":"up"}"#),
        ("b", r#"{"status":"down"}"#),
        ("b", "[]"),
    ] {
        server.post(&format!("/v1/nodes/{node}/heartbeat"), body);
    }
    let count = |pattern: &str| {
        server
            .post("/__admin/requests/count", pattern)
            .expect(200)
            .json()["count"]
            .clone()
    };
    assert_eq!(
        count(r#"{"method":"POST","urlPathPattern":"/v1/nodes/.*/heartbeat"}"#),
        3
    );
    assert_eq!(count(r#"{"urlPath":"/v1/nodes/b/heartbeat"}"#), 2);
    assert_eq!(
        count(r#"{"bodyPatterns":[{"equalToJson":"{ \"status\" : \"up\" }"}]}"#),
        1
    );
    assert_eq!(count(r#"{"node":"b","status":400}"#), 1);
    assert_eq!(count(r#"{"method":"GET"}"#), 0);
    let found = server
        .post(
            "/__admin/requests/find",
            r#"{"bodyPatterns":[{"contains":"down"}]}"#,
        )
        .json();
    assert_eq!(found["requests"][0]["url"], "/v1/nodes/b/heartbeat");
    let refused = server.post(
        "/__admin/requests/count",
        r#"{"bodyPatterns":[{"matchesXPath":"//x"}]}"#,
    );
    assert!(refused.expect(422).text().contains("matchesXPath"));
}

#[test]
fn counters_by_operation_status_and_node() {
    let server = TestServer::start();
    server.post("/v1/nodes/a/heartbeat", "{}").expect(200);
    server.post("/v1/nodes/a/heartbeat", "").expect(400);
    server.post("/v1/nodes/b/heartbeat", "{}").expect(200);
    server.get("/nowhere").expect(404);
    let counters = server.get("/__admin/counters").json();
    assert_eq!(counters["counters"]["heartbeat_count"], 2);
    assert_eq!(counters["operations"]["heartbeat"]["total"], 3);
    assert_eq!(
        counters["operations"]["heartbeat"]["byStatus"],
        json!({"200": 2, "400": 1})
    );
    assert_eq!(counters["nodes"]["a"]["total"], 2);
    assert_eq!(counters["nodes"]["a"]["counters"]["heartbeat_count"], 1);
    assert_eq!(counters["statuses"]["404"], 1);
    assert_eq!(counters["unmatched"], 1);
    server.post("/__admin/reset", "").expect(200);
    let counters = server.get("/__admin/counters").json();
    assert_eq!(counters["counters"]["heartbeat_count"], 0);
    assert_eq!(counters["nodes"], json!({}));
    server.get("/test/last-request/heartbeat").expect(404);
}

#[test]
fn the_journal_keeps_the_last_ones_only() {
    let server = TestServer::with(&["--journal=3"]);
    for number in 0..5 {
        server.get(&format!("/v1/nodes/{number}/state")).expect(200);
    }
    let journal = server.get("/__admin/requests").json();
    let nodes: Vec<_> = journal["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["node"].clone())
        .collect();
    assert_eq!(json!(nodes), json!(["4", "3", "2"]));
    assert_eq!(server.counter("state_count"), 5);
}
