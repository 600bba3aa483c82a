//! The load: kept-alive connections, each with one request under way at a time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many connections ask at once.
const CONNECTIONS: usize = 64;

/// Asks for `seconds` after a warm-up of one second and gives the requests per second.
pub fn run(address: SocketAddr, request: &str, seconds: f64) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let warm = Instant::now() + Duration::from_secs(1);
        let end = warm + Duration::from_secs_f64(seconds);
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| tokio::spawn(client(address, request.as_bytes().to_vec(), warm, end)))
            .collect();
        let mut total = 0;
        for client in clients {
            total += client.await.unwrap();
        }
        f64::from(total) / seconds
    })
}

async fn client(address: SocketAddr, request: Vec<u8>, warm: Instant, end: Instant) -> u32 {
    let mut socket = connected(address).await;
    let mut buffer = vec![0; 16 * 1024];
    let mut counted = 0;
    loop {
        socket.write_all(&request).await.unwrap();
        let length = answer(&mut socket, &mut buffer).await;
        if is_last(&buffer[..length]) {
            socket = connected(address).await;
        }
        let now = Instant::now();
        if now >= end {
            return counted;
        }
        counted += u32::from(now >= warm);
    }
}

async fn connected(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).await.unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// Reads one answer of known length and says how long it is.
async fn answer(socket: &mut TcpStream, buffer: &mut [u8]) -> usize {
    let mut filled = 0;
    loop {
        let read = socket.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server closed a connection");
        filled += read;
        if let Some(whole) = length(&buffer[..filled])
            && filled >= whole
        {
            return whole;
        }
    }
}

/// The length of the answer that begins here, once its head is whole.
pub fn length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "not a 200");
    let text = std::str::from_utf8(&answer[..head]).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .expect("a length");
    Some(head + line.trim().parse::<usize>().unwrap())
}

/// Whether the connection ends with this answer: Proxmox VE takes a hundred requests on one.
pub fn is_last(answer: &[u8]) -> bool {
    let head = answer.split(|byte| *byte == b'\n');
    head.take_while(|line| *line != b"\r")
        .any(|line| line == b"connection: close\r")
}
