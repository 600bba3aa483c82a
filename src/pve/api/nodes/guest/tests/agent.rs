//! The guest agent: errors, answers, files and programs.

use super::*;
use crate::pve::world::agent::{Presence, Program};

const AGENT: &str = "/nodes/pve01/qemu/103/agent";

#[test]
fn why_it_does_not_answer() {
    let desk = desk();
    let ping = format!("POST {AGENT}/ping");
    assert_eq!(desk.must(&ping, ""), json!({"result": {}}));
    set(&desk, 103, |guest| {
        guest.agent_mut().presence = Presence::Absent
    });
    assert_eq!(
        desk.ask(&ping, "").status,
        "500 QEMU guest agent is not running"
    );
    set(&desk, 103, |guest| guest.status = Status::Paused);
    assert_eq!(
        desk.ask(&ping, "").status,
        "500 QEMU guest agent is not running"
    );
    turn(&desk, 103, Status::Stopped);
    assert_eq!(desk.ask(&ping, "").status, "500 VM 103 is not running");
    set(&desk, 103, |guest| {
        guest.config.remove("agent");
    });
    assert_eq!(
        desk.ask(&ping, "").status,
        "500 No QEMU guest agent configured"
    );
}

#[test]
fn it_begins_to_answer_after_a_while() {
    let mut desk = desk();
    set(&desk, 105, |guest| guest.agent_mut().delay = 20);
    desk.task("POST /nodes/pve02/qemu/105/status/start", "");
    let line = "GET /nodes/pve02/qemu/105/agent/network-get-interfaces";
    assert_eq!(
        desk.ask(line, "").status,
        "500 QEMU guest agent is not running"
    );
    desk.step(20);
    desk.must(line, "");
}

#[test]
fn answers_follow_from_the_configuration() {
    let desk = desk();
    let ask = |command: &str| desk.get(&format!("{AGENT}/{command}"))["result"].clone();
    assert_eq!(ask("get-host-name")["host-name"], "web-server-01");
    let interfaces = ask("network-get-interfaces");
    let card = &interfaces[1];
    assert_eq!(card["hardware-address"], "bc:24:11:00:01:03");
    assert_eq!(
        card["ip-addresses"][0],
        json!({"ip-address": "10.10.10.103", "ip-address-type": "ipv4", "prefix": 24})
    );
    assert_eq!(ask("get-vcpus").as_array().unwrap().len(), 4);
    assert_eq!(ask("get-vcpus")[0]["can-offline"], false);
    assert_eq!(ask("get-osinfo")["id"], "debian");
    assert_eq!(ask("get-fsinfo")[0]["mountpoint"], "/");
    assert_eq!(ask("get-time"), 1_767_614_400_000_000_000_i64);
    for command in [
        "get-timezone",
        "get-users",
        "get-memory-blocks",
        "get-memory-block-info",
        "info",
    ] {
        assert!(!ask(command).is_null(), "{command}");
    }
    // The older way.
    let answer = desk.must(&format!("POST {AGENT}"), "command=get-host-name");
    assert_eq!(answer["result"]["host-name"], "web-server-01");
}

#[test]
fn tests_script_it() {
    let desk = desk();
    set(&desk, 103, |guest| {
        let agent = guest.agent_mut();
        agent
            .answers
            .insert("get-osinfo".to_owned(), json!({"id": "plan9"}));
        agent
            .failures
            .insert("get-users".to_owned(), "no utmp".to_owned());
        let program = Program {
            exit_code: 3,
            out: "half\n".to_owned(),
            err: "bad\n".to_owned(),
            seconds: 5,
            ..Program::default()
        };
        agent.programs.insert("make world".to_owned(), program);
    });
    let got = desk.get(&format!("{AGENT}/get-osinfo"));
    assert_eq!(got["result"]["id"], "plan9");
    let got = desk.ask(&format!("GET {AGENT}/get-users"), "");
    assert_eq!(got.status, "500 Agent error: no utmp");
    let mut desk = desk;
    let body = r#"{"command": ["make", "world"]}"#;
    let pid = desk.must(&format!("POST {AGENT}/exec"), body)["pid"].clone();
    let line = format!("GET {AGENT}/exec-status?pid={pid}");
    assert_eq!(desk.must(&line, ""), json!({"exited": 0}));
    desk.step(5);
    let want = json!({"exited": 1, "exitcode": 3, "out-data": "half\n", "err-data": "bad\n"});
    assert_eq!(desk.must(&line, ""), want);
    assert_eq!(
        desk.ask(&line, "").status,
        "500 Agent error: Invalid parameter 'pid'"
    );
    let world = desk.world();
    assert_eq!(World::read(&world.export()).unwrap(), world);
}

#[test]
fn files_and_programs() {
    let desk = desk();
    let write = format!("POST {AGENT}/file-write");
    desk.must(&write, r#"{"file": "/tmp/a", "content": "grüße €\n"}"#);
    let read = |file: &str| desk.get(&format!("{AGENT}/file-read?file={file}"));
    assert_eq!(read("/tmp/a")["content"], "grüße €\n");
    desk.must(
        &write,
        r#"{"file": "/tmp/b", "content": "/wD+", "encode": 0}"#,
    );
    assert_eq!(read("/tmp/b")["content"], "\u{ff}\0\u{fe}");
    assert_eq!(read("/etc/hostname")["content"], "web-server-01\n");
    let part = desk.get(&format!("{AGENT}/file-read?file=/etc/hostname&count=3"));
    assert_eq!(
        part,
        json!({"content": "web", "bytes-read": 3, "truncated": 1})
    );
    let got = desk.ask(&format!("GET {AGENT}/file-read?file=/no"), "");
    let missing =
        "500 Agent error: failed to open file '/no' (mode: 'r'): No such file or directory";
    assert_eq!(got.status, missing);
    let run = |body: &str| {
        let pid = desk.must(&format!("POST {AGENT}/exec"), body)["pid"].clone();
        desk.must(&format!("GET {AGENT}/exec-status?pid={pid}"), "")
    };
    assert_eq!(run("command=cat&command=/tmp/a")["out-data"], "grüße €\n");
    assert_eq!(run("command=/bin/echo&command=hi")["out-data"], "hi\n");
    assert_eq!(run("command=false")["exitcode"], 1);
    assert_eq!(run("command=cat&input-data=in")["out-data"], "in");
}

#[test]
fn it_changes_the_guest() {
    let desk = desk();
    let act = |command: &str| desk.must(&format!("POST {AGENT}/{command}"), "")["result"].clone();
    assert_eq!(act("fsfreeze-status"), "thawed");
    assert_eq!(act("fsfreeze-freeze"), 1);
    assert_eq!(act("fsfreeze-status"), "frozen");
    let got = desk.ask(&format!("GET {AGENT}/get-fsinfo"), "");
    assert!(got.status.contains("disabled for this instance"), "{got:?}");
    assert_eq!(act("fsfreeze-thaw"), 1);
    desk.must(
        &format!("POST {AGENT}/set-user-password"),
        "username=root&password=hunter22",
    );
    let world = desk.world();
    let agent = world.guests[&vmid(103)].agent.clone().unwrap();
    assert_eq!(agent.passwords["root"], "hunter22");
    act("shutdown");
    let current = desk.get("/nodes/pve01/qemu/103/status/current");
    assert_eq!(current["status"], "stopped");
    holds(&desk);
}
