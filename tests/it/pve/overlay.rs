//! Files of canned answers over real sockets: whatever the world does not hold is served as it stands.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::proxbox::FILE;
use crate::support::server::TestServer;

/// A file of the test's own, gone at its end.
struct Overlay(PathBuf);

impl Overlay {
    fn of(name: &str, text: &str) -> Self {
        let name = format!("mock-server-overlay-{}-{name}.json", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn flag(&self) -> String {
        format!("--overlay={}", self.0.display())
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn canned_answers() {
    let file = json!({
        "/api2/json/version": {"data": {"release": "8.2", "beta": true}},
        "/api2/json/cluster/future": {"data": [1, true, null], "more": {"b": 1, "a": 2}},
        "/api2/json/nodes/pve01/dns": {"data": {"search": "canned"}},
        "/api2/json/nodes/pve01/report?a=1": {"data": "never"},
        "/api2/json/cluster/backup": {"error": "Not found"},
    });
    let overlay = Overlay::of("canned", &file.to_string());
    let server = TestServer::of("pve", &["--log=error", "--seed=7", &overlay.flag()]);
    let get = |path: &str| server.get(path).expect(200);
    // As it was given: truth values, order and all.
    assert_eq!(
        get("/api2/json/version").text(),
        file["/api2/json/version"].to_string()
    );
    let answer = get("/api2/json/cluster/future/");
    assert_eq!(answer.text(), file["/api2/json/cluster/future"].to_string());
    assert_eq!(answer.header("server"), Some("pve-api-daemon/3.0"));
    let extjs = get("/api2/extjs/nodes/pve01/dns").json();
    assert_eq!(extjs, json!({"data": {"search": "canned"}, "success": 1}));
    assert_eq!(
        get("/api2/json/cluster/backup").json(),
        json!({"error": "Not found"})
    );
    // The gate comes first, and so does everybody else's path.
    server.get("/api2/json/version?unknown=1").expect(400);
    server.get("/api2/json/cluster/futures").expect(501);
    let found = server.get("/__admin/requests").json();
    let origins: Vec<&Value> = found["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["request"]["url"] == "/api2/json/version")
        .collect();
    assert!(
        origins[0].to_string().contains("\"overlay\""),
        "{}",
        origins[0]
    );
}

#[test]
fn what_was_taken_lives() {
    let server = TestServer::of(
        "pve",
        &["--log=error", "--seed=7", &format!("--overlay={FILE}")],
    );
    let world = || server.get("/__admin/world").json();
    let first = world();
    assert_eq!(
        first["guests"]["103"]["snapshots"]
            .as_object()
            .unwrap()
            .len(),
        2
    );
    server
        .post("/__admin/vm/103/status", r#"{"status":"stopped"}"#)
        .expect(200);
    assert_ne!(world(), first);
    server.post("/__admin/world/reset", "").expect(200);
    assert_eq!(world(), first);
}

#[test]
fn other_products_serve_their_own_world() {
    let flag = format!("--overlay={FILE}");
    let server = TestServer::of("pbs", &["--log=error", &flag]);
    server.get("/health").expect(200);
    let version = server.get("/api2/json/version");
    assert!(!version.text().contains("8.2.0"));
}
