//! Waiting without polling.

use std::thread;

use crate::support::client::Client;
use crate::support::server::TestServer;

/// Starts a wait that is not over yet, runs `then`, and gives the answer to the wait.
fn waited(server: &TestServer, target: &str, then: impl FnOnce()) -> (u16, serde_json::Value) {
    let mut client = Client::plain(server.main);
    client.send(format!("GET {target} HTTP/1.1\r\nhost: t\r\n\r\n"));
    then();
    let answer = client.answer();
    (answer.status(), answer.json())
}

#[test]
fn a_wait_ends_when_its_counters_are_there() {
    let server = TestServer::start();
    let target = "/__admin/wait?atLeast=heartbeat_count:2&atLeast=state_count:1&timeout=20s";
    let (status, saw) = waited(&server, target, || {
        server.post("/v1/nodes/n/heartbeat", "{}").expect(200);
        server.get("/v1/nodes/n/state").expect(200);
        server.post("/v1/nodes/n/heartbeat", "{}").expect(200);
    });
    assert_eq!(status, 200);
    assert_eq!(saw["satisfied"], true);
    assert_eq!(saw["counters"]["heartbeat_count"], 2);
}

#[test]
fn a_wait_says_what_was_missing() {
    let server = TestServer::start();
    server.post("/v1/nodes/n/heartbeat", "{}").expect(200);
    let over = server
        .get("/__admin/wait?atLeast=heartbeat_count:3&timeout=30ms")
        .expect(408)
        .json();
    assert_eq!(over["satisfied"], false);
    let missing = over["missing"][0].as_str().unwrap();
    assert!(
        missing.contains("heartbeat_count") && missing.contains('3'),
        "{missing}"
    );
    server.get("/__admin/wait?atLeast=heart:1").expect(400);
    server
        .get("/__admin/wait?atLeast=heartbeat_count:x")
        .expect(400);
    server.get("/__admin/wait?timeout=1s").expect(400);
}

#[test]
fn more_since_a_token_needs_no_baseline() {
    let server = TestServer::start();
    server.post("/v1/nodes/n/drift", "{}").expect(204);
    let patched = server
        .send("PATCH", "/__admin/world", r#"{"metadata":{"a":"b"}}"#)
        .expect(200);
    let token = patched.json()["token"].as_str().unwrap().to_owned();
    let target = format!("/__admin/wait?more=drift_count:1&since={token}&timeout=30ms");
    server.get(&target).expect(408);
    server.post("/v1/nodes/n/drift", "{}").expect(204);
    server.get(&target).expect(200);
    server.post("/__admin/reset", "").expect(200);
    let void = server.get(&target).expect(409);
    assert!(void.text().contains("reset"), "{}", void.text());
}

#[test]
fn a_wait_for_matching_exchanges_and_for_streams() {
    let server = TestServer::start();
    let target = "/__admin/wait?requests=1&node=seven&method=GET&timeout=20s";
    let (status, _) = waited(&server, target, || {
        server.get("/v1/nodes/six/state").expect(200);
        server.get("/v1/nodes/seven/state").expect(200);
    });
    assert_eq!(status, 200);
    let mut stream = None;
    let (status, _) = waited(&server, "/__admin/wait?streams=1&timeout=20s", || {
        stream = Some(server.events("n"));
    });
    assert_eq!(status, 200);
    let body = r#"{"atLeast":{"state_count":2},"requests":{"pattern":{"node":"six"},"count":1},"timeout":"1s"}"#;
    server.post("/__admin/wait", body).expect(200);
}

#[test]
fn many_waits_at_once_all_end() {
    let server = TestServer::start();
    thread::scope(|scope| {
        let waits: Vec<_> = (1..=20)
            .map(|number| {
                let server = &server;
                let target = format!("/__admin/wait?atLeast=drift_count:{number}&timeout=20s");
                scope.spawn(move || server.get(&target).status())
            })
            .collect();
        for _ in 0..20 {
            server.post("/v1/nodes/n/drift", "{}").expect(204);
        }
        assert!(waits.into_iter().all(|wait| wait.join().unwrap() == 200));
    });
}
