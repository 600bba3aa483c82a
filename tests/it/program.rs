//! The program itself: what it prints, how it is asked for its health, how it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use crate::support::api::{EventStream, send};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mock-server");

/// A running program whose addresses were read, ended when it is dropped.
struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    main: String,
    local: String,
}

impl Program {
    fn start(flags: &[&str]) -> Self {
        let mut child = command(flags)
            .stderr(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = |name: &str| {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            let address = line
                .trim()
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('='));
            address
                .unwrap_or_else(|| panic!("no {name} in {line:?}"))
                .to_owned()
        };
        let (main, local) = (line("MOCK_SERVER_ADDR"), line("MOCK_SERVER_LOCAL_ADDR"));
        Self {
            child,
            stdout,
            main,
            local,
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for the end: the exit code, and what stdout still had.
    fn ended(&mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(["--listen=127.0.0.1:0", "--local-listen=127.0.0.1:0"])
        .args(flags);
    for name in [
        "HOST",
        "PORT",
        "MOCK_SERVER_PERSONALITY",
        "PROXMOX_MOCK_SERVICE",
    ] {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .env_remove("MOCK_SERVER_PERSONALITY")
        .output()
        .unwrap()
}

#[test]
fn addresses_are_all_that_stdout_gets() {
    let mut program = Program::start(&["--personality=plexd"]);
    let answer = send(program.main.parse().unwrap(), "GET", "/v1/ping", &[], b"");
    assert_eq!(answer.status(), 200);
    assert!(program.local.starts_with("127.0.0.1:"));
    program.signal("TERM");
    assert_eq!(program.ended(), (Some(0), String::new()));
}

#[test]
fn both_signals_end_streams_and_the_program_with_0() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(&["--personality=plexd"]);
        let mut stream = EventStream::open(program.main.parse().unwrap(), "/v1/nodes/n/events");
        stream.next().unwrap();
        program.signal(signal);
        assert_eq!(stream.next(), None);
        assert_eq!(program.ended().0, Some(0), "{signal}");
    }
}

#[test]
fn a_second_signal_ends_what_the_first_would_wait_for() {
    let mut program = Program::start(&["--personality=plexd"]);
    let mut client = crate::support::client::Client::plain(program.main.parse().unwrap());
    // A request whose body never comes is in flight.
    client.send("POST /v1/nodes/n/drift HTTP/1.1\r\nhost: t\r\ncontent-length: 10\r\nexpect: 100-continue\r\n\r\n");
    assert_eq!(client.head().status, 100);
    program.signal("TERM");
    program.signal("TERM");
    assert_eq!(program.ended().0, Some(0));
}

#[test]
fn check_asks_for_health() {
    let program = Program::start(&["--personality=plexd"]);
    for url in [
        format!("http://{}/v1/ping", program.main),
        format!("https://{}/health", program.main),
        format!(
            "http://localhost:{}/health",
            program.main.rsplit(':').next().unwrap()
        ),
    ] {
        let output = run(&["check", &url]);
        assert_eq!(output.status.code(), Some(0), "{url}: {output:?}");
    }
    let legacy = run(&["-check", &format!("http://{}/v1/ping", program.main)]);
    assert_eq!(legacy.status.code(), Some(0));
    let missing = run(&["check", &format!("http://{}/nowhere", program.main)]);
    assert_eq!(missing.status.code(), Some(1));
    let (address, program) = (program.main.clone(), program);
    drop(program);
    let gone = run(&["check", &format!("http://{address}/health")]);
    assert_eq!(gone.status.code(), Some(1));
    assert_eq!(run(&["check", "mock-api:8080"]).status.code(), Some(2));
}

#[test]
fn flags_of_the_replaced_program_and_its_first_line() {
    let mut child = Command::new(PROGRAM)
        .args(["-addr", "127.0.0.1:0", "-tls-addr=127.0.0.1:0"])
        .env_remove("MOCK_SERVER_PERSONALITY")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(2);
    let lines: Vec<String> = lines.map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let address = lines[0].strip_prefix("MOCK_SERVER_ADDR=").unwrap();
    assert_eq!(lines[1], format!("MOCKAPI_ADDR={address}"));
}

#[test]
fn failures_are_one_sentence_and_a_code() {
    let check = |arguments: &[&str], code: i32, want: &str| {
        let output = run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        let last = said.lines().last().unwrap();
        assert!(
            last.starts_with("mock-server: ") && last.contains(want),
            "{arguments:?}: {said}"
        );
    };
    check(&[], 2, "--personality");
    check(
        &["--personality=plexd", "--listen=nowhere"],
        2,
        "--listen nowhere",
    );
    check(
        &["--personality=plexd", "--world=/no/such.json"],
        1,
        "/no/such.json",
    );
    check(
        &[
            "--personality=plexd",
            "--tls-cert=/no.pem",
            "--tls-key=/no.key",
        ],
        1,
        "/no.pem",
    );
    check(
        &["--personality=plexd", "--listen=192.0.2.1:1"],
        1,
        "192.0.2.1:1",
    );
    check(&["--personality=plexd", "--log=a=b=c"], 2, "--log");
}

#[test]
fn an_occupied_port_is_named() {
    let program = Program::start(&["--personality=plexd"]);
    let output = run(&["--personality=plexd", &format!("--listen={}", program.main)]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains(&program.main) && said.contains("in use"),
        "{said}"
    );
}

#[test]
fn routes_and_contract_are_printed() {
    let routes = run(&["routes", "--personality=plexd"]);
    let text = String::from_utf8(routes.stdout).unwrap();
    let heartbeat = text
        .lines()
        .find(|line| line.contains("/heartbeat "))
        .unwrap();
    assert!(
        heartbeat.contains("handler") && heartbeat.contains("src/plexd/node_api/mod.rs:"),
        "{heartbeat}"
    );
    let metadata = text
        .lines()
        .find(|line| line.contains("/metadata "))
        .unwrap();
    assert!(
        metadata.contains("fixtures/plexd-central/metadata.json"),
        "{metadata}"
    );
    let contract = run(&["openapi", "--personality=plexd"]);
    let document: serde_json::Value = serde_json::from_slice(&contract.stdout).unwrap();
    assert_eq!(document["info"]["version"], "2026-02");
}

#[test]
fn the_certificate_is_exported() {
    let file = std::env::temp_dir().join(format!("mock-server-ca-{}.pem", std::process::id()));
    let program = Program::start(&[
        "--personality=plexd",
        &format!("--tls-export={}", file.display()),
    ]);
    let exported = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let served = send(
        program.main.parse().unwrap(),
        "GET",
        "/__admin/ca.pem",
        &[],
        b"",
    );
    assert_eq!(exported, served.text());
}
