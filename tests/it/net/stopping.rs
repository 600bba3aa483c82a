//! The two stages of stopping.

use std::net::TcpStream;
use std::time::Duration;

use mock_server::net::Limits;

use super::server::{Server, dialect};
use crate::support::client::{Ending, PATIENCE};

#[test]
fn an_idle_server_ends_at_once() {
    let server = Server::start(dialect());
    let mut idle = [server.plain(), server.tls(&[])];
    for client in &mut idle {
        assert_eq!(client.get("/hello").status(), 200);
    }
    let mut silent = server.plain();
    server.stop.drain();
    server.wait_for_end();
    for client in &mut idle {
        assert_eq!(client.rest(), (Vec::new(), Ending::Closed));
    }
    assert_eq!(silent.rest().0, b"");
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn what_is_in_flight_is_finished() {
    let server = Server::start(dialect());
    let mut slow = server.plain();
    slow.send("GET /slow HTTP/1.1\r\nhost: t\r\n\r\n");
    server.waits.recv_timeout(PATIENCE).unwrap();
    server.stop.drain();
    let answer = slow.answer();
    assert_eq!(answer.text(), "slow");
    assert_eq!(answer.head.field("connection"), Some("close"));
    assert_eq!(slow.rest(), (Vec::new(), Ending::Closed));
    server.wait_for_end();
}

#[test]
fn a_long_reply_is_finished() {
    let server = Server::start(dialect());
    let mut late = stuck(&server);
    server.stop.drain();
    assert_eq!(late.exactly(32 << 20).len(), 32 << 20);
    assert_eq!(late.rest(), (Vec::new(), Ending::Closed));
    server.wait_for_end();
}

#[test]
fn streams_and_waits_are_ended_in_good_order() {
    let server = Server::start(dialect());
    let (mut plain, _first) = server.stream(server.plain(), "/events");
    let (mut tls, _second) = server.stream(server.tls(&[]), "/events");
    let mut waiting = server.plain();
    waiting.send("GET /wait HTTP/1.1\r\nhost: t\r\n\r\n");
    server.waits.recv_timeout(PATIENCE).unwrap();
    plain.head();
    tls.head();
    server.stop.drain();
    for mut client in [plain, tls] {
        assert_eq!(client.rest(), (b"0\r\n\r\n".to_vec(), Ending::Closed));
    }
    let answer = waiting.answer();
    assert_eq!((answer.status(), answer.text()), (408, "nothing happened"));
    server.wait_for_end();
}

#[test]
fn a_second_stop_ends_at_once() {
    let limits = Limits {
        drain: Duration::from_secs(600),
        ..Limits::default()
    };
    let server = Server::start_on("127.0.0.1:0", dialect(), limits);
    let mut stuck = stuck(&server);
    server.stop.drain();
    server.stop.end();
    server.wait_for_end();
    assert!(stuck.rest().0.len() < 32 << 20);
}

#[test]
fn draining_is_bounded() {
    let limits = Limits {
        drain: Duration::from_millis(50),
        ..Limits::default()
    };
    let server = Server::start_on("127.0.0.1:0", dialect(), limits);
    let mut stuck = stuck(&server);
    server.stop.drain();
    server.wait_for_end();
    assert!(stuck.rest().0.len() < 32 << 20);
}

/// A client whose reply is under way and that does not read it.
fn stuck(server: &Server) -> crate::support::client::Client {
    let mut client = server.plain();
    client.send("GET /big HTTP/1.1\r\nhost: t\r\n\r\n");
    assert_eq!(client.head().status, 200);
    client
}

#[test]
fn a_wait_ends_by_time_and_when_its_client_leaves() {
    let server = Server::start(dialect());
    let mut client = server.plain();
    assert_eq!(client.get("/wait-briefly").text(), "nothing happened");
    let next = || server.waits.recv_timeout(PATIENCE).unwrap();
    assert_eq!([next(), next()], ["begun", "dropped"]);
    client.send("GET /wait HTTP/1.1\r\nhost: t\r\n\r\n");
    assert_eq!(next(), "begun");
    drop(client);
    assert_eq!(next(), "dropped");
}
