//! A whole server on ports of its own, made from flags as the program makes it, stopped when it is dropped.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use clap::Parser;
use mock_server::cli::{self, Arguments};
use mock_server::http::ListenerRole;
use mock_server::net::{Stop, StopHandle};
use mock_server::server::Server;

use super::api::{EventStream, send};
use super::client::Answer;

/// A running server.
pub struct TestServer {
    /// Where the product's own port is.
    pub main: SocketAddr,
    /// Where the local endpoint is.
    pub local: SocketAddr,
    stop: StopHandle,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    /// plexd-central with its defaults.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// plexd-central with further flags.
    pub fn with(flags: &[&str]) -> Self {
        Self::run(
            &[
                &["--personality=plexd", "--local-listen=127.0.0.1:0"],
                flags,
            ]
            .concat(),
        )
    }

    /// Another personality with further flags.
    pub fn of(personality: &str, flags: &[&str]) -> Self {
        let personality = format!("--personality={personality}");
        Self::run(&[&[personality.as_str()], flags].concat())
    }

    fn run(flags: &[&str]) -> Self {
        let (stop, stopped) = Stop::manual();
        let flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
        let (ready, running) = mpsc::channel();
        let thread = std::thread::spawn(move || serve(&flags, stopped, &ready));
        let (main, local) = running.recv().expect("the server starts");
        Self {
            main,
            local,
            stop,
            thread: Some(thread),
        }
    }

    /// Sends a request to the product's own port.
    pub fn send(&self, method: &str, target: &str, body: &str) -> Answer {
        send(self.main, method, target, &[], body.as_bytes())
    }

    /// Sends a GET to the product's own port.
    pub fn get(&self, target: &str) -> Answer {
        self.send("GET", target, "")
    }

    /// Sends a POST to the product's own port.
    pub fn post(&self, target: &str, body: &str) -> Answer {
        self.send("POST", target, body)
    }

    /// Opens the event stream of a node.
    pub fn events(&self, node: &str) -> EventStream {
        EventStream::open(self.main, &format!("/v1/nodes/{node}/events"))
    }

    /// The value of a counter of the product, read as scripts read it.
    pub fn counter(&self, name: &str) -> u64 {
        self.get("/test/assertions").json()[name]
            .as_u64()
            .unwrap_or_else(|| panic!("no {name}"))
    }
}

type Running = (SocketAddr, SocketAddr);

fn serve(flags: &[String], stop: Stop, ready: &mpsc::Sender<Running>) {
    let fixed = ["test", "--listen=127.0.0.1:0"];
    let words = fixed
        .iter()
        .map(|&word| word.to_owned())
        .chain(flags.iter().cloned());
    let arguments = Arguments::try_parse_from(words).unwrap();
    let settings = cli::settings(&arguments.serve).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::bind(&settings).unwrap();
        let main = server.addresses(ListenerRole::Main)[0];
        let local = server.addresses(ListenerRole::Local);
        // Products without a second listener have nothing there.
        let local = local.first().copied().unwrap_or(main);
        ready.send((main, local)).unwrap();
        server.serve(stop).await.unwrap();
    });
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.end();
        let ended = self.thread.take().unwrap().join();
        assert!(
            ended.is_ok() || std::thread::panicking(),
            "the server panicked"
        );
    }
}
