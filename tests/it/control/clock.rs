//! A clock that stands still until a test steps it.

use crate::support::server::TestServer;

#[test]
fn stepping_moves_what_clients_see() {
    let server = TestServer::with(&["--clock=2026-02-15T12:00:00Z"]);
    let issued = || server.events("n").next().unwrap().json();
    let first = issued();
    assert_eq!(first["issued_at"], "2026-02-15T12:00:00Z");
    assert_ne!(issued()["nonce"], first["nonce"]);
    server
        .post("/__admin/clock", r#"{"step":"90s"}"#)
        .expect(200);
    assert_eq!(issued()["issued_at"], "2026-02-15T12:01:30Z");
    let clock = server.get("/__admin/clock").json();
    assert_eq!(
        (clock["frozen"].as_bool(), &clock["now"]),
        (Some(true), &"2026-02-15T12:01:30Z".into())
    );
    server
        .post("/__admin/clock", r#"{"resume":true}"#)
        .expect(200);
    assert_ne!(issued()["issued_at"], "2026-02-15T12:01:30Z");
    server
        .post("/__admin/clock", r#"{"step":"soon"}"#)
        .expect(400);
}
