//! The local TLS endpoint.

use crate::support::api::{send, send_tls};
use crate::support::server::TestServer;

const BEARER: (&str, &str) = ("authorization", "Bearer e2e-local-bearer-token");

#[test]
fn reports_are_captured_with_the_bearer_only() {
    let server = TestServer::start();
    let ca = server.get("/__admin/ca.pem").text().to_owned();
    let wrong = [
        "Bearer wrong",
        "bearer e2e-local-bearer-token",
        "Basic e2e-local-bearer-token",
        "",
    ];
    for (name, counter) in [
        ("metrics", "local_metrics"),
        ("logs", "local_logs"),
        ("audit", "local_audit"),
    ] {
        let path = format!("/local/{name}");
        for value in wrong {
            let refused = send_tls(
                server.local,
                &ca,
                &path,
                &[("authorization", value)],
                b"[1]",
            );
            assert_eq!((refused.status(), refused.body.len()), (401, 0), "{value}");
        }
        server
            .get(&format!("/test/last-request/{counter}"))
            .expect(404);
        let taken = send_tls(server.local, &ca, &path, &[BEARER], b"not json");
        assert_eq!((taken.status(), taken.body.len()), (204, 0));
        assert_eq!(server.counter(&format!("{counter}_count")), 1);
        assert_eq!(
            server.get(&format!("/test/last-request/{counter}")).text(),
            "not json"
        );
    }
}

#[test]
fn it_shares_the_record_and_nothing_else() {
    let server = TestServer::start();
    server.post("/v1/nodes/n/heartbeat", "{}").expect(200);
    let local = |method: &str, path: &str| send(server.local, method, path, &[], b"");
    assert_eq!(
        local("GET", "/test/assertions").json()["heartbeat_count"],
        1
    );
    assert_eq!(local("GET", "/test/last-request/heartbeat").text(), "{}");
    assert_eq!(
        local("GET", "/v1/ping").expect(404).text(),
        "404 page not found\n"
    );
    let wrong = local("GET", "/local/metrics").expect(405);
    assert_eq!(wrong.text(), "Method Not Allowed\n");
    assert_eq!(wrong.header("allow"), Some("POST"));
}

#[test]
fn a_bad_gzip_is_refused_without_words() {
    let server = TestServer::start();
    let headers = [BEARER, ("content-encoding", "gzip")];
    let refused = send(server.local, "POST", "/local/logs", &headers, b"no gzip");
    assert_eq!((refused.status(), refused.body.len()), (400, 0));
    assert_eq!(server.counter("local_logs_count"), 0);
}
