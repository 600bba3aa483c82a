//! Consoles: a ticket, then a WebSocket that talks.

use serde_json::Value;

use crate::support::client::{Client, Ending};
use crate::support::server::TestServer;

/// A frame of a client (masked by zeros, which leaves the bytes as they are).
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < 126);
    let mut bytes = vec![0x80 | opcode, 0x80 | length, 0, 0, 0, 0];
    bytes.extend_from_slice(payload);
    bytes
}

/// The payload of the server's next short frame, with its opcode.
fn heard(client: &mut Client) -> (u8, Vec<u8>) {
    let head = client.exactly(2);
    let length = usize::from(head[1] & 0x7f);
    assert!(length < 126, "a long frame");
    (head[0] & 0x0f, client.exactly(length))
}

/// Opens the console that a proxy call made.
fn open(server: &TestServer, guest: &str, proxy: &str) -> (Client, Value) {
    let made = server
        .post(&format!("/api2/json{guest}/{proxy}"), "")
        .expect(200)
        .json();
    let data = made["data"].clone();
    let ticket: String = data["ticket"]
        .as_str()
        .unwrap()
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let mut client = Client::plain(server.main);
    client.send(format!(
        "GET /api2/json{guest}/vncwebsocket?port={}&vncticket={ticket} HTTP/1.1\r\nhost: t\r\nupgrade: websocket\r\n\
         connection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: binary\r\n\r\n",
        data["port"].to_string().trim_matches('"')
    ));
    let head = client.head();
    assert_eq!(
        (head.status, head.reason.as_str()),
        (101, "Switching Protocols")
    );
    assert_eq!(
        head.field("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    assert_eq!(head.field("sec-websocket-protocol"), Some("binary"));
    (client, data)
}

#[test]
fn terminals_and_screens_talk() {
    let server = TestServer::of("pve", &["--log=error", "--seed=7"]);
    let (mut shell, data) = open(&server, "/nodes/pve01/lxc/102", "termproxy");
    let login = format!("{}:{}\n", data["user"].as_str().unwrap(), "PVEVNC:x");
    shell.send(frame(1, login.as_bytes()));
    assert_eq!(heard(&mut shell), (2, b"OK".to_vec()));
    let (_, prompt) = heard(&mut shell);
    assert!(prompt.starts_with(b"root@"));
    shell.send(frame(2, b"0:2:ls"));
    assert_eq!(heard(&mut shell).1, b"ls");
    shell.send(frame(9, b"ping"));
    assert_eq!(heard(&mut shell), (10, b"ping".to_vec()));
    shell.send(frame(2, b"0:6:\rexit\r"));
    let (_, goodbye) = heard(&mut shell);
    assert!(goodbye.ends_with(b"exit\r\n"));
    let (left, ending) = shell.rest();
    assert!(left.is_empty(), "it hangs up and says no goodbye");
    assert_eq!(ending, Ending::Closed);

    let (mut shell, _) = open(&server, "/nodes/pve02", "termproxy");
    shell.send(frame(2, b"root@pam:PVEVNC:x\n"));
    assert_eq!(heard(&mut shell), (2, b"OK".to_vec()));
    assert_eq!(heard(&mut shell).1, b"root@pve02:~# ");
    let (mut screen, _) = open(&server, "/nodes/pve02", "vncshell");
    assert_eq!(heard(&mut screen).1, b"RFB 003.008\n");

    let (mut screen, _) = open(&server, "/nodes/pve01/qemu/101", "vncproxy");
    assert_eq!(heard(&mut screen).1, b"RFB 003.008\n");
    screen.send(frame(2, b"RFB 003.008\n"));
    assert_eq!(heard(&mut screen).1, [1, 2]);
}

/// The status of a task on a node.
fn status(server: &TestServer, upid: &Value) -> Value {
    let upid = upid.as_str().unwrap();
    let node = upid.split(':').nth(1).unwrap();
    let target = format!("/api2/json/nodes/{node}/tasks/{upid}/status");
    server.get(&target).expect(200).json()["data"].take()
}

/// Types `exit` into a shell, says goodbye, and waits until the server has closed it.
fn leave(shell: &mut Client) {
    shell.send(frame(2, b"0:6:\rexit\r"));
    shell.send(frame(8, b""));
    shell.rest();
}

#[test]
fn shells_of_machines_talk_in_all_products() {
    for (personality, node) in [
        ("pve", "/nodes/pve02"),
        ("pbs", "/nodes/localhost"),
        ("pdm", "/nodes/localhost"),
        ("pdm", "/pve/remotes/e2e-cluster/nodes/pve02"),
    ] {
        let server = TestServer::of(personality, &["--log=error", "--seed=7"]);
        let (mut shell, data) = open(&server, node, "termproxy");
        let login = format!("{}:ticket\n", data["user"].as_str().unwrap());
        shell.send(frame(1, login.as_bytes()));
        assert_eq!(heard(&mut shell), (2, b"OK".to_vec()), "{personality}");
        assert!(heard(&mut shell).1.starts_with(b"root@"), "{personality}");
        shell.send(frame(2, b"0:2:ls"));
        assert_eq!(heard(&mut shell).1, b"ls");
        let tasks = server.get("/__admin/tasks").json();
        let task = tasks["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|task| task["held"] == true);
        let task = task.unwrap_or_else(|| panic!("no task at {personality}{node}"));
        assert_eq!(task["status"], "running", "{personality}");
        leave(&mut shell);
        let upid = task["upid"].as_str().unwrap();
        let wait = server.get(&format!("/__admin/wait?taskEnded={upid}&timeout=20s"));
        assert_eq!(wait.expect(200).json()["conditions"][0]["saw"], "OK");
    }
    let server = TestServer::of("pve", &["--log=error"]);
    let (mut screen, _) = open(&server, "/nodes/pve01", "vncshell");
    assert_eq!(heard(&mut screen).1, b"RFB 003.008\n");
}

#[test]
fn the_task_of_a_console_waits_for_its_client() {
    let server = TestServer::of("pve", &["--log=error", "--clock=2026-01-01T00:00:00Z"]);
    let made = server.post("/api2/json/nodes/pve01/qemu/101/vncproxy", "");
    let screen = made.expect(200).json()["data"].take();
    let made = server.post("/api2/json/nodes/pve01/lxc/102/termproxy", "");
    let terminal = made.expect(200).json()["data"].take();
    let (_client, opened) = open(&server, "/nodes/pve01/lxc/108", "termproxy");
    for upid in [&screen["upid"], &terminal["upid"], &opened["upid"]] {
        assert_eq!(status(&server, upid)["status"], "running");
    }
    server
        .post("/__admin/clock", r#"{"step": "11s"}"#)
        .expect(200);
    assert_eq!(status(&server, &opened["upid"])["status"], "running");
    assert_eq!(
        status(&server, &screen["upid"])["exitstatus"],
        "connection timed out"
    );
    let left = status(&server, &terminal["upid"])["exitstatus"].take();
    let left = left.as_str().unwrap();
    assert!(left.starts_with("command '/usr/bin/termproxy 59"), "{left}");
    assert!(left.ends_with("' failed: exit code 1"), "{left}");
}

#[test]
fn backup_servers_say_goodbye() {
    let server = TestServer::of("pbs", &["--log=error", "--seed=7"]);
    let (mut shell, _) = open(&server, "/nodes/localhost", "termproxy");
    shell.send(frame(2, b"root@pam:PBSTERM:x\n"));
    assert_eq!(heard(&mut shell), (2, b"OK".to_vec()));
    assert!(heard(&mut shell).1.starts_with(b"root@"));
    shell.send(frame(8, b""));
    assert_eq!(heard(&mut shell).0, 8, "a close is answered by a close");
}

#[test]
fn a_wrong_ticket_opens_nothing() {
    let server = TestServer::of("pve", &["--log=error", "--seed=7"]);
    let target = "/api2/json/nodes/pve01/qemu/101/vncwebsocket?port=5900&vncticket=PVEVNC:1::x";
    server.get(target).expect(401);
}
