//! What one port speaks.

use std::future::Future;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mock_server::http::{Dialect, Piece};
use mock_server::net::Limits;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::server::{Server, dialect};
use crate::support::client::{Client, Ending, tls_config};

#[test]
fn plain_and_tls_share_a_port() {
    let server = Server::start(dialect());
    let mut plain = server.plain();
    assert_eq!(plain.get("/peer").text(), "127.0.0.1 secure=false");
    let mut tls = server.tls(&["http/1.1"]);
    assert_eq!(tls.protocol.as_deref(), Some("http/1.1"));
    assert_eq!(tls.get("/peer").text(), "127.0.0.1 secure=true");
    assert_eq!(plain.get("/hello").text(), "hello");
    assert_eq!(tls.get("/hello").text(), "hello");
    assert_eq!(server.tls(&[]).get("/hello").text(), "hello");
}

#[test]
fn names_and_addresses_of_the_certificate() {
    let server = Server::start(dialect());
    for name in ["localhost", "127.0.0.1"] {
        let mut client = Client::tls(server.address, &server.ca_pem, name, &[]);
        assert_eq!(client.get("/hello").status(), 200);
    }
}

#[test]
fn http2_is_the_dialects_choice() {
    let server = Server::start(dialect());
    let offered = server.tls(&["h2", "http/1.1"]);
    assert_eq!(offered.protocol.as_deref(), Some("h2"));

    let without = Server::start(Dialect {
        http2: false,
        ..dialect()
    });
    let mut client = without.tls(&["h2", "http/1.1"]);
    assert_eq!(client.protocol.as_deref(), Some("http/1.1"));
    assert_eq!(client.get("/hello").status(), 200);
    let mut prior = without.plain();
    prior.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    let (bytes, _) = prior.rest();
    assert!(!bytes.starts_with(&[0, 0]), "no frames: {bytes:?}");
}

#[test]
fn http2_without_tls_and_with_it() {
    let server = Server::start(dialect());
    in_runtime(async {
        let plain = TcpStream::connect(server.address).await.unwrap();
        requests(sender(plain).await, "http").await;

        let tcp = TcpStream::connect(server.address).await.unwrap();
        let connector = TlsConnector::from(tls_config(&server.ca_pem, &["h2"]));
        let name = ServerName::try_from("localhost").unwrap();
        let tls = connector.connect(name, tcp).await.unwrap();
        requests(sender(tls).await, "https").await;
    });
}

type Sender = SendRequest<Full<Bytes>>;

async fn sender<T>(io: T) -> Sender
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    connected(Ok(io)).await.0
}

/// A client, and what ends when its connection does.
async fn connected<T>(io: io::Result<T>) -> (Sender, JoinHandle<hyper::Result<()>>)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let io = TokioIo::new(io.unwrap());
    let (sender, connection) = handshake(TokioExecutor::new(), io).await.unwrap();
    (sender, tokio::spawn(connection))
}

async fn requests(mut sender: Sender, scheme: &str) {
    let mut request = async |method: &str, path: &str, body: &'static [u8]| {
        let request = Request::builder()
            .method(method)
            .uri(format!("{scheme}://mock-api:8080{path}"))
            .body(Full::from(body))
            .unwrap();
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        (head, body.collect().await.unwrap().to_bytes())
    };
    let (_, body) = request("GET", "/target?a=1", b"").await;
    assert_eq!(body, "GET /target?a=1");
    let (_, body) = request("GET", "/fields", b"").await;
    assert_eq!(body, "host=mock-api:8080\n");
    let (_, body) = request("POST", "/echo", b"payload").await;
    assert_eq!(body, "payload");
    let (head, body) = request("HEAD", "/hello", b"").await;
    assert_eq!(head.headers["content-length"], "5");
    assert_eq!(body, "");
    let (head, _) = request("GET", "/odd", b"").await;
    assert_eq!(head.status, 595);
    let (head, body) = request("POST", "/echo", &[b'x'; 100_000]).await;
    assert_eq!(head.status, 413);
    assert_eq!(body, "more than 65536");
}

#[test]
fn streams_over_http2() {
    let server = Server::start(dialect());
    in_runtime(async {
        let plain = TcpStream::connect(server.address).await.unwrap();
        let mut sender = sender(plain).await;
        let mut open = async |path: &str| {
            let request = Request::get(format!("http://t{path}"));
            let request = request.body(Full::default()).unwrap();
            let reply = sender.send_request(request).await.unwrap();
            assert_eq!(reply.headers()["content-type"], "text/event-stream");
            (reply.into_body(), server.streams.recv().unwrap())
        };
        let (mut body, feed) = open("/events").await;
        for text in ["id: 1\n\n", "id: 2\n\n"] {
            feed.say(text);
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), text);
            feed.wait_until_written();
        }
        feed.push([Piece::End]);
        assert_eq!(body.collect().await.unwrap().to_bytes(), "");

        let (mut body, feed) = open("/events").await;
        feed.push([Piece::Cut]);
        assert!(body.frame().await.unwrap().is_err());

        let (mut body, feed) = open("/events-alive").await;
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), ": keep-alive\n");
        drop(body);
        feed.wait_until_gone();
    });
}

