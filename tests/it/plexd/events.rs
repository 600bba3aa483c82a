//! The stream of signed events, and events that a test makes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;

use crate::support::api::{Event, EventStream};
use crate::support::server::TestServer;

fn public_key(server: &TestServer) -> String {
    let node = server.post("/v1/register", "{}").json();
    node["signing_public_key"].as_str().unwrap().to_owned()
}

/// Whether an event is signed by `key`: what stands before the signature is what was signed.
fn is_signed_by(event: &Event, key: &str) -> bool {
    let signature = event.json()["signature"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let member = format!(r#","signature":"{signature}"}}"#);
    let Some(signed) = event.data.strip_suffix(&member) else {
        return false;
    };
    let key = UnparsedPublicKey::new(&ED25519, STANDARD.decode(key).unwrap());
    let signature = STANDARD.decode(signature).unwrap();
    key.verify(format!("{signed}}}").as_bytes(), &signature)
        .is_ok()
}

fn inject(server: &TestServer, body: &str) -> Value {
    server.post("/__admin/events", body).expect(200).json()
}

#[test]
fn a_stream_begins_with_a_signed_event_of_its_own() {
    let server = TestServer::start();
    let key = public_key(&server);
    let mut stream = server.events("node-7");
    assert_eq!(stream.head.status, 200);
    assert_eq!(stream.head.field("content-type"), Some("text/event-stream"));
    assert_eq!(stream.head.field("cache-control"), Some("no-cache"));
    assert_eq!(stream.head.field("connection"), Some("keep-alive"));
    let first = stream.next().unwrap();
    assert_eq!(
        (first.id.as_str(), first.kind.as_str()),
        ("evt-mock-001", "node_state_updated")
    );
    let envelope = first.json();
    let keys: Vec<_> = envelope
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "event_type",
            "event_id",
            "issued_at",
            "nonce",
            "payload",
            "signature"
        ]
    );
    assert_eq!(envelope["payload"]["node_id"], "node-7");
    let nonce = envelope["nonce"].as_str().unwrap();
    assert!(
        nonce
            .strip_prefix("mock-nonce-")
            .unwrap()
            .parse::<u128>()
            .unwrap()
            > 0
    );
    assert!(is_signed_by(&first, &key));
    let other = server.events("node-8").next().unwrap();
    assert_ne!(other.json()["nonce"], envelope["nonce"]);
}

