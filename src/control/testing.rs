//! A product that does next to nothing, for the tests of this folder.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::http::{
    Dialect, EventSource, Headers, ListenerRole, Method, Outcome, Piece, Reply, Request,
};
use crate::net::Traffic;
use crate::personality::{
    Answered, Control, Injection, Instance, Personality, Refused, Surroundings,
};
use crate::record::{Broadcast, Exchange, Labels, OperationLabel, Recorder, Subscribe, Tally};
use crate::routes::Listing;

struct Fake {
    world: Mutex<Value>,
}

/// When it starts.
const START: &str = "2026-01-01T00:00:00Z";

/// An instance of it with a clock that stands still.
pub(super) fn instance() -> Arc<Instance> {
    let world = Mutex::new(json!({ "first": true }));
    let personality = Box::new(Fake { world });
    let start = START.parse().unwrap();
    Arc::new(Instance {
        record: Recorder::new(personality.labels(), 100),
        personality,
        clock: Clock::frozen(start),
        started: start,
        traffic: Arc::new(Traffic::default()),
        ca_pem: "PEM\n".into(),
    })
}

pub(super) fn request(method: &str, target: &str, body: &str) -> Request {
    let mut headers = Headers::default();
    headers.push("host", b"localhost:8080");
    Request {
        method: Method::parse(method),
        target: target.into(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
        body_fault: None,
        upload: None,
        peer: ([127, 0, 0, 1], 4711).into(),
        listener: ListenerRole::Main,
        secure: false,
    }
}

/// What the control plane makes of a request that is for it.
pub(super) fn answered(instance: &Arc<Instance>, request: &Request) -> Outcome {
    crate::control::answer(instance, request).expect("a control route")
}

pub(super) fn send_request(instance: &Arc<Instance>, request: &Request) -> Reply {
    match answered(instance, request) {
        Outcome::Reply(reply) => reply,
        Outcome::Wait { .. } => panic!("{} waits", request.target),
    }
}

pub(super) fn send(instance: &Arc<Instance>, method: &str, target: &str, body: &str) -> Reply {
    send_request(instance, &request(method, target, body))
}

pub(super) fn get(instance: &Arc<Instance>, target: &str) -> Value {
    let reply = send(instance, "GET", target, "");
    body(&reply)
}

pub(super) fn body(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.bytes()).expect("JSON")
}

/// Records an exchange as the product would have counted it.
pub(super) fn record(instance: &Instance, method: &str, target: &str, body: &str, status: u16) {
    let operation = match target {
        _ if target.contains("/heartbeat") => Some(0),
        _ if target.contains("/state") => Some(1),
        _ => None,
    };
    let node = target.split('/').nth(3);
    instance.record.record(Exchange {
        sequence: 0,
        at: START.parse().unwrap(),
        took: Duration::from_micros(1_500),
        request: request(method, target, body),
        tally: Tally {
            operation,
            counter: operation,
            capture: operation.filter(|&at| at == 0),
            node: node.map(Into::into),
            origin: "handler",
        },
        status,
        reply_headers: vec![("content-type".into(), "application/json".into())],
        reply_body: Bytes::from_static(b"{}"),
        reply_length: None,
    });
}

pub(super) fn subscribe(instance: &Instance, node: &str) -> Box<dyn EventSource> {
    instance.record.subscribe(Subscribe {
        node: node.into(),
        peer: ([127, 0, 0, 1], 4711).into(),
        preamble: Vec::new(),
        buffer: 16,
        keep_alive: None,
        last_event_id: Some("evt-0".into()),
        at: START.parse().unwrap(),
    })
}

impl Personality for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn release(&self) -> &str {
        "1"
    }

    fn contract(&self) -> Bytes {
        Bytes::from_static(b"{\"openapi\":\"3.0.3\"}")
    }

    fn listing(&self) -> Vec<Listing> {
        Vec::new()
    }

    fn labels(&self) -> Labels {
        let operation = |name: &str, method: &str, statuses: &[u16]| OperationLabel {
            name: name.into(),
            method: method.into(),
            template: format!("/v1/nodes/{{id}}/{name}"),
            statuses: statuses.into(),
        };
        Labels {
            operations: vec![
                operation("heartbeat", "POST", &[200, 400]),
                operation("state", "GET", &[200]),
            ],
            counters: vec!["heartbeat_count".into(), "state_count".into()],
            captures: vec!["heartbeat".into()],
        }
    }

    fn dialect(&self, _: ListenerRole) -> Arc<Dialect> {
        Arc::new(Dialect {
            http2: false,
            header_bytes: 8_192,
            header_fields: 100,
            body_bytes: 1_024,
            inflate: false,
            patience: Duration::from_secs(1),
            idle: Duration::from_secs(1),
            requests: u32::MAX,
            codings: &[],
            compress_above: 0,
            drops_file: |_, _| false,
            refuse: |_| Reply::empty(400),
        })
    }

    fn answer(&self, _: &Request, _: &Surroundings<'_>) -> Answered {
        Answered {
            reply: Reply::empty(204),
            tally: Tally::default(),
            broadcasts: Vec::new(),
        }
    }

    fn control(&self) -> &dyn Control {
        self
    }
}

impl Control for Fake {
    fn export(&self) -> Value {
        self.world.lock().unwrap().clone()
    }

    fn import(&self, world: &Value) -> Result<(), Refused> {
        if !world.is_object() {
            return Err(Refused("a world is an object".into()));
        }
        *self.world.lock().unwrap() = world.clone();
        Ok(())
    }

    fn patch(&self, patch: &Value) -> Result<(), Refused> {
        let fields = patch.as_object().ok_or(Refused("no patch".into()))?;
        let mut world = self.world.lock().unwrap();
        for (key, value) in fields {
            world[key] = value.clone();
        }
        Ok(())
    }

    fn reset(&self) {
        *self.world.lock().unwrap() = json!({ "first": true });
    }

    fn event(&self, description: &Value, _: Timestamp) -> Result<Injection, Refused> {
        let fields = description.as_object().ok_or(Refused("no event".into()))?;
        Ok(Injection {
            broadcast: Broadcast {
                pieces: vec![Piece::Bytes(Bytes::from_static(b"data: x\n\n"))],
                node: fields.get("node").and_then(Value::as_str).map(Into::into),
                id: None,
            },
            event: description.clone(),
        })
    }
}
