//! Ten thousand event streams: what an idle one costs, and how long an injected event takes to reach all.
//!
//! `cargo bench --bench streams` runs three rounds of nine events. The hard limit of open files must be above
//! 10,100.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark reads the clock, prints figures, and stops at the first fault"
)]

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use support::{Server, ask, load, spread};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const STREAMS: usize = 10_000;
const EVENTS: usize = 9;
const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).map(String::as_str) == Some("--load") {
        clients(arguments[2].parse().unwrap(), arguments[3].parse().unwrap());
        return;
    }
    let mut last = Vec::new();
    let mut cost = Vec::new();
    let mut connecting = Vec::new();
    for _ in 0..ROUNDS {
        let server = Server::mock(&[]);
        // A first request, so that what is made once is not counted for the streams.
        ask(server.address, "GET", "/v1/ping", "");
        let before = server.resident_kib();
        let figures = load(&[&server.address.to_string(), &server.pid().to_string()]);
        connecting.push(figures[0]);
        cost.push((figures[1] - before as f64) / STREAMS as f64);
        last.extend_from_slice(&figures[2..]);
    }
    println!("{STREAMS} streams, {} events", last.len());
    println!("  connect all           {} ms", spread(&connecting, 0));
    println!("  memory of an idle one {} KiB", spread(&cost, 2));
    println!("  event to the last one {} ms", spread(&last, 0));
}

/// Connects all streams, then injects events one after the other. Prints the time to connect in ms, the
/// server's resident KiB, and for each event the ms until the last client had it.
fn clients(address: SocketAddr, server: u32) {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let started = Instant::now();
        let (received, mut events) = mpsc::unbounded_channel();
        for batch in 0..STREAMS / 100 {
            let sockets: Vec<_> = (0..100).map(|_| tokio::spawn(open(address))).collect();
            for (number, socket) in sockets.into_iter().enumerate() {
                let socket = socket.await.unwrap();
                tokio::spawn(read(socket, batch * 100 + number, received.clone()));
            }
        }
        wait_for_all(&mut events).await;
        println!("{}", started.elapsed().as_secs_f64() * 1000.0);
        println!("{}", support::resident_kib_of(server));
        for number in 0..EVENTS {
            let started = Instant::now();
            inject(address, number).await;
            wait_for_all(&mut events).await;
            println!("{}", started.elapsed().as_secs_f64() * 1000.0);
        }
    });
}

async fn open(address: SocketAddr) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request =
        "GET /v1/nodes/bench/events HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    socket
}

/// Says so for every event that is whole.
async fn read(mut socket: TcpStream, number: usize, received: mpsc::UnboundedSender<usize>) {
    let mut tail = Vec::new();
    let mut buffer = [0; 2048];
    while let Ok(read) = socket.read(&mut buffer).await {
        if read == 0 {
            return;
        }
        tail.extend_from_slice(&buffer[..read]);
        while let Some(at) = tail.windows(3).position(|window| window == b"}\n\n") {
            tail.drain(..at + 3);
            let _ = received.send(number);
        }
    }
}

async fn wait_for_all(events: &mut mpsc::UnboundedReceiver<usize>) {
    let all = async {
        for _ in 0..STREAMS {
            events.recv().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all)
        .await
        .expect("all clients in time");
}

async fn inject(address: SocketAddr, number: usize) {
    let padding = "x".repeat(700);
    let body = format!(
        r#"{{"event_type":"policy_updated","event_id":"evt-{number}","nonce":"n-{number}","payload":{{"padding":"{padding}"}}}}"#
    );
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /test/inject-event HTTP/1.1\r\nhost: bench\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}