#[test]
fn injected_events_are_stamped_signed_and_sent_to_all() {
    let server = TestServer::start();
    let key = public_key(&server);
    let mut streams = [server.events("a"), server.events("b")];
    for stream in &mut streams {
        stream.next().unwrap();
    }
    let body = r#"{"event_type":"policy_updated","event_id":"evt-<1>","issued_at":"2099-01-01T00:00:00Z","nonce":"n-1","payload":{ "b" : 1.50, "a":"x<y>&é" },"signature":"mock-signature"}"#;
    server.post("/test/inject-event", body).expect(204);
    let events = streams.each_mut().map(|stream| stream.next().unwrap());
    assert_eq!(events[0], events[1]);
    let [event, _] = events;
    assert_eq!(
        (event.id.as_str(), event.kind.as_str()),
        ("evt-<1>", "policy_updated")
    );
    assert!(
        event.data.contains(r#""event_id":"evt-\u003c1\u003e""#),
        "{}",
        event.data
    );
    let payload = r#""payload":{"b":1.50,"a":"x\u003cy\u003e\u0026é"}"#;
    assert!(event.data.contains(payload), "{}", event.data);
    assert!(!event.data.contains("2099") && !event.data.contains("mock-signature"));
    assert!(is_signed_by(&event, &key));
    assert_eq!(server.counter("inject_event_count"), 1);

    server
        .post("/test/inject-event", r#"{"payload":"{\"a\":1}"}"#)
        .expect(204);
    let bare = streams[0].next().unwrap();
    assert_eq!(bare.json()["payload"], r#"{"a":1}"#);
    assert!(is_signed_by(&bare, &key));
    server
        .post("/test/inject-event", r#"{"event_type":5}"#)
        .expect(400);
    assert_eq!(server.counter("inject_event_count"), 2);
}

#[test]
fn nobody_listening_is_no_fault() {
    let server = TestServer::start();
    server
        .post("/test/inject-event", r#"{"event_type":"x","event_id":"y"}"#)
        .expect(204);
    assert_eq!(inject(&server, "{}")["clients"], 0);
}

#[test]
fn a_silent_stream_is_kept_alive_by_a_comment() {
    let server = TestServer::with(&["--keep-alive=20ms"]);
    let mut stream = server.events("n");
    stream.next().unwrap();
    assert_eq!(stream.client.chunk().unwrap(), b": keep-alive\n");
    assert_eq!(stream.client.chunk().unwrap(), b": keep-alive\n");
}

#[test]
fn a_client_that_does_not_read_loses_what_the_buffer_does_not_hold() {
    let server = TestServer::start();
    let stream = server.events("slow");
    // Larger than what the kernel takes for a socket, so that the first ones fill it.
    let event = format!(r#"{{"payload":"{}"}}"#, "x".repeat(1_000_000));
    let reports: Vec<_> = (0..40).map(|_| inject(&server, &event)).collect();
    let sum = |field: &str| {
        reports
            .iter()
            .map(|report| report[field].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(sum("clients"), 40);
    assert_eq!(sum("queued") + sum("dropped"), 40);
    assert!(sum("dropped") > 0 && sum("queued") >= 16);
    let streams = server.get("/__admin/streams").json();
    assert_eq!(streams["streams"][0]["dropped"], sum("dropped"));
    drop(stream);
}

#[test]
fn a_test_can_send_what_an_agent_must_refuse() {
    let server = TestServer::with(&["--clock=2026-02-15T12:00:00Z"]);
    let key = public_key(&server);
    let mut stream = server.events("n");
    stream.next().unwrap();
    let mut next = |damage: &str| {
        let report = inject(
            &server,
            &format!(r#"{{"type":"policy_updated","damage":"{damage}"}}"#),
        );
        assert_eq!(
            (&report["clients"], &report["queued"]),
            (&1.into(), &1.into()),
            "{damage}"
        );
        stream.next().unwrap()
    };
    assert!(is_signed_by(&next("none"), &key));
    assert_eq!(next("unsigned").json().get("signature"), None);
    let stranger = next("wrong-key");
    assert!(stranger.json()["signature"].is_string() && !is_signed_by(&stranger, &key));
    let stale = next("stale");
    assert_eq!(stale.json()["issued_at"], "2026-02-15T11:50:00Z");
    assert!(is_signed_by(&stale, &key));
    assert_eq!(next("future").json()["issued_at"], "2026-02-15T12:10:00Z");
    assert!(serde_json::from_str::<Value>(&next("malformed").data).is_err());
    assert!(next("oversize").data.len() > 65_536);
    let repeated = next("repeated-nonce");
    let again = stream.next().unwrap();
    assert_eq!(repeated.json()["nonce"], again.json()["nonce"]);
    assert_ne!(repeated.id, again.id);
    assert!(is_signed_by(&again, &key));
}

#[test]
fn a_split_event_arrives_in_pieces_and_a_cut_one_ends_the_stream() {
    let server = TestServer::start();
    let key = public_key(&server);
    let mut stream = server.events("n");
    stream.next().unwrap();
    inject(&server, r#"{"id":"evt-split","damage":"split"}"#);
    let first = stream.client.chunk().unwrap();
    assert_eq!(first.len(), 37);
    let mut pieces = first;
    while !pieces.ends_with(b"\n\n") {
        pieces.extend(stream.client.chunk().unwrap());
    }
    let data = String::from_utf8(pieces).unwrap();
    let data = data.split("data: ").nth(1).unwrap().trim_end().to_owned();
    let event = Event {
        id: String::new(),
        kind: String::new(),
        data,
    };
    assert!(is_signed_by(&event, &key));

    inject(&server, r#"{"id":"evt-cut","damage":"cut"}"#);
    let half = stream.client.chunk().unwrap();
    assert!(half.starts_with(b"id: evt-cut\n") && !half.ends_with(b"\n\n"));
    assert!(stream.client.rest().0.is_empty());
}

#[test]
fn an_event_can_go_to_one_node_and_be_waited_for() {
    let server = TestServer::start();
    let (mut a, mut b) = (server.events("a"), server.events("b"));
    server
        .get("/__admin/wait?streams=2&timeout=10s")
        .expect(200);
    a.next().unwrap();
    b.next().unwrap();
    let report = inject(&server, r#"{"id":"only-a","node":"a","payload":{"x":1}}"#);
    assert_eq!(report["clients"], 1);
    assert_eq!(report["event"]["event_id"], "only-a");
    inject(&server, r#"{"id":"all"}"#);
    assert_eq!(a.next().unwrap().id, "only-a");
    assert_eq!(b.next().unwrap().id, "all");
    assert_eq!(a.next().unwrap().id, "all");
    server
        .post("/__admin/events", r#"{"damage":"explode"}"#)
        .expect(422);
    server
        .post("/__admin/events", r#"{"colour":"red"}"#)
        .expect(422);
}

#[test]
fn streams_can_be_listed_and_ended() {
    let server = TestServer::start();
    let mut stream = EventStream::open(server.main, "/v1/nodes/n%2F1/events");
    stream.next().unwrap();
    let listed = server.get("/__admin/streams").json();
    assert_eq!(listed["count"], 1);
    let entry = &listed["streams"][0];
    assert_eq!(entry["node"], "n/1");
    let id = &entry["id"];
    server
        .send("DELETE", &format!("/__admin/streams/{id}"), "")
        .expect(200);
    assert_eq!(stream.next(), None);
}
