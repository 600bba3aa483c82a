//! What the server says of itself.

use crate::support::api::{send, send_tls};
use crate::support::server::TestServer;

#[test]
fn the_front_door_says_where_to_look_next() {
    let server = TestServer::start();
    let about = server.get("/").expect(200).json();
    assert_eq!(about["service"], "plexd-central");
    for link in about["links"].as_object().unwrap().values() {
        server.get(link.as_str().unwrap()).expect(200);
    }
    let health = server.get("/health").expect(200).json();
    assert_eq!(health["status"], "ready");
    assert_eq!(health["release"], "2026-02");
    let contract = server.get("/openapi.json").expect(200).json();
    assert_eq!(contract["openapi"], "3.0.3");
    let page = send(server.main, "GET", "/", &[("accept", "text/html")], b"");
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
}

#[test]
fn control_requests_are_in_no_counter_and_no_journal() {
    let server = TestServer::start();
    for path in [
        "/",
        "/health",
        "/metrics",
        "/__admin/world",
        "/__admin/counters",
        "/__admin/no",
    ] {
        server.get(path);
    }
    assert_eq!(server.get("/__admin/requests").json()["meta"]["total"], 0);
    assert_eq!(server.get("/__admin/counters").json()["unmatched"], 0);
}

#[test]
fn metrics_are_there_from_the_first_scrape() {
    let server = TestServer::start();
    let scrape = || server.get("/metrics").expect(200);
    let page = scrape();
    assert_eq!(
        page.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let names = |text: &str| -> Vec<String> {
        let series = text.lines().filter(|line| !line.starts_with('#'));
        series
            .map(|line| line.rsplit_once(' ').unwrap().0.to_owned())
            .collect()
    };
    let before = names(page.text());
    for counter in server
        .get("/test/assertions")
        .json()
        .as_object()
        .unwrap()
        .keys()
    {
        let series = format!("mock_server_counter_total{{name=\"{counter}\"}} 0\n");
        assert!(page.text().contains(&series), "{counter}");
    }
    server.post("/v1/nodes/n/heartbeat", "{}").expect(200);
    server.post("/__admin/counters/reset", "").expect(200);
    let after = names(scrape().text());
    assert!(before.iter().all(|series| after.contains(series)));
}

#[test]
fn the_certificate_to_trust_is_given_out() {
    let server = TestServer::with(&["--tls-san=mock.example,192.0.2.7"]);
    let ca = server.get("/__admin/ca.pem").expect(200);
    assert!(ca.text().starts_with("-----BEGIN CERTIFICATE-----"));
    // Both ports take TLS with it, and plain HTTP as well.
    send_tls(server.main, ca.text(), "/v1/register", &[], b"{}").expect(200);
    send_tls(server.local, ca.text(), "/local/logs", &[], b"[]").expect(401);
}

#[test]
fn what_control_does_not_know_is_said_so() {
    let server = TestServer::start();
    let unknown = server.get("/__admin/nothing").expect(404);
    assert!(unknown.text().contains("/__admin"), "{}", unknown.text());
    let wrong = server.send("DELETE", "/__admin/world", "").expect(405);
    assert!(wrong.header("allow").unwrap().contains("PATCH"));
    let broken = server
        .post("/__admin/requests/find", "{\n  nonsense")
        .expect(400);
    assert!(broken.text().contains("line 2"), "{}", broken.text());
}
