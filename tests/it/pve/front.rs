//! The front door: TLS and plain HTTP on one port, both families, and what every personality answers
//! (proxbox.md 6, rows 1 to 3 and 5).

use serde_json::json;

use crate::support::api::send;
use crate::support::client::Client;
use crate::support::server::TestServer;

fn pve(flags: &[&str]) -> TestServer {
    TestServer::of("pve", &[&["--log=error", "--seed=7"], flags].concat())
}

#[test]
fn tls_and_plain_on_one_port() {
    let server = pve(&[]);
    let ca = server.get("/__admin/ca.pem").expect(200);
    let ca = String::from_utf8(ca.body).unwrap();
    let mut tls = Client::tls(server.main, &ca, "localhost", &["h2", "http/1.1"]);
    assert_eq!(
        tls.protocol.as_deref(),
        Some("http/1.1"),
        "PVE speaks no HTTP/2"
    );
    let answer = tls.get("/api2/json/version").expect(200);
    assert_eq!(answer.json()["data"]["release"], "9.2");
    let plain = server.get("/api2/json/version").expect(200);
    assert_eq!(plain.header("server"), Some("pve-api-daemon/3.0"));
    assert_eq!(
        plain.header("content-type"),
        Some("application/json;charset=UTF-8")
    );
    assert_eq!(plain.header("pragma"), Some("no-cache"));
}

#[test]
fn both_families() {
    let server = TestServer::of("pve", &["--log=error", "--listen=[::1]:0"]);
    assert_eq!(server.get("/health").expect(200).json()["service"], "pve");
}

#[test]
fn what_every_personality_answers() {
    let server = pve(&["--release=8.4"]);
    let health = server.get("/health").expect(200).json();
    assert_eq!(health["status"], "ready");
    assert_eq!(
        (&health["service"], &health["release"]),
        (&json!("pve"), &json!("8.4"))
    );
    assert_eq!(server.get("/").expect(200).json()["service"], "pve");
    assert_eq!(server.get("/version").expect(200).json()["service"], "pve");
    let contract = server.get("/openapi.json").expect(200).json();
    assert_eq!(contract["info"]["version"], "8.4");
}

#[test]
fn refusals_have_the_products_status_lines() {
    let server = pve(&["--auth=strict"]);
    let check = |method: &str,
                 target: &str,
                 fields: &[(&str, &str)],
                 body: &str,
                 status: u16,
                 reason: &str| {
        let answer = send(server.main, method, target, fields, body.as_bytes());
        let seen = (answer.head.status, answer.head.reason.as_str());
        assert_eq!(seen, (status, reason), "{method} {target}");
        answer
    };
    let token = [(
        "authorization",
        "PVEAPIToken=root@pam!mock=00000000-0000-4000-8000-000000000000",
    )];
    check("GET", "/api2/json/version", &[], "", 401, "No ticket");
    check("GET", "/api2/json/version", &token, "", 200, "OK");
    check("GET", "/api2/json//version/", &token, "", 200, "OK");
    let wrong = [("authorization", "PVEAPIToken=root@pam!mock=wrong")];
    check(
        "GET",
        "/api2/json/version",
        &wrong,
        "",
        401,
        "Authentication failed!",
    );
    let reason = "Method 'GET /nothing' not implemented";
    let answer = check("GET", "/api2/json/nothing", &token, "", 501, reason);
    assert_eq!(answer.json(), json!({"data": null, "message": reason}));
    check("GET", "/nothing", &[], "", 500, "no such file '/nothing'");
    check(
        "OPTIONS",
        "/api2/json/version",
        &token,
        "",
        501,
        "method 'OPTIONS' not available",
    );
    let reason = "Parameter verification failed.";
    let answer = check("GET", "/api2/json/version?a=1", &token, "", 400, reason);
    assert!(answer.json()["errors"]["a"].is_string());
}
