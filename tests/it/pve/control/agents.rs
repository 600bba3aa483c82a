//! What is inside guests, as a test says it.

use serde_json::{Value, json};

use super::{asked, data, pve, refused, said};
use crate::support::server::TestServer;

const AGENT: &str = "/nodes/pve01/qemu/103/agent";

fn script(server: &TestServer, method: &str, body: &Value) -> Value {
    asked(server, method, "/vm/103/agent", body, 200)
}

fn posted(server: &TestServer, path: &str) -> Value {
    let answer = server.post(&format!("/api2/json{path}"), "");
    answer.expect(200).json()["data"].take()
}

/// The addresses of `eth0`.
fn addresses(server: &TestServer) -> Value {
    let answer = data(server, &format!("{AGENT}/network-get-interfaces"));
    let interfaces = answer["result"].as_array().unwrap();
    let card = interfaces.iter().find(|one| one["name"] == "eth0").unwrap();
    card["ip-addresses"].clone()
}

#[test]
fn a_guest_gets_its_address_only_now() {
    let server = pve();
    let derived = addresses(&server);
    let said = script(&server, "PUT", &json!({"addresses": {"net0": []}}));
    assert_eq!(said["state"], "answering");
    assert_eq!(addresses(&server), json!([]));
    script(
        &server,
        "PATCH",
        &json!({"addresses": {"net0": ["192.0.2.7/24", "2001:db8::7/64"]}}),
    );
    assert_eq!(
        addresses(&server),
        json!([
            {"ip-address": "192.0.2.7", "ip-address-type": "ipv4", "prefix": 24},
            {"ip-address": "2001:db8::7", "ip-address-type": "ipv6", "prefix": 64},
        ])
    );
    let shown = script(&server, "GET", &Value::Null);
    assert_eq!(
        shown["agent"],
        json!({"addresses": {"net0": ["192.0.2.7/24", "2001:db8::7/64"]}})
    );
    let back = script(&server, "DELETE", &Value::Null);
    assert_eq!(back["agent"], json!({}));
    assert_eq!(addresses(&server), derived);
}

#[test]
fn a_container_gets_its_address_as_well() {
    let server = pve();
    let of = || data(&server, "/nodes/pve01/lxc/108/interfaces")[1].clone();
    assert_eq!(of()["inet"], "10.10.10.108/24");
    let none = json!({"addresses": {"net0": []}});
    asked(&server, "PUT", "/vm/108/agent", &none, 200);
    assert_eq!(
        (&of()["inet"], &of()["ip-addresses"]),
        (&Value::Null, &json!([]))
    );
    let some = json!({"addresses": {"net0": ["192.0.2.8/24"]}});
    asked(&server, "PUT", "/vm/108/agent", &some, 200);
    assert_eq!(of()["inet"], "192.0.2.8/24");
    let title = refused(
        &server,
        "PUT",
        "/vm/108/agent",
        &json!({"presence": "absent"}),
        400,
    );
    assert_eq!(
        title,
        "the script: a container has no guest agent: it takes `addresses` and `shutdown`"
    );
}

#[test]
fn an_agent_is_there_or_not() {
    let server = pve();
    let ping = || said(&server, "POST", &format!("{AGENT}/ping"), "");
    assert_eq!(ping(), "200 OK");
    let state = script(&server, "PUT", &json!({"presence": "absent"}))["state"].clone();
    assert_eq!(state, "QEMU guest agent is not running");
    assert_eq!(ping(), "500 QEMU guest agent is not running");
    // A machine that runs for longer than that has its agent by now.
    script(&server, "PATCH", &json!({"presence": null, "delay": 1}));
    assert_eq!(ping(), "200 OK");
    script(
        &server,
        "PATCH",
        &json!({"failures": {"get-osinfo": "out of luck"}}),
    );
    let path = format!("{AGENT}/get-osinfo");
    assert_eq!(
        said(&server, "GET", &path, ""),
        "500 Agent error: out of luck"
    );
}

