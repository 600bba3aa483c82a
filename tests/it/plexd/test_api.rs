//! The `/test/...` routes beyond what the other files use of them.

use crate::support::server::TestServer;

#[test]
fn heartbeats_answer_what_was_configured() {
    let server = TestServer::start();
    let beat = || server.post("/v1/nodes/n/heartbeat", "{}").text().to_owned();
    assert_eq!(beat(), "{\"reconcile\":true,\"rotate_keys\":false}\n");
    let configure = |body: &str| server.post("/test/configure-heartbeat", body);
    configure(r#"{"rotate_keys":true}"#).expect(204);
    assert_eq!(beat(), "{\"reconcile\":false,\"rotate_keys\":true}\n");
    configure(r#"{"reconcile":true,"rotate_keys":true}"#).expect(204);
    assert_eq!(beat(), "{\"reconcile\":true,\"rotate_keys\":true}\n");
    configure(r#"{"reconcile":1}"#).expect(400);
    assert_eq!(beat(), "{\"reconcile\":true,\"rotate_keys\":true}\n");
    configure("null").expect(204);
    assert_eq!(beat(), "{\"reconcile\":false,\"rotate_keys\":false}\n");
}

#[test]
fn nothing_is_captured_at_first() {
    let server = TestServer::start();
    for name in ["heartbeat", "no-such-name"] {
        let answer = server
            .get(&format!("/test/last-request/{name}"))
            .expect(404);
        assert_eq!(
            answer.text(),
            "{\"error\":\"no captured request for endpoint\"}\n"
        );
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

#[test]
fn an_empty_body_counts_as_captured() {
    let server = TestServer::start();
    server.post("/v1/nodes/n/deregister", "").expect(204);
    let captured = server.get("/test/last-request/deregister").expect(200);
    assert!(captured.body.is_empty());
}
