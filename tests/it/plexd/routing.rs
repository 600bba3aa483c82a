//! Paths and methods: every route with its counter and capture, and what is refused in which words.

use crate::support::api::send;
use crate::support::server::TestServer;

/// Method, path, body, counter, capture, status: table 1.3 of the contract.
const ROUTES: &[(&str, &str, &str, &str, &str, u16)] = &[
    (
        "POST",
        "/v1/register",
        "{}",
        "registration_count",
        "register",
        200,
    ),
    (
        "POST",
        "/v1/nodes/n/heartbeat",
        "{}",
        "heartbeat_count",
        "heartbeat",
        200,
    ),
    ("GET", "/v1/nodes/n/state", "", "state_count", "", 200),
    ("GET", "/v1/nodes/n/metadata", "", "metadata_count", "", 200),
    (
        "POST",
        "/v1/nodes/n/deregister",
        "",
        "deregister_count",
        "deregister",
        204,
    ),
    (
        "POST",
        "/v1/keys/rotate",
        "{}",
        "key_rotate_count",
        "key_rotate",
        200,
    ),
    (
        "PUT",
        "/v1/nodes/n/capabilities",
        "{}",
        "capabilities_count",
        "capabilities",
        204,
    ),
    (
        "PUT",
        "/v1/nodes/n/endpoint",
        "{}",
        "endpoint_count",
        "endpoint",
        200,
    ),
    (
        "POST",
        "/v1/nodes/n/drift",
        "{}",
        "drift_count",
        "drift",
        204,
    ),
    ("GET", "/v1/nodes/n/secrets/k", "", "secrets_count", "", 200),
    (
        "POST",
        "/v1/nodes/n/report",
        "{}",
        "report_count",
        "report",
        204,
    ),
    (
        "POST",
        "/v1/nodes/n/executions/e/ack",
        "{}",
        "execution_ack_count",
        "execution_ack",
        204,
    ),
    (
        "POST",
        "/v1/nodes/n/executions/e/result",
        "{}",
        "execution_result_count",
        "execution_result",
        204,
    ),
    (
        "POST",
        "/v1/nodes/n/metrics",
        "[]",
        "metrics_count",
        "metrics",
        204,
    ),
    ("POST", "/v1/nodes/n/logs", "[]", "logs_count", "logs", 204),
    (
        "POST",
        "/v1/nodes/n/audit",
        "[]",
        "audit_count",
        "audit",
        204,
    ),
    (
        "GET",
        "/v1/artifacts/plexd/v1/linux/amd64",
        "",
        "artifact_count",
        "",
        200,
    ),
    (
        "POST",
        "/v1/nodes/n/tunnels/s/ready",
        "{}",
        "tunnel_ready_count",
        "tunnel_ready",
        204,
    ),
    (
        "POST",
        "/v1/nodes/n/tunnels/s/closed",
        "{}",
        "tunnel_closed_count",
        "tunnel_closed",
        204,
    ),
    (
        "POST",
        "/v1/nodes/n/integrity/violations",
        "{}",
        "integrity_violation_count",
        "integrity_violation",
        204,
    ),
    (
        "POST",
        "/test/inject-event",
        "{}",
        "inject_event_count",
        "inject_event",
        204,
    ),
    ("PUT", "/test/state", "{}", "", "configure_state", 204),
    (
        "POST",
        "/test/configure-state",
        "{}",
        "",
        "configure_state",
        204,
    ),
    (
        "POST",
        "/test/configure-heartbeat",
        "{}",
        "",
        "configure_heartbeat",
        204,
    ),
];

#[test]
fn every_route_counts_and_captures() {
    let server = TestServer::start();
    for &(method, path, body, counter, capture, status) in ROUTES {
        let answer = server.send(method, path, body).expect(status);
        if status == 204 {
            assert!(
                answer.body.is_empty() && answer.header("content-type").is_none(),
                "{path}"
            );
        }
        if !counter.is_empty() {
            assert_eq!(server.counter(counter), 1, "{path}");
        }
        if !capture.is_empty() {
            let captured = server
                .get(&format!("/test/last-request/{capture}"))
                .expect(200);
            assert_eq!(captured.text(), body, "{path}");
            assert_eq!(
                captured.header("content-type"),
                Some("application/octet-stream")
            );
        }
    }
    server.get("/v1/ping").expect(200);
}