#[test]
fn commands_answer_what_they_are_told() {
    let server = pve();
    let answers = [
        ("get-osinfo", json!({"id": "plan9", "name": "Plan 9"})),
        (
            "get-fsinfo",
            json!([{"name": "vda1", "mountpoint": "/", "type": "ext4", "disk": []}]),
        ),
        ("get-host-name", json!({"host-name": "web"})),
        ("get-users", json!([{"user": "alice", "login-time": 1.5}])),
        (
            "get-vcpus",
            json!([{"logical-id": 0, "online": true, "can-offline": false}]),
        ),
        ("get-time", json!(1_700_000_000_000_000_000_u64)),
        ("network-get-interfaces", json!([])),
    ];
    let all: serde_json::Map<String, Value> = answers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    script(
        &server,
        "PUT",
        &json!({"answers": all, "files": {"/etc/motd": "hello\n"}}),
    );
    for (name, value) in answers {
        assert_eq!(
            data(&server, &format!("{AGENT}/{name}"))["result"],
            value,
            "{name}"
        );
    }
    let read =
        |file: &str| data(&server, &format!("{AGENT}/file-read?file={file}"))["content"].clone();
    assert_eq!(read("/etc/motd"), "hello\n");
    posted(
        &server,
        &format!("{AGENT}/file-write?file=/tmp/x&content=written"),
    );
    assert_eq!(read("/tmp/x"), "written");
    let shown = script(&server, "GET", &Value::Null);
    assert_eq!(
        shown["agent"]["files"],
        json!({"/etc/motd": "hello\n", "/tmp/x": "written"})
    );
}

#[test]
fn programs_run_as_long_as_they_are_to() {
    let server = pve();
    let programs = json!({"programs": {
        "apt update": {"polls": 2, "out": "Done\n", "err": "W: old\n", "exit-code": 3},
        "backup": {"held": true},
    }});
    script(&server, "PUT", &programs);
    let run = |query: &str| posted(&server, &format!("{AGENT}/exec?{query}"))["pid"].clone();
    let status = |pid: &Value| data(&server, &format!("{AGENT}/exec-status?pid={pid}"));
    let apt = run("command=apt&command=update");
    assert_eq!(status(&apt)["exited"], 0);
    assert_eq!(status(&apt)["exited"], 0);
    let ended = json!({"exited": 1, "exitcode": 3, "out-data": "Done\n", "err-data": "W: old\n"});
    assert_eq!(status(&apt), ended);
    let backup = run("command=backup");
    for _ in 0..3 {
        assert_eq!(status(&backup)["exited"], 0);
    }
    let over = json!({"programs": {"backup": {"held": false, "signal": 9}}});
    script(&server, "PATCH", &over);
    assert_eq!(status(&backup), json!({"exited": 1, "signal": 9}));
    let path = format!("{AGENT}/exec-status?pid={backup}");
    let gone = said(&server, "GET", &path, "");
    assert_eq!(gone, "500 Agent error: Invalid parameter 'pid'");
}

#[test]
fn a_script_that_would_do_nothing_is_refused() {
    let server = pve();
    let check = |body: Value, title: &str| {
        let said = refused(&server, "PUT", "/vm/103/agent", &body, 400);
        assert!(said.starts_with(title), "{said}");
    };
    check(
        json!({"presense": "absent"}),
        "presense: `presense` is unknown; there are",
    );
    check(
        json!({"presence": "gone"}),
        "presence: unknown variant `gone`",
    );
    check(
        json!({"programs": {"ls": {"exit-code": "x"}}}),
        "programs.ls.exit-code: must be",
    );
    check(
        json!({"answers": {"get-os": {}}}),
        "answers.get-os: is no such command; there are",
    );
    check(
        json!({"failures": {"exeec": "x"}}),
        "failures.exeec: is no such command",
    );
    check(
        json!({"addresses": {"eth0": []}}),
        "addresses.eth0: network cards are",
    );
    check(
        json!({"addresses": {"net0": ["10.0.0.1"]}}),
        "addresses.net0[0]: \"10.0.0.1\" is no address",
    );
    check(
        json!({"files": {"/a": {"base64": "%"}}}),
        "files[\"/a\"]: its base64 is none",
    );
    check(json!([]), "the script: must be an object");
    let said = asked(&server, "PUT", "/vm/999/agent", &json!({}), 404);
    assert_eq!(said["errors"][0]["title"], "there is no guest 999");
    let known = said["errors"][0]["detail"].as_str().unwrap();
    assert!(known.starts_with("there are 101, 102"), "{known}");
    assert_eq!(script(&server, "GET", &Value::Null)["agent"], json!({}));
}