#[test]
fn http2_connections_end_when_idle_and_when_the_server_stops() {
    let idle = Server::start(Dialect {
        idle: Duration::from_millis(50),
        ..dialect()
    });
    let stopping = Server::start(dialect());
    in_runtime(async {
        let (_sender, connection) = connected(TcpStream::connect(idle.address).await).await;
        connection.await.unwrap().unwrap();

        let (mut sender, connection) = connected(TcpStream::connect(stopping.address).await).await;
        let request = Request::get("http://t/events").body(Full::default());
        let stream = sender.send_request(request.unwrap()).await.unwrap();
        stopping.stop.drain();
        assert_eq!(stream.into_body().collect().await.unwrap().to_bytes(), "");
        connection.await.unwrap().unwrap();
    });
    stopping.wait_for_end();
}

#[test]
fn ipv6_and_ipv4_on_the_unspecified_address() {
    let server = Server::start_on("[::]:0", dialect(), Limits::default());
    let port = server.address.port();
    let mut client = Client::plain(([127, 0, 0, 1], port).into());
    assert_eq!(client.get("/peer").text(), "127.0.0.1 secure=false");
    if server.address.is_ipv6() && std::net::TcpListener::bind("[::1]:0").is_ok() {
        let mut client = Client::plain(format!("[::1]:{port}").parse().unwrap());
        assert_eq!(client.get("/peer").text(), "::1 secure=false");
    }
}

#[test]
fn forms_of_targets() {
    let server = Server::start(dialect());
    let mut client = server.plain();
    let mut check = |line: &str, want: &str| {
        client.send(format!("{line} HTTP/1.1\r\nhost: t\r\n\r\n"));
        assert_eq!(client.answer().text(), want, "{line}");
    };
    check("GET /target?a=%20b", "GET /target?a=%20b");
    check("GET http://mock-api:8080/target?x", "GET /target?x");
    check("OPTIONS *", "hello");
    check("PURGE /target", "PURGE /target");
}

#[test]
fn replies_on_the_wire() {
    let server = Server::start(dialect());
    let mut client = server.plain();

    let odd = client.get("/odd");
    assert_eq!((odd.status(), odd.text()), (595, "odd"));
    assert_eq!(odd.head.reason, "no such node 'x'");
    assert!(odd.head.field("date").is_some());

    client.send("HEAD /hello HTTP/1.1\r\nhost: t\r\n\r\n");
    assert_eq!(client.head().field("content-length"), Some("5"));

    let nothing = client.get("/nothing");
    assert_eq!(nothing.status(), 204);
    assert_eq!(nothing.head.field("x-kept"), Some("yes"));
    assert_eq!(nothing.head.field("content-length"), None);

    client.send("HEAD /events HTTP/1.1\r\nhost: t\r\n\r\n");
    assert_eq!(
        client.head().field("content-type"),
        Some("text/event-stream")
    );
    server.streams.recv().unwrap().wait_until_gone();

    client.send("GET /hello HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
    assert_eq!(client.answer().text(), "hello");
    assert_eq!(client.rest(), (Vec::new(), Ending::Closed));
}

#[test]
fn bodies_of_every_framing() {
    let server = Server::start(dialect());
    let mut client = server.plain();
    assert_eq!(client.post("/echo", "", b"counted").text(), "counted");

    client.send("POST /echo HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n");
    client.send("3\r\nchu\r\n");
    client.send("4;ext=1\r\nnked\r\n0\r\ntrailer: x\r\n\r\n");
    assert_eq!(client.answer().text(), "chunked");

    client.send("POST /echo HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\n");
    client.send("content-length: 4\r\n\r\n");
    assert_eq!(client.head().status, 100);
    client.send("late");
    assert_eq!(client.answer().text(), "late");

    client.send("GET /hello HTTP/1.1\r\nhost: t\r\n\r\n".repeat(3));
    for _ in 0..3 {
        assert_eq!(client.answer().text(), "hello");
    }
}

fn in_runtime<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

#[test]
fn bodies_are_compressed_for_clients_that_accept_it() {
    let server = Server::start(dialect());
    let mut client = Client::plain(server.address);
    let body = b"0123456789".repeat(200);
    let accepts = "accept-encoding: deflate, gzip\r\n";
    let packed = client.post("/echo", accepts, &body);
    assert_eq!(packed.head.field("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < 200);
    let inflated = mock_server::http::compress::gunzip(&packed.body, body.len());
    assert_eq!(inflated, Ok(body.clone()));
    // Not what is small, nor for those who do not ask.
    let small = client.post("/echo", accepts, &body[..1_024]);
    assert_eq!(small.head.field("content-encoding"), None);
    assert_eq!(client.post("/echo", "", &body).body, body);
    let br = client.post("/echo", "accept-encoding: br\r\n", &body);
    assert_eq!(br.head.field("content-encoding"), None);
}
