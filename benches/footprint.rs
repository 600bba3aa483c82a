//! What a server costs before anybody uses it, and after a million requests.
//!
//! `cargo bench --bench footprint`: for each personality the time from starting the process to its first 200 (eleven
//! starts) and resident memory idle; for plexd-central resident memory after ten thousand and after a million
//! requests.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark reads the clock, prints figures, and stops at the first fault"
)]

mod support;

use std::time::Instant;

use support::{Server, ask, load, spread};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STARTS: usize = 11;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).map(String::as_str) == Some("--load") {
        let address = arguments[2].parse().unwrap();
        let seconds = arguments[4].parse().unwrap();
        println!("{}", support::load::run(address, &arguments[3], seconds));
        return;
    }
    start("plexd", &["--local-listen=127.0.0.1:0"], "/v1/ping");
    for personality in ["pve", "pbs", "pdm"] {
        start(personality, &[], "/api2/json/version");
    }
    soak();
}

/// Starts a personality some times and says what that takes.
fn start(personality: &str, flags: &[&str], path: &str) {
    let mut starts = Vec::new();
    let mut idle = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let server = Server::of(personality, flags);
        let answer = ask(server.address, "GET", path, "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        starts.push(started.elapsed().as_secs_f64() * 1000.0);
        idle.push(server.resident_kib() as f64 / 1024.0);
    }
    println!(
        "{personality}: start to first 200  {} ms",
        spread(&starts, 1)
    );
    println!(
        "{personality}: resident, idle      {} MiB",
        spread(&idle, 1)
    );
}

/// Requests until ten thousand, then until a million, with the server's memory after each.
fn soak() {
    let server = Server::mock(&[]);
    let address = server.address.to_string();
    let body = r#"{"timestamp":"2026-02-15T08:40:53Z"}"#;
    let request = format!(
        "POST /v1/nodes/n/heartbeat HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for goal in [10_000, 1_000_000] {
        while heartbeats(&server) < goal {
            load(&[&address, &request, "0.1"]);
        }
        let resident = server.resident_kib() / 1024;
        println!("after {:>9} requests: {resident} MiB", heartbeats(&server));
    }
}

fn heartbeats(server: &Server) -> u64 {
    let answer = ask(server.address, "GET", "/test/assertions", "");
    let at = answer.split("\"heartbeat_count\":").nth(1).unwrap();
    at.split(',').next().unwrap().parse().unwrap()
}
