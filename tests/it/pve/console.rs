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
        data["port"]
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
