//! What the benchmarks share: server processes pinned to one core, their CPU time and memory, and a bare
//! hyper server as the measure of what the machine can do.

#![allow(dead_code, reason = "each benchmark uses its part")]

pub mod bare;

pub mod load;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

/// The core that servers run on; the load runs on the other.
pub const SERVER_CORE: &str = "0";
/// The core that the load runs on.
pub const LOAD_CORE: &str = "1";

/// A server process on its own core, ended when it is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// The program under test as plexd-central, with further flags.
    pub fn mock(flags: &[&str]) -> Self {
        Self::of("plexd", &[&["--local-listen=127.0.0.1:0"], flags].concat())
    }

    /// The program under test as any personality, with further flags.
    pub fn of(personality: &str, flags: &[&str]) -> Self {
        let personality = format!("--personality={personality}");
        let mut arguments = vec![&*personality, "--listen=127.0.0.1:0", "--log=warn"];
        arguments.extend(flags);
        let other = std::env::var("BENCH_SERVER");
        let program = other
            .as_deref()
            .unwrap_or(env!("CARGO_BIN_EXE_mock-server"));
        Self::start(program, &arguments)
    }

    /// A bare hyper server that answers every request with the bytes of `body`.
    pub fn bare(body: &str) -> Self {
        let own = std::env::current_exe().unwrap();
        Self::start(own.to_str().unwrap(), &["--bare", body])
    }

    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut child = pinned(SERVER_CORE, program)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts; pinning needs taskset (util-linux)");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.trim().rsplit('=').next().unwrap().parse();
        Self {
            address: address.unwrap_or_else(|_| panic!("no address in {line:?}")),
            child,
        }
    }

    /// Seconds of CPU it used so far, user and system.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
        ticks / 100.0
    }

    /// The same in milliseconds, and more exactly: as the scheduler counts it for each thread.
    pub fn cpu_millis(&self) -> f64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        let used = threads.map(|thread| {
            let path = thread.unwrap().path().join("schedstat");
            let text = fs::read_to_string(path).unwrap();
            text.split(' ').next().unwrap().parse::<f64>().unwrap()
        });
        used.sum::<f64>() / 1e6
    }

    /// Its resident memory in KiB.
    pub fn resident_kib(&self) -> u64 {
        resident_kib_of(self.pid())
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

/// The resident memory of a process in KiB.
pub fn resident_kib_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that runs on one core. `taskset` replaces itself by the program, so its id is the program's.
pub fn pinned(core: &str, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]);
    command
}

/// This very benchmark started again on the load's core, for its part in `--load`.
pub fn load(arguments: &[&str]) -> Vec<f64> {
    let own = std::env::current_exe().unwrap();
    let output = pinned(LOAD_CORE, own.to_str().unwrap())
        .arg("--load")
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the load failed");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect()
}

/// One connection that is kept alive, for one request after the other.
pub struct Client {
    address: SocketAddr,
    socket: TcpStream,
    buffer: Vec<u8>,
    /// Further header fields, each with the end of its line.
    pub with: &'static str,
}

impl Client {
    /// A connection to a server; another one when that ends it.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            socket: connected(address),
            buffer: vec![0; 16 << 20],
            with: "",
        }
    }

    /// Sends a request, JSON or a form if it has a body, and gives the status once the whole answer is there.
    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> u16 {
        let kind = match body.starts_with('{') {
            true => "application/json",
            false => "application/x-www-form-urlencoded",
        };
        let (with, length) = (self.with, body.len());
        let head = match body {
            "" => format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n{with}\r\n"),
            body => format!(
                "{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}"
            ),
        };
        self.socket.write_all(head.as_bytes()).unwrap();
        let (mut filled, mut whole) = (0, None);
        while whole.is_none_or(|whole| filled < whole) {
            let read = self.socket.read(&mut self.buffer[filled..]).unwrap();
            assert!(read > 0, "the server closed the connection");
            filled += read;
            whole = whole.or_else(|| load::length(&self.buffer[..filled]));
        }
        if load::is_last(&self.buffer[..filled]) {
            self.socket = connected(self.address);
        }
        let status = std::str::from_utf8(&self.buffer[9..12]).unwrap();
        status.parse().unwrap()
    }
}

fn connected(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// Pins this process to the load's core.
pub fn pin() {
    let mut command = Command::new("taskset");
    let process = std::process::id().to_string();
    let done = command.args(["-pc", LOAD_CORE, &process]).output().unwrap();
    assert!(done.status.success(), "pinning needs taskset (util-linux)");
}

/// One request on a connection of its own; the whole answer.
pub fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        socket,
        "{method} {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

/// The middle one; the mean of the two middle ones for an even count.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// Median with minimum and maximum, as the README quotes them.
pub fn spread(values: &[f64], digits: usize) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    format!(
        "{:.digits$} ({least:.digits$}–{most:.digits$})",
        median(values.to_vec())
    )
}
