//! What a test does to a product from outside: guests turned on and off, tasks held, released and failing.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::TestServer;

mod agents;
mod locks;
mod nodes;

fn pve() -> TestServer {
    TestServer::of("pve", &["--log=error", "--seed=7"])
}

/// The body of a control answer that must have this status.
fn admin(server: &TestServer, route: &str, body: &Value, status: u16) -> Value {
    let answer = server.post(&format!("/__admin{route}"), &body.to_string());
    answer.expect(status).json()
}

/// The body of a control answer to a method that must have this status.
fn asked(server: &TestServer, method: &str, route: &str, body: &Value, status: u16) -> Value {
    let answer = server.send(method, &format!("/__admin{route}"), &body.to_string());
    answer.expect(status).json()
}

/// The first error's title of a control answer that must have this status.
fn refused(server: &TestServer, method: &str, route: &str, body: &Value, status: u16) -> String {
    let said = asked(server, method, route, body, status);
    said["errors"][0]["title"].as_str().unwrap().to_owned()
}

/// What stands under `data` of a product's answer.
fn data(server: &TestServer, path: &str) -> Value {
    let answer = server.get(&format!("/api2/json{path}"));
    answer.expect(200).json()["data"].take()
}

/// Status and reason of a product's answer, as clients show them.
fn said(server: &TestServer, method: &str, path: &str, form: &str) -> String {
    let mut client = Client::plain(server.main);
    let length = form.len();
    client.send(format!(
        "{method} /api2/json{path} HTTP/1.1\r\nhost: t\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {length}\r\n\r\n{form}"
    ));
    let head = client.head();
    format!("{} {}", head.status, head.reason)
}

/// Starts a wait, runs `then`, and gives what the wait saw.
fn waited(server: &TestServer, query: &str, then: impl FnOnce()) -> Value {
    let mut client = Client::plain(server.main);
    client.send(format!(
        "GET /__admin/wait?timeout=20s&{query} HTTP/1.1\r\nhost: t\r\n\r\n"
    ));
    then();
    let answer = client.answer();
    assert_eq!(answer.status(), 200, "{query}");
    answer.json()
}

#[test]
fn guests_are_turned_off_from_outside() {
    let server = pve();
    let turn = |vmid: &str, status: &str| {
        let body = json!({ "status": status });
        let answer = server.post(&format!("/__admin/vm/{vmid}/status"), &body.to_string());
        (answer.status(), answer.json())
    };
    let (code, said) = turn("101", " Stopped ");
    assert_eq!(
        (code, said),
        (200, json!({"ok": true, "vmid": 101, "status": "stopped"}))
    );
    let world = server.get("/__admin/world").json();
    assert_eq!(world["guests"]["101"]["status"], "stopped");
    let (code, said) = turn("999", "stopped");
    assert_eq!(
        (code, said),
        (200, json!({"ok": false, "detail": "vmid not found"}))
    );
    assert_eq!(turn("101", "asleep").0, 422);
    assert_eq!(turn("102", "paused").0, 422);
    let said = admin(&server, "/vm/101/status", &json!({}), 400);
    assert!(said["errors"][0]["title"].is_string(), "{said}");
}

#[test]
fn plans_for_tasks_are_kept_and_forgotten() {
    let server = pve();
    let said = admin(
        &server,
        "/tasks/fail",
        &json!({"type": "qmstart", "text": "no"}),
        200,
    );
    assert_eq!(said["plans"][0]["wish"], json!({"fail": "no"}));
    admin(
        &server,
        "/tasks/hold",
        &json!({"type": "vzdump", "id": "101", "times": 2}),
        200,
    );
    admin(&server, "/tasks/take", &json!({"time": "5s"}), 200);
    admin(&server, "/tasks/take", &json!({"time": "soon"}), 400);
    admin(&server, "/tasks/hold", &json!({"text": "no"}), 422);
    admin(&server, "/tasks/hold", &json!({"upid": "UPID:x"}), 422);
    let listed = server.get("/__admin/tasks").expect(200).json();
    assert_eq!(listed["plans"].as_array().unwrap().len(), 3);
    assert_eq!(listed["tasks"].as_array().unwrap().len(), 10);
    server
        .send("DELETE", "/__admin/tasks/plans", "")
        .expect(200);
    assert_eq!(server.get("/__admin/tasks").json()["plans"], json!([]));
    // A plan is part of the world and travels with it.
    admin(&server, "/tasks/hold", &json!({}), 200);
    let world = server.get("/__admin/world").json();
    assert_eq!(world["tasks"]["plans"][0]["wish"], "hold");
}

#[test]
fn a_task_fails_as_planned_and_changes_nothing() {
    let server = pve();
    let plan = json!({"type": "qmstop", "id": "101", "text": "no space left on device"});
    admin(&server, "/tasks/fail", &plan, 200);
    let stop = "/api2/json/nodes/pve01/qemu/101/status/stop";
    let status = |upid: Value| {
        let upid = upid["data"].as_str().unwrap().to_owned();
        data(&server, &format!("/nodes/pve01/tasks/{upid}/status"))["exitstatus"].take()
    };
    let first = server.post(stop, "").expect(200).json();
    assert_eq!(status(first), "no space left on device");
    let current = "/nodes/pve01/qemu/101/status/current";
    assert_eq!(data(&server, current)["status"], "running");
    let second = server.post(stop, "").expect(200).json();
    assert_eq!(status(second), "OK");
    assert_eq!(data(&server, current)["status"], "stopped");
}

#[test]
fn products_without_tasks_say_so() {
    let server = TestServer::start();
    let said = admin(&server, "/tasks/hold", &json!({}), 422);
    assert_eq!(said["errors"][0]["title"], "this product has no tasks");
    let said = admin(
        &server,
        "/vm/100/status",
        &json!({"status": "stopped"}),
        422,
    );
    assert_eq!(said["errors"][0]["title"], "this product has no guests");
    for personality in ["plexd", "pbs", "pdm"] {
        let server = match personality {
            "plexd" => TestServer::start(),
            other => TestServer::of(other, &["--log=error"]),
        };
        let none = json!({});
        for (method, route) in [("GET", "/vm/100/agent"), ("DELETE", "/vm/100/lock")] {
            let title = refused(&server, method, route, &none, 422);
            assert_eq!(title, "this product has no guests", "{personality}");
        }
        let off = json!({"status": "offline"});
        let title = refused(&server, "POST", "/node/localhost/status", &off, 422);
        assert_eq!(title, "this product has no cluster whose nodes come and go");
        server
            .get("/__admin/wait?guestStatus=100:running")
            .expect(422);
    }
}