#[test]
fn there_are_24_counters_in_upstreams_order() {
    let server = TestServer::start();
    let assertions = server.get("/test/assertions").json();
    let names: Vec<_> = assertions
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let want = "registration heartbeat state metadata deregister key_rotate capabilities endpoint \
                drift secrets report execution_ack execution_result metrics logs audit artifact \
                tunnel_ready tunnel_closed integrity_violation inject_event local_metrics \
                local_logs local_audit";
    let want: Vec<_> = want
        .split_whitespace()
        .map(|name| format!("{name}_count"))
        .collect();
    assert_eq!(names, want);
    assert!(
        assertions
            .as_object()
            .unwrap()
            .values()
            .all(|value| value == 0)
    );
}

#[test]
fn fixture_answers() {
    let server = TestServer::start();
    let check = |method: &str, path: &str, body: &str, want: &str| {
        assert_eq!(
            server.send(method, path, body).expect(200).text(),
            want,
            "{path}"
        );
    };
    check("GET", "/v1/ping", "", "{}\n");
    check(
        "GET",
        "/v1/nodes/n/metadata",
        "",
        "{\"environment\":\"e2e-test\",\"region\":\"mock-region-1\",\"role\":\"worker\",\"version\":\"1.0.0-mock\"}\n",
    );
    check(
        "PUT",
        "/v1/nodes/n/endpoint",
        "{}",
        "{\"peer_endpoints\":[{\"peer_id\":\"peer-001\",\"endpoint\":\"203.0.113.1:51820\"},{\"peer_id\":\"peer-002\",\"endpoint\":\"203.0.113.2:51820\"}]}\n",
    );
    let artifact = server.get("/v1/artifacts/plexd/v1.2.3/linux/arm64");
    assert_eq!(artifact.text(), "mock-plexd-binary-v0.0.0");
    assert_eq!(
        artifact.header("content-type"),
        Some("application/octet-stream")
    );
    let rotated = server.post("/v1/keys/rotate", "{}").json();
    assert_eq!(rotated["updated_peers"][1]["id"], "peer-002");
}

#[test]
fn wrong_methods_in_both_manners() {
    let server = TestServer::start();
    let own = [
        ("GET", "/v1/register"),
        ("POST", "/v1/ping"),
        ("POST", "/v1/nodes/n/capabilities"),
        ("DELETE", "/v1/nodes/n/secrets/k"),
        ("POST", "/v1/artifacts/plexd/v/o/a"),
        ("GET", "/test/state"),
        ("PATCH", "/test/inject-event"),
    ];
    for (method, path) in own {
        let answer = server.send(method, path, "").expect(405);
        assert_eq!(
            answer.text(),
            "{\"error\":\"method not allowed\"}\n",
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("allow"), None);
    }
    let routers = [
        "/v1/nodes/n/state",
        "/v1/nodes/n/metadata",
        "/v1/nodes/n/events",
        "/test/assertions",
        "/test/last-request/x",
    ];
    for path in routers {
        let answer = server.post(path, "").expect(405);
        assert_eq!(answer.text(), "Method Not Allowed\n", "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
}

#[test]
fn unknown_and_odd_paths() {
    let server = TestServer::start();
    for path in [
        "/v1",
        "/v1/",
        "/v1/ping/",
        "/v2/ping",
        "/v1/nodes/n",
        "/local/metrics",
        "/test/reset",
    ] {
        let answer = server.get(path).expect(404);
        assert_eq!(answer.text(), "404 page not found\n", "{path}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
    let moved = server.get("//v1//ping?x=1").expect(301);
    assert_eq!(moved.header("location"), Some("/v1/ping?x=1"));
    server.get("/v1/nodes//state").expect(301);
    server.get("/v1/%zz").expect(400);
    server.get("/v1/%70ing").expect(200);
    server.get("/v1/nodes/a%2Fb/state").expect(200);
    let node = server.get("/__admin/counters").json()["nodes"]["a/b"]["total"].clone();
    assert_eq!(node, 1);
}

#[test]
fn head_is_answered_where_get_is() {
    let server = TestServer::start();
    for path in [
        "/v1/ping",
        "/v1/nodes/n/state",
        "/test/assertions",
        "/v1/nodes/n/events",
    ] {
        let answer = server.send("HEAD", path, "").expect(200);
        assert!(answer.body.is_empty(), "{path}");
    }
    let whole = server.get("/v1/ping");
    let head = server.send("HEAD", "/v1/ping", "");
    assert_eq!(
        head.header("content-length"),
        whole.header("content-length")
    );
    server.send("HEAD", "/v1/register", "").expect(405);
}

#[test]
fn any_or_no_credential_passes() {
    let server = TestServer::start();
    for value in ["", "Bearer ABC", "Basic x", "nonsense"] {
        let headers = [("authorization", value)];
        send(server.main, "GET", "/v1/nodes/n/state", &headers, b"").expect(200);
    }
    assert_eq!(server.counter("state_count"), 4);
}
