//! Event streams that have left hyper.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use mock_server::http::Piece;
use mock_server::net::Limits;

use super::server::{Server, dialect};
use crate::support::client::Ending;

fn piece(text: &'static str) -> Piece {
    Piece::Bytes(Bytes::from_static(text.as_bytes()))
}

#[test]
fn every_piece_is_a_chunk() {
    let server = Server::start(dialect());
    for client in [server.plain(), server.tls(&[])] {
        let (mut client, feed) = server.stream(client, "/events");
        let head = client.head();
        let names: Vec<_> = head.fields.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["content-type", "transfer-encoding", "date"]);
        assert_eq!((head.status, &*head.reason), (200, "OK"));
        feed.say("id: 1\n\n");
        assert_eq!(client.exactly(12), b"7\r\nid: 1\n\n\r\n");
        feed.wait_until_written();
        feed.push([
            piece("id: 2\nda"),
            piece(""),
            piece("ta: x\n\n"),
            Piece::End,
        ]);
        assert_eq!(
            client.rest(),
            (
                b"8\r\nid: 2\nda\r\n7\r\nta: x\n\n\r\n0\r\n\r\n".to_vec(),
                Ending::Closed
            )
        );
        feed.wait_until_gone();
    }
}

#[test]
fn a_stream_after_other_requests_and_pipelined() {
    let server = Server::start(dialect());
    let mut client = server.plain();
    assert_eq!(client.get("/hello").text(), "hello");
    let one = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: t\r\n\r\n");
    client.send(one("/big") + &one("/hello") + &one("/events") + &one("/hello"));
    assert_eq!(client.answer().body.len(), 32 << 20);
    assert_eq!(client.answer().text(), "hello");
    let feed = server.streams.recv().unwrap();
    feed.push([piece("x"), Piece::End]);
    assert_eq!(client.answer().text(), "x");
    assert_eq!(
        client.rest().0,
        b"",
        "a stream is the last that a connection serves"
    );
}

#[test]
fn a_stream_asked_for_with_a_body() {
    let server = Server::start(dialect());
    let mut client = server.plain();
    client.send("POST /events HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\n");
    client.send("content-length: 2\r\n\r\n");
    assert_eq!(client.head().status, 100);
    client.send("{}");
    let feed = server.streams.recv().unwrap();
    feed.push([piece("x"), Piece::End]);
    assert_eq!(client.answer().text(), "x");
}

#[test]
fn http_1_0_has_no_chunks() {
    let server = Server::start(dialect());
    let mut client = server.plain();
    client.send("GET /events HTTP/1.0\r\n\r\n");
    let feed = server.streams.recv().unwrap();
    feed.push([piece("id: 1\n\n"), piece("id: 2\n\n"), Piece::End]);
    let head = client.head();
    assert_eq!(head.field("transfer-encoding"), None);
    assert_eq!(head.field("connection"), Some("close"));
    let rest = client.rest();
    assert_eq!(rest, (b"id: 1\n\nid: 2\n\n".to_vec(), Ending::Closed));
}

#[test]
fn split_pieces_arrive_apart() {
    let server = Server::start(dialect());
    let (mut client, feed) = server.stream(server.plain(), "/events");
    client.head();
    // What was written apart may still be read together, so the second is given after the first is read.
    feed.say("id: 1\nda");
    assert_eq!(client.chunk().unwrap(), b"id: 1\nda");
    feed.say("ta: x\n\n");
    assert_eq!(client.chunk().unwrap(), b"ta: x\n\n");
}

#[test]
fn a_cut_leaves_no_terminator() {
    let server = Server::start(dialect());
    let (mut client, feed) = server.stream(server.plain(), "/events");
    client.head();
    feed.push([piece("id: 1\n"), Piece::Cut]);
    assert_eq!(client.rest().0, b"6\r\nid: 1\n\r\n");
    feed.wait_until_gone();

    let (mut client, feed) = server.stream(server.tls(&[]), "/events");
    client.head();
    feed.push([Piece::Cut]);
    assert_eq!(client.rest(), (Vec::new(), Ending::Broken));
}

#[test]
fn silence_is_broken_by_the_keep_alive() {
    let server = Server::start(dialect());
    for client in [server.plain(), server.tls(&[])] {
        let (mut client, feed) = server.stream(client, "/events-alive");
        client.head();
        for _ in 0..3 {
            assert_eq!(client.chunk().unwrap(), b": keep-alive\n");
        }
        feed.push([Piece::End]);
        let (rest, ending) = client.rest();
        assert!(rest.ends_with(b"0\r\n\r\n"));
        assert_eq!(ending, Ending::Closed);
        assert!(feed.written.try_recv().is_err(), "a keep-alive is no piece");
    }
}

#[test]
fn a_client_that_leaves_drops_the_source() {
    let server = Server::start(dialect());
    for client in [server.plain(), server.tls(&[])] {
        let (mut client, feed) = server.stream(client, "/events");
        client.head();
        client.send(vec![b'x'; 100_000]);
        assert_eq!(server.traffic.streams.load(Relaxed), 1);
        drop(client);
        feed.wait_until_gone();
    }
}

#[test]
fn a_client_that_does_not_read_is_cut_off_in_the_end() {
    let limits = Limits {
        stream_stall: Duration::from_millis(100),
        ..Limits::default()
    };
    let server = Server::start_on("127.0.0.1:0", dialect(), limits);
    let (deaf, feed) = server.stream(server.plain(), "/events");
    let (mut other, other_feed) = server.stream(server.plain(), "/events");
    other.head();
    feed.push([Piece::Bytes(vec![b'x'; 32 << 20].into())]);
    other_feed.say("id: 1\n\n");
    assert_eq!(other.chunk().unwrap(), b"id: 1\n\n");
    feed.wait_until_gone();
    drop(deaf);
    assert!(feed.written.try_recv().is_err());
}

#[test]
fn a_large_piece_is_one_chunk() {
    let server = Server::start(dialect());
    for client in [server.plain(), server.tls(&[])] {
        let (mut client, feed) = server.stream(client, "/events");
        client.head();
        feed.push([Piece::Bytes(vec![b'x'; 8 << 20].into()), Piece::End]);
        assert_eq!(client.chunk().unwrap().len(), 8 << 20);
        assert_eq!(client.chunk(), None);
    }
}
