//! How bodies are read: leniently as Go decodes, inflated when declared, captured even when malformed.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::api::send;
use crate::support::server::TestServer;

#[test]
fn malformed_bodies_are_captured_and_not_counted() {
    let server = TestServer::start();
    let malformed = [
        "",
        " ",
        "{",
        "[]",
        "\"text\"",
        r#"{"timestamp":""}"#,
        r#"{"timestamp":5}"#,
        r#"{"timestamp":"yesterday"}"#,
        r#"{"node_id":5}"#,
        r#"{"mesh":{"peer_count":1.5}}"#,
        r#"{"mesh":[]}"#,
    ];
    for body in malformed {
        let answer = server.post("/v1/nodes/n/heartbeat", body).expect(400);
        assert_eq!(
            answer.text(),
            "{\"error\":\"invalid request body\"}\n",
            "{body}"
        );
        let captured = server.get("/test/last-request/heartbeat").expect(200);
        assert_eq!(captured.text(), body);
    }
    assert_eq!(server.counter("heartbeat_count"), 0);
    server.post("/v1/nodes/n/metrics", "{}").expect(400);
    server.post("/v1/nodes/n/drift", "[]").expect(400);
}

#[test]
fn what_go_accepts_is_accepted() {
    let server = TestServer::start();
    let accepted = [
        "{}",
        "null",
        r#"{"unknown":{"deep":[1,2]}}"#,
        r#"{"NODE_ID":"n","Status":"up"}"#,
        r#"{"node_id":null,"mesh":null,"timestamp":null}"#,
        "{} trailing",
        r#"{"timestamp":"0001-01-01T00:00:00Z"}"#,
        r#"{"timestamp":"2026-02-15T08:40:53.123456789+01:00"}"#,
    ];
    for body in accepted {
        server.post("/v1/nodes/n/heartbeat", body).expect(200);
    }
    let expected = u64::try_from(accepted.len()).unwrap();
    assert_eq!(server.counter("heartbeat_count"), expected);
    server.post("/v1/nodes/n/logs", "null").expect(204);
    let invalid_utf8 = b"{\"status\":\"\xff\xfe\"}";
    send(
        server.main,
        "POST",
        "/v1/nodes/n/heartbeat",
        &[],
        invalid_utf8,
    )
    .expect(200);
    let captured = server.get("/test/last-request/heartbeat");
    assert_eq!(captured.body, invalid_utf8);
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_is_inflated_before_anything_else() {
    let server = TestServer::start();
    let post = |encoding: &str, body: &[u8]| {
        let headers = [("content-encoding", encoding)];
        send(server.main, "POST", "/v1/nodes/n/metrics", &headers, body)
    };
    post("gzip", &gzip(b"[{\"group\":\"system\"}]")).expect(204);
    assert_eq!(
        server.get("/test/last-request/metrics").text(),
        "[{\"group\":\"system\"}]"
    );
    post("GZIP", &gzip(b"[]")).expect(204);
    post("identity", b"[]").expect(204);
    post("br", b"[]").expect(204);
    assert_eq!(server.counter("metrics_count"), 4);

    let broken = &gzip(b"[1,2,3]")[..10];
    for body in [b"[]".as_slice(), broken] {
        let answer = post("gzip", body).expect(400);
        assert_eq!(answer.text(), "{\"error\":\"invalid request body\"}\n");
    }
    assert_eq!(server.counter("metrics_count"), 4);
    assert_eq!(server.get("/test/last-request/metrics").text(), "[]");
}

#[test]
fn large_bodies_and_bombs_are_refused() {
    let server = TestServer::with(&["--max-body=100000"]);
    let path = "/v1/nodes/n/logs";
    let large = format!("[{}]", " ".repeat(100_000));
    let refused = server.post(path, &large).expect(413);
    assert_eq!(refused.text(), "{\"error\":\"request body too large\"}\n");
    let bomb = gzip(large.as_bytes());
    assert!(bomb.len() < 1_000);
    let headers = [("content-encoding", "gzip")];
    send(server.main, "POST", path, &headers, &bomb).expect(413);
    server.get("/test/last-request/logs").expect(404);
    server.post(path, "[]").expect(204);
    let metrics = server.get("/metrics").text().to_owned();
    assert!(metrics.contains("body_too_large"), "{metrics}");
}
