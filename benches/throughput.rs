//! Requests per second of the busiest routes, in turn with a bare hyper server that returns the same bytes, both
//! on the same core.
//!
//! `cargo bench --bench throughput` runs seven rounds of three seconds for each; a word behind `--` picks the
//! routes whose names have it. The ratio per second of CPU
//! time is the one that the load generator cannot flatter.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark reads the clock, prints figures, and stops at the first fault"
)]

mod support;

use support::{Server, ask, load, median, spread};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 7;
const SECONDS: &str = "3";

/// A heartbeat as an agent sends it.
const HEARTBEAT: &str = r#"{"node_id":"node-mock-001","timestamp":"2026-02-15T08:40:53.123456789Z","status":"healthy","uptime":"1h2m3s","binary_checksum":"0f3a","mesh":{"interface":"wg-plexd","peer_count":2,"listen_port":51820},"nat":{"public_endpoint":"198.51.100.7:51820","type":"full_cone"},"bridge":{"enabled":false,"access_interface":"","active_routes":0,"relay_enabled":false,"active_relay_sessions":0,"ingress_enabled":false,"active_ingress_rules":0,"site_to_site_enabled":false,"active_site_to_site_tunnels":0}}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("--bare") => support::bare::serve(arguments[2].clone()),
        Some("--load") => {
            let seconds = arguments[4].parse().unwrap();
            let rate = support::load::run(arguments[2].parse().unwrap(), &arguments[3], seconds);
            println!("{rate}");
        }
        _ => {
            let wanted: Vec<&String> = arguments[1..]
                .iter()
                .filter(|word| !word.starts_with('-'))
                .collect();
            for route in routes() {
                if wanted.is_empty() || wanted.iter().any(|word| route.name.contains(word.as_str()))
                {
                    compare(&route);
                }
            }
        }
    }
}

/// What is asked of which server.
struct Route {
    name: &'static str,
    personality: &'static str,
    flags: &'static [&'static str],
    request: String,
}

fn routes() -> Vec<Route> {
    let plexd = |name, request| Route {
        name,
        personality: "plexd",
        flags: &["--local-listen=127.0.0.1:0"],
        request,
    };
    let proxmox = |name, personality, flags, path| Route {
        name,
        personality,
        flags,
        request: request("GET", path, ""),
    };
    vec![
        plexd(
            "plexd: POST heartbeat",
            request("POST", "/v1/nodes/node-mock-001/heartbeat", HEARTBEAT),
        ),
        plexd(
            "plexd: GET state",
            request("GET", "/v1/nodes/node-mock-001/state", ""),
        ),
        proxmox("pve: GET version", "pve", FROZEN, "/api2/json/version"),
        proxmox(
            "pve: GET cluster/resources",
            "pve",
            FROZEN,
            "/api2/json/cluster/resources",
        ),
        // The same in a contract with half as many operations.
        proxmox("pbs: GET version", "pbs", FROZEN, "/api2/json/version"),
        proxmox("pdm: GET version", "pdm", FROZEN, "/api2/json/version"),
    ]
}

/// A clock that stands still answers with the same bytes each time.
const FROZEN: &[&str] = &["--clock=2026-01-05T12:00:00Z", "--seed=7"];

fn request(method: &str, path: &str, body: &str) -> String {
    let headers = "host: 127.0.0.1:8080\r\nuser-agent: plexd/0.1.0\r\naccept: application/json\r\nauthorization: Bearer ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\r\n";
    let length = match body {
        "" => String::new(),
        body => format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        ),
    };
    format!("{method} {path} HTTP/1.1\r\n{headers}{length}\r\n{body}")
}

fn compare(route: &Route) {
    let Route { name, request, .. } = route;
    let mut figures: [Vec<f64>; 4] = Default::default();
    let same = body_of(route);
    for _ in 0..ROUNDS {
        let (rate, per_cpu) = measure(&Server::bare(&same), request);
        figures[0].push(rate);
        figures[1].push(per_cpu);
        let (rate, per_cpu) = measure(&route.server(), request);
        figures[2].push(rate);
        figures[3].push(per_cpu);
    }
    let ratio = |ours: usize, bare: usize| {
        100.0 * median(figures[ours].clone()) / median(figures[bare].clone())
    };
    println!("{name}: {} bytes of answer", same.len());
    println!(
        "  bare hyper   {} req/s, {} per CPU second",
        spread(&figures[0], 0),
        spread(&figures[1], 0)
    );
    println!(
        "  mock-server  {} req/s, {} per CPU second",
        spread(&figures[2], 0),
        spread(&figures[3], 0)
    );
    println!(
        "  ratio        {:.0} % req/s, {:.0} % per CPU second",
        ratio(2, 0),
        ratio(3, 1)
    );
}

impl Route {
    fn server(&self) -> Server {
        Server::of(self.personality, self.flags)
    }
}

/// The bytes that the server under test answers with.
fn body_of(route: &Route) -> String {
    let server = route.server();
    let (head, body) = route.request.split_once("\r\n\r\n").unwrap();
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let answer = ask(server.address, method, path, body);
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

fn measure(server: &Server, request: &str) -> (f64, f64) {
    let before = server.cpu_seconds();
    let rate = load(&[&server.address.to_string(), request, SECONDS])[0];
    let used = server.cpu_seconds() - before;
    let seconds: f64 = SECONDS.parse().unwrap();
    // The second of warm-up used CPU as well.
    (rate, rate * (seconds + 1.0) / used)
}
