//! What a cluster of ten thousand guests costs: the start, its memory, its lists, and a change to one guest.
//!
//! `cargo bench --bench large` asks as one client on one connection, the server on one core and the client on the
//! other. Beside the time that the client waited stands the CPU time of the server, which a busy machine hardly
//! disturbs. `BENCH_SERVER` names another binary to compare with.

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

use support::{Client, Server, ask, pin, spread};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STARTS: usize = 7;
const ROUNDS: usize = 31;

/// The clock stands still, so that figures are read anew only when a round wants it.
const FLAGS: &[&str] = &[
    "--world=large:10000",
    "--seed=7",
    "--clock=2026-01-05T12:00:00Z",
];

const ALL: &str = "/api2/json/cluster/resources";
const CONFIG: &str = "/api2/json/nodes/pve01/qemu/100/config";

fn main() {
    pin();
    starts();
    let server = Server::of("pve", FLAGS);
    let mut bench = Bench {
        client: Client::new(server.address),
        server: &server,
        number: 0,
    };
    let changed = &[("PUT", CONFIG, "description=@")][..];
    let step = &[("POST", "/__admin/clock", r#"{"step":"1s"}"#)][..];
    let read = &[("POST", "/__admin/clock", r#"{"step":"10s"}"#)][..];
    bench.asked("all resources, told again", &[], ALL);
    bench.asked("all resources, a guest changed", changed, ALL);
    bench.asked("all resources, a second later", step, ALL);
    bench.asked("all resources, all figures new", read, ALL);
    bench.client.with = "accept-encoding: gzip\r\n";
    bench.asked("all resources in gzip, told again", &[], ALL);
    bench.asked("all resources in gzip, a guest changed", changed, ALL);
    bench.client.with = "";
    for (name, path) in [
        ("machines of a node", "/api2/json/nodes/pve01/qemu"),
        ("containers of a node", "/api2/json/nodes/pve01/lxc"),
        ("nodes", "/api2/json/nodes"),
        ("next free number", "/api2/json/cluster/nextid"),
        ("configuration of a guest", CONFIG),
        (
            "status of a guest",
            "/api2/json/nodes/pve01/qemu/100/status/current",
        ),
    ] {
        bench.asked(name, changed, path);
    }
    bench.life();
    println!(
        "resident after all that: {} MiB",
        server.resident_kib() / 1024
    );
    for _ in 0..200 {
        bench.call(("PUT", CONFIG, "description=@"));
        bench.call(("GET", ALL, ""));
    }
    println!(
        "resident after 200 different lists of everything: {} MiB",
        server.resident_kib() / 1024
    );
}

fn starts() {
    let (mut times, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = Instant::now();
        let server = Server::of("pve", FLAGS);
        ask(server.address, "GET", "/api2/json/version", "");
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        memory.push(server.resident_kib() as f64 / 1024.0);
    }
    println!("start to first 200: {} ms", spread(&times, 0));
    println!("resident, idle: {} MiB", spread(&memory, 1));
}

/// A method, a path, and a body in which `@` is another number each time.
type Call<'a> = (&'a str, &'a str, &'a str);

struct Bench<'a> {
    client: Client,
    server: &'a Server,
    number: u32,
}

impl Bench<'_> {
    /// Asks again and again, each time after something else.
    fn asked(&mut self, name: &str, before: &[Call<'_>], path: &str) {
        self.call(("GET", path, ""));
        let mut figures = Figures::default();
        for _ in 0..ROUNDS {
            before.iter().for_each(|call| self.call(*call));
            self.measured(("GET", path, ""), &mut figures);
        }
        figures.print(name);
    }

    /// What is done to one guest after the other.
    fn life(&mut self) {
        let calls: [(&str, Call<'_>); 6] = [
            (
                "create a machine",
                (
                    "POST",
                    "/api2/json/nodes/pve01/qemu",
                    "vmid=900@&memory=512&scsi0=local-lvm:1",
                ),
            ),
            (
                "start it",
                ("POST", "/api2/json/nodes/pve01/qemu/900@/status/start", ""),
            ),
            (
                "change its tags",
                ("PUT", "/api2/json/nodes/pve01/qemu/900@/config", "tags=a"),
            ),
            (
                "take a snapshot",
                (
                    "POST",
                    "/api2/json/nodes/pve01/qemu/900@/snapshot",
                    "snapname=one",
                ),
            ),
            (
                "stop it",
                ("POST", "/api2/json/nodes/pve01/qemu/900@/status/stop", ""),
            ),
            (
                "delete it",
                ("DELETE", "/api2/json/nodes/pve01/qemu/900@", ""),
            ),
        ];
        let mut figures: Vec<Figures> = calls.iter().map(|_| Figures::default()).collect();
        for _ in 0..ROUNDS {
            self.number += 1;
            let number = self.number.to_string();
            for ((_, (method, path, body)), figures) in calls.iter().zip(&mut figures) {
                let fill = |text: &str| text.replace('@', &number);
                self.measured((method, &fill(path), &fill(body)), figures);
            }
        }
        for ((name, _), figures) in calls.iter().zip(&figures) {
            figures.print(name);
        }
    }

    fn measured(&mut self, call: Call<'_>, figures: &mut Figures) {
        let used = self.server.cpu_millis();
        let started = Instant::now();
        self.call(call);
        figures
            .waited
            .push(started.elapsed().as_secs_f64() * 1000.0);
        figures.used.push(self.server.cpu_millis() - used);
    }

    fn call(&mut self, (method, path, body): Call<'_>) {
        self.number += 1;
        let body = body.replace('@', &self.number.to_string());
        let status = self.client.ask(method, path, &body);
        assert_eq!(status, 200, "{method} {path} {body}");
    }
}

/// Milliseconds.
#[derive(Default)]
struct Figures {
    waited: Vec<f64>,
    used: Vec<f64>,
}

impl Figures {
    fn print(&self, name: &str) {
        let (waited, used) = (spread(&self.waited, 2), spread(&self.used, 2));
        println!("{name}: {waited} ms, {used} ms of CPU");
    }
}
