//! Clients that are too slow, too large, too many or not clients at all.

use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use mock_server::http::Dialect;
use mock_server::net::Limits;

use super::server::{Server, dialect, impatient};
use crate::support::client::{Client, Ending};

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn half_a_request_is_cut_off() {
    let server = Server::start(impatient());
    let halves = [
        "",
        "P",
        "GET /hel",
        "GET /hello HTTP/1.1\r\nhost: t\r\n",
        "\x16\x03\x01",
    ];
    let mut clients = halves.map(|half| {
        let mut client = server.plain();
        client.send(half);
        client
    });
    let mut after_one = server.plain();
    assert_eq!(after_one.get("/hello").status(), 200);
    after_one.send("GET /hello HT");
    for client in clients.iter_mut().chain([&mut after_one]) {
        assert_eq!(client.rest().0, b"");
    }
    server.stop.drain();
    server.wait_for_end();
    assert_eq!(server.traffic.timeouts.load(Relaxed), 6);
    assert_eq!(server.traffic.tls_failures.load(Relaxed), 1);
}

#[test]
fn connections_serve_so_many_requests() {
    let server = Server::start(Dialect {
        requests: 3,
        ..dialect()
    });
    for mut client in [server.plain(), server.tls(&[])] {
        for _ in 0..2 {
            assert_ne!(client.get("/hello").head.field("connection"), Some("close"));
        }
        assert_eq!(client.get("/hello").head.field("connection"), Some("close"));
        assert_eq!(client.rest(), (Vec::new(), Ending::Closed));
    }
}

#[test]
fn idle_connections_are_closed() {
    let server = Server::start(Dialect {
        idle: Duration::from_millis(50),
        ..dialect()
    });
    for mut client in [server.plain(), server.tls(&[])] {
        assert_eq!(client.get("/hello").status(), 200);
        assert_eq!(client.rest(), (Vec::new(), Ending::Closed));
    }
    assert_eq!(server.traffic.timeouts.load(Relaxed), 0);
}

#[test]
fn a_pause_in_a_body_is_a_timeout() {
    let server = Server::start(impatient());
    let mut client = server.plain();
    client.send("POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: 10\r\n\r\nhalf");
    let answer = client.answer();
    assert_eq!((answer.status(), answer.text()), (408, "too slow"));
    assert_eq!(client.rest(), (Vec::new(), Ending::Closed));
    assert_eq!(server.traffic.timeouts.load(Relaxed), 1);
}

#[test]
fn a_client_that_never_reads_is_cut_off_and_costs_nobody_anything() {
    let server = Server::start(impatient());
    let mut deaf: Vec<_> = [server.plain(), server.tls(&[])].into();
    for client in &mut deaf {
        client.send("GET /big HTTP/1.1\r\nhost: t\r\n\r\n");
    }
    // Each of these has its reply although the others are stuck.
    while server.traffic.timeouts.load(Relaxed) < 2 {
        assert_eq!(server.plain().get("/hello").status(), 200);
    }
    for client in &mut deaf {
        assert!(client.rest().0.len() < 32 << 20);
    }
}

#[test]
fn a_slow_reader_gets_all_of_it() {
    let server = Server::start(dialect());
    for mut client in [server.plain(), server.tls(&[])] {
        assert_eq!(client.get("/big").body.len(), 32 << 20);
    }
}

#[test]
fn an_oversize_body_is_refused_readably() {
    let server = Server::start(dialect());
    let check = |client: &mut Client| {
        let answer = client.answer();
        assert_eq!((answer.status(), answer.text()), (413, "more than 65536"));
        assert_eq!(answer.head.field("connection"), Some("close"));
        client.finish_sending();
        assert_eq!(client.rest(), (Vec::new(), Ending::Closed));
    };
    // All of the body is sent before the reply is looked at.
    let body = vec![b'x'; 8 << 20];
    let mut counted = server.plain();
    counted.send(format!(
        "POST /echo HTTP/1.1\r\nhost: t\r\ncontent-length: {}\r\n\r\n",
        body.len()
    ));
    counted.send(&body);
    check(&mut counted);

    let mut chunked = server.plain();
    chunked.send("POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n");
    chunked.send(format!("{:x}\r\n", body.len()));
    chunked.send(&body);
    check(&mut chunked);

    let mut asking = server.plain();
    asking.send("POST /echo HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\n");
    asking.send("content-length: 70000\r\n\r\n");
    check(&mut asking);

    let mut largest = server.plain();
    let answer = largest.post("/echo", "", &body[..64 * 1024]);
    assert_eq!(answer.body.len(), 64 * 1024);
    assert_eq!(server.traffic.body_too_large.load(Relaxed), 3);
}

#[test]
fn gzip_bodies() {
    let server = Server::start(dialect());
    let mut client = server.plain();
    let encoded = "content-encoding: GZip\r\n";
    let good = gzip(b"inflated");
    assert_eq!(client.post("/echo", encoded, &good).text(), "inflated");
    let other = client.post("/echo", "content-encoding: x-gzip\r\n", &good);
    assert_eq!(other.body, good);
    let bad = client.post("/fault", encoded, b"no gzip");
    assert_eq!(bad.text(), "Some(BadGzip) 7");
    let empty = client.post("/fault", encoded, b"");
    assert_eq!(empty.text(), "Some(BadGzip) 0");
    let bomb = client.post("/echo", encoded, &gzip(&vec![0; 10 << 20]));
    assert_eq!((bomb.status(), bomb.text()), (413, "more than 65536"));

    let raw = Server::start(Dialect {
        inflate: false,
        ..dialect()
    });
    assert_eq!(raw.plain().post("/echo", encoded, &good).body, good);
}

#[test]
fn what_is_not_http_is_refused() {
    let server = Server::start(dialect());
    let many = "a: b\r\n".repeat(101);
    let long = "x".repeat(17 * 1024);
    let far = "x".repeat(70_000);
    let check = |request: &str, want: u16| {
        let mut client = server.plain();
        client.send(request);
        client.finish_sending();
        let (bytes, ending) = client.rest();
        let text = String::from_utf8_lossy(&bytes);
        let start = &request[..request.len().min(40)];
        assert!(
            text.starts_with(&format!("HTTP/1.1 {want} ")),
            "{start:?}: {text:?}"
        );
        assert_eq!(ending, Ending::Closed, "{start:?}");
    };
    check("nonsense\r\n\r\n", 400);
    check("GET / HTTP/1.1\r\nbad header\r\n\r\n", 400);
    check("GET / HTTP/9.9\r\n\r\n", 400);
    check("\u{fffd}\0\0\0\r\n\r\n", 400);
    check("POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 400);
    check(
        "POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        400,
    );
    check("POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n", 400);
    check(&format!("GET / HTTP/1.1\r\n{many}\r\n"), 431);
    check(&format!("GET / HTTP/1.1\r\na: {long}\r\n\r\n"), 431);
    check(&format!("GET /{far} HTTP/1.1\r\n\r\n"), 431);
    server.stop.drain();
    server.wait_for_end();
    assert_eq!(server.traffic.broken_requests.load(Relaxed), 10);
}

#[test]
fn broken_chunks_are_refused() {
    let server = Server::start(dialect());
    let mut client = server.plain();
    client.send("POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n");
    let answer = client.answer();
    assert_eq!((answer.status(), answer.text()), (400, "broken body"));
}

#[test]
fn fewer_fields_than_hyper_would_take() {
    let server = Server::start(Dialect {
        header_fields: 3,
        ..dialect()
    });
    let mut client = server.plain();
    client.send("GET / HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n");
    assert_eq!(client.answer().status(), 200);
    client.send("GET / HTTP/1.1\r\na: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n\r\n");
    assert_eq!(client.answer().status(), 431);
}

#[test]
fn a_thousand_connections_at_once() {
    mock_server::net::raise_file_limit();
    let server = Server::start(dialect());
    let mut clients: Vec<_> = (0..1000).map(|_| server.plain()).collect();
    for client in &mut clients {
        client.send("GET /hello HTTP/1.1\r\nhost: t\r\n\r\n");
    }
    for client in &mut clients {
        assert_eq!(client.answer().text(), "hello");
    }
    assert_eq!(server.traffic.open.load(Relaxed), 1000);
    assert_eq!(server.traffic.accepted.load(Relaxed), 1000);
}

#[test]
fn more_connections_than_allowed_are_turned_away() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let server = Server::start_on("127.0.0.1:0", dialect(), limits);
    let mut first = server.plain();
    let mut second = server.plain();
    assert_eq!(first.get("/hello").status(), 200);
    assert_eq!(second.get("/hello").status(), 200);
    let mut third = server.plain();
    assert_eq!(third.answer().status(), 503);
    assert_eq!(server.traffic.refused_full.load(Relaxed), 1);
    assert_eq!(first.get("/hello").status(), 200);
    drop(second);
    // The place is free once the server has seen the close, which some attempt will find.
    while Client::plain(server.address).status_or_close("/hello") != 200 {}
}
